// The files of a run in memory: for tests, and for a run whose files are handed on when it ends.
import { GenonnxError } from '../errors.js';
import type { FileContent, Lock, NamedFiles } from './named-files.js';

/** A place for the files of a run that is gone with the process. */
export class MemoryFiles implements NamedFiles {
  readonly #contents: Map<string, Uint8Array>;
  #locked = false;

  /** `title` is what messages put before the names of files. */
  constructor(
    readonly title = 'memory',
    contents: Iterable<readonly [string, Uint8Array]> = [],
  ) {
    this.#contents = new Map([...contents].map(([name, bytes]) => [name, bytes.slice()]));
  }

  /** Every file by its name. */
  entries(): [string, Uint8Array][] {
    return [...this.#contents].map(([name, bytes]) => [name, bytes.slice()]);
  }

  where(name: string): string {
    return `${this.title}/${name}`;
  }

  async list(folder: string): Promise<string[]> {
    const prefix = folder === '' ? '' : `${folder}/`;
    const inside = [...this.#contents.keys()].filter((name) => name.startsWith(prefix));
    return [...new Set(inside.map((name) => name.slice(prefix.length).split('/')[0]!))];
  }

  async read(name: string): Promise<Uint8Array | undefined> {
    return this.#contents.get(name)?.slice();
  }

  async write(name: string, content: FileContent): Promise<void> {
    this.#contents.set(name, joined(content));
  }

  async append(name: string, bytes: Uint8Array): Promise<void> {
    this.#contents.set(name, joined([this.#contents.get(name) ?? new Uint8Array(0), bytes]));
  }

  async truncate(name: string, length: number): Promise<void> {
    this.#contents.set(name, (this.#contents.get(name) ?? new Uint8Array(0)).slice(0, length));
  }

  async remove(name: string): Promise<void> {
    this.#contents.delete(name);
  }

  async sweep(): Promise<void> {}

  async lock(): Promise<Lock> {
    if (this.#locked) {
      throw new GenonnxError('run-locked', 'This run is open already.', {
        where: this.title,
        expected: 'no other use of it',
        cure: 'Close it first.',
      });
    }
    this.#locked = true;
    let held = true;
    return {
      // Nobody can take it away.
      requireHeld() {},
      release: async () => {
        if (held) this.#locked = false;
        held = false;
      },
    };
  }
}

function joined(content: FileContent): Uint8Array {
  if (typeof content === 'string') return new TextEncoder().encode(content);
  if (content instanceof Uint8Array) return content.slice();
  const pieces = [...content];
  const whole = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
