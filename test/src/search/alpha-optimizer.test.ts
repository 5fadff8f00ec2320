import { describe, expect, it } from 'vitest';
import type { Estimator } from '../../../src/estimators/estimator.js';
import { openStream } from '../../../src/random.js';
import { AlphaOptimizer } from '../../../src/search/alpha-optimizer.js';
import { DARTS_SPACE } from '../../../src/spaces/convolutional.js';
import { entryCount } from '../../../src/spaces/search-space.js';
import { smallSearch } from '../../../src/tasks/classification/search-settings.js';

const entries = entryCount(DARTS_SPACE);
const config = { ...smallSearch, data: 'none', seed: 1, threads: 1 };
const zeros = () => new Float64Array(entries);
const nothing = { gradient: zeros, expected: () => undefined };

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

/** In the normal cell, and down in the other. */
const uphill = Float32Array.from({ length: entries }, (_, i) => (i < entries / 2 ? 1 : -1));

describe('AlphaOptimizer', () => {
  it('moves all alphas against their gradients', () => {
    const optimizer = new AlphaOptimizer(config, DARTS_SPACE, undefined, nothing);
    const before = optimizer.current();
    learn(optimizer, identity(), uphill);
    const after = optimizer.current();
    // The first step of Adam is as long as its rate.
    after.forEach((value, i) => {
      expect(value).toBeCloseTo(before[i]! - config.alphas.learningRate * uphill[i]!, 6);
    });
  });

  it('adds the gradient of the penalties', () => {
    const against = { ...nothing, gradient: () => zeros().fill(-2) };
    const optimizer = new AlphaOptimizer(config, DARTS_SPACE, undefined, against);
    const before = optimizer.current();
    learn(optimizer, identity(), uphill);
    expect(optimizer.current()[0]).toBeGreaterThan(before[0]!);
  });

  it('lets a method correct the step', () => {
    const optimizer = new AlphaOptimizer(config, DARTS_SPACE, undefined, nothing);
    const before = optimizer.current();
    const seen: number[] = [];
    const halfway = identity((old, moved) => {
      seen.push(moved[0]! - old[0]!, moved[entries - 1]! - old[entries - 1]!);
      return old.map((value, i) => (value + moved[i]!) / 2);
    });
    learn(optimizer, halfway, uphill);
    expect(seen.map(Math.sign)).toEqual([-1, 1]);
    expect(optimizer.current()[0]).toBeCloseTo(before[0]! - config.alphas.learningRate / 2, 6);
  });

  it('describes every cell type by itself', () => {
    const { entropy, probabilities } = new AlphaOptimizer(config, DARTS_SPACE, undefined, nothing).describe();
    expect(Object.keys(entropy)).toEqual(['normal', 'reduce']);
    expect(Object.values(entropy).every((share) => share > 0.99)).toBe(true);
    expect(Object.values(probabilities).map((rows) => [rows.length, rows[0]?.length])).toEqual([
      [14, 8],
      [14, 8],
    ]);
  });
});
