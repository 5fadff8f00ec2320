// `experiment()`: what the command does. One of the paper's tables or figures, made by the machinery of studies in a folder that
// all experiments share, with the paper's figures beside ours.
import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { packageRoot } from '../../datasets/package-root.js';
import { GenonnxError } from '../errors.js';
import { type Declaration, parseDeclaration, type TableDeclaration } from '../experiment/declaration.js';
import { codesResults, tableResults } from '../experiment/make-results.js';
import { experimentMarkdown } from '../experiment/markdown.js';
import type { MethodRuns } from '../experiment/method-runs.js';
import { EXPERIMENT_NAMES, type Scale } from '../experiment/names.js';
import type { ExperimentResults } from '../experiment/results.js';
import { isSearched, searchedTaskOf, searchSettingsOf } from '../experiment/run-settings.js';
import { planShared } from '../experiment/shared-plan.js';
import { type GivenData, studyOf } from '../experiment/study-of.js';
import { didYouMean } from '../nearest-name.js';
import { writeFileAtomic, writeJsonAtomic } from '../runs/atomic.js';
import { asUnreadable } from '../runs/file-errors.js';
import { createRunFolder, openRunFolder, type RunFolder } from '../runs/run-folder.js';
import { runFiles, volatileKeys } from '../runs/run-store.js';
import { readSearchJournal } from '../search/search-journal.js';
import { isOperation } from '../spaces/search-space.js';
import type { ChildOptions } from '../study/child-settings.js';
import type { Method, Study } from '../study/config.js';
import type { PlannedMethod, PlannedRun } from '../study/plan.js';
import { isSearched as hasSearched } from '../study/read-run.js';
import type { StudyResults } from '../study/results.js';
import { runStudy } from '../study/run-study.js';
import { type TaskName, tasks } from '../tasks/tasks.js';
import type { QueueOptions } from './queue-options.js';
import { type Note, toolVersions } from './session.js';
import { startingBy } from './starting.js';
import { subjectOf } from './study.js';

/** In the folder of an experiment. */
export const experimentFiles = {
  results: 'experiment.json',
  table: 'table.md',
  report: 'report.html',
} as const;

export interface ExperimentOptions extends GivenData {
  /** One of the paper's tables or figures by its name, or the path of a declaration. */
  readonly name: string;
  readonly scale: Scale;
  /** By which it is made again, for whoever reads the results. */
  readonly command: string;
  /** Of all experiments: runs that they have in common are made once. */
  readonly place: string;
  readonly jobs?: number | undefined;
  /** Who makes the runs: processes of this machine, or workers that take them out of a queue. */
  readonly queue?: QueueOptions | undefined;
  /** The options by which declarations, and the commands that are started, name settings. */
  readonly optionsOf: (task: TaskName) => ChildOptions;
  readonly onNote?: Note;
  /** Interrupts the runs, each of which writes a checkpoint first. */
  readonly signal?: AbortSignal;
}

/** Where the results are, and what they are. */
export interface Experimented {
  readonly folder: string;
  readonly results: ExperimentResults;
}

/**
 * Begins an experiment or goes on with it, and writes its results, its table and its page.
 * @throws GenonnxError `usage`, `data-missing`, `resume-mismatch`, ...
 */
export async function experiment(options: ExperimentOptions): Promise<Experimented> {
  const { name, scale, place, command } = options;
  const { declaration, source } = await readDeclaration(name);
  if (declaration.kind === 'codes') {
    const results = codesResults(declaration, {
      name: plainName(name),
      command,
    });
    const folder = join(place, plainName(name));
    await mkdir(folder, { recursive: true });
    return written(folder, results);
  }
  return tableExperiment(declaration, source, options, join(place, `${plainName(name)}-${scale}`));
}

async function tableExperiment(
  declaration: TableDeclaration,
  source: string,
  { name, scale, command, place, jobs, queue, optionsOf, onNote, signal, ...given }: ExperimentOptions,
  path: string,
): Promise<Experimented> {
  const study = studyOf(declaration, { scale, source, optionsOf, given });
  const subject = await subjectOf(study.task, study);
  const { name: dataName, checksums } = subject.data;
  const starting = await startingBy(queue, jobs, onNote);
  const folder = await opened(path, {
    kind: 'experiment',
    scale,
    study,
    data: { name: dataName, checksums },
  });
  try {
    const plan = planShared(study, { place: join(folder.path, '..'), checksums });
    const results = await runStudy({
      folder,
      study,
      subject,
      plan,
      jobs: starting.jobs,
      options: optionsOf(study.task),
      tools: toolVersions,
      startChild: starting.startChild,
      signal: signal ?? new AbortController().signal,
      line: (text) => onNote?.(text),
    });
    const named = { name: plainName(name), scale, command };
    return await written(
      folder.path,
      tableResults(declaration, named, results, await methodRuns(study, plan, results)),
    );
  } finally {
    await folder.close();
    await starting.close();
  }
}

async function opened(path: string, config: object): Promise<RunFolder> {
  if (!existsSync(join(path, runFiles.config))) return createRunFolder(path, config);
  return openRunFolder(path, config, { volatile: [...volatileKeys, 'study.jobs'] });
}

async function written(folder: string, results: ExperimentResults): Promise<Experimented> {
  await writeJsonAtomic(join(folder, experimentFiles.results), results);
  await writeFileAtomic(join(folder, experimentFiles.table), experimentMarkdown(results));
  // Plots are loaded by whoever draws.
  const { renderExperiment } = await import('../report/experiment.js');
  await writeFileAtomic(join(folder, experimentFiles.report), renderExperiment(results));
  return { folder, results };
}

/** Each method with its runs, and the epochs of their searches. */
async function methodRuns(
  study: Study,
  plan: readonly PlannedMethod[],
  { runs: results }: StudyResults,
): Promise<MethodRuns[]> {
  const [cellType] = tasks[study.task].space.cellTypes;
  const operations = cellType?.primitives.filter(isOperation).length ?? 0;
  return Promise.all(
    plan.map(async ({ method, runs }) => ({
      method,
      samples: samplesOf(study, method),
      operations,
      runs: await Promise.all(
        runs.flatMap((run) => {
          const result = results.find(({ method: of, seed }) => of === method.name && seed === run.seed);
          return result === undefined ? [] : [epochsOf(run).then((epochs) => ({ result, epochs }))];
        }),
      ),
    })),
  );
}

async function epochsOf({ method, search }: PlannedRun) {
  return isSearched(method) && hasSearched(search) ? readSearchJournal(search) : [];
}

/** M as the search will have it. */
function samplesOf(study: Study, method: Method): number | undefined {
  const task = searchedTaskOf(study);
  return task === undefined || !isSearched(method)
    ? undefined
    : searchSettingsOf(task, study, method).samples;
}

export interface ReadDeclaration {
  readonly declaration: Declaration;
  /** Of messages. */
  readonly source: string;
}

/** The declaration of that name, or of a file. @throws GenonnxError `usage`, `file-missing`. */
export async function readDeclaration(name: string): Promise<ReadDeclaration> {
  const known = EXPERIMENT_NAMES.find((one) => one === name);
  if (known === undefined && !/\.ya?ml$/.test(name)) {
    throw new GenonnxError('usage', 'There is no such experiment.', {
      expected: EXPERIMENT_NAMES.join(', '),
      found: name,
      cure: didYouMean(name, EXPERIMENT_NAMES, 'Name one of these, or the file of a declaration.'),
    });
  }
  const file = known === undefined ? name : join(packageRoot(), 'docs', 'experiments', `${known}.yaml`);
  try {
    return {
      declaration: parseDeclaration(await readFile(file, 'utf8'), basename(file)),
      source: basename(file),
    };
  } catch (error) {
    if (error instanceof GenonnxError) throw error;
    throw asUnreadable(error, file, 'the declaration of an experiment');
  }
}

/** Of folders: of a file its name alone. */
function plainName(name: string): string {
  return basename(name).replace(/\.ya?ml$/, '');
}
