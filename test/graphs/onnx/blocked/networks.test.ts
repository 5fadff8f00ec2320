// Random networks with their gradients in both layouts against the interpreter: operations meet each other's results in
// every layout and packing, in and out of gated regions. A ReLU or a maximum may fall to the other side by a rounding
// error, so results are compared in the norm; the tests of single operations are the strict ones.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Builder } from '../../../../graphs/builder.js';
import { differentiate } from '../../../../graphs/differentiate.js';
import { interpret, type Tensor, tensor } from '../../../../graphs/interpret/interpret.js';
import type { Graph, Value } from '../../../../graphs/ir.js';
import { distributeConcat } from '../../../../graphs/passes/distribute-concat.js';
import { prune } from '../../../../graphs/passes/prune.js';
import { fixedShape } from '../../../../graphs/shapes.js';
import { totalSize } from '../../../../graphs/slots.js';
import { defined, random } from '../../../support/tensors.js';
import { describeLayout, layouts, rounded, runOnnx } from './agreement.js';

const kinds = [
  'relu',
  'norm',
  'norm and relu',
  'depthwise',
  'pointwise',
  'maximum',
  'average',
  'reduce',
  'scale',
  'sum',
  'concat',
  'gated sum',
] as const;

interface Layer {
  readonly kind: (typeof kinds)[number];
  /** Which earlier value it reads; further ones of equal shape for sums and concatenations. */
  readonly input: number;
  readonly channels: number;
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly gates: readonly [number, number];
}

interface Sizes {
  readonly images: number;
  readonly channels: number;
  readonly extent: number;
}

const channelCounts = [4, 8, 12, 16, 24, 32];

const layers: fc.Arbitrary<Layer> = fc.record({
  kind: fc.constantFrom(...kinds),
  input: fc.nat(2),
  channels: fc.constantFrom(...channelCounts),
  kernel: fc.constantFrom(3, 5),
  stride: fc.constantFrom(1, 2),
  dilation: fc.constantFrom(1, 2),
  gates: fc.tuple(fc.nat(3), fc.nat(3)),
});

const networks = fc.record({
  sizes: fc.record({
    images: fc.constantFrom(2, 3, 4, 8),
    channels: fc.constantFrom(...channelCounts),
    extent: fc.constantFrom(4, 7, 8),
  }),
  layers: fc.array(layers, { minLength: 3, maxLength: 9 }),
});

const uniform = { kind: 'uniform', bound: 1 } as const;

/** What one layer makes of its input; a stride that the extent cannot be halved by is 1. */
function operation(g: Builder, layer: Layer, x: Value, name: string): Value {
  const [, channels = 1, height = 1] = fixedShape(x.shape, name);
  const even = height % 2 === 0 && height > 2;
  const stride = even ? layer.stride : 1;
  const weight = (shape: readonly number[], leaf = 'weight') =>
    g.parameter(`${name}.${leaf}`, shape, uniform);
  switch (layer.kind) {
    case 'relu':
      return g.relu(x);
    case 'norm':
    case 'norm and relu': {
      const parts = [weight([channels]), weight([channels], 'bias')];
      const y = g.one('batchNorm', [x, ...parts], { epsilon: 1e-2, affine: 'scale-shift' });
      return layer.kind === 'norm' ? y : g.relu(y);
    }
    case 'depthwise': {
      const { kernel, dilation } = layer;
      const padding = (dilation * (kernel - 1)) / 2;
      const options = { stride, dilation, padding, groups: channels };
      return g.conv2d(x, weight([channels, 1, kernel, kernel]), options);
    }
    case 'pointwise':
      return g.conv2d(x, weight([layer.channels, channels, 1, 1]));
    case 'maximum':
      return g.maxPool2d(x, { kernel: 3, stride, padding: 1 });
    case 'average':
      return g.averagePool2d(x, { kernel: 3, stride, padding: 1 });
    case 'reduce': {
      if (!even) return g.neg(x);
      const half = [layer.channels / 2, channels, 1, 1];
      return g.one('factorizedReduce', [x, weight(half, 'first'), weight(half, 'second')], {});
    }
    case 'scale':
      return g.mul(x, weight([1]));
    default:
      return x;
  }
}

function trace(sizes: Sizes, chain: readonly Layer[]): { graph: Graph; theta: number } {
  const g = new Builder();
  const { images, channels, extent } = sizes;
  const x = g.input('x', [images, channels, extent, extent]);
  const gates = g.input('gates', [4], 'bool');
  const values = [x];
  chain.forEach((layer, i) => {
    const recent = values.slice(-3);
    const input = defined(recent[layer.input % recent.length]);
    const alike = recent.filter(({ shape }) => shape.join() === input.shape.join());
    values.push(g.within(`layer${i}`, () => combine(g, layer, { input, alike, gates }, `layer${i}`)));
  });
  const pooled = g.concat(
    values.slice(-2).map((value) => g.globalAveragePool(value)),
    1,
  );
  const loss = g.reduceSum(g.mul(pooled, pooled), [0, 1]);
  const theta = totalSize(g.slots('parameters'));
  const flat = g.flatten('parameters', 'theta');
  // As for a training step: concatenations are distributed before the gradients are taken.
  const forward = distributeConcat(
    g.build([
      { name: 'loss', value: loss },
      { name: 'pooled', value: pooled },
    ]),
  );
  const whole = Builder.continueFrom(forward);
  const [dTheta, dX] = differentiate(whole, defined(forward.outputs[0]).value, [flat, x]);
  const gradients = [
    { name: 'dTheta', value: defined(dTheta) },
    { name: 'dX', value: defined(dX) },
  ];
  return { graph: prune(whole.build([...forward.outputs, ...gradients])), theta };
}

interface Operands {
  readonly input: Value;
  readonly alike: readonly Value[];
  readonly gates: Value;
}

function combine(g: Builder, layer: Layer, { input, alike, gates }: Operands, name: string): Value {
  if (layer.kind === 'sum') return g.sum([input, ...alike]);
  if (layer.kind === 'concat') return g.concat(alike.slice(0, 2), 1);
  if (layer.kind !== 'gated sum') return operation(g, layer, input, name);
  const bodies = ['depthwise', 'norm'] as const;
  const terms = layer.gates.map((gateIndex, i) =>
    g.region({ gates, backwardGates: gates, gateIndex }, [input], (body, [inner]) => {
      const kind = bodies[i] ?? 'relu';
      return operation(body, { ...layer, kind, stride: 1 }, defined(inner), `${name}.${i}`);
    }),
  );
  return g.sum(terms);
}

/** ||actual - expected|| / ||expected||. */
function departure(actual: Tensor, expected: Tensor): number {
  let [difference, norm] = [0, 0];
  expected.data.forEach((wanted, i) => {
    norm += wanted ** 2;
    difference += (wanted - (actual.data[i] ?? Number.NaN)) ** 2;
  });
  return Math.sqrt(difference) / Math.max(Math.sqrt(norm), 1e-6);
}

const seed = 20260;
const count = 60;

describe.each(layouts.map((layout) => [describeLayout(layout), layout] as const))('%s', (_, layout) => {
  it('computes what the interpreter computes', async () => {
    await fc.assert(
      fc.asyncProperty(networks, async ({ sizes, layers: chain }) => {
        const { graph, theta } = trace(sizes, chain);
        const feeds: Record<string, Tensor> = {
          x: rounded(random([sizes.images, sizes.channels, sizes.extent, sizes.extent], 1)),
          gates: tensor([4], [1, 0, 1, 0]),
          theta: rounded(random([theta], 2)),
        };
        const expected = interpret(graph, feeds);
        const actual = await runOnnx({ graph, feeds }, layout);
        for (const [name, result] of Object.entries(expected)) {
          expect(defined(actual[name]).shape, name).toEqual(result.shape);
          expect(departure(defined(actual[name]), result), name).toBeLessThan(1e-2);
        }
      }),
      { seed, numRuns: count },
    );
  });
});
