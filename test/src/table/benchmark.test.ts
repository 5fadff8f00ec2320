import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ONE_CELL_FORM, ONE_CELL_SPACE } from '../../../src/spaces/one-cell.js';
import { printGenotypeOf } from '../../../src/spaces/print.js';
import { benchmarkOf } from '../../../src/table/benchmark.js';
import { tableCells } from '../../../src/table/cells.js';
import { agreementOfSeeds, bestFifth, paretoFront } from '../../../src/table/facts.js';
import { makeTable } from '../../../src/table/make-table.js';
import type { Row } from '../../../src/table/rows.js';
import { parseTable, printTable, tableJsonSchema } from '../../../src/table/table-file.js';

const cells = tableCells(ONE_CELL_SPACE);
const networks = cells.flatMap(({ architecture, genotype }) =>
  genotype === undefined ? [] : [{ architecture, genotype }],
);

/** The more separable convolutions the better, and a little by the seed. */
function rowOf(architecture: string, seed: number): Row {
  const separable = architecture.split('sep_conv').length - 1;
  const accuracy = 0.5 + 0.1 * separable + 0.001 * seed;
  const scores = { loss: 1 - accuracy, accuracy };
  return {
    architecture,
    seed,
    parameters: 100 + separable,
    macs: 1000,
    epochs: [
      { epoch: 1, train: scores },
      { epoch: 2, train: scores, validation: scores, test: scores },
    ],
    seconds: 2,
  };
}

function tableOf(rows: readonly Row[]) {
  return makeTable({
    name: 'a table',
    task: 'one-cell',
    recipe: { channels: 8 },
    data: { name: 'fashion-mnist', checksums: {}, trainExamples: 6000, testExamples: 2000 },
    metric: { name: 'accuracy', better: 'higher' },
    tools: { genonnx: '0' },
    declaration: {
      name: 'a table',
      task: 'one-cell',
      data: 'fashion-mnist',
      preset: 'small',
      seeds: [1, 2],
      threads: 1,
      train: {},
    },
    space: ONE_CELL_SPACE,
    cells,
    rows,
    print: (genotype) => printGenotypeOf(ONE_CELL_FORM, genotype),
    latencyMs: new Map([['|none~0|+|skip_connect~0|none~1|', 0.25]]),
  });
}

const whole = tableOf(
  [1, 2].flatMap((seed) => networks.map(({ architecture }) => rowOf(architecture, seed))),
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
