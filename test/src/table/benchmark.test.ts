import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { benchmarkOf } from '../../../src/table/benchmark.js';
import { agreementOfSeeds, bestFifth, paretoFront, spreadOf } from '../../../src/table/facts.js';
import type { CellEpoch } from '../../../src/table/rows.js';
import { rowsOfTable } from '../../../src/table/rows-of-table.js';
import { parseTable, printTable, tableJsonSchema } from '../../../src/table/table-file.js';
import { networks, rowOf, tableOf, whole } from '../../support/one-table.js';

const roundedEpoch = (epoch: CellEpoch): object =>
  JSON.parse(JSON.stringify(epoch), (_, value) =>
    typeof value === 'number' ? Number(value.toFixed(4)) : value,
  );

describe('the file of a table', () => {
  it('is read as it was written, and is what its published schema says', () => {
    const text = printTable(whole);
    expect(parseTable(text, 'table.json')).toEqual(whole);
    expect(z.fromJSONSchema(JSON.parse(JSON.stringify(tableJsonSchema()))).safeParse(whole).success).toBe(
      true,
    );
  });

  it('has lists by seed, and by epoch', () => {
    expect(whole.epochs).toEqual({ train: [1, 2], validation: [2], test: [2] });
    expect(whole.cells['|none~0|+|skip_connect~0|none~1|']).toMatchObject({
      latencyMs: 0.25,
      seconds: [2, 2],
      train: {
        accuracy: [
          [0.501, 0.501],
          [0.502, 0.502],
        ],
      },
      test: { accuracy: [[0.501], [0.502]] },
    });
    expect(whole.cells['|none~0|+|none~0|none~1|']).toEqual({ codes: 15 });
  });

  it('holds the rows that it was made of, finished or not', () => {
    const rows = networks.slice(0, 7).map(({ architecture }) => rowOf(architecture, 1));
    expect(rowsOfTable(tableOf(rows))).toEqual(
      rows.map((row) => ({ ...row, epochs: 'epochs' in row ? row.epochs.map(roundedEpoch) : [] })),
    );
    expect(tableOf(rowsOfTable(whole))).toEqual(whole);
  });

  it('is refused in another version, and where it is damaged', () => {
    expect(() => parseTable(printTable(whole).replace('"version": 1', '"version": 2'), 't')).toThrow(
      /version 2/,
    );
    expect(() => parseTable('{}', 't')).toThrow(/damaged/);
  });
});

describe('a table that is asked', () => {
  const benchmark = benchmarkOf(whole);

  it('finds the network of whatever genotype', () => {
    for (const { architecture, genotype } of networks)
      expect(benchmark.find(genotype)?.architecture).toBe(architecture);
  });

  it('says how far a network is from the best, and how many are not better', () => {
    const [worst, best] = [
      '|none~0|+|skip_connect~0|none~1|',
      '|sep_conv_3x3~0|+|sep_conv_3x3~0|sep_conv_3x3~1|',
    ].map((name) => benchmark.networks.find(({ architecture }) => architecture === name)!);
    expect(benchmark.value(best!, 'test')).toBeCloseTo(0.8015);
    expect(benchmark.value(best!, 'test', 1)).toBeCloseTo(0.802);
    expect(benchmark.regret(best!)).toBe(0);
    expect(benchmark.percentile(best!)).toBe(1);
    expect(benchmark.regret(worst!)).toBeCloseTo(0.3);
    expect(benchmark.percentile(worst!)).toBeLessThan(0.2);
  });

  it('says how well its seeds agree, and who is best at its size', () => {
    expect(agreementOfSeeds(benchmark, 'test').all).toBeCloseTo(1);
    expect(bestFifth(benchmark, 'test')).toHaveLength(80);
    expect(paretoFront(benchmark).map(({ parameters }) => parameters)).toEqual([100, 101, 102, 103]);
  });

  it('tells how far networks are apart from how far their trainings are', () => {
    const { between, noise } = spreadOf(benchmark, 'test');
    // Seeds 1 and 2 are 0.001 apart.
    expect(noise).toBeCloseTo(0.001 / Math.SQRT2, 9);
    const tests = benchmark.networks.map((network) => benchmark.value(network, 'test'));
    const mean = tests.reduce((sum, value) => sum + value, 0) / tests.length;
    const variance = tests.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (tests.length - 1);
    expect(between).toBeCloseTo(Math.sqrt(variance - noise ** 2 / 2), 9);
  });

  it('leaves out seeds that not all networks have, or else the networks that lack some', () => {
    const first = networks.map(({ architecture }) => rowOf(architecture, 1));
    const begun = benchmarkOf(
      tableOf([...first, ...first.slice(0, 3).map(({ architecture }) => rowOf(architecture, 2))]),
    );
    expect([begun.seeds, begun.networks.length]).toEqual([[0], 399]);
    const few = benchmarkOf(
      tableOf(
        [1, 2].flatMap((seed) => first.slice(0, 3).map(({ architecture }) => rowOf(architecture, seed))),
      ),
    );
    expect([few.seeds, few.networks.length]).toEqual([[0, 1], 3]);
  });
});
