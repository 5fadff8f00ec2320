// Files that are being sent to a store, each under its SHA-256: pieces are added to the end of what has arrived, and a file is
// whole once its bytes have that hash. Nothing that is not whole is ever used.
import { copyFile, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { GenonnxError } from '../errors.js';
import { asUnwritable, systemCode } from '../runs/file-errors.js';
import { sha256Of } from './manifest.js';

export interface Arrived {
  readonly bytes: number;
  readonly isWhole: boolean;
}

/** After which what nobody asked for goes. */
const keptMs = 7 * 24 * 3600 * 1000;

export class Arrivals {
  /** Files to which somebody is adding. */
  private readonly busy = new Set<string>();

  constructor(
    private readonly folder: string,
    private readonly mostBytes: number,
  ) {}

  async arrived(sha256: string): Promise<Arrived> {
    const whole = await sizeOf(this.whole(sha256));
    if (whole !== undefined) return { bytes: whole, isWhole: true };
    return { bytes: (await sizeOf(this.part(sha256))) ?? 0, isWhole: false };
  }

  /**
   * Adds a piece. The last one, which makes the file whole, says so.
   * @throws GenonnxError `store` for a piece that does not follow, is too much, or makes a file of another hash.
   */
  async add(
    sha256: string,
    from: number,
    pieces: AsyncIterable<Uint8Array>,
    isLast: boolean,
  ): Promise<Arrived> {
    if (this.busy.has(sha256)) throw refused('Another piece of this file is arriving.', 'one at a time');
    this.busy.add(sha256);
    try {
      const { bytes, isWhole } = await this.arrived(sha256);
      if (isWhole) return { bytes, isWhole };
      if (from !== bytes) throw refused('This piece does not follow.', `byte ${bytes}`, `byte ${from}`);
      await this.append(sha256, bytes, pieces);
      if (isLast) await this.finish(sha256);
      return await this.arrived(sha256);
    } finally {
      this.busy.delete(sha256);
    }
  }

  /** Makes a file of what has arrived. @throws GenonnxError `store` where it has not. */
  async place(sha256: string, to: string): Promise<void> {
    try {
      await mkdir(dirname(to), { recursive: true });
      await copyFile(this.whole(sha256), to);
    } catch (error) {
      if (systemCode(error) === 'ENOENT') throw refused('This file has not arrived.', `SHA-256 ${sha256}`);
      throw asUnwritable(error, to);
    }
  }

  /** Makes a file of another one of the store. */
  async take(from: string, to: string): Promise<void> {
    try {
      await mkdir(dirname(to), { recursive: true });
      await copyFile(from, to);
    } catch (error) {
      throw asUnwritable(error, to);
    }
  }

  async forget(sha256s: readonly string[]): Promise<void> {
    for (const sha256 of sha256s) await rm(this.whole(sha256), { force: true });
  }

  /** Removes what was sent long ago, and never used. */
  async sweep(): Promise<void> {
    const names = await readdir(this.folder).catch(() => []);
    for (const name of names) {
      const path = join(this.folder, name);
      const { mtimeMs } = await stat(path);
      if (Date.now() - mtimeMs > keptMs) await rm(path, { force: true });
    }
  }

  private async append(sha256: string, bytes: number, pieces: AsyncIterable<Uint8Array>): Promise<void> {
    const path = this.part(sha256);
    let size = bytes;
    try {
      await mkdir(this.folder, { recursive: true });
      const file = await open(path, 'a');
      try {
        for await (const piece of pieces) {
          size += piece.length;
          if (size > this.mostBytes)
            throw refused('This file is too large for the store.', `at most ${this.mostBytes} bytes`);
          await file.appendFile(piece);
        }
      } finally {
        await file.close();
      }
    } catch (error) {
      throw asUnwritable(error, path);
    }
  }

  private async finish(sha256: string): Promise<void> {
    const path = this.part(sha256);
    const found = await sha256Of(path);
    if (found !== sha256) {
      await rm(path, { force: true });
      throw refused('This file is another one than it was to be.', `SHA-256 ${sha256}`, found);
    }
    await rename(path, this.whole(sha256));
  }

  private whole(sha256: string): string {
    return join(this.folder, sha256);
  }

  private part(sha256: string): string {
    return join(this.folder, `${sha256}.part`);
  }
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function refused(summary: string, expected: string, found?: string): GenonnxError {
  const details = { expected, ...(found === undefined ? {} : { found }) };
  return new GenonnxError('store', summary, { ...details, cure: 'Send it again from the beginning.' });
}
