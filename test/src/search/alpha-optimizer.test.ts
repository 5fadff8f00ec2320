import { describe, expect, it } from 'vitest';
import type { Estimator } from '../../../src/estimators/estimator.js';
import { openStream } from '../../../src/random.js';
import { AlphaOptimizer } from '../../../src/search/alpha-optimizer.js';
import { DARTS_SPACE, entryCount } from '../../../src/spaces/search-space.js';
import { smallSearch } from '../../../src/tasks/classification/search-settings.js';

const entries = entryCount(DARTS_SPACE);
const config = { ...smallSearch, data: 'none', seed: 1, threads: 1 };
const zeros = () => new Float64Array(entries);
const nothing = { gradient: () => ({ normal: zeros(), reduce: zeros() }), expected: () => undefined };

/** Hands the code's gradient through; `afterStep` is what the test wants. */
function identity(afterStep?: (before: Float64Array, after: Float64Array) => Float64Array): Estimator {
  return {
    sample: () => ({
      code: zeros(),
      forwardGates: new Uint8Array(entries),
      backwardGates: new Uint8Array(entries),
      pullback: (gradient) => gradient,
      ...(afterStep === undefined ? {} : { afterStep }),
    }),
  };
}

function learn(optimizer: AlphaOptimizer, estimator: Estimator, gradient: Float32Array): void {
  optimizer.learn(optimizer.sample(estimator, openStream(1, 'gumbel'), 1), gradient);
}

const uphill = Float32Array.from({ length: 2 * entries }, (_, i) => (i < entries ? 1 : -1));

describe('AlphaOptimizer', () => {
  it('moves both cells against their gradients', () => {
    const optimizer = new AlphaOptimizer(config, DARTS_SPACE, undefined, nothing);
    const before = optimizer.current();
    learn(optimizer, identity(), uphill);
    const after = optimizer.current();
    // The first step of Adam is as long as its rate.
    after.normal.forEach((value, i) => {
      expect(value).toBeCloseTo(before.normal[i]! - config.alphas.learningRate, 6);
    });
    after.reduce.forEach((value, i) => {
      expect(value).toBeCloseTo(before.reduce[i]! + config.alphas.learningRate, 6);
    });
  });

  it('adds the gradient of the penalties', () => {
    const against = { ...nothing, gradient: () => ({ normal: zeros().fill(-2), reduce: zeros().fill(-2) }) };
    const optimizer = new AlphaOptimizer(config, DARTS_SPACE, undefined, against);
    const before = optimizer.current();
    learn(optimizer, identity(), uphill);
    const [first = 0] = optimizer.current().normal;
    expect(first).toBeGreaterThan(before.normal[0] ?? 0);
  });

  it('lets a method correct the step of its cell', () => {
    const optimizer = new AlphaOptimizer(config, DARTS_SPACE, undefined, nothing);
    const before = optimizer.current();
    const seen: number[] = [];
    const halfway = identity((old, moved) => {
      seen.push(moved[0]! - old[0]!);
      return old.map((value, i) => (value + moved[i]!) / 2);
    });
    learn(optimizer, halfway, uphill);
    expect(seen.map(Math.sign)).toEqual([-1, 1]);
    expect(optimizer.current().normal[0]).toBeCloseTo(before.normal[0]! - config.alphas.learningRate / 2, 6);
    expect(optimizer.current().reduce[0]).toBeCloseTo(before.reduce[0]! + config.alphas.learningRate / 2, 6);
  });
});
