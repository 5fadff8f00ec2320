// `study()`: what the command does. Methods compared at one budget over several seeds, each run a command in a process of its
// own, in a folder that can be continued.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { GenonnxError } from '../errors.js';
import { sampleGenotype } from '../estimators/random.js';
import { openStream } from '../random.js';
import { asUnreadable } from '../runs/file-errors.js';
import { readJson } from '../runs/json-file.js';
import { createRunFolder, openRunFolder, type RunFolder } from '../runs/run-folder.js';
import { runFiles, volatileKeys } from '../runs/run-store.js';
import { requireSameChecksums } from '../runs/same-checksums.js';
import type { Genotype } from '../spaces/genotype.js';
import { printGenotypeOf } from '../spaces/print.js';
import { startChild } from '../study/child-process.js';
import type { ChildOptions } from '../study/child-settings.js';
import { type Method, type Study, studySchema } from '../study/config.js';
import { studyFiles } from '../study/plan.js';
import type { StudyResults } from '../study/results.js';
import { collectRuns, type OneRun, requireRun, runOne } from '../study/run-one.js';
import { runStudy } from '../study/run-study.js';
import { dataOfUnnamedTask, parseStudy } from '../study/study-file.js';
import type { StudySubject } from '../study/subject.js';
import { withPaths } from '../tasks/given.js';
import type { TaskData } from '../tasks/task.js';
import { type TaskName, tasks } from '../tasks/tasks.js';
import { chooseTaskFor } from './choose-task.js';
import type { QueueOptions } from './queue-options.js';
import { type Note, toolVersions } from './session.js';
import { startingBy } from './starting.js';
import { taskData } from './task-data.js';

export interface StudyOptions {
  /** The study file; without one the study in the folder is continued. */
  readonly file?: string | undefined;
  /** Where everything goes; a study that was stopped there is continued. */
  readonly folder: string;
  /** Whether there must be a study in the folder already. */
  readonly resume?: boolean;
  /** Runs side by side; as the study says where it is not given. */
  readonly jobs?: number | undefined;
  /** Who makes the runs: processes of this machine, or workers that take them out of a queue. */
  readonly queue?: QueueOptions | undefined;
  /** The options by which study files, and the commands that a study starts, name settings. */
  readonly optionsOf: (task: TaskName) => ChildOptions;
  /** What goes on, a line each. */
  readonly onNote?: Note;
  /** Interrupts the runs, each of which writes a checkpoint first. */
  readonly signal?: AbortSignal;
}

/** What is known of a study once nothing more happens to it, and its folder. */
export interface Studied {
  readonly place: string;
  readonly results: StudyResults;
}

/**
 * Begins a study or goes on with it, and writes `study.json` and `report.html` into its folder. Runs that fail are results;
 * unfinished ones mean that it was interrupted.
 * @throws GenonnxError `usage` with line and key, `file-missing`, `data-missing`, `output-exists`, `resume-mismatch`, ...
 */
export async function study({
  folder: path,
  jobs,
  queue,
  optionsOf,
  onNote,
  signal,
  ...asked
}: StudyOptions): Promise<Studied> {
  const { settings, open } = await askedStudy({ path, optionsOf, ...asked });
  const subject = await subjectOf(settings.task, settings);
  const starting = await startingBy(queue, jobs, onNote);
  const folder = await open({ name: subject.data.name, checksums: subject.data.checksums });
  try {
    const results = await runStudy({
      folder,
      study: settings,
      subject,
      jobs: starting.jobs,
      options: optionsOf(settings.task),
      tools: toolVersions,
      startChild: starting.startChild,
      signal: signal ?? new AbortController().signal,
      line: (text) => onNote?.(text),
    });
    return await written(folder, results);
  } finally {
    await folder.close();
    await starting.close();
  }
}

export interface StudyRunOptions extends Omit<StudyOptions, 'jobs' | 'queue' | 'resume'> {
  /** Which of the study's runs, from 0: its methods in their order, each with every seed. */
  readonly index: number;
}

/**
 * Runs one of a study's runs, or what is left of it, in a folder that others may work in at the same time; nothing is collected.
 * @throws GenonnxError `usage` for an index that the study does not have, and as `study`.
 */
export async function studyRun({
  folder: path,
  index,
  optionsOf,
  onNote,
  signal,
  ...asked
}: StudyRunOptions): Promise<OneRun> {
  const { settings, open } = await askedStudy({ path, optionsOf, ...asked });
  requireRun(settings, index);
  const subject = await subjectOf(settings.task, settings);
  const { name, checksums } = subject.data;
  const folder = await openedBriefly(path, () => open({ name, checksums }));
  return runOne(
    {
      folder,
      study: settings,
      subject,
      options: optionsOf(settings.task),
      startChild,
      signal: signal ?? new AbortController().signal,
      line: (text) => onNote?.(text),
    },
    index,
  );
}

/**
 * Collects what the runs of a study have come to so far, and writes `study.json` and `report.html` into its folder.
 * @throws GenonnxError `file-missing` where there is no study, `data-missing`.
 */
export async function collectStudy({
  folder: path,
  optionsOf,
}: Pick<StudyOptions, 'folder' | 'optionsOf'>): Promise<Studied> {
  const { settings, open } = await askedStudy({ path, optionsOf });
  const subject = await subjectOf(settings.task, settings);
  const folder = await open({ name: subject.data.name, checksums: subject.data.checksums });
  try {
    return await written(
      folder,
      await collectRuns({ folder, study: settings, subject, tools: toolVersions }),
    );
  } finally {
    await folder.close();
  }
}

/**
 * The report of the study in a folder, as far as it has come: what collecting it would write. Nothing is written.
 * @throws GenonnxError `file-missing` where there is no study, `data-missing`, `resume-mismatch` where the data are others.
 */
export async function studyReport(path: string): Promise<string> {
  const config = join(path, runFiles.config);
  const { study: settings, data } = await readJson(config, manifestSchema, 'the configuration of a study');
  const subject = await subjectOf(settings.task, settings);
  requireSameChecksums(path, data.checksums, subject.data.checksums);
  const folder = { path: resolve(path) };
  return rendered(await collectRuns({ folder, study: settings, subject, tools: toolVersions }));
}

async function written(folder: RunFolder, results: StudyResults): Promise<Studied> {
  await folder.writeJson(studyFiles.results, results);
  await folder.write(studyFiles.report, await rendered(results));
  return { place: folder.path, results };
}

async function rendered(results: StudyResults): Promise<string> {
  // Plots are loaded by whoever draws.
  const { renderStudy } = await import('../report/study.js');
  return renderStudy(results);
}

/** How long others may take to make the study's folder, or to look at it. */
const patienceMs = 60_000;
const lookAgainMs = 100;

/** Sees that a folder is that of the study, which others may be doing at the same time. @returns its path. */
async function openedBriefly(path: string, open: () => Promise<RunFolder>): Promise<string> {
  const startedAt = performance.now();
  for (;;) {
    try {
      const folder = await open();
      await folder.close();
      return folder.path;
    } catch (error) {
      const code = error instanceof GenonnxError ? error.code : undefined;
      // Somebody has made it since we looked.
      const wasMade = code === 'output-exists' && existsSync(join(path, runFiles.config));
      if (!(wasMade || code === 'run-locked') || performance.now() - startedAt > patienceMs) throw error;
    }
    await wait(lookAgainMs);
  }
}

/** What the runs are of. What the children cannot be is refused here. */
export async function subjectOf<T extends TaskName>(task: T, study: Study): Promise<StudySubject> {
  const { measures, form, space, examples, training } = tasks[task];
  const { preset: name, limit, threads, train, methods } = study;
  const settings = limit === undefined ? { data: study.data } : { data: study.data, limit };
  const data = await taskData[task](settings, () => {});
  const preset = training.presets.find((known) => known === name);
  /** The recipe of the children as `genonnx train` will resolve it. */
  const recipeOf = (genotype: Genotype, own: Method['recipe']) => {
    const settings = withPaths({}, new Map(Object.entries({ ...train, ...own?.train })));
    const given = { ...settings, data: study.data, limit, seed: 0 };
    return training.resolve({
      preset,
      given: { ...given, genotype: printGenotypeOf<string>(form, genotype) },
      threads,
    });
  };
  // One that stands for all, under each recipe.
  const any = sampleGenotype(space, openStream(0, 'any-genotype'));
  for (const recipe of new Map(methods.map((method) => [method.recipe?.name, method.recipe])).values())
    training.problem(recipeOf(any, recipe), data);
  const source: TaskData = data;
  await source.close?.();
  const { train: trainExamples, test: testExamples } = examples(data);
  const { name: dataName, checksums } = data;
  return {
    measures,
    form,
    data: { name: dataName, checksums, trainExamples, testExamples },
    sample: (stream, kind) => sampleGenotype(space, stream, kind),
    parametersOf: (genotype) => training.parameters(recipeOf(genotype, undefined), data),
  };
}

const manifestSchema = z.object({
  kind: z.literal('study'),
  study: studySchema,
  data: z.object({ name: z.string(), checksums: z.record(z.string(), z.string()) }),
});
type Manifest = z.infer<typeof manifestSchema>;

/** The data must stay the same, too: not every run of a study begins on the same day. */
type DataRecord = Manifest['data'];

interface AskedStudy {
  readonly settings: Study;
  readonly open: (data: DataRecord) => Promise<RunFolder>;
}

/** A new study, or the one that the folder holds, which must be the one of the file. */
async function askedStudy({
  file,
  path,
  resume = false,
  optionsOf,
}: Pick<StudyOptions, 'file' | 'resume' | 'optionsOf'> & { readonly path: string }): Promise<AskedStudy> {
  const config = join(path, runFiles.config);
  const volatile = [...volatileKeys, 'study.jobs'];
  if (file === undefined) {
    const { study: settings } = await readJson(config, manifestSchema, 'the configuration of a study');
    return { settings, open: (data) => openRunFolder(path, manifestOf(settings, data)) };
  }
  const text = await textOf(file);
  const data = dataOfUnnamedTask(text);
  const ofData = data === undefined ? undefined : await chooseTaskFor({ data });
  const settings = parseStudy(text, file, optionsOf, ofData);
  return {
    settings,
    open: (data) => {
      const manifest = manifestOf(settings, data);
      return !resume && !existsSync(config)
        ? createRunFolder(path, manifest)
        : openRunFolder(path, manifest, { volatile });
    },
  };
}

function manifestOf(study: Study, data: DataRecord): Manifest {
  return { kind: 'study', study, data };
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw asUnreadable(error, file, 'a study file');
  }
}
