// A loop whose run is kept: it continues from the last checkpoint, each epoch is a line in the journal, and each checkpoint
// knows how long the journal was. Whatever stops it, the same call goes on.
import type { z } from 'zod';
import type { RunStore } from '../runs/run-store.js';
import type { Arrays } from '../runs/snapshot.js';
import type { LoopHooks } from './epochs.js';

/** What a caller watches of a run that is kept. */
export interface RunHooks<Epoch> {
  epoch(record: Epoch): void;
  /** How much of the run is done, between 0 and 1. */
  progress(done: number, note: string): void;
  /** Asked after each step; true ends the run after a checkpoint. */
  stopped(): boolean;
}

export interface Kept<State, Epoch> {
  readonly resumed: { readonly state: State; readonly arrays: Arrays } | undefined;
  readonly hooks: LoopHooks<Epoch>;
}

/** Where the run in `store` stands, and the hooks that keep what is made from there on. @throws GenonnxError `file-corrupt`. */
export async function keepIn<State, Epoch>(
  store: RunStore,
  schema: z.ZodType<State>,
  hooks: RunHooks<Epoch>,
): Promise<Kept<State, Epoch>> {
  const resumed = await store.checkpoints.resume(schema);
  await store.journal.truncate(resumed?.journalBytes ?? 0);
  return {
    resumed,
    hooks: {
      progress: hooks.progress,
      stopped: hooks.stopped,
      epoch: async (record) => {
        await store.journal.append(Object(record));
        hooks.epoch(record);
      },
      checkpoint: async (snapshot, best) => {
        await store.checkpoints.write({ ...snapshot, journalBytes: store.journal.length, best });
      },
    },
  };
}
