// The journal of a run: one JSON object a line, only ever appended to. A line counts once its newline is there, so a
// line that a kill cut short is dropped. A checkpoint records the journal's length; a run that continues from it first
// takes the journal back to that length, and then writes again what the lost steps had written.
import type { z } from 'zod';
import { GenonnxError } from '../errors.js';
import { parseJson } from './json.js';
import type { NamedFiles } from './named-files.js';

const newline = 0x0a;
const nothing = new Uint8Array(0);

export class Journal {
  private constructor(
    private readonly files: NamedFiles,
    private readonly name: string,
    private bytes: number,
  ) {}

  /** Opens the journal `name`, makes it when there is none, and drops a last line that was cut short. */
  static async open(files: NamedFiles, name: string): Promise<Journal> {
    const existing = await files.read(name);
    if (existing === undefined) await files.append(name, nothing);
    const content = existing ?? nothing;
    const whole = wholeLines(content);
    if (whole < content.length) await files.truncate(name, whole);
    return new Journal(files, name, whole);
  }

  /** Length in bytes, always at the end of a line. */
  get length(): number {
    return this.bytes;
  }

  /** The records so far. Throws `file-corrupt` with file and line where a line is not what `schema` says. */
  async read<T>(schema: z.ZodType<T>): Promise<T[]> {
    return parseJournal(await this.content(), this.files.where(this.name), schema);
  }

  /** Adds one line and brings it to the disk. Throws `output-unwritable`, and then no part of the line remains. */
  async append(record: object): Promise<void> {
    const line = new TextEncoder().encode(`${JSON.stringify(record)}\n`);
    await this.files.append(this.name, line);
    this.bytes += line.length;
  }

  /** Takes the journal back to its first `length` bytes. Throws `file-corrupt` when they do not end a line of it. */
  async truncate(length: number): Promise<void> {
    const content = await this.content();
    if (length > content.length || wholeLines(content.subarray(0, length)) !== length) {
      throw new GenonnxError('file-corrupt', 'The journal does not reach to the checkpoint.', {
        where: this.files.where(this.name),
        expected: `a line that ends at byte ${length}`,
        found: `${content.length} bytes, with no line that ends there`,
        cure: 'Restore the file from a copy, or start a new run.',
      });
    }
    await this.files.truncate(this.name, length);
    this.bytes = length;
  }

  private async content(): Promise<Uint8Array> {
    return (await this.files.read(this.name)) ?? nothing;
  }
}

/**
 * The records in the content of a journal, without a last line that was cut short. Throws `file-corrupt` with `where` and
 * the line where a whole line is not what `schema` says.
 */
export function parseJournal<T>(content: Uint8Array, where: string, schema: z.ZodType<T>): T[] {
  const text = new TextDecoder().decode(content.subarray(0, wholeLines(content)));
  const lines = text.split('\n').slice(0, -1);
  return lines.map((line, index) => parseJson(line, `${where}:${index + 1}`, schema));
}

/** Bytes up to and with the last newline. */
function wholeLines(content: Uint8Array): number {
  return content.lastIndexOf(newline) + 1;
}
