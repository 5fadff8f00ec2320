// What the readers of data need of a folder, wherever its files lie.

/** A folder whose files are read one by one; `checksums` grows with every file read. */
export interface DataFolder {
  readonly path: string;
  /** What messages call a file. */
  where(file: string): string;
  readonly files: ReadonlySet<string>;
  /** Folders in it, hidden ones left out. */
  readonly folders: ReadonlySet<string>;
  /** File name -> sha256 of the bytes on the disk, for the files read so far. */
  readonly checksums: Readonly<Record<string, string>>;
  /** The file's content, unpacked. Throws `data-missing`, or `data-corrupt` for a wrong checksum or a broken gzip file. */
  read(file: string): Promise<Uint8Array>;
}
