// Batches that are made ahead of the engine: by threads that read and decode, say. What chance decides is drawn in order and at
// once; the making takes its time. So batches are the same however long each of them takes, and where a source stands is
// where it stood behind the last batch that was taken: batches that were made ahead and never taken are drawn again.
import type { BatchSource, BatchSourceState, FedBatch, TrainingBatch } from './batch-source.js';

/** A batch that is drawn, and on its way. */
export interface DrawnBatch {
  /** As in the batch: how much of its epoch is taken with it. */
  readonly done: number;
  readonly made: Promise<TrainingBatch>;
}

/** Draws batches one after the other. */
export interface DrawnSource {
  /** Whatever depends on chance is decided when this returns. */
  draw(epoch: number): DrawnBatch;
  /** Behind the last draw. */
  state(): BatchSourceState;
}

interface Waiting extends DrawnBatch {
  readonly epoch: number;
  /** Of the source, behind it. */
  readonly state: BatchSourceState;
}

/**
 * A source whose next `depth` batches are being made while one is used. `open` opens the draws at a state, or at the seed's
 * beginning; it is called again where the loop asks for another epoch than what was drawn ahead is for.
 */
export function madeAhead(
  open: (state: BatchSourceState | undefined) => DrawnSource,
  depth: number,
  saved?: BatchSourceState,
): BatchSource {
  let source = open(saved);
  let taken = source.state();
  let waiting: Waiting[] = [];
  /** Draws until `count` are on their way; the first that is drawn belongs to `epoch` where none is. */
  const fill = (count: number, epoch: number): void => {
    while (waiting.length < count) {
      const last = waiting.at(-1);
      const own = last === undefined ? epoch : epochBehind(last);
      const { done, made } = source.draw(own);
      // A failure is told to whoever takes the batch. What is never taken may fail.
      made.catch(() => {});
      waiting.push({ epoch: own, done, made, state: source.state() });
    }
  };
  return {
    next(epoch) {
      if (waiting[0] !== undefined && waiting[0].epoch !== epoch) {
        source = open(taken);
        waiting = [];
      }
      fill(depth + 1, epoch);
      const first = waiting.shift();
      if (first === undefined) throw new RangeError('nothing was drawn');
      taken = first.state;
      return first.made;
    },
    state: () => taken,
  };
}

function epochBehind({ epoch, done }: Waiting): number {
  return done >= 1 ? epoch + 1 : epoch;
}

/** `count` batches in order, of which the next `depth` are being made while one is used. Nothing is made before the first is asked for. */
export function madeInOrder(
  count: number,
  depth: number,
  make: (index: number) => Promise<FedBatch>,
): AsyncIterable<FedBatch> {
  return {
    async *[Symbol.asyncIterator]() {
      const waiting: Promise<FedBatch>[] = [];
      for (let index = 0; index < count; index++) {
        while (waiting.length <= depth && index + waiting.length < count) {
          const made = make(index + waiting.length);
          made.catch(() => {});
          waiting.push(made);
        }
        const first = waiting.shift();
        if (first !== undefined) yield await first;
      }
    },
  };
}
