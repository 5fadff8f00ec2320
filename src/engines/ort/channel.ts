// A way to a host: through a worker thread (the usual one), or directly on this thread (short checks).
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { GenonnxError } from '../../errors.js';
import { OrtHost } from './host.js';
import type { Envelope, Replies, Reply, Request } from './messages.js';
import { serve } from './serve.js';

export interface Channel {
  ask<K extends Request['kind']>(request: Extract<Request, { kind: K }>): Promise<Replies[Request['kind']]>;
  close(): Promise<void>;
}

/** Runs on the calling thread. */
export function directChannel(): Channel {
  const host = new OrtHost();
  return ordered({ ask: (request) => guarded(serve(host, request)), close: async () => {} });
}

interface Waiting {
  resolve(value: Replies[Request['kind']]): void;
  reject(error: Error): void;
}

/** Starts a worker thread. */
export function workerChannel(): Channel {
  const worker = new Worker(workerFile());
  const waiting = new Map<number, Waiting>();
  let lastId = 0;
  const failAll = (message: string): void => {
    for (const { reject } of waiting.values()) reject(new Error(message));
    waiting.clear();
  };
  worker.on('message', (reply: Reply) => {
    const asked = waiting.get(reply.id);
    waiting.delete(reply.id);
    if ('error' in reply) asked?.reject(new Error(reply.error));
    else asked?.resolve(reply.value);
  });
  worker.on('error', (error) => failAll(error.message));
  worker.on('exit', (code) => failAll(`the runtime's thread ended with code ${code}`));
  return ordered({
    ask: (request) =>
      guarded(
        new Promise((resolve, reject) => {
          lastId += 1;
          waiting.set(lastId, { resolve, reject });
          const envelope: Envelope = { id: lastId, request };
          worker.postMessage(envelope, transfers(request));
        }),
      ),
    close: async () => {
      await worker.terminate();
    },
  });
}

/** One request after the other: a run exchanges the state's buffers, and what comes next must see that. */
function ordered(channel: Channel): Channel {
  let last: Promise<unknown> = Promise.resolve();
  let closed = false;
  const ask: Channel['ask'] = (request) => {
    const answer = last.then(() => {
      if (!closed) return channel.ask(request);
      throw new GenonnxError('engine', 'The engine was disposed of.', {
        found: `a request to ${request.kind}`,
        cure: 'Finish its runs before disposing of it, or create another engine.',
      });
    });
    last = answer.catch(() => {});
    return answer;
  };
  return {
    ask,
    close: async () => {
      closed = true;
      await channel.close();
    },
  };
}

/** Arrays that are handed over instead of copied. */
function transfers(request: Request): ArrayBuffer[] {
  if (request.kind !== 'run') return [];
  const buffers = Object.values(request.feeds).flatMap(({ data }) =>
    data.buffer instanceof ArrayBuffer ? [data.buffer] : [],
  );
  return [...new Set(buffers)];
}

/** The built worker: beside this module, or in dist/ when the sources themselves are running (tests). */
function workerFile(): URL {
  const beside = new URL('./worker.js', import.meta.url);
  if (existsSync(fileURLToPath(beside))) return beside;
  return new URL('../../../dist/src/engines/ort/worker.js', import.meta.url);
}

async function guarded<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error);
    throw new GenonnxError('engine', 'ONNX Runtime failed.', {
      found,
      cure: /alloc|memory/i.test(found)
        ? 'Use a smaller --batch or --channels.'
        : 'Run `genonnx doctor`, and try --layout portable.',
    });
  }
}
