// The files of a run in a browser, for tests that run in Node: each operation is carried out by the page, whose errors come back.
import { build } from 'esbuild';
import type { Page } from 'playwright-core';
import { type ErrorCode, type ErrorDetails, GenonnxError } from '../../src/errors.js';
import type { FileContent, Lock, NamedFiles } from '../../src/runs/named-files.js';

/** A module that a page may import: `code` and all that it imports, which may lie anywhere in the repository. */
export async function bundled(code: string): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents: code, resolveDir: process.cwd(), loader: 'ts' },
    bundle: true,
    format: 'esm',
    write: false,
  });
  return outputFiles[0]?.text ?? '';
}

/** What the page answers with: a value, or the parts of an error. */
const pageCode = `
  import { BrowserFiles } from './src/runs/browser-files.ts';
  const root = await navigator.storage.getDirectory();
  const filesAt = (name) => new BrowserFiles({ root, path: ['runs', name], locks: navigator.locks });
  const locks = [];
  globalThis.carryOut = async (place, operation, args) => {
    try {
      if (operation === 'release') return { value: await locks[args[0]].release() };
      const value = await filesAt(place)[operation](...args.map(revived));
      if (operation === 'lock') return { value: locks.push(value) - 1 };
      return { value: value instanceof Uint8Array ? { bytes: [...value] } : value };
    } catch (error) {
      const { code, summary, details, message } = error;
      return { error: { code, summary, details, message } };
    }
  };
  function revived(arg) {
    if (Array.isArray(arg)) return arg.map(revived);
    return arg?.bytes === undefined ? arg : Uint8Array.from(arg.bytes);
  }`;

/** The files of a page on which \`BrowserFiles\` can be asked for. */
export async function filesPage(): Promise<Map<string, string>> {
  return new Map([
    ['index.html', '<!doctype html><script type="module" src="files.js"></script>'],
    ['files.js', await bundled(pageCode)],
  ]);
}

interface PageError {
  readonly code?: ErrorCode;
  readonly summary: string;
  readonly details: ErrorDetails;
  readonly message: string;
}

/** A place of its own in the storage of a page that is open. */
export class PageFiles implements NamedFiles {
  constructor(
    private readonly page: Page,
    private readonly name: string,
  ) {}

  where(name: string): string {
    return `runs/${this.name}/${name}`;
  }

  list(folder: string): Promise<string[]> {
    return this.ask('list', folder);
  }

  async read(name: string): Promise<Uint8Array | undefined> {
    const value = await this.ask<{ bytes: number[] } | null | undefined>('read', name);
    return value === undefined || value === null ? undefined : Uint8Array.from(value.bytes);
  }

  async write(name: string, content: FileContent): Promise<void> {
    await this.ask('write', name, sent(content));
  }

  async append(name: string, bytes: Uint8Array): Promise<void> {
    await this.ask('append', name, sent(bytes));
  }

  async truncate(name: string, length: number): Promise<void> {
    await this.ask('truncate', name, length);
  }

  async remove(name: string): Promise<void> {
    await this.ask('remove', name);
  }

  async sweep(folder: string): Promise<void> {
    await this.ask('sweep', folder);
  }

  async lock(): Promise<Lock> {
    const held = await this.ask<number>('lock');
    return { requireHeld() {}, release: () => this.ask('release', held) };
  }

  private async ask<T>(operation: string, ...args: unknown[]): Promise<T> {
    const answer = await this.page.evaluate<{ value: T } | { error: PageError }>(
      `carryOut(${JSON.stringify(this.name)}, ${JSON.stringify(operation)}, ${JSON.stringify(args)})`,
    );
    if ('value' in answer || !('error' in answer)) return answer.value;
    const { code, summary, details, message } = answer.error;
    throw code === undefined ? new Error(message) : new GenonnxError(code, summary, details);
  }
}

function sent(content: FileContent): unknown {
  if (typeof content === 'string') return content;
  return content instanceof Uint8Array ? { bytes: [...content] } : [...content].map(sent);
}
