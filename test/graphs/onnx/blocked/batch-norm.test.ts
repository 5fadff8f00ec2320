// Batch norm, its statistics and its gradients in both layouts against the interpreter, alone and with the ReLU behind
// it that the blocked form applies on the way.
import { describe, expect, it } from 'vitest';
import { tensor } from '../../../../graphs/interpret/interpret.js';
import type { Affine } from '../../../../graphs/ir.js';
import { positive, random } from '../../../support/tensors.js';
import { type Case, type Feed, itAgrees, operatorsOf } from './agreement.js';

type Shape4 = readonly [number, number, number, number];

const affines = [
  { what: 'no scale', affine: 'none', sizes: () => [] },
  { what: 'a scale', affine: 'scale', sizes: (channels: number) => [channels] },
  { what: 'a scale of one number', affine: 'scale', sizes: () => [1] },
  { what: 'scale and shift', affine: 'scale-shift', sizes: (channels: number) => [channels, channels] },
] as const satisfies readonly { what: string; affine: Affine; sizes(channels: number): readonly number[] }[];

function norms(x: Shape4): Case[] {
  const [, channels] = x;
  return affines.map(({ what, affine, sizes }) => ({
    name: `[${x.join()}], ${what}`,
    build(g, feed) {
      const attributes = { epsilon: 1e-5, affine };
      const parts = sizes(channels).map((size) => feed([size]));
      const input = feed(x);
      const results = g.apply('batchNorm', [input, ...parts], attributes);
      const dy = feed(x);
      const [mean, inverseStd] = [feed([channels]), feed(positive([channels], 4))];
      const gradient = [dy, g.channelMean(dy), input, mean, inverseStd, ...parts.slice(0, 1)];
      const again = g.one('batchNormApply', [input, mean, inverseStd, ...parts], { affine });
      return [...results, again, g.channelMean(dy), ...g.apply('batchNormGrad', gradient, attributes)];
    },
  }));
}

/** Only the first result is read, so that nothing stands in the way of the fusion. */
function rectified(x: Shape4, alsoRead: boolean): Case {
  return {
    name: `[${x.join()}], ${alsoRead ? 'then a ReLU, and read without it' : 'then a ReLU'}`,
    build(g, feed) {
      const y = g.one('batchNorm', [feed(x), feed([x[1]]), feed([x[1]])], {
        epsilon: 1e-5,
        affine: 'scale-shift',
      });
      const z = g.relu(y);
      const dz = g.one('reluGrad', [feed(x), z], {});
      return alsoRead ? [z, dz, g.neg(y)] : [z, dz];
    },
  };
}

/** As `rectified`, with statistics that were taken before. */
function rectifiedAgain(x: Shape4): Case {
  return {
    name: `[${x.join()}], by given statistics, then a ReLU`,
    build(g, feed) {
      const inputs = [feed(x), feed([x[1]]), feed(positive([x[1]], 2)), feed([x[1]]), feed([x[1]])];
      return [g.relu(g.one('batchNormApply', inputs, { affine: 'scale-shift' }))];
    },
  };
}

/** Values whose mean is several times their deviation: E[x^2] - E[x]^2 must still hold. */
function offCentre(x: Shape4): Case {
  const { data, shape } = random(x, 9);
  const moved = tensor(
    shape,
    data.map((element) => element + 3),
  );
  return {
    name: `[${x.join()}], off centre`,
    build: (g, feed) => g.apply('batchNorm', [feed(moved)], { epsilon: 1e-5, affine: 'none' }),
  };
}

/** One value everywhere: the variance is zero, and never less. */
function constant(x: Shape4): Case {
  return {
    name: `[${x.join()}], constant`,
    build(g, feed: Feed) {
      const { shape, data } = random(x);
      const level = feed(
        tensor(
          shape,
          data.map(() => 0.7),
        ),
      );
      const [, mean, variance] = g.apply('batchNorm', [level], { epsilon: 1e-5, affine: 'none' });
      if (mean === undefined || variance === undefined) throw new RangeError('batchNorm');
      // A variance of nothing but rounding is as good as zero.
      return [mean, g.add(variance, g.scalar(1))];
    },
  };
}

const shapes: readonly Shape4[] = [
  [2, 16, 8, 8],
  [4, 4, 7, 7],
  [8, 8, 6, 6],
  [4, 12, 9, 9],
  [2, 24, 8, 8],
  [2, 32, 7, 5],
  [4, 36, 4, 4],
  [4, 20, 5, 5],
  [3, 8, 7, 7],
  [2, 4, 8, 8],
];

describe('batch norm', () => {
  itAgrees(shapes.flatMap(norms));
});

describe('batch norm where means are taken by the operator of opset 18', () => {
  itAgrees(shapes.slice(0, 3).flatMap(norms), 18);
});

describe('batch norm and ReLU', () => {
  itAgrees(shapes.flatMap((x) => [rectified(x, false), rectified(x, true), rectifiedAgain(x)]));

  it('are one operator in blocked form, where nobody reads what lies between', () => {
    const blocked = { kind: 'blocked', block: 16 } as const;
    const fused = operatorsOf(rectified([2, 16, 8, 8], false), blocked);
    expect(fused).not.toContain('Relu');
    expect(operatorsOf(rectifiedAgain([2, 16, 8, 8]), blocked)).not.toContain('Relu');
    expect(operatorsOf(rectified([2, 16, 8, 8], true), blocked)).toContain('Relu');
  });
});

describe('batch norm of unusual values', () => {
  itAgrees(shapes.slice(0, 5).flatMap((x) => [offCentre(x), constant(x)]));
});

describe('batch norm with running statistics', () => {
  itAgrees(
    shapes.map((x) => ({
      name: `[${x.join()}]`,
      build: (g, feed) => [
        g.one(
          'batchNormInference',
          [feed(x), feed([x[1]]), feed(positive([x[1]])), feed([x[1]]), feed([x[1]])],
          { epsilon: 1e-5, affine: 'scale-shift' },
        ),
      ],
    })),
  );
});
