// The cells of a table of results as text, the same on the terminal, in Markdown and on the page.
import { type ColumnName, columns } from './columns.js';
import type { ExperimentRow, NetworkRow, OursCell, PaperCell, TableResults } from './results.js';

/** What stands where there is nothing. */
export const nothing = '–';

/** `12.34`, with `± 0.56` where there are several runs. */
export function oursText(column: ColumnName, cell: OursCell | undefined): string {
  if (cell === undefined) return nothing;
  if ('text' in cell) return cell.text;
  const { format } = columns[column];
  const { mean, standardDeviation } = cell;
  // Counts are the same in every run.
  const varies = standardDeviation !== null && standardDeviation !== 0;
  return varies ? `${format(mean)} ± ${format(standardDeviation)}` : format(mean);
}

export function paperText(cell: PaperCell | undefined): string {
  return cell === undefined ? nothing : String(cell);
}

/** Heading and cells of a table. */
export interface TextTable {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** One pair of columns for each of the table's, the paper's first; those of which neither has anything are left out. */
export function resultTable({ columns: names, rows }: Pick<TableResults, 'columns' | 'rows'>): TextTable {
  const pairs = names.flatMap((name) => {
    const { title, paperTitle = title } = columns[name];
    const sides: { title: string; cell: (row: ExperimentRow) => string }[] = [
      { title: `${paperTitle}: paper`, cell: ({ paper }) => paperText(paper[name]) },
      { title: `${title}: here`, cell: ({ ours }) => oursText(name, ours[name]) },
    ];
    return sides.filter(({ cell }) => rows.some((row) => cell(row) !== nothing));
  });
  return {
    head: ['', ...pairs.map(({ title }) => title)],
    rows: rows.map((row) => [row.name, ...pairs.map(({ cell }) => cell(row))]),
  };
}

/** What published networks cost, exactly, beside what the paper says. */
export function networkTable(networks: readonly NetworkRow[]): TextTable {
  const hasMacs = networks.some(({ macs }) => macs !== undefined);
  return {
    head: [
      'Genotype',
      'Network',
      'Parameters, M: paper',
      'Parameters: counted',
      ...(hasMacs ? ['Multiply-adds, M: paper', 'Multiply-adds: counted'] : []),
    ],
    rows: networks.map(({ genotype, title, parameters, macs, paperParameters, paperMacs }) => [
      genotype,
      title,
      paperText(paperParameters),
      parameters.toLocaleString('en'),
      ...(hasMacs ? [paperText(paperMacs), macs === undefined ? nothing : macs.toLocaleString('en')] : []),
    ]),
  };
}

/** `seeds 1, 2` */
export function seedsText(seeds: readonly number[]): string {
  return `${seeds.length === 1 ? 'seed' : 'seeds'} ${seeds.join(', ')}`;
}
