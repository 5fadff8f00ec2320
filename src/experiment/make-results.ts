// From what the runs came to, to the table with the paper's figures beside ours. Pure functions.
import { summarise } from '../statistics.js';
import type { StudyResults } from '../study/results.js';
import { codeShares } from './codes.js';
import { type ColumnName, columns } from './columns.js';
import type { CodesDeclaration, TableDeclaration } from './declaration.js';
import type { MethodRuns } from './method-runs.js';
import type { Scale } from './names.js';
import { countNetwork } from './networks.js';
import type { CodesResults, ExperimentRow, NetworkRow, OursCell, TableResults } from './results.js';
import { seriesLine } from './series.js';

export interface Named {
  readonly name: string;
  /** By which it is made again. */
  readonly command: string;
}

export function codesResults(declaration: CodesDeclaration, { name, command }: Named): CodesResults {
  const { kind, title, source, shows, inconsistencies, incomparable, published } = declaration;
  const { probabilities, samples, draws, seed } = declaration;
  return {
    format: 1,
    kind,
    name,
    title,
    source,
    shows,
    command,
    probabilities,
    samples,
    draws,
    seed,
    codes: codeShares(declaration).map((share) => {
      const paper = published[share.code];
      return paper === undefined ? share : { ...share, paper };
    }),
    inconsistencies,
    incomparable,
  };
}

export function tableResults(
  declaration: TableDeclaration,
  { name, command, scale }: Named & { readonly scale: Scale },
  study: StudyResults,
  methods: readonly MethodRuns[],
): TableResults {
  const { kind, title, source, shows, inconsistencies, incomparable, series } = declaration;
  return {
    format: 1,
    kind,
    name,
    scale,
    title,
    source,
    shows,
    command,
    columns: declaration.columns,
    rows: rowsOf(declaration, methods),
    ...(series === undefined
      ? {}
      : { series: { name: series, lines: methods.map((method) => copied(seriesLine(series, method))) } }),
    networks: networkRows(declaration),
    inconsistencies,
    incomparable,
    study,
  };
}

/** The paper's rows in its order, and then those of ours that it does not have. */
function rowsOf(
  { columns: names, published }: TableDeclaration,
  methods: readonly MethodRuns[],
): ExperimentRow[] {
  const own = new Map(methods.map((method) => [method.method.name, method]));
  const others = methods.filter(({ method }) => !published.some(({ name }) => name === method.name));
  return [
    ...published.map(({ name, values }) => ({ name, ours: oursOf(names, own.get(name)), paper: values })),
    ...others.map((method) => ({ name: method.method.name, ours: oursOf(names, method), paper: {} })),
  ];
}

function oursOf(names: readonly ColumnName[], method: MethodRuns | undefined): ExperimentRow['ours'] {
  const cells: ExperimentRow['ours'] = {};
  if (method === undefined) return cells;
  for (const name of names) {
    const cell = cellOf(columns[name].ours(method));
    if (cell !== undefined) cells[name] = cell;
  }
  return cells;
}

function cellOf(ours: readonly number[] | string | undefined): OursCell | undefined {
  if (ours === undefined) return undefined;
  if (typeof ours === 'string') return { text: ours };
  const summary = summarise(ours);
  if (summary === undefined) return undefined;
  const { mean, standardDeviation } = summary;
  return { values: [...ours], mean, standardDeviation };
}

/** The published networks, counted. @throws GenonnxError `usage` for a genotype that the zoo does not know. */
export function networkRows({ networks, published }: TableDeclaration): NetworkRow[] {
  return networks.map(({ genotype, network, row }) => {
    const paper = published.find(({ name }) => name === row)?.values;
    const [parameters, macs] = [paper?.parameters, paper?.['multiply-adds']];
    return {
      ...countNetwork(genotype, network),
      row,
      ...(parameters === undefined ? {} : { paperParameters: parameters }),
      ...(macs === undefined ? {} : { paperMacs: macs }),
    };
  });
}

function copied({ name, points }: ReturnType<typeof seriesLine>) {
  return { name, points: points.map((point) => ({ ...point })) };
}
