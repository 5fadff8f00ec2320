// What a run needs of the place where its files lie: a folder on a disk, a browser's storage, or memory. Everything that a
// run guarantees (its journal, its checkpoints, one process at a time) is made of these few operations.
//
// Names are relative, with `/` between folder and file: `checkpoints/last.json`.

/** The content of a file, whole or in pieces. */
export type FileContent = string | Uint8Array | Iterable<Uint8Array>;

export interface Lock {
  /** Looked at before every change. @throws GenonnxError `lease-lost` when somebody else has it by now. */
  requireHeld(): void;
  /** Gives the lock back; a second time does nothing. Once it resolves the next may have it. */
  release(): Promise<void>;
}

/** A place for the files of one run. */
export interface NamedFiles {
  /** What messages call a file: its path. */
  where(name: string): string;
  /** The names of files and folders in a folder, `''` being the top; none where there is no such folder. */
  list(folder: string): Promise<string[]>;
  /** Undefined where there is no such file. @throws GenonnxError `file-missing` where it cannot be read. */
  read(name: string): Promise<Uint8Array | undefined>;
  /**
   * Replaces a file, whole or not at all, whenever the process or the machine stops; makes its folder where there is none.
   * @throws GenonnxError `output-unwritable`
   */
  write(name: string, content: FileContent): Promise<void>;
  /** Adds bytes to the end of a file, which is made where there is none. Where it throws, none of them remain. */
  append(name: string, bytes: Uint8Array): Promise<void>;
  /** Cuts a file to its first `length` bytes. @throws GenonnxError `output-unwritable` */
  truncate(name: string, length: number): Promise<void>;
  /** Removes a file; nothing happens where there is none. */
  remove(name: string): Promise<void>;
  /** Removes what writes that were cut short have left in a folder. */
  sweep(folder: string): Promise<void>;
  /** Keeps everybody else out. @throws GenonnxError `run-locked` when somebody is in. */
  lock(): Promise<Lock>;
}
