import { describe, expect, it } from 'vitest';
import { calibrate } from '../../../../src/deploy/quantize/calibrate.js';
import { modelOf } from '../../../graphs/onnx/quantize/small-models.js';

const model = modelOf(
  ['N', 1, 1, 2],
  [
    ['Conv', ['x', 'w'], 'a'],
    ['Relu', ['a'], 'r'],
    ['Conv', ['r', 'w'], 'b'],
    ['Sigmoid', ['b'], 'y'],
  ],
  { w: { shape: [1, 1, 1, 1], data: [-2] } },
);
const batch = (...data: number[]) => ({
  images: { data: Float32Array.from(data), dims: [data.length / 2, 1, 1, 2] },
});

describe('calibrate', () => {
  it('finds the ranges of the input and of all values that may be quantized, over all batches', async () => {
    const ranges = await calibrate(model, [batch(1, -3), batch(0.5, 2, 0, 0)], 'minmax');
    expect(Object.fromEntries(ranges)).toEqual({
      x: { min: -3, max: 2 },
      a: { min: -4, max: 6 },
      r: { min: 0, max: 6 },
      b: { min: -12, max: 0 },
    });
  });

  it('cuts rare values off where it is asked to', async () => {
    const values = Array.from({ length: 20_000 }, (_, i) => (i % 100) / 100);
    values[7] = 50;
    const cut = await calibrate(model, [batch(...values)], 'percentile');
    expect(cut.get('x')?.max).toBeLessThan(1.1);
    expect((await calibrate(model, [batch(...values)], 'minmax')).get('x')?.max).toBe(50);
  });

  it('refuses images on which the model yields no numbers', async () => {
    await expect(calibrate(model, [batch(1, Number.NaN)], 'minmax')).rejects.toMatchObject({
      code: 'diverged',
    });
  });
});
