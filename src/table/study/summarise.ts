// From the runs of a study on a table to what its methods come to, and what of a difference is more than chance.
import { holm, type Summary, signTest, studentTail, summarise } from '../../statistics.js';
import type { TableStudy } from './config.js';
import type { TableMethodResult, TableRun } from './results.js';

type Stored = NonNullable<TableMethodResult['regret']>;

export function summariseTableRuns(
  { methods: rows, reference }: Pick<TableStudy, 'methods' | 'reference'>,
  runs: readonly TableRun[],
): TableMethodResult[] {
  const finishedOf = (name: string): TableRun[] =>
    runs.filter(({ method, status }) => method === name && status === 'finished');
  const methods = rows.map(({ name, against = reference }): TableMethodResult => {
    const own = finishedOf(name);
    const compared =
      name === against ? undefined : compare(bySeed(own), bySeed(finishedOf(against)), against);
    return {
      name,
      finished: own.length,
      ...member('score', own, ({ score }) => score),
      ...member('regret', own, ({ regret }) => regret),
      ...member('percentile', own, ({ percentile }) => percentile),
      ...member('area', own, ({ area }) => area),
      ...(compared === undefined ? {} : { comparison: compared }),
      times: member('searchSeconds', own, ({ times }) => times.searchSeconds),
    };
  });
  return corrected(methods);
}

function bySeed(runs: readonly TableRun[]): Map<number, number> {
  return new Map(runs.flatMap(({ seed, regret }) => (regret === undefined ? [] : [[seed, regret] as const])));
}

type Comparison = NonNullable<TableMethodResult['comparison']>;

function compare(
  own: ReadonlyMap<number, number>,
  held: ReadonlyMap<number, number>,
  against: string,
): Comparison | undefined {
  const differences = [...own].flatMap(([seed, regret]) => {
    const other = held.get(seed);
    return other === undefined ? [] : [regret - other];
  });
  const summary = summarise(differences);
  if (summary === undefined) return undefined;
  const { n, mean, standardDeviation } = summary;
  const t =
    standardDeviation === null || standardDeviation === 0
      ? undefined
      : (mean * Math.sqrt(n)) / standardDeviation;
  const student = t === undefined ? null : studentTail(t, n - 1);
  const sign = signTest(differences);
  return {
    against,
    difference: stored(summary),
    better: differences.filter((difference) => difference < 0).length,
    worse: differences.filter((difference) => difference > 0).length,
    student,
    sign,
    studentHolm: student,
    signHolm: sign,
  };
}

/** With as many comparisons as there are taken into account. */
function corrected(methods: readonly TableMethodResult[]): TableMethodResult[] {
  const compared = methods.flatMap(({ comparison }) => comparison ?? []);
  const tested = compared.filter(({ student }) => student !== null);
  const students = holm(tested.map(({ student }) => student ?? 1));
  const signs = holm(compared.map(({ sign }) => sign));
  return methods.map((method) => {
    const { comparison } = method;
    if (comparison === undefined) return method;
    const studentHolm = students[tested.indexOf(comparison)] ?? null;
    return {
      ...method,
      comparison: { ...comparison, studentHolm, signHolm: signs[compared.indexOf(comparison)] ?? 1 },
    };
  });
}

function member<K extends string>(
  key: K,
  runs: readonly TableRun[],
  read: (run: TableRun) => number | undefined,
): { [P in K]?: Stored } {
  const summary = summarise(runs.flatMap((run) => read(run) ?? []));
  const result: { [P in K]?: Stored } = {};
  if (summary !== undefined) result[key] = stored(summary);
  return result;
}

function stored({ n, mean, standardDeviation, interval }: Summary): Stored {
  return { n, mean, standardDeviation, interval: interval === null ? null : [...interval] };
}
