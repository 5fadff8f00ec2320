import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ensembleGumbelSoftmax } from '../../../src/estimators/egs.js';
import { operationMask } from '../../../src/estimators/groups.js';
import { probabilitiesOf, relativeEntropies } from '../../../src/estimators/probabilities.js';
import {
  budgetPenalty,
  expectedCost,
  expectedOperations,
  meanEntropy,
} from '../../../src/estimators/regularisers.js';
import { openStream } from '../../../src/random.js';
import { convolutionalSpace } from '../../../src/spaces/convolutional.js';
import { entryCount } from '../../../src/spaces/search-space.js';
import { oneCellSpace } from '../spaces/arbitrary.js';
import { randomValues, slopes } from './values.js';

const SPACE = oneCellSpace({ nodes: 2, primitives: ['none', 'skip_connect', 'sep_conv_3x3'] });
const SIZE = entryCount(SPACE);
/** Twice the same cell. */
const BOTH = convolutionalSpace('both', { nodes: 2, primitives: SPACE.cellTypes[0]!.primitives });
const COSTS = randomValues(9, SIZE, 50, 50).map((cost, entry) => cost * operationMask(SPACE)[entry]!);

const distributions = fc.record({
  scope: fc.constantFrom('edge', 'node'),
  parameterisation: fc.constantFrom('softmax', 'relu'),
  samples: fc.constantFrom(1, 2, 4, 7),
});
const alphasFor = (parameterisation: 'softmax' | 'relu', seed: number): Float64Array =>
  randomValues(seed, SIZE, parameterisation === 'relu' ? 1.4 : 0, 1);

function expectGradient(
  gradient: Float64Array,
  value: (alphas: Float64Array) => number,
  at: Float64Array,
  digits: number,
): void {
  expect([...gradient]).toEqual([...slopes(value, at)].map((slope) => expect.closeTo(slope, digits)));
}

describe('meanEntropy', () => {
  it('is the entropy of the groups, and its gradient the slope', () => {
    fc.assert(
      fc.property(distributions, fc.nat(1000), (options, seed) => {
        const alphas = alphasFor(options.parameterisation, seed);
        const { value, gradient } = meanEntropy(alphas, SPACE, options);
        if (options.scope === 'edge') {
          expect(value).toBeCloseTo(relativeEntropies(alphas, SPACE, options).cell * Math.log(3), 12);
        }
        expectGradient(gradient, (at) => meanEntropy(at, SPACE, options).value, alphas, 8);
      }),
      { numRuns: 30 },
    );
  });

  it('is log K without slope where all are equal, and 0 where one relu entry is left', () => {
    const uniform = meanEntropy(new Float64Array(SIZE), SPACE, {
      scope: 'node',
      parameterisation: 'softmax',
    });
    expect(uniform.value).toBeCloseTo((Math.log(6) + Math.log(9)) / 2, 12);
    for (const g of uniform.gradient) expect(g).toBeCloseTo(0, 14);
    const decided = Float64Array.from({ length: SIZE }, (_, entry) => (entry % 3 === 0 ? 1 : -1));
    const none = meanEntropy(decided, SPACE, { scope: 'edge', parameterisation: 'relu' });
    expect(none).toEqual({ value: 0, gradient: new Float64Array(SIZE) });
  });
});

describe('expectedCost', () => {
  it('has the slope of central differences', () => {
    fc.assert(
      fc.property(distributions, fc.nat(1000), (distribution, seed) => {
        const alphas = alphasFor(distribution.parameterisation, seed);
        const { gradient } = expectedCost(alphas, SPACE, distribution, COSTS);
        expectGradient(gradient, (at) => expectedCost(at, SPACE, distribution, COSTS).value, alphas, 6);
      }),
      { numRuns: 30 },
    );
  });

  it('is sum p_k cost_k for one sample', () => {
    const options = { scope: 'edge', parameterisation: 'softmax' } as const;
    const alphas = alphasFor('softmax', 5);
    const p = probabilitiesOf(alphas, SPACE, options);
    expect(expectedCost(alphas, SPACE, { ...options, samples: 1 }, COSTS).value).toBeCloseTo(
      p.reduce((total, value, entry) => total + value * COSTS[entry]!, 0),
      10,
    );
  });

  it('is the mean cost of the codes that EGS samples', () => {
    for (const scope of ['edge', 'node'] as const) {
      const distribution = { scope, parameterisation: 'softmax', samples: 4 } as const;
      const alphas = alphasFor('softmax', 6);
      const expected = expectedCost(alphas, SPACE, distribution, COSTS).value;
      const estimator = ensembleGumbelSoftmax(SPACE, distribution);
      const stream = openStream(2, 'gumbel');
      const draws = 4000;
      let [sum, square] = [0, 0];
      for (let draw = 0; draw < draws; draw++) {
        const { code } = estimator.sample(alphas, stream, 1);
        const cost = code.reduce((total, c, entry) => total + c * COSTS[entry]!, 0);
        sum += cost / draws;
        square += cost ** 2 / draws;
      }
      expect(Math.abs(sum - expected)).toBeLessThan(4 * Math.sqrt((square - sum ** 2) / draws));
    }
  });

  it('stays finite where an entry is certain', () => {
    const alphas = Float64Array.from({ length: SIZE }, (_, entry) => (entry % 3 === 2 ? 800 : -800));
    const { value, gradient } = expectedCost(
      alphas,
      SPACE,
      { scope: 'edge', parameterisation: 'softmax', samples: 7 },
      new Float64Array(SIZE).fill(2),
    );
    expect(value).toBe(10);
    expect(gradient).toEqual(new Float64Array(SIZE));
  });

  it('refuses costs of another space', () => {
    const distribution = { scope: 'edge', parameterisation: 'softmax', samples: 1 } as const;
    const alphas = new Float64Array(SIZE);
    expect(() => expectedCost(alphas, SPACE, distribution, new Float64Array(2))).toThrow(/costs do not fit/);
    expect(() => expectedCost(new Float64Array(2), SPACE, distribution, COSTS)).toThrow(/alphas do not fit/);
    expect(() => expectedCost(alphas, SPACE, { ...distribution, samples: 0 }, COSTS)).toThrow(/samples M/);
  });
});

describe('expectedOperations', () => {
  it('counts operations, not `none`: between one entry and M of each group', () => {
    const uniform = new Float64Array(SIZE);
    const options = { scope: 'node', parameterisation: 'softmax' } as const;
    // One sample a node: 2/3 of it an operation. Of M samples at node scope, 4 of 6 and 6 of 9 entries at most.
    expect(expectedOperations(uniform, SPACE, { ...options, samples: 1 }).value).toBeCloseTo(4 / 3, 12);
    expect(expectedOperations(uniform, SPACE, { ...options, samples: 400 }).value).toBeCloseTo(10, 10);
  });

  it('falls along its gradient', () => {
    const distribution = { scope: 'node', parameterisation: 'softmax', samples: 4 } as const;
    const start = alphasFor('softmax', 8);
    const { value, gradient } = expectedOperations(start, SPACE, distribution);
    const moved = start.map((a, entry) => a - 0.5 * gradient[entry]!);
    expect(expectedOperations(moved, SPACE, distribution).value).toBeLessThan(value - 0.05);
  });
});

describe('budgetPenalty', () => {
  const distribution = { scope: 'node', parameterisation: 'softmax', samples: 4 } as const;
  const alphas = Float64Array.of(...alphasFor('softmax', 1), ...alphasFor('softmax', 2));
  const costs = Float64Array.of(...COSTS, ...COSTS.map((cost) => 2 * cost));
  const at = (budget: number, values: Float64Array = alphas) =>
    budgetPenalty(values, BOTH, distribution, { costs, fixed: 30, budget });
  const expected = at(1).expected;

  it('expects the fixed cost and that of both cell types', () => {
    const normal = expectedCost(alphas.subarray(0, SIZE), SPACE, distribution, COSTS).value;
    const reduce = expectedCost(alphas.subarray(SIZE), SPACE, distribution, COSTS).value;
    expect(expected).toBe(30 + normal + 2 * reduce);
  });

  it('is nothing within the budget, and the square of the excess beyond it', () => {
    const inside = at(expected * 1.01);
    expect(inside.value).toBe(0);
    expect(inside.gradient.every((g) => g === 0)).toBe(true);
    expect(at(expected / 1.5).value).toBeCloseTo(0.25, 12);
  });

  it('has the slope of central differences in the alphas of both cell types', () => {
    const budget = expected / 2;
    const { gradient } = at(budget);
    expectGradient(gradient, (values) => at(budget, values).value, alphas, 8);
    expect(Math.max(...gradient.subarray(SIZE).map(Math.abs))).toBeGreaterThan(1e-3);
  });

  it('is met by descending it', () => {
    const budget = expected * 0.8;
    let values: Float64Array = alphas;
    for (let step = 0; step < 500; step++) {
      const { gradient } = at(budget, values);
      values = values.map((a, entry) => a - 20 * gradient[entry]!);
    }
    expect(at(budget, values).expected).toBeLessThan(budget * 1.01);
  });

  it('refuses a budget of nothing', () => {
    expect(() => at(-2)).toThrow(/budget is out of range.*a positive number.*-2.*unit of the costs/s);
    expect(() => at(0)).toThrow(/budget is out of range/);
    expect(() => at(Number.NaN)).toThrow(/budget is out of range/);
  });
});
