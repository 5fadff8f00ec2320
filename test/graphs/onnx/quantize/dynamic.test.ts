import ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { lowerModel } from '../../../../exporters/onnx.js';
import { checkModel } from '../../../../graphs/onnx/check.js';
import { decodeModel } from '../../../../graphs/onnx/model.js';
import { dynamicQuantize } from '../../../../graphs/onnx/quantize/dynamic.js';
import { foldBatchNorm } from '../../../../graphs/passes/fold-batch-norm.js';
import { zooEntry } from '../../../../src/spaces/zoo.js';
import { caseImages, exportCase } from '../../../exporters/export-case.js';
import { bytesOf, modelOf, operators, run, type Step, type Weight } from './small-models.js';

describe('dynamicQuantize', () => {
  it('finds scale and zero point while it runs', async () => {
    const model = modelOf([1, 1, 1, 3], [['Conv', ['x', 'w', 'b'], 'y']], {
      w: { shape: [2, 1, 1, 1], data: [0.64, -1.28] },
      b: { shape: [2], data: [10, 20] },
    });
    // x spans 2.55: the scale is 0.01 and each of its elements a whole number of them.
    const found = await run(dynamicQuantize(model), [1, 1, 1, 3], [-1, 0.25, 1.55]);
    const expected = [10 - 0.64, 10 + 0.16, 10 + 0.992, 20 + 1.28, 20 - 0.32, 20 - 1.984];
    found.forEach((value, i) => {
      expect(Math.abs(value - (expected[i] ?? 0))).toBeLessThan(1e-5);
    });
    expect(found).toHaveLength(6);
  });

  const row: Weight = { shape: [3, 2], data: [1, 4, -2, 0.5, 3, -1] };
  const column: Weight = { shape: [2, 3], data: [1, -2, 3, 4, 0.5, -1] };
  const products: readonly (readonly [string, Step, Weight])[] = [
    ['MatMul', ['MatMul', ['x', 'w'], 'y'], row],
    ['Gemm', ['Gemm', ['x', 'w', 'b'], 'y'], row],
    ['Gemm, turned', ['Gemm', ['x', 'w', 'b'], 'y', { transB: 1 }], column],
  ];

  it.each(products)('%s is a product of integers', async (_, step, w) => {
    const bias = step[1].length === 3 ? [0.5, -0.5] : [0, 0];
    const model = dynamicQuantize(modelOf([1, 3], [step], { w, b: { shape: [2], data: [0.5, -0.5] } }));
    expect(operators(model)).toMatchObject({ DynamicQuantizeLinear: 1, MatMulInteger: 1 });
    const found = await run(model, [1, 3], [0.3, -0.6, 1.2]);
    const expected = [5.1 + (bias[0] ?? 0), -0.3 + (bias[1] ?? 0)];
    found.forEach((value, i) => {
      expect(Math.abs(value - (expected[i] ?? 0))).toBeLessThan(0.05);
    });
  });

  it('leaves sums and products of elements alone', () => {
    const steps: Step[] = [
      ['Add', ['x', 'w'], 'a'],
      ['Mul', ['a', 'w'], 'y'],
    ];
    expect(operators(dynamicQuantize(modelOf([1, 2], steps, { w: row })))).toEqual({ Add: 1, Mul: 1 });
  });

  const data = exportCase(zooEntry('DARTS_V2').genotype, { initChannels: 8 });
  const float = decodeModel(lowerModel(foldBatchNorm(data.bound), { metadata: {} }).bytes);

  it('quantizes every weight of a network, and each activation once', async () => {
    const model = dynamicQuantize(float);
    expect(checkModel(model, { shapes: true })).toEqual([]);
    const { Conv: convolutions } = operators(float);
    const counts = operators(model);
    expect(counts).toMatchObject({ ConvInteger: convolutions, MatMulInteger: 1 });
    expect(counts.Conv).toBeUndefined();
    const quantized = (model.graph?.node ?? [])
      .filter(({ opType }) => opType === 'DynamicQuantizeLinear')
      .map(({ input }) => input?.[0]);
    expect(new Set(quantized).size).toBe(quantized.length);
    const images = caseImages(data, 4);
    const [expected, found] = [
      await run(float, images.shape, images.data),
      await run(model, images.shape, images.data),
    ];
    const departure = Math.max(...expected.map((value, i) => Math.abs(value - (found[i] ?? Number.NaN))));
    expect(departure / Math.max(...expected.map(Math.abs))).toBeLessThan(0.05);
  });

  it('leaves excluded nodes in float', async () => {
    const model = dynamicQuantize(float, { excluded: ({ opType }) => opType === 'Conv' });
    expect(operators(model).ConvInteger).toBeUndefined();
    expect(operators(model)).toMatchObject({ MatMulInteger: 1 });
    await (await ort.InferenceSession.create(bytesOf(model))).release();
  });
});
