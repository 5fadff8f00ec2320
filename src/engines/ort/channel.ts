// A way to a host: on this thread (short checks), or through messages to another one (the usual way: a run of the runtime
// blocks its thread).
import { GenonnxError } from '../../errors.js';
import type { OrtHost } from './host.js';
import type { Envelope, Replies, Reply, Request } from './messages.js';
import { serve } from './serve.js';

/** Asks a host, wherever it is. */
export interface Channel {
  ask<K extends Request['kind']>(request: Extract<Request, { kind: K }>): Promise<Replies[Request['kind']]>;
  close(): Promise<void>;
}

/** Runs on the calling thread. */
export function directChannel(host: OrtHost): Channel {
  return ordered({ ask: (request) => guarded(serve(host, request)), close: () => host.close() });
}

/** The other thread, as the one that asks sees it: a worker of Node's, or a browser's. */
export interface HostThread {
  /** `transfer`: buffers that are handed over instead of copied. */
  post(envelope: Envelope, transfer: ArrayBuffer[]): void;
  /** Called with what is heard from the thread: a reply, or that it has ended and why. */
  listen(heard: { reply(reply: Reply): void; ended(why: string): void }): void;
  /** Ends the thread, which nothing is asked of any more. */
  close(): Promise<void>;
}

interface Waiting {
  resolve(value: Replies[Request['kind']]): void;
  reject(error: Error): void;
}

/** Runs on another thread, which answers with `serve`. */
export function threadChannel(thread: HostThread): Channel {
  const waiting = new Map<number, Waiting>();
  let lastId = 0;
  thread.listen({
    reply: (reply) => {
      const asked = waiting.get(reply.id);
      waiting.delete(reply.id);
      if ('error' in reply) asked?.reject(new Error(reply.error));
      else asked?.resolve(reply.value);
    },
    ended: (why) => {
      for (const { reject } of waiting.values()) reject(new Error(why));
      waiting.clear();
    },
  });
  return ordered({
    ask: (request) =>
      guarded(
        new Promise((resolve, reject) => {
          lastId += 1;
          waiting.set(lastId, { resolve, reject });
          thread.post({ id: lastId, request }, transfers(request));
        }),
      ),
    close: () => thread.close(),
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
      // What is under way cannot be stopped: it is in native code.
      await last;
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

async function guarded<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error);
    throw new GenonnxError('engine', 'ONNX Runtime failed.', {
      found,
      cure: /alloc|memory/i.test(found)
        ? 'Choose a smaller `batch` or fewer `channels`.'
        : 'Try `layout` portable, and see what genonnx doctor says of this machine.',
    });
  }
}
