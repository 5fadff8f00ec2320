// A store in a folder, for machines that do not share it: the process that keeps it answers over HTTP (`protocol.ts`).
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { GenonnxError } from '../errors.js';
import { acquireLock } from '../runs/lock.js';
import { runFiles } from '../runs/run-store.js';
import { Arrivals } from './arrivals.js';
import { type FolderStore, idSchema } from './folder-store.js';
import { attemptSchema, filesIn, relativePath, sha256Of } from './manifest.js';
import { type Files, filesSchema, type StoreLimits, sha256Text, storeLimits } from './protocol.js';

export interface ServedStore {
  readonly port: number;
  close(): Promise<void>;
}

export interface ServeOptions {
  readonly store: FolderStore;
  /** Whoever has it may read and write everything. */
  readonly token: string;
  readonly host: string;
  /** 0 for any that is free. */
  readonly port: number;
  readonly limits?: Partial<StoreLimits>;
}

/** @throws GenonnxError `store` where the port cannot be had. */
export async function serveStore({ store, token, host, port, limits }: ServeOptions): Promise<ServedStore> {
  await store.make();
  const requests = new Requests(store, { ...storeLimits, ...limits });
  await requests.arrivals.sweep();
  const server = createServer((request, response) => {
    answer(request, response, token, requests).catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => {
      reject(
        new GenonnxError('store', 'The store cannot be served.', {
          where: `${host}:${port}`,
          found: error.message,
          cure: 'Choose another port.',
        }),
      );
    });
    server.listen(port, host, resolve);
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** What is answered: plain data, or a file. */
type Answer = { readonly json: unknown } | { readonly file: string };

class Missing extends Error {}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  token: string,
  requests: Requests,
): Promise<void> {
  const send = (status: number, value: unknown): void => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(value));
  };
  if (!isAllowed(request.headers.authorization, token)) return send(401, { message: 'another token' });
  try {
    const found = await requests.answer(request);
    if ('json' in found) return send(200, found.json);
    const { size } = await stat(found.file);
    const from = fromByte(request.headers.range, size);
    const ranged = from > 0 ? { 'content-range': `bytes ${from}-${size - 1}/${size}` } : {};
    response.writeHead(from > 0 ? 206 : 200, { 'content-length': size - from, ...ranged });
    await pipeline(createReadStream(found.file, { start: from }), response);
  } catch (error) {
    if (response.headersSent) throw error;
    if (error instanceof Missing) return send(404, { message: 'not here' });
    // A full disk is not the request's fault.
    const status = error instanceof GenonnxError ? (error.code === 'output-unwritable' ? 507 : 409) : 400;
    send(status, { message: error instanceof Error ? error.message : String(error) });
  }
}

/** Compared in the same time whatever is given. */
function isAllowed(given: string | undefined, token: string): boolean {
  const hash = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(hash(given ?? ''), hash(`Bearer ${token}`));
}

function fromByte(range: string | undefined, size: number): number {
  const from = Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0);
  return from < size ? from : 0;
}

class Requests {
  readonly arrivals: Arrivals;

  constructor(
    private readonly store: FolderStore,
    private readonly limits: StoreLimits,
  ) {
    this.arrivals = new Arrivals(join(store.path, 'arrivals'), limits.fileBytes);
  }

  async answer(request: IncomingMessage): Promise<Answer> {
    const url = new URL(request.url ?? '/', 'http://store');
    const [kind = '', id = '', ...rest] = url.pathname.slice(1).split('/').map(decodeURIComponent);
    const name = rest.join('/');
    const what = `${request.method} ${kind}`;
    if (what === 'GET store') return { json: { id: await this.store.id() } };
    if (what === 'GET files') return { json: await this.arrivals.arrived(sha256Text.parse(id)) };
    if (what === 'PATCH files') return { json: await this.arrive(request, url, sha256Text.parse(id)) };
    const run = idSchema.parse(id);
    if (what === 'GET runs') return name === '' ? this.manifest(run) : this.file('runs', run, name);
    if (what === 'POST runs') return { json: await this.publish(run, await this.described(request)) };
    if (what === 'GET unfinished') return name === '' ? this.begun(run) : this.file('unfinished', run, name);
    if (what !== 'POST unfinished') throw new Missing();
    if (name === '') await this.keep(run, await this.described(request));
    else if (name === 'attempts')
      await (await this.store.open(run)).attempt(attemptSchema.parse(await this.text(request)));
    else throw new Missing();
    return { json: {} };
  }

  private async manifest(id: string): Promise<Answer> {
    const published = await this.store.published(id);
    if (published === undefined) throw new Missing();
    return { json: published };
  }

  private file(kind: 'runs' | 'unfinished', id: string, name: string): Answer {
    const folder = kind === 'runs' ? this.store.run(id) : join(this.store.unfinished(id), 'run');
    const file = join(folder, relativePath.parse(name));
    if (!existsSync(file)) throw new Missing();
    return { file };
  }

  private async begun(id: string): Promise<Answer> {
    const folder = join(this.store.unfinished(id), 'run');
    const files: Files = {};
    if (existsSync(folder))
      for (const name of await filesIn(folder)) files[name] = await sha256Of(join(folder, name));
    return { json: { ...(await this.store.begun(id)), files } };
  }

  private async arrive(request: IncomingMessage, url: URL, sha256: string) {
    const from = z.coerce.number().int().min(0).parse(url.searchParams.get('from'));
    return this.arrivals.add(sha256, from, request, url.searchParams.get('last') === 'true');
  }

  private async publish(id: string, files: Files) {
    const published = await this.store.published(id);
    const made = await this.assembled(id, files);
    const publication = await this.store.publish(id, made, join(made, 'none'));
    if (published === undefined) await this.arrivals.forget(Object.values(files));
    return publication;
  }

  /** What others go on from: all of it, or nothing of it, takes the place of what there was. */
  private async keep(id: string, files: Files): Promise<void> {
    const made = await this.assembled(id, files);
    const folder = join(this.store.unfinished(id), 'run');
    const old = `${made}.old`;
    try {
      if (existsSync(folder)) {
        // Somebody may be making it here, who shares the folder.
        const lock = acquireLock(join(folder, runFiles.lock));
        await rename(folder, old);
        lock.release();
      }
      await rename(made, folder);
    } finally {
      await rm(old, { recursive: true, force: true });
      await rm(made, { recursive: true, force: true });
    }
    await this.arrivals.forget(Object.values(files));
  }

  private async assembled(id: string, files: Files): Promise<string> {
    const made = join(this.store.unfinished(id), `sent-${randomBytes(6).toString('hex')}`);
    await mkdir(made, { recursive: true });
    try {
      for (const [name, sha256] of Object.entries(files)) {
        const known = join(this.store.unfinished(id), 'run', name);
        // What was sent for a checkpoint before is not sent again.
        const { isWhole } = await this.arrivals.arrived(sha256);
        if (!isWhole && existsSync(known) && (await sha256Of(known)) === sha256)
          await this.arrivals.take(known, join(made, name));
        else await this.arrivals.place(sha256, join(made, name));
      }
    } catch (error) {
      await rm(made, { recursive: true, force: true });
      throw error;
    }
    return made;
  }

  private async described(request: IncomingMessage): Promise<Files> {
    const { files } = filesSchema.parse(await this.text(request));
    if (Object.keys(files).length > this.limits.filesOfARun)
      throw new GenonnxError('store', 'This run has too many files.', {
        expected: `at most ${this.limits.filesOfARun}`,
        found: String(Object.keys(files).length),
        cure: 'Use a folder that all machines share.',
      });
    return files;
  }

  private async text(request: IncomingMessage): Promise<unknown> {
    const pieces: Buffer[] = [];
    let bytes = 0;
    for await (const piece of request) {
      pieces.push(Buffer.from(piece));
      bytes += piece.length;
      if (bytes > this.limits.textBytes) throw new RangeError('too long a description');
    }
    return JSON.parse(Buffer.concat(pieces).toString('utf8'));
  }
}
