// Taking operations on concatenations apart: the same outputs and gradients on random networks, through the interpreter.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Builder } from '../../../graphs/builder.js';
import { differentiate } from '../../../graphs/differentiate.js';
import { interpret, type Tensor } from '../../../graphs/interpret/interpret.js';
import type { Graph, OperationName, Value } from '../../../graphs/ir.js';
import { distributeConcat } from '../../../graphs/passes/distribute-concat.js';
import { printGraph } from '../../../graphs/print.js';
import { fixed, fixedShape } from '../../../graphs/shapes.js';
import { totalSize } from '../../../graphs/slots.js';
import { defined, expectClose, random } from '../../support/tensors.js';

const uniform = { kind: 'uniform', bound: 1 } as const;

/** One layer of a random network: an operation on one earlier value, or a concatenation of several of equal extent. */
interface Layer {
  readonly kind: 'concat' | 'relu' | 'pointwise' | 'bias' | 'depthwise' | 'reduce' | 'strided';
  readonly inputs: readonly number[];
}

const kinds: readonly Layer['kind'][] = [
  'concat',
  'concat',
  'relu',
  'pointwise',
  'bias',
  'depthwise',
  'reduce',
  'strided',
];
const networks = fc.array(
  fc.record({
    kind: fc.constantFrom(...kinds),
    inputs: fc.array(fc.nat(30), { minLength: 1, maxLength: 3 }),
  }),
  { minLength: 2, maxLength: 8 },
);

function layer(g: Builder, { kind }: Layer, x: Value, index: number): Value {
  const channels = fixed(x.shape[1], 'test');
  const weight = (shape: readonly number[], name = 'weight') =>
    g.parameter(`${index}.${name}`, shape, uniform);
  switch (kind) {
    case 'relu':
      return g.relu(x);
    case 'pointwise':
      return g.conv2d(x, weight([2, channels, 1, 1]));
    case 'bias':
      return g.conv2d(x, weight([3, channels, 1, 1]), { bias: weight([3], 'bias') });
    case 'strided':
      return g.conv2d(x, weight([2, channels, 1, 1]), { stride: 2 });
    case 'depthwise':
      return g.conv2d(x, weight([channels, 1, 3, 3]), { padding: 1, groups: channels });
    case 'reduce': {
      const even = fixedShape(x.shape.slice(2), 'test').every((size) => size % 2 === 0);
      if (!even) return g.neg(x);
      const halves = ['first', 'second'].map((name) => weight([1, channels, 1, 1], name));
      return g.one('factorizedReduce', [x, ...halves], {});
    }
    case 'concat':
      return x;
  }
}

interface Network {
  readonly graph: Graph;
  readonly loss: Value;
  readonly theta: Value;
  readonly x: Value;
  readonly feeds: Readonly<Record<string, Tensor>>;
}

function trace(layers: readonly Layer[]): Network {
  const g = new Builder();
  const x = g.input('x', [2, 2, 4, 4]);
  const values = [x];
  layers.forEach((spec, index) => {
    const chosen = spec.inputs.map((at) => defined(values[at % values.length]));
    const [first] = chosen;
    const parts = chosen.filter((part) => part.shape[2] === first?.shape[2]);
    // Few channels, or the interpreter takes long.
    const joined = spec.kind === 'concat' ? g.concat(parts, 1) : defined(first);
    const usable = fixed(joined.shape[1], 'test') > 12 ? defined(first) : joined;
    values.push(g.within(`layer${index}`, () => layer(g, spec, usable, index)));
  });
  const pooled = values.slice(-3).map((value) => g.globalAveragePool(value));
  const logits = g.concat(pooled, 1);
  const loss = g.reduceSum(g.mul(logits, logits), [0, 1]);
  const size = totalSize(g.slots('parameters'));
  const theta = g.flatten('parameters', 'theta');
  const last = defined(values.at(-1));
  return {
    graph: g.build([
      { name: 'loss', value: loss },
      { name: 'logits', value: logits },
      { name: 'last', value: last },
    ]),
    loss,
    theta,
    x,
    feeds: { x: random([2, 2, 4, 4], 3), theta: random([size], 4) },
  };
}

/** The graph with its gradients, after the loss of that name. */
function withGradients(graph: Graph, { theta, x }: Network): Graph {
  const g = Builder.continueFrom(graph);
  const loss = defined(graph.outputs.find(({ name }) => name === 'loss')).value;
  const [dTheta, dX] = differentiate(g, loss, [theta, x]);
  return g.build([
    ...graph.outputs,
    { name: 'dTheta', value: defined(dTheta) },
    { name: 'dX', value: defined(dX) },
  ]);
}

const tolerance = { absolute: 1e-9, relative: 1e-9 };

describe('any network', () => {
  it('has the same outputs and gradients when its concatenations are distributed', () => {
    fc.assert(
      fc.property(networks, (layers) => {
        const network = trace(layers);
        const expected = interpret(withGradients(network.graph, network), network.feeds);
        const actual = interpret(withGradients(distributeConcat(network.graph), network), network.feeds);
        for (const [name, result] of Object.entries(expected))
          expectClose(actual[name], result, tolerance, name);
      }),
      { numRuns: 150 },
    );
  });

  it('does not change when they are distributed again', () => {
    fc.assert(
      fc.property(networks, (layers) => {
        const once = distributeConcat(trace(layers).graph);
        expect(printGraph(distributeConcat(once))).toBe(printGraph(once));
      }),
    );
  });
});

describe('a cell that reads a concatenation', () => {
  const ops = (graph: Graph): OperationName[] => graph.nodes.map(({ op }) => op);

  it('rectifies the parts, each once, and adds up the convolutions of them', () => {
    const g = new Builder();
    const [a, b] = [g.input('a', [1, 2, 4, 4]), g.input('b', [1, 3, 4, 4])];
    const rectified = g.relu(a);
    const weight = g.input('weight', [4, 5, 1, 1]);
    const joined = g.relu(g.concat([a, b], 1));
    const y = g.conv2d(joined, weight);
    const graph = g.build([
      { name: 'y', value: y },
      { name: 'rectified', value: rectified },
    ]);
    expect(ops(distributeConcat(graph)).sort()).toEqual(['conv2d', 'conv2d', 'relu', 'relu', 'split', 'sum']);
  });

  it('adds the bias once', () => {
    const g = new Builder();
    const [a, b] = [g.input('a', [1, 2, 3, 3]), g.input('b', [1, 2, 3, 3])];
    const [weight, bias] = [g.input('weight', [2, 4, 1, 1]), g.input('bias', [2])];
    const y = g.conv2d(g.concat([a, b], 1), weight, { bias });
    const graph = distributeConcat(g.build([{ name: 'y', value: y }]));
    const convolutions = graph.nodes.filter(({ op }) => op === 'conv2d');
    expect(convolutions.map(({ inputs }) => inputs.includes(bias))).toEqual([true, false]);
  });

  it('stays as it is where the operation is not a 1x1 convolution in one group, or the parts lie along the images', () => {
    const g = new Builder();
    const [a, b] = [g.input('a', [2, 2, 4, 4]), g.input('b', [2, 2, 4, 4])];
    const outputs = [
      g.conv2d(g.concat([a, b], 1), g.input('depthwise', [4, 1, 3, 3]), { padding: 1, groups: 4 }),
      g.conv2d(g.concat([a, b], 1), g.input('dense', [2, 4, 3, 3]), { padding: 1 }),
      g.conv2d(g.concat([a, b], 0), g.input('pointwise', [2, 2, 1, 1])),
    ];
    const graph = g.build(outputs.map((value, i) => ({ name: `y${i}`, value })));
    expect(printGraph(distributeConcat(graph))).toBe(printGraph(graph));
  });
});
