import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codeCount } from '../../../src/estimators/closed-forms.js';
import { type RandomGenotypes, sampleGenotype, uniformGenotypes } from '../../../src/estimators/random.js';
import { openStream } from '../../../src/random.js';
import { codeOfGenotype } from '../../../src/spaces/code.js';
import { convolutionalSpace, DARTS_SPACE } from '../../../src/spaces/convolutional.js';
import type { GenotypeEntry } from '../../../src/spaces/genotype.js';
import { parseGenotype } from '../../../src/spaces/parse.js';
import { printGenotype } from '../../../src/spaces/print.js';
import { entryCount } from '../../../src/spaces/search-space.js';
import { oneCellSpace } from '../spaces/arbitrary.js';

const SMALL = oneCellSpace({ nodes: 2, primitives: ['none', 'skip_connect', 'sep_conv_3x3'] });

const choose = (n: number, k: number): number => (k === 0 ? 1 : (choose(n - 1, k - 1) * n) / k);

/** How often each list of operations was drawn for each node. */
function frequencies(options: RandomGenotypes, draws: number): Map<string, number>[] {
  const stream = openStream(12, 'genotypes');
  const counts = Array.from({ length: 2 }, () => new Map<string, number>());
  for (let draw = 0; draw < draws; draw++) {
    sampleGenotype(SMALL, stream, options).cell.nodes.forEach((entries, node) => {
      const key = entries.map(({ primitive, input }) => `${primitive} ${input}`).join();
      counts[node]!.set(key, (counts[node]!.get(key) ?? 0) + 1);
    });
  }
  return counts;
}

describe('sampleGenotype', () => {
  // Two operations; node 0 has 2 edges and 4 pairs, node 1 has 3 edges and 6 pairs.
  const cases: readonly [RandomGenotypes, readonly [number, number]][] = [
    [{}, [choose(2, 2) * 4, choose(3, 2) * 4]],
    [{ operationsPerNode: 1 }, [2 * 2, 3 * 2]],
    [{ kind: 'edges', operationsPerNode: 3 }, [4, 8]],
    [{ kind: 'operations', operationsPerNode: 2 }, [choose(4, 2), choose(6, 2)]],
    [{ kind: 'operations', operationsPerNode: 5 }, [1, 6]],
    [{ kind: 'codes', operationsPerNode: 2 }, [codeCount(4, 2), codeCount(6, 2)]],
    [{ kind: 'codes', operationsPerNode: 9 }, [2 ** 4 - 1, 2 ** 6 - 1]],
  ];
  for (const [options, counts] of cases) {
    it(`reaches every genotype equally often: ${JSON.stringify(options)}`, () => {
      const draws = 12_000;
      frequencies(options, draws).forEach((drawn, node) => {
        const expected = counts[node]!;
        expect(drawn.size).toBe(expected);
        // Pearson's statistic has mean d and variance 2d at d = expected - 1 degrees of freedom.
        let statistic = 0;
        for (const count of drawn.values()) statistic += (count - draws / expected) ** 2 / (draws / expected);
        expect(Math.abs(statistic - (expected - 1))).toBeLessThanOrEqual(4 * Math.sqrt(2 * (expected - 1)));
      });
    });
  }

  it('draws nodes and cell types independently', () => {
    const stream = openStream(3, 'genotypes');
    const both = convolutionalSpace('small', { nodes: 2, primitives: SMALL.cellTypes[0]!.primitives });
    let [sameCell, sameNode] = [0, 0];
    const key = (entries: readonly GenotypeEntry[] | undefined) => JSON.stringify(entries);
    const draws = 4000;
    for (let draw = 0; draw < draws; draw++) {
      const { normal, reduce } = sampleGenotype(both, stream, { operationsPerNode: 1 });
      if (key(normal.nodes[0]) === key(reduce.nodes[0])) sameCell += 1 / draws;
      if (key(normal.nodes[0]) === key(normal.nodes[1])) sameNode += 1 / draws;
    }
    // Node 0 has four genotypes; node 1 six, four of them node 0's too.
    expect(Math.abs(sameCell - 1 / 4)).toBeLessThan(4 * Math.sqrt(3 / 16 / draws));
    expect(Math.abs(sameNode - 1 / 6)).toBeLessThan(4 * Math.sqrt(5 / 36 / draws));
  });

  it('takes as many operations a node as the cell type keeps, unless it is told a number', () => {
    const space = oneCellSpace({ inputs: 4, nodes: 3, primitives: ['none', 'relu', 'tanh'], kept: 3 });
    const counts = (options?: RandomGenotypes) =>
      sampleGenotype(space, openStream(2, 'genotypes'), options).cell.nodes.map(({ length }) => length);
    expect(counts()).toEqual([3, 3, 3]);
    expect(counts({ operationsPerNode: 2 })).toEqual([2, 2, 2]);
  });

  it('gives valid genotypes of the space, the same for the same stream', () => {
    fc.assert(
      fc.property(
        fc.nat(1000),
        fc.constantFrom('edges', 'operations', 'codes'),
        fc.integer({ min: 1, max: 40 }),
        (seed, kind, operationsPerNode) => {
          const options = { kind, operationsPerNode } as const;
          const genotype = sampleGenotype(DARTS_SPACE, openStream(seed, 'genotypes'), options);
          expect(sampleGenotype(DARTS_SPACE, openStream(seed, 'genotypes'), options)).toEqual(genotype);
          expect(parseGenotype(printGenotype(genotype))).toEqual(genotype);
          expect(() => codeOfGenotype(genotype, DARTS_SPACE)).not.toThrow();
          genotype.normal.nodes.forEach((entries, node) => {
            const most = kind === 'edges' ? node + 2 : (node + 2) * 7;
            if (kind === 'codes') expect(entries.length).toBeLessThanOrEqual(operationsPerNode);
            else expect(entries).toHaveLength(Math.min(operationsPerNode, most));
            expect(entries.toSorted((a, b) => a.input - b.input)).toEqual(entries);
          });
        },
      ),
      { numRuns: 60 },
    );
  });

  it('goes on from a stream that was saved', () => {
    const stream = openStream(1, 'genotypes');
    sampleGenotype(DARTS_SPACE, stream);
    const resumed = openStream(1, 'genotypes', stream.state());
    expect(sampleGenotype(DARTS_SPACE, resumed)).toEqual(sampleGenotype(DARTS_SPACE, stream));
  });

  it('refuses a number of operations or a space without meaning', () => {
    const stream = openStream(1, 'genotypes');
    expect(() => sampleGenotype(SMALL, stream, { operationsPerNode: 0 })).toThrow(
      /operations a node is out.*at least 1.*found: +0.*DARTS has 2/s,
    );
    expect(() => sampleGenotype(oneCellSpace({ nodes: 1, primitives: ['none'] }), stream)).toThrow(
      /no operation to draw.*other than none.*none only.*Add primitives/s,
    );
  });
});

describe('uniformGenotypes', () => {
  it('gives the code of a random genotype, whose operations run and learn, and no gradient', () => {
    const size = entryCount(DARTS_SPACE);
    const estimator = uniformGenotypes(DARTS_SPACE, { operationsPerNode: 2 });
    const sample = estimator.sample(new Float64Array(size).fill(Number.NaN), openStream(4, 'gumbel'), 1);
    const genotype = sampleGenotype(DARTS_SPACE, openStream(4, 'gumbel'));
    expect(sample.code).toEqual(codeOfGenotype(genotype, DARTS_SPACE));
    expect([...sample.forwardGates]).toEqual([...sample.code]);
    expect(sample.backwardGates).toEqual(sample.forwardGates);
    expect(sample.pullback(new Float64Array(size).fill(3))).toEqual(new Float64Array(size));
    expect(() => sample.pullback(new Float64Array(3))).toThrow(/code gradients do not fit/);
    expect(() => estimator.sample(new Float64Array(3), openStream(4, 'gumbel'), 1)).toThrow(/alphas do not/);
  });
});
