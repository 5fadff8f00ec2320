// Where a loop gets its steps' feeds from. A source of training batches never ends: after an epoch's last batch the next
// epoch begins. Where it stands is plain data, so that a run which continues takes the very batches that it would have taken.
import { z } from 'zod';
import type { Feeds } from '../engines/engine.js';
import { streamSchema } from '../runs/snapshot.js';

/** What one step is fed, and how many of its examples count. */
export interface FedBatch {
  readonly feeds: Feeds;
  readonly examples: number;
}

/** Where a source stands: every stream that it draws from, and its cursor within an epoch; none between epochs. */
export const batchSourceSchema = z.object({
  streams: z.record(z.string(), streamSchema),
  cursor: z.object({ order: streamSchema, next: z.number() }).exactOptional(),
});
export type BatchSourceState = z.infer<typeof batchSourceSchema>;

export interface BatchSource {
  readonly batchesPerEpoch: number;
  /** The next batch; `epoch`, from 0, is the one that it belongs to: what is drawn by chance may depend on it. */
  next(epoch: number): FedBatch;
  state(): BatchSourceState;
}
