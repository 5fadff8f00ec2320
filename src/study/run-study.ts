// Runs a study in its folder: every method with every seed, so many side by side, each in a process of its own. What is
// finished already stays as it is and what was stopped is continued, so that one and the same call begins a study and
// goes on with it. A run that fails is recorded, and the others go on.
import os from 'node:os';
import type { Genotype } from '../spaces/genotype.js';
import { summarise } from '../statistics.js';
import { resultsOf } from './collect.js';
import type { Match, Study } from './config.js';
import { type PlannedMethod, type PlannedRun, planRuns } from './plan.js';
import { isFinished, readFigures } from './read-run.js';
import type { Failure, StudyResults } from './results.js';
import { Slots } from './slots.js';
import { type Calibration, Interrupted, StageFailure, Stages, type StagesInputs } from './stages.js';

export interface StudyInputs extends StagesInputs {
  /** Runs side by side; as the study says where it is not given. It changes no result. */
  readonly jobs?: number | undefined;
  /** Where runs lie, where that is not in the study's folder. */
  readonly plan?: readonly PlannedMethod[];
  /** Names and versions. */
  readonly tools: Readonly<Record<string, string>>;
}

/** Runs what is left of the study and returns all that is known then; unfinished runs mean that it was interrupted. */
export async function runStudy(inputs: StudyInputs): Promise<StudyResults> {
  const { folder, study, subject, line } = inputs;
  const [metric] = subject.measures.metrics;
  const stages = new Stages(inputs);
  const jobs = inputs.jobs ?? jobsOf(study);
  const slots = new Slots(jobs);
  const plan = inputs.plan ?? planRuns(study, folder.path);
  const runs = plan.flatMap((method) => method.runs);
  let done = runs.filter((run) => isFinished(run, study)).length;
  const counted = (): string => `${done} of ${runs.length} done`;
  const beside = Number.isFinite(jobs) ? `${jobs} side by side` : 'all in the queue,';
  line(
    `${runs.length} runs, ${beside} with ${study.threads === 1 ? 'one thread' : `${study.threads} threads`} each; ${counted()}`,
  );

  const calibrations = new Map(
    plan.map((method) => [method, calibrate(method, study.searchSeconds, stages, slots)]),
  );
  const genotypes = new Map<PlannedRun, Promise<Genotype>>();
  const find = async (method: PlannedMethod, run: PlannedRun): Promise<Genotype> => {
    const { random } = method.method;
    if (random === undefined) {
      const calibration = await calibrations.get(method);
      return slots.use(() =>
        stages.search(run, calibration === undefined ? {} : { epochs: calibration.epochs }),
      );
    }
    const target = random.match && (await targetParameters(random.match, genotypes, subject.parametersOf));
    return slots.use(() => stages.draw(run, random, target));
  };
  // Searches before draws, which may wait for all genotypes of a method.
  for (const searches of [true, false]) {
    for (const method of plan.filter(({ method: { random } }) => (random === undefined) === searches))
      for (const run of method.runs) genotypes.set(run, find(method, run));
  }

  const finish = async (run: PlannedRun): Promise<Failure | undefined> => {
    const wasFinished = isFinished(run, study);
    try {
      const genotype = await genotypes.get(run);
      // Before the searches that still wait: whole runs are worth more than many begun ones.
      if (genotype !== undefined && study.children !== false)
        await slots.useNext(() => stages.train(run, genotype));
      if (wasFinished) return undefined;
      done += 1;
      const { test } = await readFigures(run, subject);
      const score = test?.[metric.name];
      const said = score === undefined ? '' : `, test ${metric.name} ${metric.format(score)}`;
      line(`finished: ${run.title}${said}; ${counted()}`);
      return undefined;
    } catch (error) {
      if (error instanceof Interrupted) return undefined;
      if (!(error instanceof StageFailure)) throw error;
      done += 1;
      line(`failed:   ${run.title}, ${describeFailure(error.failure)}; ${counted()}`);
      return error.failure;
    }
  };
  const failures = await Promise.all(runs.map(finish));
  const measured = await Promise.all(
    [...calibrations].map(async ([{ method }, calibration]) => {
      const found = await calibration?.catch(() => undefined);
      return found === undefined ? [] : [{ method: method.name, ...found }];
    }),
  );
  return resultsOf(inputs, runs, failures, measured.flat());
}

/** As many as the cores have room for, unless the study says how many. */
function jobsOf({ jobs, threads }: Study): number {
  return jobs === 'auto' ? Math.max(1, Math.floor(os.availableParallelism() / threads)) : jobs;
}

export function calibrate(
  method: PlannedMethod,
  seconds: number | undefined,
  stages: Stages,
  slots: Slots,
): Promise<Calibration> | undefined {
  if (seconds === undefined || method.method.random !== undefined) return undefined;
  return slots.use(() => stages.calibrate(method, seconds));
}

/** What a match aims at: the number of the study file, or the mean over the genotypes that a method has found. */
async function targetParameters(
  { target }: Match,
  genotypes: ReadonlyMap<PlannedRun, Promise<Genotype>>,
  parametersOf: (genotype: Genotype) => number,
): Promise<number> {
  if (typeof target === 'number') return target;
  const ofTarget = [...genotypes].flatMap(([run, genotype]) =>
    run.method.name === target ? [genotype] : [],
  );
  const settled = await Promise.allSettled(ofTarget);
  if (settled.some((one) => one.status === 'rejected' && one.reason instanceof Interrupted))
    throw new Interrupted();
  const mean = summarise(
    settled.flatMap((one) => (one.status === 'fulfilled' ? [parametersOf(one.value)] : [])),
  )?.mean;
  if (mean !== undefined) return mean;
  const lastLines = [`${target} found no genotype whose parameters could be matched.`];
  throw new StageFailure({ stage: 'draw', exitCode: null, lastLines });
}

/** `search ended with exit code 2` */
export function describeFailure({ stage, exitCode }: Failure): string {
  return exitCode === null ? `${stage} could not be done` : `${stage} ended with exit code ${exitCode}`;
}
