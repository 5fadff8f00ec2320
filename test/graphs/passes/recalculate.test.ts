// Recalculation: the same outputs, of fewer values that are kept.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Builder } from '../../../graphs/builder.js';
import { differentiate } from '../../../graphs/differentiate.js';
import { interpret, type Tensor } from '../../../graphs/interpret/interpret.js';
import { type Graph, isOp, type Node, type Value } from '../../../graphs/ir.js';
import { liveBytes } from '../../../graphs/live-bytes.js';
import { recalculate } from '../../../graphs/passes/recalculate.js';
import { fixedShape } from '../../../graphs/shapes.js';
import { interpretChecked } from '../../support/run-graph.js';
import { defined, random } from '../../support/tensors.js';

const channels = 3;
const shape = [2, channels, 6, 5];

type Layer = 'relu' | 'depthwise' | 'pointwise' | 'norm' | 'plain norm' | 'sum' | 'tanh';

interface Traced {
  readonly graph: Graph;
  readonly loss: Value;
  readonly feeds: Readonly<Record<string, Tensor>>;
}

/** Layers one behind the other; a `sum` also reads what came two layers before. The outputs are the loss and all gradients. */
function traced(layers: readonly Layer[]): Traced {
  const g = new Builder();
  const wrt: Value[] = [];
  const feed = (size: readonly number[]): Value => {
    const value = g.input(`in${wrt.length}`, size);
    wrt.push(value);
    return value;
  };
  const made: Record<Layer, (x: Value, before: Value) => Value> = {
    relu: (x) => g.relu(x),
    depthwise: (x) => g.conv2d(x, feed([channels, 1, 3, 3]), { padding: 1, groups: channels }),
    pointwise: (x) => g.conv2d(x, feed([channels, channels, 1, 1]), {}),
    norm: (x) =>
      defined(
        g.apply('batchNorm', [x, feed([channels]), feed([channels])], {
          epsilon: 1e-3,
          affine: 'scale-shift',
        })[0],
      ),
    'plain norm': (x) => defined(g.apply('batchNorm', [x], { epsilon: 1e-3, affine: 'none' })[0]),
    sum: (x, before) => g.sum([x, before]),
    tanh: (x) => g.one('tanh', [x], {}),
  };
  let [before, x] = [feed(shape), feed(shape)];
  for (const layer of layers) [before, x] = [x, made[layer](x, before)];
  const loss = g.reduceSum(g.mul(x, g.constant(random(shape, 99).data, shape)), [0, 1, 2, 3]);
  const gradients = differentiate(g, loss, wrt);
  const outputs = [loss, ...gradients].map((value, i) => ({ name: `out${i}`, value }));
  const feeds = wrt.map(({ path, shape: size }, i) => [path, random(fixedShape(size, path), 7 + i)] as const);
  return { graph: g.build(outputs), loss, feeds: Object.fromEntries(feeds) };
}

/** ReLU, depthwise and pointwise convolution, batch norm, twice: a separable convolution. */
const separable: readonly Layer[] = [
  'tanh',
  'relu',
  'depthwise',
  'pointwise',
  'norm',
  'relu',
  'depthwise',
  'pointwise',
  'norm',
];

/** The nodes up to the loss, and those behind it. */
function halves(
  { nodes }: Graph,
  loss: Value,
): { readonly forward: readonly Node[]; readonly behind: readonly Node[] } {
  const end = nodes.findIndex(({ outputs }) => outputs.includes(loss)) + 1;
  return { forward: nodes.slice(0, end), behind: nodes.slice(end) };
}

/** The operations whose maps the nodes behind the loss read, of those before it. */
function keptMaps(graph: Graph, loss: Value): string[] {
  const { forward, behind } = halves(graph, loss);
  const read = new Set(behind.flatMap(({ inputs }) => inputs));
  const keeps = ({ op, outputs }: Node) =>
    op !== 'constant' && outputs.some((value) => value.shape.length === 4 && read.has(value));
  return forward.filter(keeps).map(({ op }) => op);
}

describe('recalculation', () => {
  it('leaves every output as it is, to the last bit, whatever the network', () => {
    const layer = fc.constantFrom<Layer>(
      'relu',
      'depthwise',
      'pointwise',
      'norm',
      'plain norm',
      'sum',
      'tanh',
    );
    fc.assert(
      fc.property(fc.array(layer, { minLength: 1, maxLength: 9 }), (layers) => {
        const { graph, loss, feeds } = traced(layers);
        const after = recalculate(graph, loss);
        expect(interpretChecked(after, feeds)).toEqual(interpret(graph, feeds));
      }),
      { numRuns: 60 },
    );
  });

  it('keeps of separable convolutions what batch norms read, and what cannot be had again', () => {
    const { graph, loss } = traced(separable);
    const after = recalculate(graph, loss);
    expect(keptMaps(graph, loss)).toEqual(['tanh', 'relu', 'conv2d', 'conv2d', 'relu', 'conv2d', 'conv2d']);
    expect(keptMaps(after, loss)).toEqual(['tanh', 'conv2d', 'conv2d']);
    expect(liveBytes(after, new Map())).toBeLessThan(0.8 * liveBytes(graph, new Map()));
  });

  it('makes each value once, right before what reads it first', () => {
    const { graph, loss } = traced(separable);
    const { behind } = halves(recalculate(graph, loss), loss);
    const again = behind.filter(({ op }) => op === 'relu' || op === 'conv2d' || op === 'batchNormApply');
    expect(again.map(({ op }) => op)).toEqual(['batchNormApply', 'relu', 'conv2d', 'relu', 'conv2d']);
    for (const { outputs } of again) {
      const [made] = outputs.map((value) => behind.findIndex((node) => node.outputs.includes(value)));
      const first = behind.findIndex(({ inputs }) => inputs.some((value) => outputs.includes(value)));
      const between = behind.slice(defined(made) + 1, first);
      expect(between.every((node) => again.includes(node))).toBe(true);
    }
  });

  it('leaves a graph as it is where nothing is cheap', () => {
    const { graph, loss } = traced(['pointwise', 'tanh', 'pointwise']);
    expect(recalculate(graph, loss)).toEqual(graph);
  });

  it('leaves outputs and what lies before the loss to themselves', () => {
    const { graph, loss } = traced(separable);
    const seen: Graph = {
      ...graph,
      outputs: [
        ...graph.outputs,
        { name: 'map', value: defined(graph.nodes.find(({ op }) => op === 'relu')?.outputs[0]) },
      ],
    };
    const after = recalculate(seen, loss);
    expect(after.outputs).toEqual(seen.outputs);
    expect(halves(after, loss).forward).toEqual(halves(seen, loss).forward);
  });
});

describe('a region', () => {
  it('gives out what batch norms read, and its derivative calculates the maps between anew', () => {
    const g = new Builder();
    const gates = g.input('gates', [1], 'bool');
    const captures = [
      g.input('x', shape),
      g.input('depthwise', [channels, 1, 3, 3]),
      g.input('pointwise', [channels, channels, 1, 1]),
    ];
    const options = { gates, backwardGates: gates, gateIndex: 0 };
    const y = g.region(options, captures, (body, [x, depthwise, pointwise]) => {
      let map = defined(x);
      for (let half = 0; half < 2; half++) {
        const each = body.conv2d(body.relu(map), defined(depthwise), { padding: 1, groups: channels });
        const mixed = body.conv2d(each, defined(pointwise), {});
        map = defined(body.apply('batchNorm', [mixed], { epsilon: 1e-3, affine: 'none' })[0]);
      }
      return map;
    });
    const loss = g.reduceSum(y, [0, 1, 2, 3]);
    const gradients = differentiate(g, loss, captures);
    const graph = g.build(gradients.map((value, i) => ({ name: `gradient${i}`, value })));
    const [forward, backward] = graph.nodes.filter((node) => isOp(node, 'region'));
    const { body } = defined(forward).attributes;
    const saved = body.outputs.slice(1).filter(({ value }) => value.shape.length === 4);
    const makers = saved.map(({ value }) => body.nodes.find(({ outputs }) => outputs.includes(value)));
    expect(makers.map((node) => [node?.op, node?.inputs[1]?.shape])).toEqual([
      ['conv2d', [channels, channels, 1, 1]],
      ['conv2d', [channels, channels, 1, 1]],
    ]);
    const inside = defined(backward).attributes.body.nodes.map(({ op }) => op);
    for (const [op, count] of [
      ['relu', 2],
      ['conv2d', 2],
      ['batchNormApply', 1],
    ])
      expect(inside.filter((found) => found === op)).toHaveLength(Number(count));
  });
});
