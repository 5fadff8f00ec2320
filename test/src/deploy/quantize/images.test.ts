import { describe, expect, it } from 'vitest';
import { measureNormalisation } from '../../../../src/data/normalise.js';
import { inputOf, modelImages } from '../../../../src/deploy/quantize/images.js';
import { modelOf } from '../../../graphs/onnx/quantize/small-models.js';
import { defined } from '../../../support/tensors.js';
import { smallDataset } from './small-dataset.js';

const model = (shape: readonly (number | string)[], metadata: Readonly<Record<string, string>> = {}) => ({
  proto: modelOf(shape, []),
  sizeBytes: 0,
  metadata: new Map(Object.entries(metadata)),
});
const dataset = smallDataset();
const [firstByte] = dataset.test.images;

describe('modelImages', () => {
  it('pads to the extent of the model, in batches of its own size or of ours', () => {
    const fixed = [...modelImages(model([3, 1, 32, 32]), dataset).test()];
    expect(fixed.map(({ images, labels }) => [images.dims, labels])).toEqual([
      [
        [3, 1, 32, 32],
        [0, 1, 2],
      ],
      [
        [3, 1, 32, 32],
        [3, 4, 0],
      ],
      [[3, 1, 32, 32], [1]],
    ]);
    const [open] = modelImages(model(['N', 1, 'H', 'W']), dataset).test();
    expect(defined(open).images.dims).toEqual([50, 1, 28, 28]);
    expect(defined(open).labels).toHaveLength(7);
  });

  it('takes training images for calibration, balanced, and at most all of them', () => {
    const images = modelImages(model(['N', 1, 32, 32]), dataset);
    expect([...images.training(6)].flatMap(({ labels }) => labels)).toEqual([0, 1, 2, 3, 4, 0]);
    expect([...images.training(6)].map(({ images: { dims } }) => dims[0])).toEqual([4, 4]);
    expect([...images.training(100)].flatMap(({ labels }) => labels)).toHaveLength(12);
  });

  it('normalises as the model says, or as the training images are', () => {
    const said = { normalisation: JSON.stringify({ mean: [0.5], standardDeviation: [0.25] }) };
    const first = (metadata: Readonly<Record<string, string>>) => {
      const [batch] = modelImages(model(['N', 1, 28, 28], metadata), dataset).test();
      return Number(defined(batch).images.data[0]);
    };
    expect(first(said)).toBeCloseTo((defined(firstByte) / 255 - 0.5) / 0.25, 5);
    const { mean, standardDeviation } = measureNormalisation(dataset.train);
    expect(first({})).toBeCloseTo(
      (defined(firstByte) / 255 - defined(mean[0])) / defined(standardDeviation[0]),
      5,
    );
  });

  it.each([
    ['channels', [1, 3, 32, 32]],
    ['a smaller extent', [1, 1, 16, 16]],
    ['images that are not square', [1, 1, 32, 40]],
    ['no images', [1, 784]],
  ])('refuses %s', (_, shape) => {
    expect(() => modelImages(model(shape), dataset)).toThrow(/noise with images of 1x28x28/);
  });
});

describe('inputOf', () => {
  it('passes over weights that are inputs too', () => {
    const old = modelOf([1], [], { w: { shape: [1], data: [1] } });
    old.graph?.input?.unshift({ name: 'w' });
    expect(inputOf(old).name).toBe('x');
    old.graph?.input?.pop();
    expect(() => inputOf(old)).toThrow(/no input/);
  });
});
