import ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { checkModel } from '../../../graphs/onnx/check.js';
import { decodeModel } from '../../../graphs/onnx/model.js';
import {
  additionChain,
  type Chain,
  matMulChain,
  measureRoofline,
  sizeWithin,
} from '../../../src/bench/measure-roofline.js';
import { achieved, attainableGflops, rooflineSchema, sustainedRate } from '../../../src/bench/roofline.js';

const roofline = { peakGflops: 100, peakGbytesPerSecond: 20, threads: 2 };

describe('sustainedRate', () => {
  it('does not count what both chains cost beside their work', () => {
    // 10^9 a second is 10^6 a millisecond; 3 ms are spent on something else.
    const at = (work: number) => ({ work, timeMs: 3 + work / 5e6 });
    expect(sustainedRate(at(2e7), at(8e7))).toBeCloseTo(5, 9);
  });

  it('says nothing where more work took no longer', () => {
    expect(sustainedRate({ work: 2, timeMs: 5 }, { work: 8, timeMs: 5 })).toBeUndefined();
    expect(sustainedRate({ work: 2, timeMs: 5 }, { work: 8, timeMs: 4 })).toBeUndefined();
    expect(sustainedRate({ work: 8, timeMs: 4 }, { work: 8, timeMs: 5 })).toBeUndefined();
  });
});

it('bends the roof where bandwidth ends to be the limit', () => {
  expect(attainableGflops(roofline, 2)).toBe(40);
  expect(attainableGflops(roofline, 5)).toBe(100);
  expect(attainableGflops(roofline, 50)).toBe(100);
});

describe('achieved', () => {
  it('counts two operations a multiply-add, of every image', () => {
    // 2 x 10^7 x 4 operations in 2 ms; 1 operation a byte allows 20 GFLOP/s.
    const found = achieved({ macs: 1e7, batch: 4, latencyMs: 2, movedBytes: 8e7 }, roofline);
    expect(found?.gflops).toBeCloseTo(40, 9);
    expect(found?.shareOfPeak).toBeCloseTo(0.4, 9);
    expect(found?.shareOfRoofline).toBeCloseTo(2, 9);
  });

  it('has no share of peaks that nobody measured', () => {
    const found = achieved({ macs: 1e7, batch: 1, latencyMs: 2, movedBytes: 1 }, null);
    expect(found).toEqual({ gflops: 10, shareOfPeak: null, shareOfRoofline: null });
  });

  it('claims no share of a roofline where nobody knows the bytes, and nothing without multiply-adds', () => {
    const found = achieved({ macs: 1e7, batch: 1, latencyMs: 2, movedBytes: null }, roofline);
    expect(found).toEqual({ gflops: 10, shareOfPeak: 0.1, shareOfRoofline: null });
    expect(achieved({ macs: 0, batch: 1, latencyMs: 2, movedBytes: 1 }, roofline)).toBeUndefined();
  });
});

describe('the chains', () => {
  const run = async ({ model, shape }: Chain, x: number[]): Promise<number[]> => {
    expect(checkModel(decodeModel(model), { shapes: true })).toEqual([]);
    const session = await ort.InferenceSession.create(model, { logSeverityLevel: 3, intraOpNumThreads: 1 });
    const { y } = await session.run({ x: new ort.Tensor('float32', Float32Array.from(x), shape) });
    await session.release();
    const values: ArrayLike<unknown> = y!.data;
    return Array.from(values, Number);
  };

  it('multiply as often as they say: an even number of reflections changes nothing, an odd one does', async () => {
    const x = [1, 2, 3, 4, 5, 6, 7, 8, 10];
    expect(matMulChain(3, 4).work).toBe(4 * 2 * 27);
    (await run(matMulChain(3, 4), x)).forEach((value, i) => {
      expect(value).toBeCloseTo(x[i]!, 4);
    });
    // x - 2/3 (sum of its row).
    expect((await run(matMulChain(3, 1), x))[0]).toBeCloseTo(1 - 4, 4);
  });

  it('add as often as they say', async () => {
    expect(additionChain(4, 5).work).toBe(5 * 2 * 4 * 16);
    expect(await run(additionChain(4, 5), [0, 1, 2, 3])).toEqual([5, 6, 7, 8]);
  });
});

it('measures positive peaks on this machine, or says that it is too busy', async () => {
  try {
    const found = await measureRoofline({ threads: 1, matrixSize: 384, copySize: 1536, runs: 5 });
    expect(rooflineSchema.parse(found)).toEqual(found);
    expect(found.threads).toBe(1);
  } catch (error) {
    // Beside other work, the longer chain may by chance be the faster one.
    expect(error).toMatchObject({ code: 'engine', details: { cure: expect.stringContaining('else runs') } });
  }
});

it.each([
  [0.01, 1024],
  [0.9, 1024],
  [1, 512],
  [10, 256],
  [1000, 128],
])('takes matrices that are done in time: %d ms for the smallest, size %d', (timeMs, size) => {
  expect(sizeWithin(timeMs)).toBe(size);
});
