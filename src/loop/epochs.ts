// The one loop of the project: epochs of steps, a record after each epoch, checkpoints after each epoch and every so many
// seconds in between. It knows nothing of what a step does. Whatever the next step depends on is in a snapshot, so that a
// run which continues from one takes exactly the steps that it would have taken.
import { z } from 'zod';
import type { Snapshot } from '../runs/snapshot.js';

export const positionSchema = z.object({
  /** Epochs that are done. */
  epoch: z.number(),
  /** Steps of the next one that are done. */
  step: z.number(),
  /** Whether the work itself has called for the end. */
  ended: z.boolean(),
});
export type Position = z.infer<typeof positionSchema>;

export const beginning: Position = { epoch: 0, step: 0, ended: false };

/** What watches a loop and keeps what it makes. */
export interface LoopHooks<Record> {
  /** After each epoch. */
  epoch(record: Record): Promise<void>;
  /** When the state should be written down; `best` says that it is the best so far. */
  checkpoint(snapshot: Snapshot, best: boolean): Promise<void>;
  /** After each step: how much of the run is done, between 0 and 1. */
  progress(done: number, note: string): void;
  /** Asked after each step; true ends the run after a checkpoint. */
  stopped(): boolean;
}

/** Times differ from run to run. */
export interface EpochTimes {
  readonly seconds: number;
  /** Steps that the seconds were for: fewer than an epoch has where a run was continued inside of it. */
  readonly steps: number;
}

export interface EpochEnd<Record> {
  readonly record: Record;
  /** Whether the state is the best so far; a checkpoint keeps it then. */
  readonly best: boolean;
  /** Whether the work is done before its last epoch. */
  readonly ends: boolean;
}

export interface EpochWork<Record> {
  readonly epochs: number;
  /** Seconds between checkpoints inside of an epoch. */
  readonly checkpointSeconds: number;
  /** Takes step `step` of epoch `epoch`, both from 0. @returns how much of the epoch is done then; 1 ends it. */
  step(epoch: number, step: number): Promise<number>;
  /** What an epoch came to; the next one begins with empty meters. */
  finish(epoch: number, times: EpochTimes): Promise<EpochEnd<Record>>;
  /** Everything that the steps after `position` depend on. */
  snapshot(position: Position): Promise<Snapshot>;
}

/** Runs what is left from `start` on. @returns whether it came to its end; false where it was stopped. */
export async function runEpochs<Record>(
  work: EpochWork<Record>,
  hooks: LoopHooks<Record>,
  start: Position = beginning,
): Promise<boolean> {
  const { epochs, checkpointSeconds } = work;
  let { epoch, step, ended } = start;
  let savedAt = performance.now();
  const save = async (best: boolean): Promise<void> => {
    await hooks.checkpoint(await work.snapshot({ epoch, step, ended }), best);
    savedAt = performance.now();
  };
  const isDue = (): boolean => performance.now() - savedAt >= checkpointSeconds * 1000;

  while (epoch < epochs && !ended) {
    const startedAt = performance.now();
    const first = step;
    let done = 0;
    while (done < 1) {
      done = await work.step(epoch, step);
      step += 1;
      hooks.progress((epoch + done) / epochs, `epoch ${epoch + 1} of ${epochs}`);
      if (done >= 1 || !(hooks.stopped() || isDue())) continue;
      await save(false);
      if (hooks.stopped()) return false;
    }
    const seconds = (performance.now() - startedAt) / 1000;
    const { record, best, ends } = await work.finish(epoch, { seconds, steps: step - first });
    await hooks.epoch(record);
    ended = ends;
    epoch += 1;
    step = 0;
    await save(best);
    if (hooks.stopped() && epoch < epochs && !ended) return false;
  }
  return true;
}
