// The journal of a run: one JSON object a line, only ever appended to. A line counts once its newline is there, so a
// line that a kill cut short is dropped. A checkpoint records the journal's length; a run that continues from it first
// takes the journal back to that length, and then writes again what the lost steps had written.
import { type FileHandle, open, readFile } from 'node:fs/promises';
import type { z } from 'zod';
import { GenonnxError } from '../errors.js';
import { asUnreadable, asUnwritable, systemCode } from './file-errors.js';
import { parseJson } from './json.js';

const newline = 0x0a;

export class Journal {
  private constructor(
    readonly path: string,
    private readonly file: FileHandle,
    private bytes: number,
  ) {}

  /** Opens the journal at `path`, makes it when there is none, and drops a last line that was cut short. */
  static async open(path: string): Promise<Journal> {
    try {
      const existing = await contentOf(path);
      const file = await open(path, 'a');
      const whole = wholeLines(existing);
      if (whole < existing.length) await file.truncate(whole);
      return new Journal(path, file, whole);
    } catch (error) {
      throw asUnwritable(error, path);
    }
  }

  /** Length in bytes, always at the end of a line. */
  get length(): number {
    return this.bytes;
  }

  /** Adds one line and brings it to the disk. Throws `output-unwritable`, and then no part of the line remains. */
  async append(record: object): Promise<void> {
    const line = Buffer.from(`${JSON.stringify(record)}\n`);
    try {
      await this.file.appendFile(line);
      await this.file.datasync();
    } catch (error) {
      await this.file.truncate(this.bytes).catch(() => {});
      throw asUnwritable(error, this.path);
    }
    this.bytes += line.length;
  }

  /** Takes the journal back to its first `length` bytes. Throws `file-corrupt` when they do not end a line of it. */
  async truncate(length: number): Promise<void> {
    const content = await contentOf(this.path);
    if (length > content.length || wholeLines(content.subarray(0, length)) !== length) {
      throw new GenonnxError('file-corrupt', 'The journal does not reach to the checkpoint.', {
        where: this.path,
        expected: `a line that ends at byte ${length}`,
        found: `${content.length} bytes, with no line that ends there`,
        cure: 'restore the file from a copy, or start a new run',
      });
    }
    try {
      await this.file.truncate(length);
      await this.file.datasync();
    } catch (error) {
      throw asUnwritable(error, this.path);
    }
    this.bytes = length;
  }

  async close(): Promise<void> {
    await this.file.close();
  }
}

/**
 * The records of the journal at `path`, without a last line that was cut short. Throws `file-missing`, and
 * `file-corrupt` with file and line where a whole line is not what `schema` says.
 */
export async function readJournal<T>(path: string, schema: z.ZodType<T>): Promise<T[]> {
  let content: Buffer;
  try {
    content = await readFile(path);
  } catch (error) {
    throw asUnreadable(error, path, 'a journal');
  }
  const lines = content.toString('utf8', 0, wholeLines(content)).split('\n').slice(0, -1);
  return lines.map((line, index) => parseJson(line, `${path}:${index + 1}`, schema));
}

/** Bytes up to and with the last newline. */
function wholeLines(content: Uint8Array): number {
  return content.lastIndexOf(newline) + 1;
}

async function contentOf(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return Buffer.alloc(0);
    throw error;
  }
}
