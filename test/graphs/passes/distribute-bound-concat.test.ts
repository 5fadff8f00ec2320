import { describe, expect, it } from 'vitest';
import { distributeBoundConcat } from '../../../graphs/passes/distribute-bound-concat.js';
import { foldBatchNorm } from '../../../graphs/passes/fold-batch-norm.js';
import { type Bench, bound, expectSame, namesOf, operationsOf, withoutNumbers } from './bound-case.js';

/** No part fills blocks of so many channels. */
const block = 4;

/** The names of a weight's cuts. */
function cuts(weight: string, end: string): string[] {
  return ['0-3', '3-8', '8-11'].map((range) => `${weight}/${range}${end}`);
}

describe('distributeBoundConcat', () => {
  it('takes a convolution with a bias and a kernel apart, adding one part after another', () => {
    const source = bound(({ g, parts, weight }) =>
      g.conv2d(g.concat(parts, 1), weight('w', [4, 11, 3, 3]), {
        padding: 1,
        stride: 2,
        bias: weight('b', [4]),
      }),
    );
    const after = distributeBoundConcat(source, block);
    expect(operationsOf(after)).toEqual(['conv2d', 'neg', 'conv2d', 'conv2d', 'conv2d', 'add', 'add']);
    expect(namesOf(after)).toEqual(['stem', 'b', 'w/0-3', 'w/3-8', 'w/8-11']);
    expectSame(source, after);
  });

  it('takes a concatenation of concatenations apart', () => {
    const source = bound(({ g, parts: [a, b, c], weight }) =>
      g.conv2d(g.concat([g.concat([a, b], 1), c], 1), weight('w', [5, 11, 1, 1])),
    );
    const after = distributeBoundConcat(source, block);
    expect(operationsOf(after)).not.toContain('concat');
    expectSame(source, after);
  });

  it('takes depthwise convolutions and pooling apart', () => {
    const source = bound(({ g, parts, weight }) =>
      g.globalAveragePool(
        g.conv2d(g.concat(parts, 1), weight('w', [11, 1, 2, 2]), { stride: 2, groups: 11 }),
      ),
    );
    const after = distributeBoundConcat(source, block);
    expect(operationsOf(after).slice(2)).toEqual([
      ...['conv2d', 'conv2d', 'conv2d'],
      ...['globalAveragePool', 'globalAveragePool', 'globalAveragePool', 'concat'],
    ]);
    expectSame(source, after);
  });

  it('cuts a weight that two convolutions read once', () => {
    const source = bound(({ g, parts, weight }) => {
      const [x, w] = [g.concat(parts, 1), weight('w', [4, 11, 1, 1])];
      return g.mul(g.conv2d(x, w), g.conv2d(x, w));
    });
    const after = distributeBoundConcat(source, block);
    expect(namesOf(after)).toEqual(['stem', 'w/0-3', 'w/3-8', 'w/8-11']);
    expectSame(source, after);
  });

  it('cuts weights apart that have one name', () => {
    const { graph, weights } = bound(({ g, parts, weight }) => {
      const x = g.concat(parts, 1);
      return g.mul(g.conv2d(x, weight('w', [4, 11, 1, 1])), g.conv2d(x, weight('v', [4, 11, 1, 1])));
    });
    const alike = [...weights].map(
      ([value, weight]) => [value, weight.name === 'v' ? { ...weight, name: 'w' } : weight] as const,
    );
    const after = distributeBoundConcat({ graph, weights: new Map(alike) }, block);
    expect(namesOf(after)).toEqual(['stem', ...cuts('w', ''), ...cuts('w', '/1')]);
    expectSame({ graph, weights }, after);
  });

  it('keeps the outputs where batch norms were folded into a shared weight before', () => {
    const source = bound(({ g, parts, weight }) => {
      const [x, w] = [g.concat(parts, 1), weight('w', [4, 11, 1, 1])];
      const branches = ['a', 'b'].map((name) => {
        const y = g.within(name, () => g.conv2d(x, w));
        const statistics = ['mean', 'variance'].map((of) => weight(`${name}.${of}`, [4]));
        return g.one('batchNormInference', [y, ...statistics], { epsilon: 0.1, affine: 'none' });
      });
      return g.sum(branches);
    });
    const folded = foldBatchNorm(source);
    expect(namesOf(folded)).toEqual(['stem', 'w', 'a/bias', 'w/1', 'b/bias']);
    const after = distributeBoundConcat(folded, block);
    expectSame(folded, after);
    expect(namesOf(distributeBoundConcat(foldBatchNorm(withoutNumbers(source)), block))).toEqual(
      namesOf(after),
    );
  });

  it('leaves what reads a concatenation whose parts fill their blocks', () => {
    const source = bound(({ g, parts: [a, , c], weight }) =>
      g.conv2d(g.concat([a, c], 1), weight('w', [4, 6, 1, 1])),
    );
    expect(operationsOf(distributeBoundConcat(source, 3))).toEqual(['neg', 'concat', 'conv2d']);
    expect(operationsOf(distributeBoundConcat(source, 2))).not.toContain('concat');
  });

  it.each([
    ['an unbound weight', ({ weight }: Bench) => [weight('w', [4, 11, 1, 1], false), {}] as const],
    [
      'a depthwise bias',
      ({ weight }: Bench) => [weight('w', [11, 1, 1, 1]), { groups: 11, bias: weight('b', [11]) }] as const,
    ],
    [
      'several outputs a channel',
      ({ weight }: Bench) => [weight('w', [22, 1, 1, 1]), { groups: 11 }] as const,
    ],
  ])('leaves a convolution with %s', (_, operands) => {
    const source = bound((bench) => bench.g.conv2d(bench.g.concat(bench.parts, 1), ...operands(bench)));
    expect(operationsOf(distributeBoundConcat(source, block))).toEqual(operationsOf(source));
  });

  it('leaves a concatenation along another axis', () => {
    const source = bound(({ g, parts: [a, , c], weight }) =>
      g.conv2d(g.concat([a, c], 2), weight('w', [4, 3, 1, 1])),
    );
    expect(operationsOf(distributeBoundConcat(source, block))).toEqual(['neg', 'concat', 'conv2d']);
  });
});
