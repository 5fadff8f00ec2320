import { describe, expect, it } from 'vitest';
import { foreignDevice, latencySettings } from '../../../../src/bench/cells/search-costs.js';
import { penaltiesOf } from '../../../../src/search/penalties.js';
import { DARTS_SPACE, SEARCH_PRIMITIVES } from '../../../../src/spaces/convolutional.js';
import { entryCount } from '../../../../src/spaces/search-space.js';
import { budgetOf } from '../../../../src/tasks/classification/budget.js';
import {
  type SearchConfig,
  searchConfigSchema,
  smallSearch,
} from '../../../../src/tasks/classification/search-settings.js';
import { randomValues, slopes } from '../../estimators/values.js';
import { fixedMs, pricesMs, tableOf } from './latency-table-case.js';

const child = { name: 'cifar', classes: 10, image: { channels: 1, height: 28, width: 28 } } as const;
const network = { cells: 3, initChannels: 4, ...child };
const table = tableOf(network);
const primitives = SEARCH_PRIMITIVES;
const entries = entryCount(DARTS_SPACE);

/** As a run's `config.json` gives it back. */
function config(most: number, changes: Partial<SearchConfig> = {}): SearchConfig {
  const latency = latencySettings(table, 'a'.repeat(64), DARTS_SPACE);
  const settings = {
    ...smallSearch,
    data: 'none',
    seed: 1,
    threads: 1,
    samples: 3,
    scope: 'edge',
    penalties: { entropy: 0, operations: 0, budget: 1 },
    budget: { unit: 'latency', most, cells: 3, channels: 4, latency },
    ...changes,
  };
  return searchConfigSchema.parse(JSON.parse(JSON.stringify(settings)));
}

type Child = Parameters<typeof budgetOf>[2];
const penaltiesFor = (settings: SearchConfig, of: Child = child) =>
  penaltiesOf(DARTS_SPACE, settings, budgetOf(DARTS_SPACE, settings, of));

describe('a budget of latency', () => {
  it('expects what the table and the distribution of the codes make', () => {
    // p_k = (k + 1) / 36 on every edge of both cells.
    const values = Float64Array.from({ length: entries }, (_, i) => Math.log(1 + (i % 8)));
    const { expected } = penaltiesFor(config(1), child);
    const ofEdge = primitives.reduce((sum, primitive, k) => {
      const inCode = 1 - (1 - (k + 1) / 36) ** 3;
      return sum + inCode * pricesMs[primitive]!;
    }, 0);
    // Of three cells one is normal, with 14 edges, and two reduce: there 8 edges have stride 2, at twice the price.
    const edges = 14 + 2 * (6 + 8 * 2);
    expect(expected(values)).toBeCloseTo(fixedMs(3) + edges * ofEdge, 9);
  });

  it('has the slope of its penalty', () => {
    const most = 60;
    const { gradient, expected } = penaltiesFor(config(most), child);
    const alphas = randomValues(5, entries, 0, 1);
    const penalty = (at: Float64Array) => Math.max(0, expected(at)! / most - 1) ** 2;
    expect(penalty(alphas)).toBeGreaterThan(1);
    const wanted = slopes(penalty, alphas);
    gradient(alphas).forEach((value, i) => {
      expect(value).toBeCloseTo(wanted[i]!, 6);
    });
  });

  it('is kept by giving up slow operations for fast ones', () => {
    const most = 60;
    const { gradient, expected } = penaltiesFor(config(most), child);
    let alphas: Float64Array = new Float64Array(entries);
    expect(expected(alphas)).toBeGreaterThan(2 * most);
    for (let step = 0; step < 400; step++) {
      const slope = gradient(alphas);
      alphas = alphas.map((value, i) => value - 5 * slope[i]!);
    }
    expect(expected(alphas)! / most).toBeLessThan(1.05);
    const byPrice = [...primitives.keys()].sort(
      (a, b) => pricesMs[primitives[a]!]! - pricesMs[primitives[b]!]!,
    );
    for (let edge = 0; edge < entries; edge += primitives.length) {
      const ordered = byPrice.map((k) => alphas[edge + k]!);
      expect(ordered).toEqual([...ordered].sort((a, b) => b - a));
    }
  });

  it.each([
    ['cells', { cells: 4 }, child, /cells = 4/, /cells = 3/],
    ['channels', { channels: 6 }, child, /initChannels = 6/, /initChannels = 4/],
    ['classes', {}, { ...child, classes: 7 }, /classes = 7/, /classes = 10/],
    [
      'images',
      {},
      { ...child, image: { ...child.image, height: 32 } },
      /image.height = 32/,
      /image.height = 28/,
    ],
  ])('refuses a table of other %s', (_, sizes, other, expected, found) => {
    const { budget, ...settings } = config(60);
    const changed = { ...settings, budget: { ...budget!, ...sizes } };
    expect(() => penaltiesFor(changed, other)).toThrow(
      expect.objectContaining({
        code: 'usage',
        details: expect.objectContaining({
          expected: expect.stringMatching(expected),
          found: expect.stringMatching(found),
        }),
      }),
    );
  });

  it('is of the network that the search is for', () => {
    const { budget, ...settings } = config(60);
    if (budget?.unit !== 'latency') throw new Error('another unit');
    const latency = { ...budget.latency, network: { ...budget.latency.network, name: 'imagenet' as const } };
    expect(() => penaltiesFor({ ...settings, budget: { ...budget, latency } }, child)).toThrow(
      expect.objectContaining({
        code: 'usage',
        details: expect.objectContaining({ found: 'name = "imagenet"' }),
      }),
    );
  });

  it('needs a table in its settings', () => {
    const { budget, ...settings } = config(60);
    const { latency: _, ...bare } = { latency: undefined, ...budget! };
    expect(searchConfigSchema.safeParse({ ...settings, budget: bare }).success).toBe(false);
  });
});

describe('the settings', () => {
  it('keep the costs by cell type, and refuse those of another space', () => {
    const { budget, ...settings } = config(60);
    if (budget?.unit !== 'latency') throw new Error('another unit');
    const { costs } = budget.latency;
    expect(Object.keys(costs)).toEqual(['normal', 'reduce']);
    const few = { ...budget, latency: { ...budget.latency, costs: { ...costs, reduce: [1] } } };
    expect(() => penaltiesFor({ ...settings, budget: few })).toThrow(
      /do not fit the search space.*reduce cell.*112 values.*found: +1/s,
    );
  });
});

describe('the table', () => {
  it('must have all operations of the search', () => {
    const some = table.entries.filter(({ operation }) => operation !== 'dil_conv_5x5');
    expect(() => latencySettings({ ...table, entries: some }, '', DARTS_SPACE)).toThrow(
      expect.objectContaining({ code: 'usage', message: expect.stringContaining('dil_conv_5x5') }),
    );
  });

  it('says where it is from, if not from here', () => {
    const { device } = table;
    const other = { ...device, processor: { ...device.processor, model: 'Another one' } };
    expect(foreignDevice(table, { ...device, gpus: null, memoryBytes: 1 })).toBeUndefined();
    expect(foreignDevice(table, other)).toMatch(/of A processor .* this machine is Another one/);
    expect(foreignDevice(table, { ...device, platform: 'darwin arm64' })).toContain('darwin arm64');
  });
});
