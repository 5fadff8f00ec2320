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

export interface TrainingBatch extends FedBatch {
  /** How much of its epoch is taken with it; 1 exactly says that it is the last one. */
  readonly done: number;
  /** The learning rate of its step as a multiple of the schedule's; 1 when absent. */
  readonly rateScale?: number;
}

/** Batches that are gone through once, as they are. Those of files come as they are read. */
export type FedBatches = Iterable<FedBatch> | AsyncIterable<FedBatch>;

/** Where a source stands: every stream that it draws from, and how far it is within an epoch; nothing of that between epochs. */
export const batchSourceSchema = z.object({
  streams: z.record(z.string(), streamSchema),
  /** What the epoch was drawn from (an order, windows), and how many of its batches are taken. */
  cursor: z.object({ order: streamSchema, next: z.number() }).exactOptional(),
});
export type BatchSourceState = z.infer<typeof batchSourceSchema>;

export interface BatchSource {
  /**
   * The next batch; `epoch`, from 0, is the one that it belongs to: what is drawn by chance may depend on it. How many there
   * are in an epoch may be chance, too. @throws GenonnxError for examples that cannot be read.
   */
  next(epoch: number): TrainingBatch | Promise<TrainingBatch>;
  /** Behind the last batch that was taken, whatever is being made ahead of it. */
  state(): BatchSourceState;
}

/** A source that makes its batches when they are asked for. */
export interface ReadyBatchSource extends BatchSource {
  next(epoch: number): TrainingBatch;
}
