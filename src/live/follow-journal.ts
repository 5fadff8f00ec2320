// A journal that somebody else writes, followed: what has been added is read when it is asked for, whole lines alone. A run that
// continues takes its journal back and writes it anew from there; then everything is read again.
import { z } from 'zod';
import { columnsOf, numbersIn } from './columns.js';
import { openInside, type Roots, readPart } from './inside.js';
import type { LinesMessage } from './messages.js';

const newline = 0x0a;

/** A line, but for its lists. */
interface Line {
  /** Bytes of the journal up to its end. */
  readonly end: number;
  readonly numbers: ReadonlyMap<string, number>;
  readonly genotype?: string | undefined;
  readonly warnings: readonly string[];
}

const wordsSchema = z.object({
  genotype: z.string().optional(),
  warnings: z.array(z.string()).default([]),
});

/** Lines of one message: few enough that a page is not held up by one. */
const mostLines = 200;

export class FollowedJournal {
  #lines: Line[] = [];
  /** Counts the times that it was read from the beginning. */
  #generation = 0;
  #ending: Buffer = Buffer.alloc(0);

  constructor(
    readonly roots: Roots,
    readonly path: string,
  ) {}

  /** Bytes of the lines that were read. */
  get length(): number {
    return this.#lines.at(-1)?.end ?? 0;
  }

  get generation(): number {
    return this.#generation;
  }

  /** Reads what is new. @returns whether anything is. */
  async look(): Promise<boolean> {
    const file = await openInside(this.roots, this.path);
    if (file === undefined) return this.#forget();
    try {
      const { size } = await file.stat();
      const known = this.length;
      if (size === known) return false;
      // The bytes before the end must be those that were there.
      const overlap = this.#ending.length;
      const bytes = await readPart(file, known - overlap, size);
      const isSame = size > known && bytes.subarray(0, overlap).equals(this.#ending);
      if (isSame) return this.#take(bytes.subarray(overlap));
      this.#forget();
      this.#take(await readPart(file, 0, size));
      return true;
    } finally {
      await file.close();
    }
  }

  /** The next lines behind `from`; all from the beginning where no line ends there. Undefined where nothing is new. */
  after(run: string, from: number): LinesMessage | undefined {
    if (from === this.length) return undefined;
    const index = from === 0 ? 0 : this.#lines.findIndex(({ end }) => end === from) + 1;
    const lines = this.#lines.slice(index, index + mostLines);
    const last = lines.at(-1);
    // Where everything was taken back, there is nothing left.
    if (last === undefined) return { run, from: 0, to: 0, columns: {}, last: { warnings: [] } };
    return {
      run,
      from: index === 0 ? 0 : from,
      to: last.end,
      columns: columnsOf(lines.map(({ numbers }) => numbers)),
      last: {
        ...(last.genotype === undefined ? {} : { genotype: last.genotype }),
        warnings: last.warnings,
      },
    };
  }

  /** The text of the lines `first` to `last` - 1, both from 0, as they stand in the file. */
  async text(first: number, last: number): Promise<string[]> {
    const from = first === 0 ? 0 : this.#lines[first - 1]?.end;
    const to = this.#lines[Math.min(last, this.#lines.length) - 1]?.end;
    if (from === undefined || to === undefined || to <= from) return [];
    const file = await openInside(this.roots, this.path);
    if (file === undefined) return [];
    try {
      return (await readPart(file, from, to)).toString('utf8').split('\n').slice(0, -1);
    } finally {
      await file.close();
    }
  }

  get count(): number {
    return this.#lines.length;
  }

  #forget(): boolean {
    const had = this.#lines.length > 0;
    this.#lines = [];
    this.#ending = Buffer.alloc(0);
    if (had) this.#generation += 1;
    return had;
  }

  #take(bytes: Buffer): boolean {
    const whole = bytes.subarray(0, bytes.lastIndexOf(newline) + 1);
    if (whole.length === 0) return false;
    let begin = 0;
    const start = this.length;
    while (begin < whole.length) {
      const end = whole.indexOf(newline, begin) + 1;
      this.#lines.push({ end: start + end, ...parsed(whole.toString('utf8', begin, end)) });
      begin = end;
    }
    const lastBegin = whole.lastIndexOf(newline, whole.length - 2) + 1;
    this.#ending = Buffer.from(whole.subarray(lastBegin));
    return true;
  }
}

/** A line that is no JSON has no numbers. */
function parsed(text: string): Omit<Line, 'end'> {
  try {
    const record: unknown = JSON.parse(text);
    if (typeof record !== 'object' || record === null) return { numbers: new Map(), warnings: [] };
    const words = wordsSchema.safeParse(record).data;
    return { numbers: numbersIn(record), genotype: words?.genotype, warnings: words?.warnings ?? [] };
  } catch {
    return { numbers: new Map(), warnings: [] };
  }
}
