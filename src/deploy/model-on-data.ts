// An exported model on a data set's test images, through onnxruntime-node with its default optimizations: what a user of
// the file will see.
import type { Dataset } from '../../datasets/dataset.js';
import { batchExtent, evaluationBatches } from '../data/batches.js';
import { measureNormalisation } from '../data/normalise.js';
import { GenonnxError } from '../errors.js';
import { createSession, runSession, tensorsOf } from './ort-session.js';

export interface ModelOnData {
  /** Of the test images. */
  readonly accuracy: number;
  readonly images: number;
}

/** @throws GenonnxError `model-corrupt` when the runtime refuses the model. */
export async function testModel(
  model: Uint8Array,
  dataset: Dataset,
  threads: number,
  padTo?: number,
): Promise<ModelOnData> {
  const where = 'the exported model';
  const session = await createSession(model, where, { intraOpNumThreads: threads });
  const set = dataset.test;
  const indices = Uint32Array.from({ length: set.count }, (_, i) => i);
  const common = { set, indices, normalisation: measureNormalisation(dataset.train), batchSize: 100 };
  const options = padTo === undefined ? common : { ...common, padTo };
  const { height, width } = batchExtent(options);
  let right = 0;
  for (const { images, labels, count } of evaluationBatches(options)) {
    const dims = [labels.length, set.channels, height, width];
    const feeds = await tensorsOf({ images: { data: images, dims } });
    const { logits } = await runSession(session, feeds, where);
    if (logits === undefined || !(logits.data instanceof Float32Array))
      throw new GenonnxError('model-corrupt', 'The model has no logits.');
    const classes = logits.data.length / labels.length;
    for (let i = 0; i < count; i++) {
      if (indexOfLargest(logits.data.subarray(i * classes, (i + 1) * classes)) === Number(labels[i]))
        right += 1;
    }
  }
  await session.release();
  return { accuracy: right / set.count, images: set.count };
}

/** The first of the largest. */
function indexOfLargest(values: Float32Array): number {
  let best = 0;
  values.forEach((value, i) => {
    if (value > (values[best] ?? 0)) best = i;
  });
  return best;
}
