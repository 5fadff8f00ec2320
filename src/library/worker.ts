// `worker()`: what the command does. Makes the runs that studies put into a queue, on this machine.
import { parseQueueAddress } from '../queue/address.js';
import { openEngine } from '../queue/engine.js';
import { type WorkerTimes, work } from '../queue/worker.js';
import { openStore } from '../store/open-store.js';
import { startChild } from '../study/child-process.js';
import { queueTools } from './queued-runs.js';
import { checksumsOf } from './run-settings.js';
import type { Note } from './session.js';

export interface WorkerOptions {
  /** `redis://HOST:PORT`, `rediss://...` or `postgres://...` */
  readonly queue: string;
  /** A folder that all machines share, or `http://HOST:PORT` of one that keeps it. */
  readonly store: string;
  /** Runs side by side. Default: 1. */
  readonly slots?: number | undefined;
  readonly times?: Partial<WorkerTimes>;
  /** What goes on, a line each. */
  readonly onNote?: Note;
  /** Stops it: its runs write their checkpoints and go back into the queue. */
  readonly signal: AbortSignal;
}

/** Works until it is stopped. @throws GenonnxError `usage`, `queue` where no server answers, `store`. */
export async function worker({
  queue,
  store,
  slots = 1,
  times = {},
  onNote = () => {},
  signal,
}: WorkerOptions): Promise<void> {
  await work({
    engine: await openEngine(parseQueueAddress(queue)),
    store: openStore(store),
    slots,
    startChild,
    tools: queueTools,
    checksumsOf,
    signal,
    line: onNote,
    times,
  });
}
