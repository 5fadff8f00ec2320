// The results of a study: what its runs have written down, whoever ran them, and what it comes to.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readJournal } from '../runs/journal-file.js';
import type { RunFolder } from '../runs/run-folder.js';
import { runFiles } from '../runs/run-store.js';
import { confidence, intervalMethod } from '../statistics.js';
import type { Study } from './config.js';
import { nameIn, type PlannedRun } from './plan.js';
import { isFinished, readFigures } from './read-run.js';
import { type Failure, type RunResult, type StudyResults, studyResultsSchema } from './results.js';
import { startSchema } from './stages.js';
import type { StudySubject } from './subject.js';
import { summariseMethods } from './summary.js';

export interface Collected {
  readonly folder: Pick<RunFolder, 'path'>;
  readonly study: Study;
  readonly subject: StudySubject;
  /** Names and versions. */
  readonly tools: Readonly<Record<string, string>>;
}

/**
 * @param failures of the runs, in their order.
 * @param calibration what an epoch took, where the budget is in seconds.
 */
export async function resultsOf(
  { folder, study, subject, tools }: Collected,
  runs: readonly PlannedRun[],
  failures: readonly (Failure | undefined)[],
  calibration: NonNullable<StudyResults['times']['calibration']> = [],
): Promise<StudyResults> {
  const results = await Promise.all(
    runs.map((run, index) => resultOf(run, failures[index], folder.path, { study, subject })),
  );
  return studyResultsSchema.parse({
    format: 2,
    study,
    data: subject.data,
    tools,
    statistics: { confidence, interval: intervalMethod },
    methods: summariseMethods(study, results),
    runs: results,
    times: study.searchSeconds === undefined ? {} : { calibration },
  } satisfies StudyResults);
}

/** What is known of a run once nothing more happens to it. */
async function resultOf(
  run: PlannedRun,
  failure: Failure | undefined,
  folder: string,
  { study, subject }: Pick<Collected, 'study' | 'subject'>,
): Promise<RunResult> {
  const { searchSeconds, trainSeconds, ...figures } = await readFigures(run, subject);
  // A run that was started by itself has a journal of its own.
  const journals = [folder, run.folder].map((of) => join(of, runFiles.journal)).filter(existsSync);
  const starts = (await Promise.all(journals.map((path) => readJournal(path, startSchema)))).flat();
  const own = [run.search, run.child].map((of) => nameIn(folder, of));
  return {
    method: run.method.name,
    seed: run.seed,
    status: failure !== undefined ? 'failed' : isFinished(run, study) ? 'finished' : 'unfinished',
    folder: nameIn(folder, run.folder),
    ...figures,
    ...(failure === undefined ? {} : { failure }),
    times: {
      ...(searchSeconds === undefined ? {} : { searchSeconds }),
      ...(trainSeconds === undefined ? {} : { trainSeconds }),
      continuations: starts.filter((start) => start.continued && own.includes(start.folder)).length,
    },
  };
}
