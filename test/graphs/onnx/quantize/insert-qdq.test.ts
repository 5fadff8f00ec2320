import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { lowerModel } from '../../../../exporters/onnx.js';
import { GenonnxError } from '../../../../graphs/errors.js';
import { checkModel } from '../../../../graphs/onnx/check.js';
import { decodeModel } from '../../../../graphs/onnx/model.js';
import type * as onnx from '../../../../graphs/onnx/proto.js';
import type { Range } from '../../../../graphs/onnx/quantize/affine.js';
import { insertQdq, type QdqOptions } from '../../../../graphs/onnx/quantize/insert-qdq.js';
import { foldBatchNorm } from '../../../../graphs/passes/fold-batch-norm.js';
import { calibrate } from '../../../../src/deploy/quantize/calibrate.js';
import { zooEntry } from '../../../../src/spaces/zoo.js';
import { freshFolder } from '../../../e2e/command.js';
import { caseImages, exportCase } from '../../../exporters/export-case.js';
import { runPython } from '../../../support/python.js';
import { bytesOf, modelOf, operators, run, type Step, type Weight } from './small-models.js';

const hundredth = { min: -1, max: 1.55 };
const ranges = (of: Readonly<Record<string, Range>>) => new Map(Object.entries(of));

/** The graph that the runtime makes of a model. */
async function optimized(model: onnx.ModelProto): Promise<onnx.ModelProto> {
  const optimizedModelFilePath = join(freshFolder(), 'optimized.onnx');
  const options = { optimizedModelFilePath, logSeverityLevel: 4 as const };
  await (await ort.InferenceSession.create(bytesOf(model), options)).release();
  return decodeModel(readFileSync(optimizedModelFilePath));
}

async function fused(model: onnx.ModelProto): Promise<Record<string, number>> {
  return operators(await optimized(model));
}

describe('a quantized convolution', () => {
  // Scales of 1/64 and 1/128 have no rounding of their own: the sums can be followed by hand.
  const weight: Weight = { shape: [1, 1, 3, 3], data: [1, -2, 3, 0, 4, 1, -1, 2, -64].map((w) => w / 64) };
  const steps: Step[] = [
    ['Conv', ['x', 'w', 'b'], 'a', { pads: [1, 1, 1, 1], kernel_shape: [3, 3] }],
    ['Identity', ['a'], 'y'],
  ];
  const model = modelOf([1, 1, 3, 3], steps, { w: weight, b: { shape: [1], data: [0.3] } });
  const x = [0.1, 0.5, -0.2, 0.7, 0.9, -0.4, 0.3, 0, 0.6];
  const affine = { x: { scale: 1 / 128, zeroPoint: 64 }, a: { scale: 1 / 64, zeroPoint: 80 } };
  const quantized = insertQdq(
    model,
    ranges({ x: { min: -0.5, max: (255 - 64) / 128 }, a: { min: -80 / 64, max: (255 - 80) / 64 } }),
  );

  it('is the integer arithmetic that one does by hand', async () => {
    const q = x.map((value) => Math.round(value * 128) + 64);
    const at = (row: number, column: number): number =>
      row < 0 || row > 2 || column < 0 || column > 2 ? affine.x.zeroPoint : (q[row * 3 + column] ?? 0);
    const bias = Math.round(0.3 / (affine.x.scale / 64));
    const expected = q.map((_, i) => {
      let sum = bias;
      weight.data.forEach((w, k) => {
        const [row, column] = [Math.floor(i / 3) + Math.floor(k / 3) - 1, (i % 3) + (k % 3) - 1];
        sum += (at(row, column) - affine.x.zeroPoint) * Math.round(w * 64);
      });
      const integer = Math.round((sum * affine.x.scale) / 64 / affine.a.scale) + affine.a.zeroPoint;
      return (Math.min(Math.max(integer, 0), 255) - affine.a.zeroPoint) * affine.a.scale;
    });
    for (const graphOptimizationLevel of ['disabled', 'all'] as const)
      expect(await run(quantized, [1, 1, 3, 3], x, { graphOptimizationLevel })).toEqual(expected);
  });

  it('stores weights in 8 bits, biases in 32, and one scale for each channel', () => {
    const stored = new Map(
      (quantized.graph?.initializer ?? []).map(({ name, dataType, dims }) => [
        name,
        [dataType, (dims ?? []).map(Number)],
      ]),
    );
    expect(Object.fromEntries(stored)).toEqual({
      'x/scale': [1, []],
      'x/zero_point': [2, []],
      'a/scale': [1, []],
      'a/zero_point': [2, []],
      'w/quantized': [3, [1, 1, 3, 3]],
      'w/scale': [1, [1]],
      'b/quantized': [6, [1]],
      'b/scale': [1, [1]],
    });
  });

  it('is one operator in the runtime', async () => {
    expect(await fused(quantized)).toEqual({
      Transpose: 2,
      QuantizeLinear: 1,
      QLinearConv: 1,
      DequantizeLinear: 1,
    });
  });

  it('refuses nodes that stand before what they read', () => {
    const unsorted = modelOf(
      [1, 1, 3, 3],
      [
        ['Conv', ['a', 'w'], 'b'],
        ['Conv', ['x', 'w'], 'a'],
        ['Identity', ['b'], 'y'],
      ],
      { w: weight },
    );
    const insert = () => insertQdq(unsorted, ranges({ x: hundredth, a: hundredth, b: hundredth }));
    expect(insert).toThrow(GenonnxError);
    expect(insert).toThrow(/where: {4}a\n/);
  });

  it('asks for the range of every value', () => {
    const without = () => insertQdq(model, ranges({ x: hundredth }));
    expect(without).toThrow(GenonnxError);
    expect(without).toThrow(/where: {4}a\n/);
    expect(() => insertQdq(model, ranges({ x: hundredth, a: { min: 0, max: Number.NaN } }))).toThrow(
      /0 to NaN/,
    );
  });
});

describe('a quantized ReLU', () => {
  const pointwise: Weight = { shape: [1, 1, 1, 1], data: [1] };
  const values = [-0.7, -0.02, 0, 0.02, 0.9, 1.3];

  it('is what its output’s zero point cuts off', async () => {
    const model = modelOf(
      [1, 1, 1, 6],
      [
        ['Conv', ['x', 'w'], 'a'],
        ['Relu', ['a'], 'r'],
        ['Conv', ['r', 'w'], 'b'],
        ['Identity', ['b'], 'y'],
      ],
      { w: pointwise },
    );
    const quantized = insertQdq(
      model,
      ranges({ x: hundredth, a: hundredth, r: { min: 0, max: 2.55 }, b: hundredth }),
    );
    expect(operators(quantized).Relu).toBeUndefined();
    const found = await run(quantized, [1, 1, 1, 6], values);
    expect(found.map((value) => value.toFixed(2))).toEqual(['0.00', '0.00', '0.00', '0.02', '0.90', '1.30']);
  });

  it('is the larger of integer and zero point where the operand is read too', async () => {
    const model = modelOf(
      [1, 1, 1, 6],
      [
        ['Conv', ['x', 'w'], 'a'],
        ['Relu', ['a'], 'r'],
        ['Conv', ['r', 'w'], 'b'],
        ['Add', ['a', 'b'], 'sum'],
        ['Identity', ['sum'], 'y'],
      ],
      { w: pointwise },
    );
    const all = { x: hundredth, a: hundredth, r: hundredth, b: hundredth, sum: { min: -2, max: 3.1 } };
    const quantized = insertQdq(model, ranges(all));
    const found = await run(quantized, [1, 1, 1, 6], values);
    expect(found.map((value) => value.toFixed(2))).toEqual([
      '-0.70',
      '-0.02',
      '0.00',
      '0.04',
      '1.80',
      '2.60',
    ]);
    expect(await fused(quantized)).toMatchObject({
      QLinearConv: 2,
      Clip: 1,
      QLinearAdd: 1,
      QuantizeLinear: 1,
    });
  });

  it('rectifies beside a negative constant', async () => {
    const model = modelOf(
      [1, 1, 1, 6],
      [
        ['Conv', ['x', 'w'], 'a'],
        ['Relu', ['a'], 'r'],
        ['Concat', ['r', 'c'], 'both', { axis: 1 }],
        ['Identity', ['both'], 'y'],
      ],
      { w: pointwise, c: { shape: [1, 1, 1, 6], data: [-1, -1, 0, 0, 0, 0] } },
    );
    const both = { min: -1, max: 1.55 };
    const quantized = insertQdq(
      model,
      ranges({ x: hundredth, a: hundredth, r: { min: 0, max: 1.55 }, both }),
    );
    const found = (await run(quantized, [1, 1, 1, 6], values)).slice(0, 6);
    expect(found.map((value) => value.toFixed(2))).toEqual(['0.00', '0.00', '0.00', '0.02', '0.90', '1.30']);
  });

  it('leaves no dequantization behind that nobody reads', () => {
    const model = modelOf(
      [1, 1, 1, 6],
      [
        ['Conv', ['x', 'w'], 'a'],
        ['MaxPool', ['a'], 'm', { kernel_shape: [1, 1] }],
        ['Relu', ['m'], 'r'],
        ['Conv', ['r', 'w'], 'b'],
        ['Identity', ['b'], 'y'],
      ],
      { w: pointwise },
    );
    const all = { x: hundredth, a: hundredth, m: hundredth, r: hundredth, b: hundredth };
    const made = insertQdq(model, ranges(all)).graph?.node?.map(({ name }) => name);
    expect(made).toContain('m/quantized');
    expect(made).not.toContain('m/dequantized');
  });
});

describe('quantized matrix products', () => {
  const data = [1, -2, 3, 4, 0.5, -1];
  const x = [0.3, -0.6, 1.2];
  const expected = [0.3 * 1 + 0.6 * 2 + 1.2 * 3, 0.3 * 4 - 0.6 * 0.5 - 1.2 * 1];
  const forms: Record<string, readonly [Step, Readonly<Record<string, Weight>>]> = {
    'Gemm, turned': [['Gemm', ['x', 'w'], 'y', { transB: 1 }], { w: { shape: [2, 3], data } }],
    Gemm: [['Gemm', ['x', 'w'], 'y'], { w: { shape: [3, 2], data: [1, 4, -2, 0.5, 3, -1] } }],
    MatMul: [['MatMul', ['x', 'w'], 'y'], { w: { shape: [3, 2], data: [1, 4, -2, 0.5, 3, -1] } }],
  };

  it.each(Object.entries(forms))('%s keeps its float output', async (_, [step, weights]) => {
    const quantized = insertQdq(modelOf([1, 3], [step], weights), ranges({ x: hundredth }));
    expect(operators(quantized)).toEqual({ QuantizeLinear: 1, DequantizeLinear: 2, [step[0]]: 1 });
    const found = await run(quantized, [1, 3], x);
    found.forEach((value, i) => {
      expect(Math.abs(value - (expected[i] ?? 0))).toBeLessThan(0.04);
    });
  });

  it('quantizes constants that are added', async () => {
    const model = modelOf(
      [1, 2],
      [
        ['MatMul', ['x', 'w'], 'a'],
        ['Add', ['a', 'c'], 's'],
        ['Identity', ['s'], 'y'],
      ],
      { w: { shape: [2, 2], data: [1, 0, 0, 1] }, c: { shape: [2], data: [-0.5, 1] } },
    );
    const quantized = insertQdq(model, ranges({ x: hundredth, a: hundredth, s: { min: -2, max: 3.1 } }));
    expect(await fused(quantized)).toMatchObject({ QLinearMatMul: 1, QLinearAdd: 1 });
    const found = await run(quantized, [1, 2], [0.3, 0.4]);
    expect(found.map((value) => value.toFixed(1))).toEqual(['-0.2', '1.4']);
  });
});

describe('an average', () => {
  // Convolutions that change nothing: the average is all there is to see.
  const data = Array.from({ length: 256 }, (_, i) => (i % 17 === 0 ? 1 : 0));
  const steps: Step[] = [
    ['Conv', ['x', 'w'], 'a'],
    ['AveragePool', ['a'], 'p', { kernel_shape: [3, 3], pads: [1, 1, 1, 1] }],
    ['Conv', ['a', 'w'], 'b'],
    ['Add', ['p', 'b'], 's'],
    ['Conv', ['s', 'w'], 'c'],
    ['Identity', ['c'], 'y'],
  ];
  const model = modelOf([1, 16, 4, 4], steps, { w: { shape: [16, 16, 1, 1], data } });
  const twice = { min: -2, max: 3.1 };
  const quantized = insertQdq(
    model,
    ranges({ x: hundredth, a: hundredth, b: hundredth, s: twice, c: twice }),
  );

  it('is calculated in float, in the runtime too, and so is the sum that reads it', async () => {
    const counts = await fused(quantized);
    expect(counts).toMatchObject({ QLinearConv: 3, AveragePool: 1, Add: 1 });
    expect(counts.QLinearAveragePool).toBeUndefined();
  });

  it('is that of the integers before it', async () => {
    const x = Array.from({ length: 256 }, (_, i) => ((i * 37) % 200) / 100 - 0.9);
    const [expected, found] = [await run(model, [1, 16, 4, 4], x), await run(quantized, [1, 16, 4, 4], x)];
    const departure = Math.max(...expected.map((value, i) => Math.abs(value - (found[i] ?? Number.NaN))));
    expect(departure).toBeLessThan(0.03);
    expect(Math.max(...expected)).toBeGreaterThan(1);
  });
});

describe('a quantized network', () => {
  const data = exportCase(zooEntry('DARTS_V2').genotype, { initChannels: 16 });
  const bound = foldBatchNorm(data.bound);
  const float = decodeModel(lowerModel(bound, { metadata: data.metadata }).bytes);
  const images = caseImages(data, 8);
  const feed = { images: new ort.Tensor('float32', Float32Array.from(images.data), [...images.shape]) };
  const calibrated = calibrate(float, [feed], 'minmax');
  const static8 = async (options?: QdqOptions) => insertQdq(float, await calibrated, options);

  it('yields nearly the logits of the float network', async () => {
    const expected = await run(float, images.shape, images.data);
    const found = await run(await static8(), images.shape, images.data);
    const largest = Math.max(...expected.map(Math.abs));
    const departure = Math.max(...expected.map((value, i) => Math.abs(value - (found[i] ?? Number.NaN))));
    expect(departure / largest).toBeLessThan(0.05);
    expect(departure).toBeGreaterThan(0);
  });

  it('runs on integers from the first convolution to the last', async () => {
    const { Conv: convolutions = 0, Add: sums = 0 } = operators(float);
    const counts = await fused(await static8());
    expect(counts).toMatchObject({ QLinearConv: convolutions, QuantizeLinear: 1 });
    expect(counts.Conv).toBeUndefined();
    expect(counts.Relu).toBeUndefined();
    // All sums but that of the classifier with its bias.
    expect(counts.QLinearAdd).toBe(sums - 1);
  });

  it('turns maps to channels-last order before the first convolution, and back only behind the last', async () => {
    const nodes = (await optimized(await static8())).graph?.node ?? [];
    const isRead = new Set<string>();
    // What convolutions depend on, from the last node to the first.
    const before = nodes.toReversed().filter(({ opType, input, output }) => {
      const counts = opType === 'QLinearConv' || (output ?? []).some((name) => isRead.has(name));
      if (counts) for (const name of input ?? []) isRead.add(name);
      return counts;
    });
    const turned = before.filter(({ opType }) => opType === 'Transpose');
    const images = nodes.find(({ opType }) => opType === 'QuantizeLinear');
    expect(turned.map(({ input }) => input)).toEqual([images?.output]);
  });

  it('quantizes and dequantizes each value once', async () => {
    const nodes = (await static8()).graph?.node ?? [];
    for (const operator of ['QuantizeLinear', 'DequantizeLinear']) {
      const inputs = nodes.filter(({ opType }) => opType === operator).map(({ input }) => input?.[0]);
      expect(new Set(inputs).size).toBe(inputs.length);
    }
  });

  it('leaves excluded nodes in float', async () => {
    const excluded = ({ name }: onnx.INodeProto) => name?.startsWith('cells.1/') ?? false;
    const model = await static8({ excluded });
    const weights = new Set((model.graph?.initializer ?? []).map(({ name }) => name));
    for (const { name, opType } of float.graph?.node ?? []) {
      if (opType !== 'Conv') continue;
      const weight = name?.replace(/\/Conv(_1)?$/, '/weight') ?? '';
      if (name?.includes('reduce')) continue;
      expect([name, weights.has(weight)]).toEqual([name, name?.startsWith('cells.1/')]);
    }
    const found = await run(model, images.shape, images.data);
    expect(found.every(Number.isFinite)).toBe(true);
  });

  it('is sound, in every opset', async (context) => {
    const paths = await Promise.all(
      [17, 18, 19, 20, 21].map(async (opset) => {
        const model = decodeModel(lowerModel(bound, { metadata: data.metadata, opset }).bytes);
        const quantized = insertQdq(model, await calibrated);
        expect(checkModel(quantized, { shapes: true })).toEqual([]);
        expect(quantized.metadataProps).toEqual(float.metadataProps);
        const path = join(freshFolder(), `${opset}.onnx`);
        writeFileSync(path, bytesOf(quantized));
        await (await ort.InferenceSession.create(path)).release();
        return path;
      }),
    );
    const script = join(import.meta.dirname, '../../../exporters/runners/onnx-check.py');
    // Releases of `onnx` from 2022 know opset 17 and nothing after it.
    const checked = await runPython(script, paths.slice(0, 1), 'onnx');
    if ('skipped' in checked) return context.skip(checked.skipped);
    expect(checked.stdout.trim()).toBe('sound');
  });
});

describe('the runtime’s own conversions', () => {
  it('round as ours, to half a step', async () => {
    const model = insertQdq(
      modelOf(
        [1, 2],
        [
          ['MatMul', ['x', 'w'], 'a'],
          ['Identity', ['a'], 'y'],
        ],
        {
          w: { shape: [2, 2], data: [1, 0, 0, 1] },
        },
      ),
      ranges({ x: hundredth }),
    );
    await fc.assert(
      fc.asyncProperty(fc.double({ min: -1, max: 1.54, noNaN: true }), async (value) => {
        const [found = Number.NaN] = await run(model, [1, 2], [value, 0]);
        expect(Math.abs(found - value)).toBeLessThanOrEqual(0.005 * (1 + 1e-4));
      }),
      { numRuns: 20 },
    );
  });
});
