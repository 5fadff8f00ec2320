// Whole models: every value has the shape that ONNX Runtime makes, work is counted for one image, and what is not known has
// a reason.
import { readFileSync } from 'node:fs';
import * as ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { decodeModel } from '../../../../graphs/onnx/model.js';
import type * as onnx from '../../../../graphs/onnx/proto.js';
import { inferShapes } from '../../../../graphs/onnx/shape-inference/infer.js';
import { withEveryOutput } from '../../../../src/deploy/sides/traced-model.js';
import { present } from '../../../support/run-onnx.js';
import { smallModel } from '../../../support/small-model.js';
import { modelOf, type Step } from '../quantize/small-models.js';

const attention = readFileSync(new URL('../../../fixtures/pytorch-attention.onnx', import.meta.url));

/** The extents of every value, made for one image. */
async function extentsMade(model: onnx.ModelProto, shape: readonly number[]) {
  const session = await ort.InferenceSession.create(withEveryOutput(model), {
    graphOptimizationLevel: 'disabled',
    logSeverityLevel: 4,
  });
  const pixels = new Float32Array(shape.reduce((a, b) => a * b, 1));
  const outputs = await session.run({ images: new ort.Tensor('float32', pixels, [...shape]) });
  await session.release();
  return new Map(Object.entries(outputs).map(([name, { dims }]) => [name, dims]));
}

/** Without what the model says of the shapes of its values. */
function undescribed(bytes: Uint8Array): onnx.ModelProto {
  const model = decodeModel(bytes);
  present(model.graph).valueInfo = [];
  return model;
}

describe('inferShapes', () => {
  it.each([
    ['what PyTorch exports, with shapes that it calculates', attention, [1, 3, 32, 32]],
    ['a model of ours', smallModel(), [1, 1, 32, 32]],
  ] as const)('finds the shape of every value of %s', async (_, bytes, shape) => {
    const model = undescribed(bytes);
    const made = await extentsMade(model, shape);
    const { shapeOf } = inferShapes(model);
    expect(made.size).toBeGreaterThan(50);
    expect(new Map([...made.keys()].map((name) => [name, shapeOf(name)]))).toEqual(made);
  });

  it('counts the products of attention, by hand', () => {
    const [tokens, width, heads] = [65, 16, 4];
    const products =
      8 * 8 * width * (3 * 4 * 4) +
      tokens * width * 3 * width +
      2 * tokens * tokens * (width / heads) * heads +
      tokens * width * width +
      width * 5;
    expect(inferShapes(decodeModel(attention)).multiplyAdds).toEqual({ macs: products });
  });
});

const zeros = (...shape: readonly number[]) => ({
  shape,
  data: new Array<number>(shape.reduce((a, b) => a * b, 1)).fill(0),
});
const work = (
  shape: readonly (number | string)[],
  steps: readonly Step[],
  weights: Parameters<typeof modelOf>[2],
  domain = '',
) => {
  const model = modelOf(shape, steps, weights);
  for (const node of model.graph?.node ?? []) node.domain = domain;
  return inferShapes(model).multiplyAdds;
};

describe('multiplyAdds', () => {
  const conv: readonly Step[] = [['Conv', ['x', 'w'], 'y', { group: 2, strides: [2, 2] }]];

  it.each<[string, readonly Step[], Parameters<typeof modelOf>[2], number, string?]>([
    ['Conv', [['Conv', ['x', 'w'], 'y', { group: 2 }]], { w: zeros(6, 2, 3, 3) }, 6 * 6 * 6 * 2 * 9],
    [
      'FusedConv',
      [['FusedConv', ['x', 'w'], 'y']],
      { w: zeros(6, 4, 3, 3) },
      6 * 6 * 6 * 4 * 9,
      'com.microsoft',
    ],
    ['ConvInteger', [['ConvInteger', ['x', 'w'], 'y']], { w: zeros(6, 4, 3, 3) }, 6 * 6 * 6 * 4 * 9],
    [
      'QLinearConv',
      [['QLinearConv', ['x', 's', 's', 'w', 's', 's', 's', 's'], 'y']],
      { w: zeros(6, 4, 3, 3), s: zeros(1) },
      6 * 6 * 6 * 4 * 9,
    ],
    [
      'ConvTranspose',
      [['ConvTranspose', ['x', 'w'], 'y', { strides: [2, 2] }]],
      { w: zeros(4, 6, 3, 3) },
      4 * 64 * 6 * 9,
    ],
    ['MatMul', [['MatMul', ['x', 'w'], 'y']], { w: zeros(8, 5) }, 4 * 8 * 8 * 5],
    [
      'QLinearMatMul',
      [['QLinearMatMul', ['x', 's', 's', 'w', 's', 's', 's', 's'], 'y']],
      { w: zeros(8, 5), s: zeros(1) },
      4 * 8 * 8 * 5,
    ],
    ['MatMulInteger', [['MatMulInteger', ['x', 'w'], 'y']], { w: zeros(8, 5) }, 4 * 8 * 8 * 5],
    [
      'FusedMatMul',
      [['FusedMatMul', ['x', 'w'], 'y', { transB: 1 }]],
      { w: zeros(5, 8) },
      4 * 8 * 8 * 5,
      'com.microsoft',
    ],
    ['Relu', [['Relu', ['x'], 'y']], {}, 0],
  ])('of %s', (_, steps, weights, macs, domain) => {
    expect(work(['N', 4, 8, 8], steps, weights, domain)).toEqual({ macs });
  });

  it('of Gemm, and of QGemm', () => {
    expect(work(['N', 8], [['Gemm', ['x', 'w'], 'y', { transB: 1 }]], { w: zeros(5, 8) })).toEqual({
      macs: 40,
    });
    const quantized: readonly Step[] = [['QGemm', ['x', 's', 's', 'w', 's', 's'], 'y', { transB: 1 }]];
    expect(work(['N', 8], quantized, { w: zeros(5, 8), s: zeros(1) }, 'com.microsoft')).toEqual({ macs: 40 });
  });

  it('are those of one image, whatever the batch', () => {
    const weights = { w: zeros(6, 2, 3, 3) };
    const one = work([1, 4, 9, 9], conv, weights);
    expect(one).toEqual({ macs: 4 * 4 * 6 * 2 * 9 });
    const fixed = modelOf([8, 4, 9, 9], conv, weights);
    present(fixed.graph?.output?.[0]).type = {
      tensorType: { shape: { dim: [8, 6, 4, 4].map((dimValue) => ({ dimValue })) } },
    };
    expect(inferShapes(fixed).multiplyAdds).toEqual(one);
    for (const open of ['N', 'batch_size', '']) expect(work([open, 4, 9, 9], conv, weights)).toEqual(one);
  });

  it('are not shared by what is no batch', () => {
    // A picture without a batch: its channels are not images.
    const steps: readonly Step[] = [
      ['Unsqueeze', ['x', 'a'], 'u'],
      ['Conv', ['u', 'w'], 'c'],
      ['Flatten', ['c'], 'y'],
    ];
    const model = modelOf([4, 9, 9], steps, { w: zeros(6, 4, 9, 9), a: [0n] });
    present(model.graph?.output?.[0]).type = {
      tensorType: { shape: { dim: [{ dimValue: 1 }, { dimValue: 6 }] } },
    };
    expect(inferShapes(model).multiplyAdds).toEqual({ macs: 6 * 4 * 81 });
  });

  it.each<[string, readonly (number | string)[], readonly Step[], Parameters<typeof modelOf>[2], RegExp]>([
    ['open extents', ['N', 4, 'height', 9], conv, { w: zeros(6, 2, 3, 3) }, /the input x has open extents/],
    ['operators without a rule', [1, 4, 9, 9], [['Einsum', ['x'], 'y']], {}, /no rule for Einsum \(y\)/],
    [
      'windows that do not fit',
      [1, 4, 2, 9],
      conv,
      { w: zeros(6, 2, 3, 3) },
      /Conv \(y\): its window is larger/,
    ],
    [
      'factors that do not fit',
      [1, 4],
      [['MatMul', ['x', 'w'], 'y']],
      { w: zeros(5, 2) },
      /multiplies \[1,4\] with \[5,2\]/,
    ],
    ['values from nowhere', [1, 4, 9, 9], [['Conv', ['x', 'v'], 'y']], {}, /v is nowhere made/],
    ['inputs left out', [1, 4, 9, 9], [['Conv', ['x'], 'y']], {}, /its input 1 is missing/],
    [
      'shapes from the data',
      [1, 4],
      [
        ['Cast', ['x'], 's', { to: 7 }],
        ['Reshape', ['x', 's'], 'r'],
        ['MatMul', ['r', 'w'], 'y'],
      ],
      { w: zeros(4, 2) },
      /Reshape \(r\): its input 1 is calculated/,
    ],
    [
      'shapes that do not hold the elements',
      [1, 4],
      [
        ['Reshape', ['x', 's'], 'r'],
        ['MatMul', ['r', 'w'], 'y'],
      ],
      { w: zeros(4, 2), s: [3n, -1n] },
      /Reshape \(r\)/,
    ],
    [
      'more than can be counted',
      [1, 1e9, 1e9],
      [['MatMul', ['x', 'w'], 'y']],
      { w: { shape: [1e9, 1e9], data: [] } },
      /./,
    ],
  ])('are not told for %s, with the reason', (_, shape, steps, weights, says) => {
    const found = work(shape, steps, weights);
    expect('unknown' in found ? found.unknown : 'known').toMatch(says);
  });

  it('are told where the shapes that are missing belong to no product', () => {
    const steps: readonly Step[] = [
      ['Conv', ['x', 'w'], 'c'],
      ['Cast', ['c'], 's', { to: 7 }],
      ['Reshape', ['c', 's'], 'y'],
    ];
    expect(work([1, 4, 9, 9], steps, { w: zeros(6, 4, 9, 9) })).toEqual({ macs: 6 * 4 * 81 });
  });

  it('take the word of the model for values of unknown operators, but not for what those multiply', () => {
    const model = modelOf(
      [1, 4],
      [
        ['Strange', ['x'], 's'],
        ['MatMul', ['s', 'w'], 'y'],
      ],
      { w: zeros(4, 2) },
    );
    const describe = (dim: onnx.IDimension) => {
      const shape = { dim: [dim, { dimValue: 4 }] };
      present(model.graph).valueInfo = [{ name: 's', type: { tensorType: { shape } } }];
      return inferShapes(model);
    };
    expect(describe({ dimParam: 'N' }).shapeOf('y')).toMatch('no rule for Strange');
    expect(describe({ dimValue: 3 }).shapeOf('y')).toEqual([3, 2]);
    expect(describe({ dimValue: 3 }).multiplyAdds).toEqual({ unknown: 'there is no rule for Strange (s)' });
  });

  it('look into branches', () => {
    const branch = (opType: string): onnx.INodeProto => ({
      opType: 'If',
      name: 'choice',
      input: ['x'],
      output: ['y'],
      attribute: [{ name: 'then_branch', type: 5, g: { node: [{ opType, input: ['x'], output: ['b'] }] } }],
    });
    const model = modelOf([1, 4], [], {});
    present(model.graph).node = [branch('Relu')];
    expect(inferShapes(model).multiplyAdds).toEqual({ macs: 0 });
    present(model.graph).node = [branch('MatMul')];
    expect(inferShapes(model).multiplyAdds).toEqual({ unknown: 'there is no rule for If (choice)' });
  });

  it('are none in an empty model', () => {
    expect(inferShapes({}).multiplyAdds).toEqual({ macs: 0 });
    expect(inferShapes({}).shapeOf('x')).toBe('there is no such value');
  });
});
