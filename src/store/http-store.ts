// A store that another machine keeps, over HTTP (`protocol.ts`). Runs are made on a disk of this machine; what others could go on
// from is sent whenever there is a new checkpoint, and what is published is sent whole.
import { existsSync } from 'node:fs';
import { copyFile, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { GenonnxError } from '../errors.js';
import { temporaryPath } from '../runs/atomic.js';
import { readJson } from '../runs/json-file.js';
import { acquireLock } from '../runs/lock.js';
import { runFiles } from '../runs/run-store.js';
import { intoFolder } from './folder-store.js';
import { filesIn, logFile, type Published, publishedSchema, sha256Of } from './manifest.js';
import {
  arrivedAnswer,
  begunAnswer,
  type Files,
  pieceBytes,
  publishedAnswer,
  storeAnswer,
} from './protocol.js';
import type { Begun, Publication, Store, Workplace } from './store.js';

export interface HttpStoreOptions {
  readonly address: string;
  readonly token: string;
  /** Where runs are made. */
  readonly scratch: string;
  readonly host: string;
}

/** How often a request is made again that was not answered, and how long to wait in between, longer each time. */
const tries = 5;
const tryAgainMs = 400;
const answerMs = 120_000;

const pointerSchema = z.object({ checkpoint: z.string() });
const messageSchema = z.object({ message: z.string() });

export class HttpStore implements Store {
  readonly shown: string;

  constructor(private readonly options: HttpStoreOptions) {
    this.shown = options.address;
  }

  async id(): Promise<string | undefined> {
    return (await this.json('GET', '/store', storeAnswer))?.id;
  }

  async published(id: string): Promise<Published | undefined> {
    return this.json('GET', `/runs/${id}`, publishedSchema);
  }

  async begun(id: string): Promise<Begun> {
    return (await this.json('GET', `/unfinished/${id}`, begunAnswer)) ?? { attempts: [], checkpoint: null };
  }

  async open(id: string): Promise<Workplace> {
    const there = await this.json('GET', `/unfinished/${id}`, begunAnswer);
    const place = join(this.options.scratch, id);
    const [folder, log] = [join(place, 'run'), join(place, logFile)];
    await mkdir(place, { recursive: true });
    // What this machine did last is newer here than what it sent.
    const isOurs = there?.attempts.at(-1)?.host === this.options.host && existsSync(folder);
    if (there !== undefined && there.checkpoint !== null && !isOurs) {
      await clear(folder);
      const manifest = { id, files: there.files };
      await intoFolder(folder, log, manifest, (name, to) => this.bring(`/unfinished/${id}/${name}`, to));
    }
    let sent: string | undefined;
    return {
      begun: there ?? { attempts: [], checkpoint: null },
      folder,
      log,
      attempt: async (attempt) => {
        await this.json('POST', `/unfinished/${id}/attempts`, z.unknown(), attempt);
      },
      save: async () => {
        const checkpoint = await checkpointIn(folder);
        if (checkpoint === undefined || checkpoint === sent) return;
        await this.keep(id, folder);
        sent = checkpoint;
      },
      publish: () => this.publish(id, place),
    };
  }

  /** What this machine has of it; the other side tidies up for itself. */
  async tidy(id: string): Promise<void> {
    const place = join(this.options.scratch, id);
    await clear(join(place, 'run'));
    await rm(place, { recursive: true, force: true });
  }

  async fetch(id: string, folder: string, log: string): Promise<void> {
    const published = await this.published(id);
    if (published === undefined) throw this.failed('a published run', 'none');
    await intoFolder(folder, log, published, (name, to) => this.bring(`/runs/${id}/${name}`, to));
  }

  /** The other side says when it is full. */
  async requireRoom(): Promise<void> {
    if ((await this.id()) === undefined) throw this.failed('a store', 'none');
  }

  private async publish(id: string, place: string): Promise<Publication> {
    const [folder, log] = [join(place, 'run'), join(place, logFile)];
    const lock = acquireLock(join(folder, runFiles.lock));
    try {
      if (existsSync(log)) await copyFile(log, join(folder, logFile));
      const files = await this.send(folder);
      lock.requireHeld();
      const answer = await this.json('POST', `/runs/${id}`, publishedAnswer, { files });
      if (answer === undefined) throw this.failed('a published run', 'none');
      const { published, differing } = answer;
      await rm(place, { recursive: true, force: true });
      return differing === undefined ? { published } : { published, differing };
    } finally {
      lock.release();
    }
  }

  /** A copy is sent: the run goes on, and a checkpoint that it forgets must not be missed half-way. */
  private async keep(id: string, folder: string): Promise<void> {
    const copy = temporaryPath(folder);
    try {
      for (const name of await filesIn(folder)) {
        await mkdir(dirname(join(copy, name)), { recursive: true });
        await copyFile(join(folder, name), join(copy, name));
      }
      const files = await this.send(copy);
      await this.json('POST', `/unfinished/${id}`, z.unknown(), { files });
    } finally {
      await rm(copy, { recursive: true, force: true });
    }
  }

  private async send(folder: string): Promise<Files> {
    const files: Files = {};
    for (const name of await filesIn(folder)) {
      const path = join(folder, name);
      const sha256 = await sha256Of(path);
      await this.sendFile(path, sha256);
      files[name] = sha256;
    }
    return files;
  }

  /** Goes on where it was interrupted, and sends nothing that is there. */
  private async sendFile(path: string, sha256: string): Promise<void> {
    const { size } = await stat(path);
    const file = await open(path);
    try {
      for (let refusals = 0; ; ) {
        const arrived = await this.json('GET', `/files/${sha256}`, arrivedAnswer);
        if (arrived === undefined || arrived.isWhole) return;
        const { bytes: from } = arrived;
        const { buffer, bytesRead } = await file.read(Buffer.alloc(pieceBytes), 0, pieceBytes, from);
        const isLast = from + bytesRead >= size;
        const target = `/files/${sha256}?from=${from}&last=${isLast}`;
        const answer = await this.request('PATCH', target, buffer.subarray(0, bytesRead));
        // Somebody else may be sending the same file.
        if (answer.status === 409 && ++refusals < tries) await wait(tryAgainMs);
        else await this.requireOk(answer);
        await answer.body?.cancel();
      }
    } finally {
      await file.close();
    }
  }

  /** A file of the store, from where an answer ended that was cut short. */
  private async bring(path: string, to: string): Promise<void> {
    const file = await open(to, 'w');
    try {
      let at = 0;
      for (let left = tries; ; left--) {
        const answer = await this.request('GET', path, undefined, { range: `bytes=${at}-` });
        await this.requireOk(answer);
        if (answer.status === 200) at = 0;
        try {
          for await (const piece of answer.body ?? [])
            at += (await file.write(piece, 0, piece.length, at)).bytesWritten;
          await file.truncate(at);
          return;
        } catch (error) {
          if (left <= 1)
            throw this.failed('all of a file', error instanceof Error ? error.message : String(error));
        }
      }
    } finally {
      await file.close();
    }
  }

  /** Undefined for what is not there. */
  private async json<T>(
    method: string,
    path: string,
    schema: z.ZodType<T>,
    body?: object,
  ): Promise<T | undefined> {
    const answer = await this.request(method, path, body === undefined ? undefined : JSON.stringify(body));
    if (answer.status === 404) {
      await answer.body?.cancel();
      return undefined;
    }
    await this.requireOk(answer);
    const parsed = schema.safeParse(await answer.json());
    if (parsed.success) return parsed.data;
    throw this.failed('an answer of this version', parsed.error.issues[0]?.message ?? 'another');
  }

  private async request(
    method: string,
    path: string,
    body?: string | Uint8Array<ArrayBuffer>,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Response> {
    for (let left = tries; ; left--) {
      try {
        return await fetch(new URL(path, this.options.address), {
          method,
          headers: { ...headers, authorization: `Bearer ${this.options.token}` },
          signal: AbortSignal.timeout(answerMs),
          ...(body === undefined ? {} : { body }),
        });
      } catch (error) {
        if (left <= 1) throw this.failed('an answer', reasonOf(error));
        await wait(tryAgainMs * 2 ** (tries - left));
      }
    }
  }

  private async requireOk(answer: Response): Promise<void> {
    if (answer.ok) return;
    const said = messageSchema.safeParse(await answer.json().catch(() => undefined));
    throw this.failed('what was asked for', said.data?.message ?? `HTTP ${answer.status}`);
  }

  private failed(expected: string, found: string): GenonnxError {
    return new GenonnxError('store', 'The store did not do what was asked for.', {
      where: this.shown,
      expected,
      found,
      cure: 'See that the study which keeps it runs, and that its token is the one given here.',
    });
  }
}

/** @throws GenonnxError `run-locked` while somebody works in it. */
async function clear(folder: string): Promise<void> {
  if (!existsSync(folder)) return;
  const lock = acquireLock(join(folder, runFiles.lock));
  const away = temporaryPath(folder);
  await rename(folder, away);
  lock.release();
  await rm(away, { recursive: true, force: true });
}

async function checkpointIn(folder: string): Promise<string | undefined> {
  const pointer = join(folder, runFiles.checkpoints, 'last.json');
  return existsSync(pointer) ? (await readJson(pointer, pointerSchema)).checkpoint : undefined;
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
