// What a run folder says of its run, but for the journal: read, never written.
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Metric } from '../loop/meter.js';
import { asJson, type Json } from '../runs/json.js';
import { type LockState, lockState } from '../runs/lock.js';
import { runFailureSchema, runFiles } from '../runs/run-store.js';
import { GENOTYPE_FORMS, GENOTYPE_KINDS, type GenotypeKind } from '../spaces/kinds.js';
import { taskField } from '../tasks/names.js';
import { type TaskName, tasks } from '../tasks/tasks.js';
import { resultsFile, resultsSchema } from '../train/train-run.js';
import type { FoundFolder } from './find-runs.js';
import { type Roots, readInside } from './inside.js';
import type { MetricInfo, RunInfo, RunState } from './messages.js';

const configSchema = z.object({
  kind: z.enum(['search', 'train']),
  task: taskField,
  settings: z.looseObject({
    epochs: z.int().min(0),
    scope: z.enum(['edge', 'node']).optional(),
    genotype: z.string().optional(),
  }),
  data: z.object({ name: z.string() }),
  engine: z.string().optional(),
  layout: z.looseObject({ kind: z.string() }).optional(),
});

/** Undefined for a folder whose configuration is of no run that this version knows. */
export async function runInfo(
  roots: Roots,
  id: string,
  { name, path, config }: FoundFolder,
): Promise<RunInfo | undefined> {
  const parsed = configSchema.safeParse(config).data;
  if (parsed === undefined) return undefined;
  const { kind, task, settings, data, engine, layout } = parsed;
  const [failure, results, folder, journal] = await Promise.all([
    jsonInside(roots, join(path, runFiles.failure), runFailureSchema),
    jsonInside(roots, join(path, resultsFile), resultsSchema),
    stat(path),
    stat(join(path, runFiles.journal)).catch(() => undefined),
  ]);
  const isDone =
    kind === 'train'
      ? results !== undefined
      : (await readInside(roots, join(path, runFiles.genotype))) !== undefined;
  const { measures, form, space } = tasks[task];
  const startedAt = folder.birthtimeMs || folder.ctimeMs;
  return {
    id,
    name,
    kind,
    task,
    state: stateOf(lockState(join(path, runFiles.lock)), isDone, failure !== undefined),
    ...(failure === undefined
      ? {}
      : { failure: { message: failure.message, at: Date.parse(failure.at) || startedAt } }),
    epochs: settings.epochs,
    startedAt: Math.round(startedAt),
    changedAt: Math.round(journal?.mtimeMs ?? startedAt),
    settings: Object.fromEntries(
      flattened(asJson({ ...settings, data: data.name, engine, layout: layout?.kind })),
    ),
    examples: measures.examples,
    metrics: measures.metrics.map(metricInfo),
    cellKind: kindOfForm(form),
    ...(kind === 'search'
      ? {
          search: {
            scope: settings.scope ?? 'node',
            cellTypes: space.cellTypes.map(({ name: type, title, inputs, primitives }) => ({
              name: type,
              title,
              inputs,
              primitives: [...primitives],
            })),
          },
        }
      : {}),
    ...(settings.genotype === undefined ? {} : { genotype: settings.genotype }),
    ...(results === undefined ? {} : { results }),
  };
}

/** Whoever holds a run's lock works on it, whatever was there before. */
export function stateOf(lock: LockState, isDone: boolean, hasFailed: boolean): RunState {
  if (lock === 'held') return 'running';
  if (isDone) return 'done';
  if (hasFailed) return 'failed';
  return lock === 'left' ? 'killed' : 'stopped';
}

export function metricInfo({ name, title, better, bounds }: Metric): MetricInfo {
  return { name, title, better, form: bounds?.[1] === 1 ? 'share' : 'number' };
}

function kindOfForm({ name }: (typeof tasks)[TaskName]['form']): GenotypeKind {
  return GENOTYPE_KINDS.find((kind) => GENOTYPE_FORMS[kind].name === name) ?? 'convolutional';
}

/** Every member that is no object, by its path. */
function flattened(value: Json, path = ''): [path: string, text: string][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return [[path, typeof value === 'string' ? value : JSON.stringify(value)]];
  return Object.entries(value).flatMap(([key, member]) =>
    flattened(member, path === '' ? key : `${path}.${key}`),
  );
}

/** What is in a JSON file; undefined where there is none, or where it is something else. */
export async function jsonInside<T>(
  roots: Roots,
  path: string,
  schema: z.ZodType<T>,
): Promise<T | undefined> {
  const bytes = await readInside(roots, path);
  if (bytes === undefined) return undefined;
  try {
    return schema.safeParse(JSON.parse(bytes.toString('utf8'))).data;
  } catch {
    return undefined;
  }
}
