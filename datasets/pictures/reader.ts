// Reads pictures on threads of their own, so that the engine need not wait: jobs are handed to whichever thread has the fewest, and
// are done in any order. Without threads they are done where they are asked for.
import { Worker } from 'node:worker_threads';
import { GenonnxError } from '../../graphs/errors.js';
import { builtFile } from '../../src/built-file.js';
import type { Picture } from '../../src/data/picture.js';
import type { PictureView } from '../../src/data/pictures/views.js';
import { carryOut, type Job, type Outcome } from './jobs.js';
import type { Envelope, Reply } from './worker.js';

/** A file, and its size where it was listed. */
export interface ReadFile {
  readonly path: string;
  readonly sizeBytes?: number;
}

/** All of these throw `data-missing` and `data-corrupt`, naming the file. */
export interface PictureReader {
  /** u8[3, size, size]. */
  view(file: ReadFile, view: PictureView): Promise<Uint8Array>;
  /** u8[height, width, 3]. */
  picture(file: ReadFile): Promise<Picture>;
  /** Indices of classes, u8[height, width, 1]. */
  mask(file: ReadFile): Promise<Picture>;
  /** What is under way is done first. */
  close(): Promise<void>;
}

/** Jobs of a thread that are under way: one is decoded while another is resized. */
const mostUnderWay = 2;

/** Threads where nobody says how many: they share the processor with an engine. */
export const defaultWorkers = 2;

/**
 * @param workers 0 reads on the calling thread. Threads start with the first job.
 * @param onChanged Told of a file that is not as it was listed, before that is thrown.
 */
export function openReader(
  workers: number = defaultWorkers,
  onChanged: () => Promise<void> = async () => {},
): PictureReader {
  const { ask, close } = workers === 0 ? { ask: carryOut, close: async () => {} } : pool(workers);
  const answer = async (job: Job) => {
    const outcome = await ask(job);
    if ('answer' in outcome) return outcome.answer;
    if (outcome.failure === 'changed') await onChanged();
    throw failed(job, outcome);
  };
  const picture = async (job: Job): Promise<Picture> => {
    const found = await answer(job);
    if (found instanceof Uint8Array) throw new TypeError('a picture was asked for');
    return found;
  };
  return {
    async view(file, view) {
      const found = await answer({ ...file, kind: 'view', view });
      if (found instanceof Uint8Array) return found;
      throw new TypeError('a view was asked for');
    },
    picture: (file) => picture({ ...file, kind: 'picture' }),
    mask: (file) => picture({ ...file, kind: 'mask' }),
    close,
  };
}

function failed(
  { path, sizeBytes, kind }: Job,
  { failure, found }: Exclude<Outcome, { readonly answer: unknown }>,
): GenonnxError {
  if (failure === 'missing') {
    return new GenonnxError('data-missing', 'A picture cannot be read.', {
      where: path,
      expected: 'a readable file',
      found,
      cure: 'Put the file back, or begin a new run without it.',
    });
  }
  if (failure === 'changed') {
    return new GenonnxError('data-corrupt', 'A picture is not the one that was listed.', {
      where: path,
      expected: `${sizeBytes} bytes`,
      found,
      cure: 'Leave the folder as it is while a run reads it. The next start lists it anew.',
    });
  }
  return new GenonnxError('data-corrupt', 'A picture cannot be decoded.', {
    where: path,
    expected:
      kind === 'mask' ? 'a PNG with an index or a grey value for each pixel' : 'a whole JPEG, PNG or WebP',
    found,
    cure:
      kind === 'mask'
        ? 'Fetch the file again.'
        : 'Replace the file or move it away; `skipBroken` leaves out all of its kind, and counts them.',
  });
}

interface Thread {
  readonly worker: Worker;
  readonly waiting: Map<number, { resolve(outcome: Outcome): void; reject(error: Error): void }>;
}

function pool(count: number) {
  const threads: Thread[] = [];
  const queue: { readonly job: Job; resolve(outcome: Outcome): void; reject(error: Error): void }[] = [];
  let lastId = 0;
  let ready: Promise<void> | undefined;
  let closed = false;

  const start = async (): Promise<void> => {
    // Its libraries have to be there before threads that use them, and stay until those have ended.
    await import('sharp');
    for (let i = 0; i < count; i++) threads.push(startThread({ next, gone }));
  };
  const gone = (thread: Thread, error: Error): void => {
    threads.splice(threads.indexOf(thread), 1);
    if (threads.length === 0) for (const { reject } of queue.splice(0)) reject(error);
  };
  const next = (): void => {
    for (;;) {
      const thread = threads.reduce<Thread | undefined>(
        (least, one) => (least === undefined || one.waiting.size < least.waiting.size ? one : least),
        undefined,
      );
      if (thread === undefined || thread.waiting.size >= mostUnderWay) return;
      const first = queue.shift();
      if (first === undefined) return;
      lastId += 1;
      thread.waiting.set(lastId, first);
      thread.worker.ref();
      const envelope: Envelope = { id: lastId, job: first.job };
      thread.worker.postMessage(envelope);
    }
  };
  return {
    async ask(job: Job): Promise<Outcome> {
      if (closed) throw new Error('the reader was closed');
      ready ??= start();
      const outcome = new Promise<Outcome>((resolve, reject) => queue.push({ job, resolve, reject }));
      await ready;
      next();
      return outcome;
    },
    async close(): Promise<void> {
      closed = true;
      await ready;
      for (const { reject } of queue.splice(0)) reject(new Error('the reader was closed'));
      await Promise.all([...threads].map(endThread));
    },
  };
}

function startThread({ next, gone }: { next(): void; gone(thread: Thread, error: Error): void }): Thread {
  const worker = new Worker(builtFile(import.meta.url, './worker.js'));
  const thread: Thread = { worker, waiting: new Map() };
  const { waiting } = thread;
  worker.on('message', (reply: Reply) => {
    const asked = waiting.get(reply.id);
    waiting.delete(reply.id);
    // A thread without work keeps no process alive.
    if (waiting.size === 0) worker.unref();
    if ('error' in reply) asked?.reject(new Error(reply.error));
    else asked?.resolve(reply.outcome);
    next();
  });
  let why = '';
  worker.on('error', (error) => {
    why = error.message;
  });
  worker.on('exit', (code) => {
    const error = new GenonnxError('engine', 'A thread that reads pictures has ended.', {
      found: why === '' ? `code ${code}` : why,
      cure: 'Try again, with fewer `workers`.',
    });
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
    gone(thread, error);
  });
  worker.unref();
  return thread;
}

async function endThread({ worker }: Thread): Promise<void> {
  worker.ref();
  const ended = new Promise((resolve) => worker.once('exit', resolve));
  worker.postMessage(null);
  await ended;
}
