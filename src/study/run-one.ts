// One run of a study by itself, as a job of a cluster starts it: others run beside it, on this machine or on ones that share the
// study's folder. What it comes to lies in that folder, where the results are collected from.
//
//   runs/<method>/seed-<n>/journal.jsonl     the commands that were started for it
//   runs/<method>/seed-<n>/failure.json      why it failed, until it succeeds
import { existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { GenonnxError } from '../errors.js';
import { writeJsonAtomic } from '../runs/atomic.js';
import { FolderFiles } from '../runs/folder-files.js';
import { Journal } from '../runs/journal.js';
import { readJson } from '../runs/json-file.js';
import { runFiles } from '../runs/run-store.js';
import type { Genotype } from '../spaces/genotype.js';
import { summarise } from '../statistics.js';
import { type Collected, resultsOf } from './collect.js';
import type { Study } from './config.js';
import { type PlannedMethod, type PlannedRun, planRuns } from './plan.js';
import { isFinished, readGenotype } from './read-run.js';
import { type Failure, failureSchema, type StudyResults } from './results.js';
import { calibrate } from './run-study.js';
import { Slots } from './slots.js';
import { Interrupted, StageFailure, Stages, type StagesInputs } from './stages.js';

export interface OneRun {
  readonly title: string;
  readonly folder: string;
  /** Unfinished where it was interrupted. */
  readonly status: 'finished' | 'failed' | 'unfinished';
  readonly failure?: Failure;
}

/**
 * Runs what is left of run `index` of the plan, from 0: the methods of the study in their order, each with every seed.
 * @throws GenonnxError `usage` for an index that the plan does not have.
 */
export async function runOne(
  { folder, study, subject, ...inputs }: Omit<StagesInputs, 'folder'> & { readonly folder: string },
  index: number,
): Promise<OneRun> {
  const plan = planRuns(study, folder);
  const { method, run } = plannedRun(plan, index);
  await mkdir(run.folder, { recursive: true });
  const journal = await Journal.open(new FolderFiles(run.folder), runFiles.journal);
  const stages = new Stages({ folder: { path: folder, journal }, study, subject, ...inputs });
  const { title } = run;
  try {
    const genotype = await genotypeOf(method, run, plan, study, stages, subject);
    if (study.children !== false) await stages.train(run, genotype);
    await rm(failureOf(run), { force: true });
    return { title, folder: run.folder, status: 'finished' };
  } catch (error) {
    if (error instanceof Interrupted) return { title, folder: run.folder, status: 'unfinished' };
    if (!(error instanceof StageFailure)) throw error;
    const { failure } = error;
    await writeJsonAtomic(failureOf(run), failure);
    return { title, folder: run.folder, status: 'failed', failure };
  }
}

/** Before anything is made. @throws GenonnxError `usage` for an index that the plan does not have. */
export function requireRun(study: Study, index: number): void {
  plannedRun(planRuns(study, ''), index);
}

/** What the runs in the study's folder have come to, however many there are yet. */
export async function collectRuns(collected: Collected): Promise<StudyResults> {
  const runs = planRuns(collected.study, collected.folder.path).flatMap((method) => method.runs);
  const failures = await Promise.all(
    runs.map((run) =>
      isFinished(run, collected.study) || !existsSync(failureOf(run))
        ? undefined
        : readJson(failureOf(run), failureSchema, 'the failure of a run'),
    ),
  );
  return resultsOf(collected, runs, failures);
}

function failureOf(run: PlannedRun): string {
  return join(run.folder, 'failure.json');
}

async function genotypeOf(
  planned: PlannedMethod,
  run: PlannedRun,
  plan: readonly PlannedMethod[],
  { searchSeconds }: Study,
  stages: Stages,
  subject: StagesInputs['subject'],
): Promise<Genotype> {
  const { random } = planned.method;
  if (random === undefined) {
    const calibration = await calibrate(planned, searchSeconds, stages, new Slots(1));
    return stages.search(run, calibration === undefined ? {} : { epochs: calibration.epochs });
  }
  const target = random.match?.target;
  const aim = typeof target === 'string' ? await meanParameters(target, plan, subject) : target;
  return stages.draw(run, random, aim);
}

/** Of the genotypes that the runs of a method have found. */
async function meanParameters(
  target: string,
  plan: readonly PlannedMethod[],
  { form, parametersOf }: StagesInputs['subject'],
): Promise<number> {
  const runs = plan.flatMap((method) => method.runs);
  const own = runs.filter(({ method }) => method.name === target);
  const genotypes = await Promise.all(own.map((run) => readGenotype(run, form)));
  const missing = own.filter((_, i) => genotypes[i] === undefined).map((run) => runs.indexOf(run));
  const found = summarise(
    genotypes.flatMap((genotype) => (genotype === undefined ? [] : [parametersOf(genotype)])),
  );
  if (missing.length === 0 && found !== undefined) return found.mean;
  const lastLines = [
    `Its genotype is to match those of ${target}, which are not all there: run ${missing.join(', ')} first.`,
  ];
  throw new StageFailure({ stage: 'draw', exitCode: null, lastLines });
}

function plannedRun(
  plan: readonly PlannedMethod[],
  index: number,
): { readonly method: PlannedMethod; readonly run: PlannedRun } {
  const all = plan.flatMap((method) => method.runs.map((run) => ({ method, run })));
  const found = all[index];
  if (found !== undefined) return found;
  throw new GenonnxError('usage', 'The study has no such run.', {
    where: '`index`',
    expected: `0 to ${all.length - 1}: ${all.length} runs, each method with every seed`,
    found: String(index),
    cure: 'Start as many jobs as there are runs, counted from 0.',
  });
}
