// How far a study has come: its plan, and what lies in the folders of its runs so far.
import { join } from 'node:path';
import { z } from 'zod';
import { runFiles } from '../runs/run-store.js';
import { studySchema } from '../study/config.js';
import { type PlannedRun, planRuns, studyFiles } from '../study/plan.js';
import { failureSchema, studyResultsSchema } from '../study/results.js';
import { tasks } from '../tasks/tasks.js';
import type { FoundFolder } from './find-runs.js';
import type { Roots } from './inside.js';
import type { RunInfo, Stage, StudyInfo, StudyRunInfo } from './messages.js';
import { jsonInside, metricInfo } from './run-info.js';

const configSchema = z.object({
  kind: z.literal('study'),
  study: studySchema,
  data: z.object({ name: z.string() }),
});

const resultsSchema = studyResultsSchema.pick({ runs: true });

/** @param runAt the run in a folder, by its real path. */
export async function studyInfo(
  roots: Roots,
  id: string,
  { name, path, config }: FoundFolder,
  runAt: (path: string) => RunInfo | undefined,
): Promise<StudyInfo | undefined> {
  const parsed = configSchema.safeParse(config).data;
  if (parsed === undefined) return undefined;
  const { study, data } = parsed;
  const results = await jsonInside(roots, join(path, studyFiles.results), resultsSchema);
  const plan = planRuns(study, path);
  const [metric] = tasks[study.task].measures.metrics;
  const infoOf = async (run: PlannedRun): Promise<StudyRunInfo> => {
    const collected = results?.runs.find(
      ({ method, seed }) => method === run.method.name && seed === run.seed,
    );
    const alone = await jsonInside(roots, join(run.folder, runFiles.failure), failureSchema);
    const failure = alone ?? collected?.failure;
    const [search, child] = [runAt(run.search), runAt(run.child)];
    const test = child?.results?.test[metric.name];
    const words = failure?.lastLines.at(-1) ?? child?.failure?.message ?? search?.failure?.message;
    const stage = stageOf({ search, child }, failure !== undefined, study.children !== false);
    return {
      seed: run.seed,
      stage,
      ...(search === undefined ? {} : { search: search.id }),
      ...(child === undefined ? {} : { child: child.id }),
      ...(test === undefined ? {} : { test }),
      ...(stage === 'failed' && words !== undefined ? { failure: words } : {}),
    };
  };
  return {
    id,
    name,
    title: study.name,
    data: data.name,
    metric: metricInfo(metric),
    seeds: study.seeds,
    methods: await Promise.all(
      plan.map(async ({ method, runs }) => ({
        name: method.name,
        runs: await Promise.all(runs.map(infoOf)),
      })),
    ),
  };
}

/** What is at work counts, then what is finished, then what went wrong. */
function stageOf(
  { search, child }: { readonly search: RunInfo | undefined; readonly child: RunInfo | undefined },
  hasFailed: boolean,
  isTrained: boolean,
): Stage {
  if (child?.state === 'running') return 'training';
  if (search?.state === 'running') return 'searching';
  if (isTrained ? child?.state === 'done' : search?.state === 'done') return 'finished';
  if (hasFailed || child?.state === 'failed' || search?.state === 'failed') return 'failed';
  if (child !== undefined || (search !== undefined && search.state !== 'done')) return 'stopped';
  // A genotype that is there waits for its training.
  return 'waiting';
}
