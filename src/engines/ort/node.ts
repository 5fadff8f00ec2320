// ONNX Runtime in Node: the engine in a worker thread (or on the calling one), and what is asked of the runtime directly.
import { Worker } from 'node:worker_threads';
import * as ort from 'onnxruntime-node';
import type { Layout } from '../../../graphs/onnx/lower.js';
import { builtFile } from '../../built-file.js';
import type { Engine } from '../engine.js';
import { releaseMemory } from '../release-memory.js';
import { directChannel, type HostThread, threadChannel } from './channel.js';
import { createOrtEngine } from './engine.js';
import { OrtHost } from './host.js';
import type { Reply } from './messages.js';

export interface NodeOrtEngineOptions {
  readonly layout: Layout;
  readonly threads: number;
  /** Run in a worker thread; directly on the calling one otherwise. */
  readonly worker: boolean;
  /** How the names of the runtime's profiles begin, which are written at the end of a session; on the calling thread only. */
  readonly profileFilePrefix?: string;
}

/** Version of the runtime. */
export const ortVersion = ort.env.versions.node ?? ort.env.versions.common;

export function createNodeOrtEngine({
  layout,
  threads,
  worker,
  profileFilePrefix,
}: NodeOrtEngineOptions): Engine {
  const channel = worker
    ? threadChannel(startThread())
    : directChannel(
        new OrtHost(ort, {
          fillsOutputs: true,
          ...(profileFilePrefix === undefined ? {} : { profileFilePrefix }),
        }),
      );
  return createOrtEngine({ channel, runtime: 'onnxruntime-node', layout, threads, releaseMemory });
}

/** Starts a worker thread that serves a host. */
export function startThread(): HostThread {
  const worker = new Worker(builtFile(import.meta.url, './worker.js'));
  const ended = new Promise<void>((resolve) => {
    worker.once('exit', () => resolve());
  });
  return {
    post: (envelope, transfer) => worker.postMessage(envelope, transfer),
    listen: ({ reply, ended }) => {
      worker.on('message', (message: Reply) => reply(message));
      worker.on('error', (error) => ended(error.message));
      worker.on('exit', (code) => ended(`the runtime's thread ended with code ${code}`));
    },
    // The thread ends by itself: terminated while it is inside of native code, it would abort the process.
    close: async () => {
      worker.postMessage(null);
      await ended;
    },
  };
}
