// A rank report of a tiny search, by a table whose scores are a rule.
import { expect, it } from 'vitest';
import { rank } from '../../../src/library/rank.js';
import { renderRank } from '../../../src/report/rank.js';
import { kendallTau } from '../../../src/statistics.js';
import { rankSchema } from '../../../src/table/rank.js';
import { whole } from '../../support/one-table.js';

const declaration = {
  ...whole.declaration,
  limit: 80,
  train: { stages: 1, cells: 1, channels: 4, stemStride: 4 },
};

it('tells how supernets order networks, epoch by epoch, and what is derived of them', async () => {
  const notes: string[] = [];
  const results = await rank({
    table: { ...whole, declaration },
    settings: { epochs: 3, batch: 20 },
    networks: 10,
    every: 2,
    seeds: [4, 5],
    threads: 1,
    onProgress: (_, note) => notes.push(note),
  });
  expect(rankSchema.parse(results)).toEqual(results);
  expect(results).toMatchObject({
    method: 'egs',
    bestFifth: 2,
    settings: { epochs: 3, limit: 80, channels: 4 },
  });
  expect(results.settings).not.toHaveProperty('seed');
  const names = Object.keys(results.networks);
  expect(names).toHaveLength(10);
  expect(results.searches.map(({ seed }) => seed)).toEqual([4, 5]);
  for (const { epochs, supernet, child, derived, regret = -1 } of results.searches) {
    expect(epochs.map(({ epoch }) => epoch)).toEqual([2, 3]);
    expect([supernet.length, child.length]).toEqual([3, 3]);
    expect(whole.cells).toHaveProperty([derived]);
    expect(regret).toBeGreaterThanOrEqual(0);
    for (const { all, inside } of epochs) {
      const own = names.map((name) => inside[name] ?? Number.NaN);
      const tau = kendallTau(
        own,
        names.map((name) => results.networks[name] ?? Number.NaN),
      );
      expect(all).toBe(tau ?? null);
    }
  }
  expect(notes.some((note) => note.startsWith('seed 5'))).toBe(true);

  const page = renderRank(results, 'one-cell');
  expect(page).toContain('2 searches, seeds 4, 5');
  for (const section of ['orders', 'gap', 'inside', 'found'])
    expect(page).toContain(`<section id="${section}">`);
}, 120_000);
