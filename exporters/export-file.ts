// What an exporter yields: files, by their names below the place where they go. Content comes as bytes or in pieces, so
// that a model larger than memory's largest array can still be written.

/** A file that an exporter made; who calls it writes it. */
export interface ExportFile {
  /** Relative, with forward slashes; empty where the export is one file and its place is its name. */
  readonly path: string;
  readonly content: string | Uint8Array | Iterable<Uint8Array>;
}
