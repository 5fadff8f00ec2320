// The file of a table from the rows of its journal.
import type { Scores } from '../loop/meter.js';
import { outputStates, type SearchSpace } from '../spaces/search-space.js';
import type { TableCell } from './cells.js';
import { isTrained, type Row, type TrainedRow } from './rows.js';
import { type Split, type Table, type TableNetwork, tableFormat, tableVersion } from './table-file.js';

export interface TableParts
  extends Omit<Table, 'format' | 'version' | 'space' | 'epochs' | 'cells' | 'seeds'> {
  readonly space: SearchSpace;
  readonly cells: readonly TableCell[];
  readonly rows: readonly Row[];
  readonly print: (genotype: NonNullable<TableCell['genotype']>) => string;
  /** Milliseconds of one example, by architecture, where they were measured. */
  readonly latencyMs: ReadonlyMap<string, number>;
}

/** Digits behind the point: more than some thousand examples can tell, and few enough for a small file. */
const digits = 4;

export function makeTable({ space, cells, rows, print, latencyMs, declaration, ...head }: TableParts): Table {
  const trained = rows.filter(isTrained);
  const bySeed = new Map(trained.map((row) => [`${row.seed} ${row.architecture}`, row]));
  const epochs = epochsOf(trained[0]);
  const { seeds } = declaration;
  const entries = cells.map(({ architecture, codes, genotype }): [string, Table['cells'][string]] => {
    const own = seeds.map((seed) => bySeed.get(`${seed} ${architecture}`));
    const [any] = own.flatMap((row) => row ?? []);
    if (genotype === undefined) return [architecture, { codes }];
    const latency = latencyMs.get(architecture);
    const network: TableNetwork = {
      codes,
      genotype: print(genotype),
      parameters: any?.parameters ?? 0,
      macs: any?.macs ?? 0,
      ...(latency === undefined ? {} : { latencyMs: rounded(latency) }),
      seconds: own.map((row) => (row === undefined ? null : rounded(row.seconds))),
      train: splitOf(own, 'train'),
      ...(epochs.validation.length === 0 ? {} : { validation: splitOf(own, 'validation') }),
      test: splitOf(own, 'test'),
    };
    return [architecture, network];
  });
  return {
    format: tableFormat,
    version: tableVersion,
    ...head,
    declaration,
    space: {
      name: space.name,
      cellTypes: space.cellTypes.map(({ name, inputs, nodes, primitives, ...own }) => ({
        name,
        inputs,
        nodes,
        output: outputStates({ inputs, nodes, ...own }),
        primitives: [...primitives],
      })),
    },
    seeds,
    epochs,
    cells: Object.fromEntries(entries),
  };
}

function epochsOf(row: TrainedRow | undefined): Table['epochs'] {
  const having = (split: Split): number[] =>
    row === undefined ? [] : row.epochs.flatMap((one) => (one[split] === undefined ? [] : [one.epoch]));
  return { train: having('train'), validation: having('validation'), test: having('test') };
}

/** Each score of the split, by seed. */
function splitOf(rows: readonly (TrainedRow | undefined)[], split: Split): TableNetwork['test'] {
  const scoresOf = (row: TrainedRow): Scores[] =>
    row.epochs.map((epoch) => epoch[split]).filter((scores) => scores !== undefined);
  const [any] = rows.flatMap((row) => row ?? []);
  const names = any === undefined ? [] : Object.keys(scoresOf(any)[0] ?? {});
  return Object.fromEntries(
    names.map((name) => [
      name,
      rows.map((row) =>
        row === undefined ? null : scoresOf(row).map((scores) => rounded(scores[name] ?? Number.NaN)),
      ),
    ]),
  );
}

function rounded(value: number): number {
  return Number(value.toFixed(digits));
}
