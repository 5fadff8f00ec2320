// How far a table has come: its plan, networks by seeds, and what its journal says of it so far.
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { lockState } from '../runs/lock.js';
import { runFailureSchema, runFiles } from '../runs/run-store.js';
import { printGenotypeOf } from '../spaces/print.js';
import type { SpaceForm } from '../spaces/search-space.js';
import { tableCells } from '../table/cells.js';
import { type Declaration, declarationSchema, declaredSpace } from '../table/declaration.js';
import { planSchema, tableFiles } from '../table/folder.js';
import { isTrained, keyOf, type TrainedRow } from '../table/rows.js';
import { tasks } from '../tasks/tasks.js';
import type { FoundFolder } from './find-runs.js';
import type { Roots } from './inside.js';
import type { MetricInfo, TableInfo, TableNetworkInfo } from './messages.js';
import { jsonInside, metricInfo, stateOf } from './run-info.js';
import type { TableRows } from './table-rows.js';

const configSchema = z.object({
  kind: z.literal('table'),
  declaration: declarationSchema,
  data: z.object({ name: z.string() }),
});

/** Of the best networks, and of failures, as many as are listed. */
const listed = 10;
/** Digits behind the point of a score. */
const digits = 4;

/** What a table is of, from its configuration; it stays the same while the table is made. */
export interface WatchedTable {
  readonly declaration: Declaration;
  readonly data: string;
  readonly metric: MetricInfo;
  /** Every network, in the order in which they are trained. */
  readonly networks: readonly { readonly architecture: string; readonly genotype: string }[];
}

/** Undefined for a folder whose configuration is of no table that this version knows. */
export function tablePlan({ config }: Pick<FoundFolder, 'config'>): WatchedTable | undefined {
  const parsed = configSchema.safeParse(config).data;
  if (parsed === undefined) return undefined;
  const { declaration, data } = parsed;
  const { form, measures } = tasks[declaration.task];
  const anyForm: SpaceForm = form;
  return {
    declaration,
    data: data.name,
    metric: metricInfo(measures.metrics[0]),
    networks: tableCells(declaredSpace(declaration)).flatMap(({ architecture, genotype }) =>
      genotype === undefined ? [] : [{ architecture, genotype: printGenotypeOf(anyForm, genotype) }],
    ),
  };
}

export async function tableInfo(
  roots: Roots,
  id: string,
  { name, path }: FoundFolder,
  { declaration, data, metric, networks }: WatchedTable,
  { rows }: Pick<TableRows, 'rows'>,
): Promise<TableInfo> {
  const [failure, plan, folder, journal] = await Promise.all([
    jsonInside(roots, join(path, runFiles.failure), runFailureSchema),
    jsonInside(roots, join(path, tableFiles.plan), planSchema),
    stat(path),
    stat(join(path, runFiles.journal)).catch(() => undefined),
  ]);
  const { seeds } = declaration;
  const trained = new Map(rows.filter(isTrained).map((row) => [keyOf(row), row]));
  const failed = new Map(rows.filter((row) => !trained.has(keyOf(row))).map((row) => [keyOf(row), row]));
  const rowsOf = ({ architecture }: { readonly architecture: string }): (TrainedRow | undefined)[] =>
    seeds.map((seed) => trained.get(keyOf({ architecture, seed })));
  const found = networks.map((network): TableNetworkInfo & { readonly mean: number } => {
    const own = rowsOf(network);
    const [any] = own.flatMap((row) => row ?? []);
    const tests = own.map((row) => scoreOf(row, metric));
    const known = tests.filter((test) => test !== null);
    return {
      ...network,
      parameters: any?.parameters ?? 0,
      macs: any?.macs ?? 0,
      tests,
      mean: known.reduce((sum, test) => sum + test, 0) / known.length,
    };
  });
  const sign = metric.better === 'higher' ? 1 : -1;
  const trainings = plan?.trainings ?? networks.length * seeds.length;
  const startedAt = folder.birthtimeMs || folder.ctimeMs;
  return {
    id,
    name,
    title: declaration.name,
    data,
    metric,
    state: stateOf(lockState(join(path, runFiles.lock)), trained.size >= trainings, failure !== undefined),
    ...(failure === undefined
      ? {}
      : { failure: { message: failure.message, at: Date.parse(failure.at) || startedAt } }),
    changedAt: Math.round(journal?.mtimeMs ?? startedAt),
    seeds,
    networks: networks.length,
    trainings,
    ...(plan?.jobs === undefined ? {} : { jobs: plan.jobs }),
    seconds: secondsOf([...trained.values()]),
    scores: seeds.map((_, place) => found.map(({ tests }) => tests[place] ?? null)),
    failed: seeds.map((seed) =>
      networks.flatMap(({ architecture }, place) =>
        failed.has(keyOf({ architecture, seed })) ? [place] : [],
      ),
    ),
    best: found
      .filter(({ mean }) => !Number.isNaN(mean))
      .sort((a, b) => sign * (b.mean - a.mean))
      .slice(0, listed)
      .map(({ mean: _, ...network }) => network),
    failures: [...failed.values()].slice(-listed).flatMap((row) => (isTrained(row) ? [] : [row])),
  };
}

/** By the metric on the test examples, after the last epoch; null where there is none. */
function scoreOf(row: TrainedRow | undefined, { name }: MetricInfo): number | null {
  const score = row?.epochs.at(-1)?.test?.[name];
  return score === undefined ? null : Number(score.toFixed(digits));
}

/** What a training takes: the mean of the last ones. */
function secondsOf(rows: readonly TrainedRow[]): number | null {
  const recent = rows.slice(-50);
  return recent.length === 0
    ? null
    : Number((recent.reduce((sum, { seconds }) => sum + seconds, 0) / recent.length).toPrecision(4));
}
