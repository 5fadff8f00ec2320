// The images of a data set as a model takes them: normalised as its metadata says (or measured, where that says nothing),
// padded to its extent, in batches of its size.

import type { Dataset, ImageSet } from '../../../datasets/dataset.js';
import { limitImages } from '../../../datasets/limit.js';
import type * as onnx from '../../../graphs/onnx/proto.js';
import { batchExtent, evaluationBatches } from '../../data/batches.js';
import { measureNormalisation } from '../../data/normalise.js';
import { GenonnxError } from '../../errors.js';
import type { FloatFeed } from '../float-feed.js';
import { dataFactsIn } from '../labels.js';
import type { FloatModel } from './float-model.js';

export interface LabelledBatch {
  /** f32[N,C,H,W]. */
  readonly images: FloatFeed;
  /** Of the first images; those behind them only fill the batch up. */
  readonly labels: readonly number[];
}

export interface ModelImages {
  /** The first training images of each class. */
  readonly training: (count: number) => Iterable<LabelledBatch>;
  readonly test: () => Iterable<LabelledBatch>;
}

/** Inner values of a model are held all at once: few images. */
const openBatch = { training: 4, test: 50 };

/** @throws GenonnxError `usage` for images that the model does not take; `model-corrupt` for a model of no images. */
export function modelImages(
  { proto, metadata }: Pick<FloatModel, 'proto' | 'metadata'>,
  dataset: Dataset,
): ModelImages {
  const input = inputOf(proto);
  const dims = input.type?.tensorType?.shape?.dim ?? [];
  const [batch, channels, height, width] = dims.map(({ dimValue }) => Number(dimValue ?? 0));
  const { train } = dataset;
  const padTo = Math.max(height ?? 0, width ?? 0, train.height, train.width);
  const isFixed = (extent: number | undefined): extent is number => extent !== undefined && extent > 0;
  const fits = (own: number | undefined, other: number) => !isFixed(own) || own === other;
  const extent = isFixed(height) ? { padTo } : {};
  const rendered = batchExtent({ set: train, ...extent });
  if (
    dims.length !== 4 ||
    !fits(channels, train.channels) ||
    !fits(height, rendered.height) ||
    !fits(width, rendered.width)
  ) {
    throw new GenonnxError('usage', 'The model does not take the images of this data set.', {
      where: input.name ?? '',
      expected: dims.map(({ dimValue, dimParam }) => dimParam || Number(dimValue ?? 0)).join('x'),
      found: `${dataset.name} with images of ${train.channels}x${train.height}x${train.width}`,
      cure: 'Choose the data set that the model was trained on.',
    });
  }
  const { normalisation = measureNormalisation(train) } = dataFactsIn(metadata, 'the model');
  function* batches(set: ImageSet, batchSize: number): Generator<LabelledBatch> {
    const indices = Uint32Array.from({ length: set.count }, (_, i) => i);
    for (const { images, labels, count } of evaluationBatches({
      set,
      indices,
      normalisation,
      batchSize,
      ...extent,
    })) {
      const shape = [batchSize, set.channels, rendered.height, rendered.width];
      yield {
        images: { data: images, dims: shape },
        labels: Array.from(labels.subarray(0, count), Number),
      };
    }
  }
  const sizeOf = (open: number): number => (isFixed(batch) ? batch : open);
  return {
    training: (count) => batches(limitImages(train, count), sizeOf(openBatch.training)),
    test: () => batches(dataset.test, sizeOf(openBatch.test)),
  };
}

/** The one input that is fed. @throws GenonnxError `model-corrupt` for a model without one. */
export function inputOf(model: onnx.ModelProto): onnx.IValueInfoProto {
  const weights = new Set((model.graph?.initializer ?? []).map(({ name }) => name));
  const fed = model.graph?.input?.find(({ name }) => !weights.has(name));
  if (fed !== undefined) return fed;
  throw new GenonnxError('model-corrupt', 'The model has no input.', {
    expected: 'an input of images, f32[N,C,H,W]',
    cure: 'Export the model again.',
  });
}
