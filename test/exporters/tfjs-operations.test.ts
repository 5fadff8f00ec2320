// Every operation of inference graphs, alone, in TensorFlow.js against the float64 interpreter.
import { describe, expect, it } from 'vitest';
import { rules, unsupported } from '../../exporters/tfjs/rules.js';
import { toTfjs } from '../../exporters/tfjs.js';
import type { BoundGraph } from '../../graphs/bound-graph.js';
import { GenonnxError } from '../../graphs/errors.js';
import { interpret, type Tensor } from '../../graphs/interpret/interpret.js';
import type { Graph } from '../../graphs/ir.js';
import {
  type CaseOperation,
  caseGraph,
  type OperationCase,
  operationCases,
} from '../graphs/onnx/operation-cases/index.js';
import { defined, expectClose, random } from '../support/tensors.js';
import { allowedDeparture, runGraphModel } from './runners/tfjs.js';

const options = { name: 'operation', metadata: {} };

/** The graph with all its inputs weights but the first few. */
function bound(graph: Graph, feeds: Readonly<Record<string, Tensor>>, fed: number): BoundGraph {
  const weights = graph.inputs.slice(fed).map((value) => {
    const data = Float32Array.from(defined(feeds[value.path]).data);
    return [value, { name: `${value.path}/weight`, data }] as const;
  });
  return { graph, weights: new Map(weights) };
}

async function check(graph: Graph, feeds: Readonly<Record<string, Tensor>>, fed: number): Promise<void> {
  const expected = interpret(graph, feeds);
  const actual = await runGraphModel(
    toTfjs(bound(graph, feeds, fed), options),
    Object.fromEntries(Object.entries(feeds).slice(0, fed)),
  );
  expect(Object.keys(actual)).toEqual(Object.keys(expected));
  for (const [name, values] of Object.entries(expected))
    expectClose(actual[name], values, allowedDeparture(values), name);
}

/** How many inputs of an operation may be calculated: the others must be weights. */
const calculated: { readonly [K in CaseOperation]?: number } = {
  constant: 0,
  conv2d: 1,
  factorizedReduce: 1,
  batchNormInference: 1,
};

function isCaseOperation(name: string): name is CaseOperation {
  return name in operationCases;
}

/** Of the shared cases, those of truth values, constants that are not float32, and those that TensorFlow.js has no convolution for. */
function isRefused<K extends CaseOperation>(op: K, { name, inputs }: OperationCase<K>): boolean {
  return (
    inputs.some(({ dtype }) => dtype === 'bool') ||
    (op === 'constant' && !name.startsWith('float32')) ||
    name.includes('two groups')
  );
}

/** Operations on feature maps, where axes move and an operand of lower rank is aligned with them. */
const onMaps: { readonly [K in CaseOperation]?: readonly OperationCase<K>[] } = {
  constant: [
    {
      name: 'float32 map',
      attributes: { data: random([2, 3, 2, 2]).data, shape: [2, 3, 2, 2], dtype: 'float32' },
      inputs: [],
    },
  ],
  relu: [{ name: 'a map', attributes: {}, inputs: [random([2, 3, 4, 5])] }],
  sum: [{ name: 'maps', attributes: {}, inputs: [1, 2, 3].map((seed) => random([2, 3, 4, 5], seed)) }],
  add: broadcasting(),
  mul: broadcasting(),
  concat: [0, 1, 2, 3].map((axis) => ({
    name: `maps along axis ${axis}`,
    attributes: { axis },
    inputs: [2, 1, 4].map((size, i) => random([2, 3, 4, 5].with(axis, size), i)),
  })),
  slice: [0, 1, 2, 3].map((axis) => ({
    name: `a map along axis ${axis}`,
    attributes: { axis, start: 1, end: 2 },
    inputs: [random([2, 3, 4, 5])],
  })),
  expand: [
    { name: 'one pixel to a map', attributes: { shape: [2, 3, 4, 5] }, inputs: [random([2, 3, 1, 1])] },
    { name: 'one row and image', attributes: { shape: [2, 3, 4, 5] }, inputs: [random([1, 3, 1, 5])] },
  ],
  pad: [0, 1, 2, 3].map((axis) => ({
    name: `a map along axis ${axis}`,
    attributes: { axis, before: 2, after: 1 },
    inputs: [random([2, 3, 4, 5])],
  })),
  reshape: [
    { from: [2, 3, 4, 5], to: [2, 60] },
    { from: [2, 6, 1, 1], to: [2, 6] },
    { from: [2, 1, 3, 4], to: [2, 12] },
    { from: [2, 12], to: [2, 3, 2, 2] },
    { from: [2, 12], to: [2, 12, 1, 1] },
    { from: [2, 12], to: [2, 1, 3, 4] },
    { from: [2, 3, 4, 5], to: [2, 4, 5, 3] },
    { from: [2, 3, 4, 5], to: [6, 1, 4, 5] },
  ].map(({ from, to }) => ({
    name: `[${from}] to [${to}]`,
    attributes: { shape: to },
    inputs: [random(from)],
  })),
  conv2d: [
    {
      name: 'depthwise with bias',
      attributes: { strides: [1, 1], pads: [1, 1, 1, 1], dilations: [1, 1], groups: 4 },
      inputs: [random([2, 4, 5, 6], 1), random([8, 1, 3, 3], 2), random([8], 3)],
    },
    {
      name: 'biased, a stride beside a dilation',
      attributes: { strides: [2, 2], pads: [1, 2, 2, 1], dilations: [2, 2], groups: 1 },
      inputs: [random([2, 4, 8, 9], 1), random([3, 4, 3, 3], 2), random([3], 3)],
    },
  ],
  maxPool2d: [
    {
      name: 'all negative',
      attributes: { kernel: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] },
      inputs: [{ shape: [1, 2, 6, 6], data: random([1, 2, 6, 6]).data.map((v) => -1e6 * (1.5 + v)) }],
    },
  ],
};

function broadcasting() {
  return [[2, 3, 4, 5], [1, 3, 1, 1], [3, 1, 1], [3, 4, 1], [4, 5], [5], [1], []].map((shape) => ({
    name: `a map and [${shape}]`,
    attributes: {},
    inputs: [random([2, 3, 4, 5], 1), random(shape, 2)],
  }));
}

function checkOperation<K extends CaseOperation>(op: K): void {
  const further: readonly OperationCase<K>[] = onMaps[op] ?? [];
  for (const operationCase of [...operationCases[op], ...further]) {
    const { graph, feeds } = caseGraph(op, operationCase);
    const fed = Math.min(calculated[op] ?? Number.POSITIVE_INFINITY, graph.inputs.length);
    if (isRefused(op, operationCase)) {
      it(`refuses: ${operationCase.name}`, () => {
        expect(() => toTfjs(bound(graph, feeds, fed), options)).toThrow(GenonnxError);
      });
      continue;
    }
    it(operationCase.name, async () => {
      await check(graph, feeds, Math.min(1, fed));
      // Beside a map, an operand of lower rank must be a weight, unless it is one number.
      const rank = graph.outputs[0]?.value.shape.length;
      const canBeFed =
        !(op === 'add' || op === 'mul') ||
        operationCase.inputs.every(
          ({ shape, data }) => shape.length === rank || rank !== 4 || data.length === 1,
        );
      if (fed > 1 && canBeFed) await check(graph, feeds, fed);
    });
  }
}

const supported = Object.keys(operationCases).filter(
  (name): name is CaseOperation => isCaseOperation(name) && rules[name] !== unsupported,
);

it('supports what inference graphs consist of', () => {
  expect(supported.toSorted()).toEqual([
    'add',
    'averagePool2d',
    'batchNormApply',
    'batchNormInference',
    'concat',
    'constant',
    'conv2d',
    'expand',
    'factorizedReduce',
    'gather',
    'globalAveragePool',
    'matMul',
    'maxPool2d',
    'mul',
    'neg',
    'pad',
    'relu',
    'reshape',
    'resize',
    'sigmoid',
    'slice',
    'split',
    'sub',
    'sum',
    'tanh',
  ]);
});

describe.each(supported)('%s', (op) => {
  checkOperation(op);
});
