import { describe, expect, it } from 'vitest';
import { sampleGenotype } from '../../../src/estimators/random.js';
import { type ConvolutionalGenotype, DARTS_SPACE } from '../../../src/spaces/convolutional.js';
import { countOperations, countSkips } from '../../../src/spaces/describe.js';
import { printGenotype } from '../../../src/spaces/print.js';
import type { RandomSettings } from '../../../src/study/config.js';
import { drawGenotype } from '../../../src/study/random-baseline.js';
import type { SampleGenotype } from '../../../src/study/subject.js';

const sample: SampleGenotype<ConvolutionalGenotype> = (stream, options) =>
  sampleGenotype(DARTS_SPACE, stream, options);
const operations = (genotype: ConvolutionalGenotype): number =>
  countOperations(genotype.normal) + countOperations(genotype.reduce);

/** Stands for the number of parameters: it spreads over 0 to 16. */
const withoutSkips = (genotype: ConvolutionalGenotype): number => {
  const { normal = 0, reduce = 0 } = countSkips(genotype, DARTS_SPACE);
  return operations(genotype) - normal - reduce;
};
const settings: RandomSettings = { kind: 'edges', operations: [2, 2] };
const matching = (tolerance: number, draws: number): RandomSettings => ({
  ...settings,
  match: { target: 0, tolerance, draws },
});

describe('drawGenotype', () => {
  it('keeps the first draw where nothing is matched, the same for a seed', () => {
    const first = drawGenotype(4, settings, undefined, sample, withoutSkips);
    expect(first.draw).toEqual({ draws: 1, operationsPerNode: 2 });
    expect(drawGenotype(4, settings, undefined, sample, withoutSkips)).toEqual(first);
    const other = drawGenotype(5, settings, undefined, sample, withoutSkips);
    expect(printGenotype(other.genotype)).not.toBe(printGenotype(first.genotype));
  });

  it('draws until the parameters are within the tolerance, and counts', () => {
    const { genotype, draw } = drawGenotype(1, matching(0.05, 1000), 10, sample, withoutSkips);
    expect(withoutSkips(genotype)).toBe(10);
    expect(draw.draws).toBeGreaterThan(1);
    expect(draw.match).toEqual({
      targetParameters: 10,
      deviation: 0,
      tolerance: 0.05,
      withinTolerance: true,
    });
    // One draw fewer did not reach it.
    const cut = drawGenotype(1, matching(0.05, draw.draws - 1), 10, sample, withoutSkips);
    expect(cut.draw.match?.withinTolerance).toBe(false);
  });

  it('keeps the nearest draw where none is near enough, and says so', () => {
    const counted: number[] = [];
    const { genotype, draw } = drawGenotype(2, matching(0.1, 40), 100, sample, (drawn) => {
      counted.push(withoutSkips(drawn));
      return withoutSkips(drawn);
    });
    expect(counted).toHaveLength(40);
    expect(withoutSkips(genotype)).toBe(Math.max(...counted));
    expect(draw.draws).toBe(40);
    expect(draw.match?.withinTolerance).toBe(false);
    expect(draw.match?.deviation).toBeCloseTo((Math.max(...counted) - 100) / 100, 12);
  });

  it('varies the number of operations of a node over the range', () => {
    const range: RandomSettings = { kind: 'operations', operations: [1, 3] };
    const seen = new Set<number>();
    for (let seed = 0; seed < 30; seed++) {
      const { genotype, draw } = drawGenotype(seed, range, undefined, sample, withoutSkips);
      expect(operations(genotype)).toBe(8 * draw.operationsPerNode);
      seen.add(draw.operationsPerNode);
    }
    expect([...seen].sort()).toEqual([1, 2, 3]);
  });
});
