// The rows of a table whose journal somebody else writes: what has been added is read when it is asked for.
import { parseJson } from '../runs/json.js';
import { isTrained, type Row, rowSchema } from '../table/rows.js';
import { openInside, type Roots, readPart } from './inside.js';

const newline = 0x0a;

export class TableRows {
  #rows: Row[] = [];
  #bytes = 0;

  constructor(
    readonly roots: Roots,
    readonly path: string,
  ) {}

  /** A training that was tried again has several, of which the last counts. */
  get rows(): readonly Row[] {
    return this.#rows;
  }

  /** Reads what is new, whole lines alone; one that is no row is passed over. */
  async look(): Promise<void> {
    const file = await openInside(this.roots, this.path);
    if (file === undefined) return this.#forget();
    try {
      const { size } = await file.stat();
      // Journals of tables are only added to: a shorter one is another one.
      if (size < this.#bytes) this.#forget();
      const bytes = await readPart(file, this.#bytes, size);
      const whole = bytes.subarray(0, bytes.lastIndexOf(newline) + 1);
      this.#bytes += whole.length;
      for (const line of whole.toString('utf8').split('\n')) {
        const row = rowIn(line);
        // The last epoch says what a network is worth, and there may be thousands.
        if (row !== undefined)
          this.#rows.push(isTrained(row) ? { ...row, epochs: row.epochs.slice(-1) } : row);
      }
    } finally {
      await file.close();
    }
  }

  #forget(): void {
    this.#rows = [];
    this.#bytes = 0;
  }
}

function rowIn(line: string): Row | undefined {
  try {
    return parseJson(line, '', rowSchema);
  } catch {
    return undefined;
  }
}
