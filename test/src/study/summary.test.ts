import { describe, expect, it } from 'vitest';
import type { Study } from '../../../src/study/config.js';
import type { RunResult } from '../../../src/study/results.js';
import { summariseMethods } from '../../../src/study/summary.js';

const study: Study = {
  name: 'two',
  task: 'classification',
  data: 'fashion-mnist',
  preset: 'small',
  seeds: [1, 2],
  jobs: 'auto',
  threads: 1,
  methods: [
    { name: 'a', method: 'egs', settings: {} },
    { name: 'random', method: 'random', settings: {}, random: { kind: 'edges', operations: [2, 2] } },
  ],
  search: {},
  train: {},
};

/** Numbers so far apart that their intervals, of two runs each, reach beyond everything. */
function run(method: string, seed: number, large: number, accuracy: number): RunResult {
  return {
    method,
    seed,
    status: 'finished',
    folder: '',
    skips: { normal: large, reduce: 0 },
    parameters: 1000 * large,
    macs: 5000 * large,
    test: { accuracy, loss: large },
    validation: { accuracy, loss: large },
    times: { searchSeconds: 10 * large, trainSeconds: 20 * large, continuations: 0 },
  };
}

describe('summariseMethods', () => {
  const runs = [run('a', 1, 1, 0.9), run('a', 2, 9, 1), run('random', 1, 1, 0), run('random', 2, 9, 0.1)];
  const [a, random] = summariseMethods(study, runs);

  it('lets no interval of counts, seconds and losses reach below 0', () => {
    const summaries = [
      a?.parameters,
      a?.macs,
      a?.skips,
      a?.times.searchSeconds,
      a?.times.trainSeconds,
      a?.test.loss,
      a?.validation.loss,
    ];
    for (const summary of summaries) expect(summary?.interval?.[0]).toBe(0);
    // 5 +- 12.706 * 5.657 / sqrt(2), above.
    expect(a?.skips?.interval?.[1]).toBeCloseTo(5 + 50.825, 2);
  });

  it('keeps intervals of a metric within what it can be', () => {
    expect(a?.test.accuracy?.interval?.[1]).toBe(1);
    expect(a?.test.accuracy?.interval?.[0]).toBeCloseTo(0.95 - 0.6353, 3);
    expect(random?.validation.accuracy?.interval?.[0]).toBe(0);
  });

  it('lets differences be negative', () => {
    const differences = a?.againstRandom[0]?.test;
    expect(differences?.loss).toMatchObject({ mean: 0, interval: [0, 0] });
    expect(differences?.accuracy?.mean).toBeCloseTo(0.9, 12);
    const below = summariseMethods(study, [
      run('a', 1, 1, 0.1),
      run('a', 2, 1, 0.3),
      run('random', 1, 1, 0.3),
      run('random', 2, 1, 0.4),
    ]);
    expect(below[0]?.againstRandom[0]?.test.accuracy?.interval?.[0]).toBeLessThan(-0.5);
  });
});
