import { describe, expect, it } from 'vitest';
import { withPaths } from '../../../src/tasks/given.js';

describe('withPaths', () => {
  it('puts each value in its place, however deep, and leaves what is beside it', () => {
    const settings = { batch: 4, budget: { most: 1, latency: { fixed: 2 } } };
    const paths = new Map<string, string | number>([
      ['batch', 8],
      ['budget.latency.sha256', 'abc'],
      ['weights.learningRate', 0.1],
    ]);
    expect(withPaths(settings, paths)).toEqual({
      batch: 8,
      budget: { most: 1, latency: { fixed: 2, sha256: 'abc' } },
      weights: { learningRate: 0.1 },
    });
    expect(settings.budget.latency).toEqual({ fixed: 2 });
  });
});
