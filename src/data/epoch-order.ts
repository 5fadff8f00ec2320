// The order in which a training takes examples: shuffled anew in each epoch, in batches of one size, without the incomplete last one.
//
// Resuming: an order is determined by its stream and by where it stands in the epoch. Between epochs the stream's state alone is
// enough; within one, the cursor says from which state the epoch's order was drawn and how many batches of it are used.
import { GenonnxError } from '../errors.js';
import { openStream, type RandomStream, type StreamState } from '../random.js';

/** Where an order stands within an epoch: plain data for a checkpoint, beside the stream's own state. */
export interface BatchCursor {
  /** The stream's state when the epoch began, before its order was drawn. */
  readonly order: StreamState;
  /** How many batches of the epoch were taken. */
  readonly next: number;
}

export interface EpochOrder {
  readonly batchesPerEpoch: number;
  /** The examples of the next batch, without end: after an epoch's last batch a new epoch begins. */
  next(): Uint32Array;
  /** How much of the epoch is taken with the batches so far: 1 behind its last one. */
  done(): number;
  /** Undefined between epochs, when the stream's state says it all. */
  cursor(): BatchCursor | undefined;
}

/**
 * Draws from `stream`, between whose draws others may draw from it, too. To resume, open the stream at its saved state and pass
 * the cursor saved with it.
 * @throws GenonnxError `usage` for fewer examples than a batch holds; `resume-mismatch` for a cursor that cannot be its own.
 */
export function epochOrder(
  indices: Uint32Array,
  batchSize: number,
  stream: RandomStream,
  cursor?: BatchCursor,
): EpochOrder {
  const batchesPerEpoch = Math.floor(indices.length / batchSize);
  if (batchesPerEpoch === 0) {
    throw new GenonnxError('usage', 'There are fewer training images than one batch holds.', {
      expected: `at least ${batchSize} images`,
      found: `${indices.length}`,
      cure: 'Choose a smaller `batch` or a larger `limit`.',
    });
  }
  if (cursor !== undefined) checkCursor(cursor, batchesPerEpoch, stream);
  const shuffled = (source: RandomStream): Uint32Array => source.shuffle(indices.slice());
  let began = cursor?.order;
  let order = cursor === undefined ? indices : shuffled(openStream(0, 'order', cursor.order));
  let taken = cursor?.next ?? 0;
  return {
    batchesPerEpoch,
    next() {
      if (began === undefined) {
        began = stream.state();
        order = shuffled(stream);
        taken = 0;
      }
      taken += 1;
      if (taken === batchesPerEpoch) began = undefined;
      return order.subarray((taken - 1) * batchSize, taken * batchSize);
    },
    done: () => taken / batchesPerEpoch,
    cursor: () => (began === undefined ? undefined : { order: began, next: taken }),
  };
}

function checkCursor(cursor: BatchCursor, batchesPerEpoch: number, stream: RandomStream): void {
  const drawn = stream.state().count;
  const inside = Number.isInteger(cursor.next) && cursor.next > 0 && cursor.next < batchesPerEpoch;
  if (inside && drawn > cursor.order.count) return;
  throw new GenonnxError('resume-mismatch', 'The saved position in the training images does not fit.', {
    expected: inside
      ? `a stream that drew more than ${cursor.order.count} numbers, those before the epoch`
      : `between 1 and ${batchesPerEpoch - 1} batches taken of the ${batchesPerEpoch} in an epoch`,
    found: inside ? `${drawn}` : `${cursor.next}`,
    cure: 'Resume with the data, batch size and stream state that were saved together.',
  });
}
