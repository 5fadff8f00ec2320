// A table of the space of a single cell whose scores are a rule: the more separable convolutions the better.
import { ONE_CELL_FORM, ONE_CELL_SPACE } from '../../src/spaces/one-cell.js';
import { printGenotypeOf } from '../../src/spaces/print.js';
import { tableCells } from '../../src/table/cells.js';
import type { Declaration } from '../../src/table/declaration.js';
import { makeTable } from '../../src/table/make-table.js';
import type { Row } from '../../src/table/rows.js';
import type { Table } from '../../src/table/table-file.js';

const cells = tableCells(ONE_CELL_SPACE);
/** Every network of the space. */
export const networks = cells.flatMap(({ architecture, genotype }) =>
  genotype === undefined ? [] : [{ architecture, genotype }],
);

/** A row that follows the rule, and the seed a little. */
export function rowOf(architecture: string, seed: number): Row {
  const separable = architecture.split('sep_conv').length - 1;
  const accuracy = 0.5 + 0.1 * separable + 0.001 * seed;
  const scores = { loss: 1 - accuracy, accuracy };
  const validation = { ...scores, accuracy: accuracy - 0.01 };
  return {
    architecture,
    seed,
    parameters: 100 + separable,
    macs: 1000,
    epochs: [
      { epoch: 1, train: scores },
      { epoch: 2, train: scores, validation, test: scores },
    ],
    seconds: 2,
  };
}

/** What the table is of. */
export const declaration: Declaration = {
  name: 'a table',
  task: 'one-cell',
  data: 'fashion-mnist',
  preset: 'small',
  seeds: [1, 2],
  threads: 1,
  train: {},
};

/** The table of rows, finished or not. */
export function tableOf(rows: readonly Row[]): Table {
  return makeTable({
    name: 'a table',
    task: 'one-cell',
    recipe: { channels: 8 },
    data: { name: 'fashion-mnist', checksums: {}, trainExamples: 6000, testExamples: 2000 },
    metric: { name: 'accuracy', better: 'higher' },
    tools: { genonnx: '0' },
    declaration,
    space: ONE_CELL_SPACE,
    cells,
    rows,
    print: (genotype) => printGenotypeOf(ONE_CELL_FORM, genotype),
    latencyMs: new Map([['|none~0|+|skip_connect~0|none~1|', 0.25]]),
  });
}

/** All of it. */
export const whole = tableOf(
  [1, 2].flatMap((seed) => networks.map(({ architecture }) => rowOf(architecture, seed))),
);
