// Inferred shapes are those that ONNX Runtime makes, operator by operator, and so are numbers that shapes are made of.
import * as ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import type * as onnx from '../../../../graphs/onnx/proto.js';
import { inferShapes } from '../../../../graphs/onnx/shape-inference/infer.js';
import { present } from '../../../support/run-onnx.js';
import { bytesOf, modelOf, type Step, type Weight } from '../quantize/small-models.js';

type Weights = Readonly<Record<string, Weight | readonly bigint[]>>;
type Case = readonly [
  name: string,
  shape: readonly number[],
  steps: readonly Step[],
  weights?: Weights,
  opset?: number,
];

const zeros = (...shape: readonly number[]): Weight => ({
  shape,
  data: new Array(shape.reduce((a, b) => a * b, 1)).fill(0),
});
const reals = (...data: readonly number[]): Weight => ({ shape: [data.length], data });
const conv = (attributes: NonNullable<Step[3]>): readonly Step[] => [['Conv', ['x', 'w'], 'y', attributes]];
const pool = (attributes: NonNullable<Step[3]>): readonly Step[] => [['MaxPool', ['x'], 'y', attributes]];

const cases: readonly Case[] = [
  ['Conv', [2, 4, 9, 8], conv({ strides: [2, 1], pads: [1, 0, 2, 1] }), { w: zeros(6, 4, 3, 2) }],
  [
    'Conv, grouped and dilated',
    [1, 4, 9, 8],
    conv({ group: 2, dilations: [2, 3] }),
    { w: zeros(6, 2, 3, 2) },
  ],
  [
    'Conv, SAME_UPPER',
    [1, 4, 9, 8],
    conv({ auto_pad: 'SAME_UPPER', strides: [2, 3] }),
    { w: zeros(6, 4, 3, 2) },
  ],
  ['Conv, VALID', [1, 4, 9, 8], conv({ auto_pad: 'VALID' }), { w: zeros(6, 4, 3, 2) }],
  ['Conv of one axis', [1, 4, 9], conv({}), { w: zeros(6, 4, 3) }],
  [
    'ConvTranspose',
    [1, 4, 5, 6],
    [
      [
        'ConvTranspose',
        ['x', 'w'],
        'y',
        { strides: [2, 3], pads: [1, 0, 1, 1], output_padding: [1, 0], group: 2 },
      ],
    ],
    { w: zeros(4, 3, 3, 2) },
  ],
  [
    'ConvTranspose, dilated',
    [1, 4, 5, 6],
    [['ConvTranspose', ['x', 'w'], 'y', { dilations: [2, 2] }]],
    { w: zeros(4, 3, 3, 2) },
  ],
  [
    'ConvTranspose, SAME_UPPER',
    [1, 4, 5, 6],
    [['ConvTranspose', ['x', 'w'], 'y', { strides: [2, 3], auto_pad: 'SAME_UPPER' }]],
    { w: zeros(4, 3, 3, 2) },
  ],
  [
    'ConvTranspose to a shape',
    [1, 4, 5, 6],
    [['ConvTranspose', ['x', 'w'], 'y', { strides: [2, 2], output_shape: [10, 11] }]],
    { w: zeros(4, 3, 3, 2) },
  ],
  ['MaxPool', [1, 3, 9, 8], pool({ kernel_shape: [3, 2], strides: [2, 2], pads: [1, 0, 0, 1] })],
  ['MaxPool, rounded up', [1, 3, 8, 8], pool({ kernel_shape: [3, 3], strides: [2, 2], ceil_mode: 1 })],
  [
    'MaxPool, rounded up to a window behind the image',
    [1, 1, 3, 3],
    pool({ kernel_shape: [2, 2], strides: [3, 3], pads: [0, 0, 1, 1], ceil_mode: 1 }),
  ],
  ['MaxPool, dilated', [1, 1, 9, 9], pool({ kernel_shape: [3, 3], dilations: [2, 2] })],
  ['AveragePool', [1, 3, 9, 8], [['AveragePool', ['x'], 'y', { kernel_shape: [5, 5], strides: [3, 3] }]]],
  ['GlobalAveragePool', [2, 3, 4, 5], [['GlobalAveragePool', ['x'], 'y']]],
  ['GlobalMaxPool of one axis', [2, 3, 4], [['GlobalMaxPool', ['x'], 'y']]],
  ['Gemm', [5, 3], [['Gemm', ['x', 'w', 'b'], 'y', { transB: 1 }]], { w: zeros(7, 3), b: zeros(7) }],
  ['Gemm, transposed', [3, 5], [['Gemm', ['x', 'w'], 'y', { transA: 1 }]], { w: zeros(3, 7) }],
  ['MatMul, broadcast', [2, 1, 5, 3], [['MatMul', ['x', 'w'], 'y']], { w: zeros(4, 3, 7) }],
  ['MatMul with a column', [2, 5, 3], [['MatMul', ['x', 'w'], 'y']], { w: zeros(3) }],
  ['MatMul with a row', [3], [['MatMul', ['x', 'w'], 'y']], { w: zeros(2, 3, 7) }],
  [
    'Relu and its like',
    [2, 3],
    [
      ['Relu', ['x'], 'a'],
      ['Sigmoid', ['a'], 'b'],
      ['Softmax', ['b'], 'c'],
      ['Erf', ['c'], 'y'],
    ],
  ],
  [
    'BatchNormalization',
    [2, 3, 4],
    [['BatchNormalization', ['x', 's', 's', 's', 's'], 'y']],
    { s: zeros(3) },
  ],
  ['LayerNormalization', [2, 3, 4], [['LayerNormalization', ['x', 's'], 'y']], { s: zeros(4) }],
  ['Clip with limits left out', [2, 3], [['Clip', ['x', '', 'm'], 'y']], { m: { shape: [], data: [6] } }],
  ['Add, broadcast', [2, 1, 4], [['Add', ['x', 'w'], 'y']], { w: zeros(3, 1) }],
  ['Max of several', [2, 1, 4], [['Max', ['x', 'w', 'v'], 'y']], { w: zeros(3, 1), v: zeros(5, 1, 1, 1) }],
  ['PRelu', [2, 3, 4], [['PRelu', ['x', 'w'], 'y']], { w: zeros(3, 1) }],
  ['Reshape', [2, 3, 4], [['Reshape', ['x', 's'], 'y']], { s: [0n, -1n] }],
  ['Reshape to a scalar’s neighbour', [1], [['Reshape', ['x', 's'], 'y']], { s: [1n, 1n, 1n] }],
  ['Flatten', [2, 3, 4], [['Flatten', ['x'], 'y', { axis: 2 }]]],
  ['Flatten at the end', [2, 3, 4], [['Flatten', ['x'], 'y', { axis: 3 }]]],
  ['Flatten from behind', [2, 3, 4], [['Flatten', ['x'], 'y', { axis: -1 }]]],
  ['Squeeze', [1, 3, 1, 4], [['Squeeze', ['x', 'a'], 'y']], { a: [-2n] }],
  ['Squeeze of all', [1, 3, 1, 4], [['Squeeze', ['x'], 'y']]],
  ['Squeeze by an attribute', [1, 3, 1, 4], [['Squeeze', ['x'], 'y', { axes: [0, 2] }]], {}, 11],
  ['Unsqueeze', [3, 4], [['Unsqueeze', ['x', 'a'], 'y']], { a: [0n, -1n] }],
  ['Unsqueeze by an attribute', [3, 4], [['Unsqueeze', ['x'], 'y', { axes: [1, 3] }]], {}, 11],
  ['Transpose', [2, 3, 4], [['Transpose', ['x'], 'y', { perm: [2, 0, 1] }]]],
  ['Transpose without an order', [2, 3, 4], [['Transpose', ['x'], 'y']]],
  ['Concat', [2, 3, 4], [['Concat', ['x', 'w', 'x'], 'y', { axis: -2 }]], { w: zeros(2, 5, 4) }],
  [
    'Slice',
    [5, 9, 7],
    [['Slice', ['x', 's', 'e', 'a', 't'], 'y']],
    { s: [1n, -3n], e: [4n, 9223372036854775807n], a: [0n, -1n], t: [2n, 1n] },
  ],
  [
    'Slice backwards',
    [5, 9],
    [['Slice', ['x', 's', 'e', 'a', 't'], 'y']],
    { s: [-1n, 7n], e: [-9223372036854775807n, 2n], a: [0n, 1n], t: [-1n, -2n] },
  ],
  ['Slice of nothing', [5, 9], [['Slice', ['x', 's', 'e'], 'y']], { s: [3n], e: [2n] }],
  ['Slice by attributes', [5, 9], [['Slice', ['x'], 'y', { starts: [1], ends: [-1], axes: [1] }]], {}, 9],
  ['Pad', [2, 3], [['Pad', ['x', 'p'], 'y']], { p: [1n, 0n, 2n, 3n] }],
  ['Pad of some axes', [2, 3], [['Pad', ['x', 'p', '', 'a'], 'y']], { p: [1n, 2n], a: [-1n] }, 18],
  ['Gather', [5, 4], [['Gather', ['x', 'i'], 'y', { axis: 1 }]], { i: [0n, 2n, 1n] }],
  ['Expand', [3, 1], [['Expand', ['x', 's'], 'y']], { s: [2n, 1n, 4n] }],
  ['Tile', [3, 1], [['Tile', ['x', 's'], 'y']], { s: [2n, 5n] }],
  ['DepthToSpace', [1, 8, 2, 3], [['DepthToSpace', ['x'], 'y', { blocksize: 2 }]]],
  ['SpaceToDepth', [1, 2, 4, 6], [['SpaceToDepth', ['x'], 'y', { blocksize: 2 }]]],
  [
    'Resize by scales',
    [1, 2, 4, 5],
    [['Resize', ['x', '', 's'], 'y', { mode: 'nearest' }]],
    { s: reals(1, 1, 2, 1.5) },
  ],
  [
    'Resize to sizes',
    [1, 2, 4, 5],
    [['Resize', ['x', '', '', 's'], 'y', { mode: 'nearest' }]],
    { s: [1n, 2n, 7n, 3n] },
  ],
  [
    'Resize before there were regions',
    [1, 2, 4, 5],
    [['Resize', ['x', 's'], 'y', { mode: 'nearest' }]],
    { s: reals(1, 1, 2, 2) },
    10,
  ],
  [
    'Resize of some axes',
    [1, 2, 4, 5],
    [['Resize', ['x', '', 's'], 'y', { mode: 'nearest', axes: [2, 3] }]],
    { s: reals(3, 2) },
    18,
  ],
  ['ReduceMean', [2, 3, 4], [['ReduceMean', ['x'], 'y', { axes: [-1], keepdims: 0 }]]],
  ['ReduceMean of an input', [2, 3, 4], [['ReduceMean', ['x', 'a'], 'y']], { a: [1n, 2n] }, 18],
  ['ReduceSum of all', [2, 3, 4], [['ReduceSum', ['x'], 'y', { keepdims: 0 }]]],
  ['ReduceSum of none', [2, 3, 4], [['ReduceSum', ['x'], 'y', { noop_with_empty_axes: 1 }]]],
  ['ArgMax', [2, 3, 4], [['ArgMax', ['x'], 'y', { axis: 1, keepdims: 0 }]]],
  ['Split', [2, 9], [['Split', ['x', 's'], 'y', { axis: 1 }]], { s: [9n] }],
  [
    'Shape and what is calculated with it',
    [2, 6, 4],
    [
      ['Shape', ['x'], 's'],
      ['Gather', ['s', 'one'], 'n'],
      ['Div', ['n', 'two'], 'h'],
      ['Mul', ['h', 'two'], 'd'],
      ['Add', ['d', 'two'], 'e'],
      ['Sub', ['e', 'two'], 'f'],
      ['Concat', ['f', 'minus'], 'to', { axis: 0 }],
      ['Cast', ['to'], 'c', { to: 6 }],
      ['Cast', ['c'], 'k', { to: 7 }],
      ['Reshape', ['x', 'k'], 'y'],
    ],
    { one: [1n], two: [2n], minus: [-1n] },
  ],
  [
    'Shape, sliced and compared',
    [2, 3, 4],
    [
      ['Shape', ['x'], 's', { start: 1 }],
      ['Slice', ['s', 'zero', 'one'], 'h'],
      ['Unsqueeze', ['h', 'zero'], 'u'],
      ['Squeeze', ['u', 'zero'], 'q'],
      ['Equal', ['q', 'three'], 'is'],
      ['Where', ['is', 'eight', 'one'], 'p'],
      ['Concat', ['p', 'three'], 'to', { axis: 0 }],
      ['Reshape', ['x', 'to'], 'y'],
    ],
    { zero: [0n], one: [1n], three: [3n], eight: [8n] },
  ],
  [
    'ConstantOfShape and Range',
    [2, 3],
    [
      ['Shape', ['x'], 's'],
      ['ConstantOfShape', ['s'], 'z'],
      ['Add', ['x', 'z'], 'y'],
    ],
  ],
  [
    'Size',
    [2, 3, 4],
    [
      ['Size', ['x'], 'n'],
      ['Unsqueeze', ['n', 'zero'], 'u'],
      ['Reshape', ['x', 'u'], 'y'],
    ],
    { zero: [0n] },
  ],
];

/** What ONNX Runtime makes: the extents of each output. */
async function extentsMade(
  model: onnx.ModelProto,
  shape: readonly number[],
): Promise<Record<string, readonly number[]>> {
  // Whatever type they are.
  for (const output of model.graph?.output ?? []) output.type = null;
  const session = await ort.InferenceSession.create(bytesOf(model), { logSeverityLevel: 4 });
  const zeros = new Float32Array(shape.reduce((a, b) => a * b, 1));
  const outputs = await session.run({ x: new ort.Tensor('float32', zeros, [...shape]) });
  await session.release();
  return Object.fromEntries(Object.entries(outputs).map(([name, { dims }]) => [name, dims]));
}

describe('the shape that is inferred for', () => {
  it.for(cases)('%s is that of ONNX Runtime', async ([, shape, steps, weights = {}, opset = 17]) => {
    const model = modelOf(shape, steps, weights, opset);
    expect({ y: inferShapes(model).shapeOf('y') }).toEqual(await extentsMade(model, shape));
  });

  it.for<Case>([
    ['TopK', [2, 9], [['TopK', ['x', 'k'], 'y']], { k: [4n] }],
    ['MaxPool', [1, 2, 6, 6], pool({ kernel_shape: [2, 2], strides: [2, 2] })],
    ['Split', [2, 9], [['Split', ['x', 's'], 'y', { axis: 1 }]], { s: [4n, 5n] }],
    ['Split of even parts', [2, 10], [['Split', ['x'], 'y', { axis: -1 }]]],
    ['Split of parts that are counted', [9, 2], [['Split', ['x'], 'y', { num_outputs: 2 }]], {}, 18],
    ['Dropout', [2, 3], [['Dropout', ['x'], 'y']]],
  ])('both outputs of %s is that of ONNX Runtime', async ([, shape, steps, weights = {}, opset = 17]) => {
    const model = modelOf(shape, steps, weights, opset);
    const graph = present(model.graph);
    present(graph.node?.[0]).output = ['y', 'z'];
    graph.output = [{ name: 'y' }, { name: 'z' }];
    const { shapeOf } = inferShapes(model);
    expect({ y: shapeOf('y'), z: shapeOf('z') }).toEqual(await extentsMade(model, shape));
  });
});
