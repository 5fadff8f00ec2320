// A worker: takes jobs out of the queues whose data and version are its own, and has each made in a process of its own
// (`make-run.ts`). It calculates nothing itself, so that its locks are always renewed.
import { setMaxListeners } from 'node:events';
import { hostname } from 'node:os';
import process from 'node:process';
import { setTimeout as wait } from 'node:timers/promises';
import type { Store } from '../store/store.js';
import type { StartChild } from '../study/child-process.js';
import type { QueueEngine } from './engine.js';
import type { HeldJob } from './held-job.js';
import { makeRun } from './make-run.js';
import type { Plan } from './plans.js';
import { Subscriptions } from './subscriptions.js';

export interface WorkerInputs {
  readonly engine: QueueEngine;
  readonly store: Store;
  /** Jobs side by side. */
  readonly slots: number;
  readonly startChild: StartChild;
  readonly tools: Plan['tools'];
  /** The checksums of data as this machine has it. @throws GenonnxError `data-missing`, ... */
  readonly checksumsOf: (data: NonNullable<Plan['data']>) => Promise<Readonly<Record<string, string>>>;
  /** Stops it: its processes write their checkpoints, and their jobs go back. */
  readonly signal: AbortSignal;
  /** Says what goes on, a line each. */
  readonly line: (text: string) => void;
  readonly times?: Partial<WorkerTimes>;
  /** The machine's name; of this one where it is not given. */
  readonly host?: string;
}

export interface WorkerTimes {
  /** For as long a job is a worker's that says nothing. */
  readonly lockMs: number;
  /** How often to look for jobs while there are none. */
  readonly idleMs: number;
  /** How often to look for queues. */
  readonly plansMs: number;
  /** How often to tell the queue how far a run is, and to bring checkpoints to the store. */
  readonly progressMs: number;
  /** How long a process may take to write its checkpoint before it is killed. */
  readonly graceMs: number;
}

export const workerTimes: WorkerTimes = {
  lockMs: 60_000,
  idleMs: 1_000,
  plansMs: 5_000,
  progressMs: 10_000,
  graceMs: 30_000,
};

/** Takes jobs until it is stopped. @throws GenonnxError `queue` where there is none. */
export async function work({ host = hostname(), ...inputs }: WorkerInputs): Promise<void> {
  const { signal, slots, store, line } = inputs;
  // One for each slot, and for each job.
  setMaxListeners(0, signal);
  const times = { ...workerTimes, ...inputs.times };
  const name = `${host}-${process.pid}`.replace(/[^\w.-]/g, '_');
  const queues = new Subscriptions(inputs, name, times);
  const pause = (): Promise<unknown> => wait(times.idleMs, undefined, { signal }).catch(() => {});

  const make = async (job: HeldJob): Promise<void> => {
    try {
      const isThere = (other: string): Promise<boolean> => queues.isThere(other);
      const isMade = await makeRun(job, { ...inputs, host, name, times, isThere });
      // The machine that it was left to is to find it.
      if (!isMade) await pause();
    } catch (error) {
      // It is the store's fault, or the machine's, and not the run's.
      await job.giveBack().catch(() => {});
      throw error;
    } finally {
      job.drop();
    }
  };
  const serve = async (slot: number): Promise<void> => {
    let isWaiting = false;
    while (!signal.aborted) {
      try {
        // What could not be written down is not tried at once.
        if (isWaiting) await store.requireRoom();
        isWaiting = false;
        const job = await queues.next(`${name}:${slot}`);
        if (job === undefined) await pause();
        else await make(job);
      } catch (error) {
        if (!isWaiting) line(`waits: ${inOneLine(error)}`);
        isWaiting = true;
        await pause();
      }
    }
  };

  await queues.open();
  try {
    await Promise.all([queues.keepLooking(), ...Array.from({ length: slots }, (_, slot) => serve(slot))]);
  } finally {
    await queues.close();
  }
}

function inOneLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message
    .split('\n')
    .map((line) => line.trim())
    .join(' ');
}
