// The rows that a table's file holds, to the digits that it holds: so that a table that was begun elsewhere goes on from its file.
import type { Scores } from '../loop/meter.js';
import type { CellEpoch, TrainedRow } from './rows.js';
import { isNetwork, type Split, type Table, type TableNetwork } from './table-file.js';

/** Seed by seed, as they were planned. */
export function rowsOfTable({ cells, seeds, epochs }: Table): TrainedRow[] {
  return seeds.flatMap((seed, place) =>
    Object.entries(cells).flatMap(([architecture, cell]): TrainedRow[] => {
      if (!isNetwork(cell)) return [];
      const seconds = cell.seconds[place] ?? null;
      if (seconds === null) return [];
      const { parameters, macs } = cell;
      const own = epochs.train.map((epoch): CellEpoch => {
        const of = (split: Split): Scores | undefined =>
          scoresAt(cell, split, place, epochs[split].indexOf(epoch));
        const [validation, test] = [of('validation'), of('test')];
        return {
          epoch,
          train: of('train') ?? {},
          ...(validation === undefined ? {} : { validation }),
          ...(test === undefined ? {} : { test }),
        };
      });
      return [{ architecture, seed, parameters, macs, epochs: own, seconds }];
    }),
  );
}

function scoresAt(network: TableNetwork, split: Split, seed: number, at: number): Scores | undefined {
  if (at < 0) return undefined;
  return Object.fromEntries(
    Object.entries(network[split] ?? {}).flatMap(([name, lists]) => {
      const value = lists[seed]?.[at];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
