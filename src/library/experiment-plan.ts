// `planExperiment()`: what an experiment would do, in steps, and how long that would take on this machine, from two short epochs of each
// kind of run that is left. Nobody need have run it: it is an estimate, and says so.
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import { join } from 'node:path';
import type { ScaleDeclaration, TableDeclaration } from '../experiment/declaration.js';
import type { Scale } from '../experiment/names.js';
import { anyGenotype } from '../experiment/run-settings.js';
import { planShared } from '../experiment/shared-plan.js';
import { type GivenData, studyOf } from '../experiment/study-of.js';
import { type Amounts, type Work, workOf } from '../experiment/work.js';
import { readSearchJournal } from '../search/search-journal.js';
import { startChild } from '../study/child-process.js';
import { argumentsOf, type ChildOptions } from '../study/child-settings.js';
import type { Study } from '../study/config.js';
import { isSearched, isTrained } from '../study/read-run.js';
import { basicArguments, genotypeArguments, placeArguments } from '../study/run-arguments.js';
import type { TaskName } from '../tasks/tasks.js';
import { readTrainJournal } from '../train/train-journal.js';
import type { Note } from './session.js';
import { makeStandIn } from './stand-ins.js';
import { subjectOf } from './study.js';

export interface PlanOptions extends GivenData {
  readonly declaration: TableDeclaration;
  readonly source: string;
  readonly scale: Scale;
  readonly place: string;
  /** Runs side by side; as the study says where it is not given. */
  readonly jobs?: number | undefined;
  readonly optionsOf: (task: TaskName) => ChildOptions;
  readonly onNote?: Note;
  readonly signal?: AbortSignal;
}

/** Searches or trainings of a method, with what was measured. */
export interface PlannedWork extends Omit<Work, 'folders'> {
  readonly runs: number;
  /** Of which so many are not finished. */
  readonly left: number;
  /** Of one run; undefined where nothing is left, or the measurement failed. */
  readonly secondsOfRun: number | undefined;
  readonly failure?: string;
}

export interface ExperimentPlan {
  readonly study: Study;
  readonly work: readonly PlannedWork[];
  /** Runs side by side. */
  readonly jobs: number;
  /** Of all that is left, side by side; undefined where something could not be measured. */
  readonly seconds: number | undefined;
}

/** Two epochs, of which the second has nothing to prepare. */
const measuredEpochs = 2;

/** @throws GenonnxError `usage`, `data-missing`. */
export async function planExperiment(options: PlanOptions): Promise<ExperimentPlan> {
  const { declaration, source, scale, place, optionsOf, data, searchData } = options;
  const asked = declaration.scales[scale];
  // Without the data its name stands for it.
  const given = {
    data: data ?? (asked.data === undefined ? undefined : asked.data['stand-in']),
    searchData:
      searchData ?? (asked['search-data'] === undefined ? undefined : asked['search-data']['stand-in']),
  };
  const study = studyOf(declaration, { scale, source, optionsOf, given });
  const isAtHand = asked.data === undefined || data !== undefined;
  const subject = isAtHand ? await subjectOf(study.task, study) : undefined;
  const amounts: Amounts = amountsOf(asked, subject?.data.trainExamples);
  const plan = planShared(study, { place, checksums: subject?.data.checksums ?? {} });
  const scratch = await mkdtemp(join(os.tmpdir(), 'genonnx-plan-'));
  try {
    const measure = new Measurement(study, asked, scratch, options);
    const work: PlannedWork[] = [];
    for (const one of workOf(study, plan, amounts)) {
      const isDone = one.kind === 'search' ? isSearched : isTrained;
      const left = one.folders.filter((folder) => !existsSync(folder) || !isDone(folder)).length;
      const { folders, ...rest } = one;
      const measured = left === 0 ? {} : await measure.of(one);
      work.push({ ...rest, runs: folders.length, left, secondsOfRun: undefined, ...measured });
    }
    const own =
      study.jobs === 'auto' ? Math.max(1, Math.floor(os.availableParallelism() / study.threads)) : study.jobs;
    const jobs = options.jobs ?? own;
    return { study, work, jobs, seconds: totalSeconds(work, jobs) };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

function amountsOf(asked: ScaleDeclaration, known: number | undefined): Amounts {
  const train = asked.data?.examples ?? known ?? 0;
  return { train, search: asked['search-data']?.examples ?? train };
}

function totalSeconds(work: readonly PlannedWork[], jobs: number): number | undefined {
  const seconds = work.map(({ left, secondsOfRun }) =>
    left === 0 ? 0 : secondsOfRun && left * secondsOfRun,
  );
  if (seconds.some((one) => one === undefined)) return undefined;
  return seconds.reduce<number>((sum, one) => sum + (one ?? 0), 0) / jobs;
}

type Measured = Pick<PlannedWork, 'secondsOfRun' | 'failure'>;

/** Times the kinds of runs of one study, each once. */
class Measurement {
  private readonly known = new Map<string, Promise<Measured>>();
  /** Data that stands in for the user's, by its folder. */
  private readonly made = new Map<string, Promise<string>>();

  constructor(
    private readonly study: Study,
    private readonly asked: ScaleDeclaration,
    private readonly scratch: string,
    private readonly options: PlanOptions,
  ) {}

  of(work: Work): Promise<Measured> {
    const { kind, method } = work;
    // Children of what is not found yet are about as large as each other.
    const key = JSON.stringify(
      kind === 'search' ? [kind, method.settings] : [kind, method.genotype, method.recipe],
    );
    const found = this.known.get(key) ?? this.measured(work, `${kind}-${this.known.size}`);
    this.known.set(key, found);
    return found;
  }

  private async measured(work: Work, label: string): Promise<Measured> {
    const { kind, method, examples } = work;
    const { onNote, signal = new AbortController().signal } = this.options;
    onNote?.(`measure:  ${kind === 'search' ? 'a search' : 'a training'}, ${method.name}`);
    const limit = this.asked.measured[kind];
    const folder = join(this.scratch, label);
    const { exitCode, lastLines } = await startChild(
      [kind, ...(await this.argumentsFor(work, limit)), ...placeArguments(folder)],
      {
        log: `${folder}.log`,
        signal,
      },
    );
    signal.throwIfAborted();
    if (exitCode !== 0) return { secondsOfRun: undefined, failure: lastLines.join('\n') };
    const epochs = kind === 'search' ? await readSearchJournal(folder) : await readTrainJournal(folder);
    const seconds = epochs.at(-1)?.seconds;
    return { secondsOfRun: seconds === undefined ? undefined : (seconds / limit) * examples };
  }

  private async argumentsFor({ kind, method }: Work, limit: number): Promise<string[]> {
    const { task, threads, preset, searchPreset = preset, search, train } = this.study;
    const { optionsOf } = this.options;
    const { batch, steps } = this.asked.measured;
    const given = {
      ...(kind === 'search' ? { ...search, ...method.settings } : { ...train, ...method.recipe?.train }),
      epochs: measuredEpochs,
    };
    const smaller = { ...(batch === undefined ? {} : { batch }), ...(steps === undefined ? {} : { steps }) };
    const settings = kind === 'train' ? { ...given, ...smaller } : given;
    const isSearch = kind === 'search';
    const data = await this.data(kind, limit);
    const basics = { task, preset: isSearch ? searchPreset : preset, data, limit, seed: 0, threads };
    return [
      ...(isSearch ? [] : genotypeArguments(method.genotype ?? anyGenotype(task))),
      ...basicArguments(basics),
      ...argumentsOf(optionsOf(task)[kind], settings),
    ];
  }

  private async data(kind: 'search' | 'train', limit: number): Promise<string> {
    const { data, searchData = data } = this.study;
    const hasOwn = kind === 'search' && this.asked['search-data'] !== undefined;
    const need = hasOwn ? this.asked['search-data'] : this.asked.data;
    const given = hasOwn ? this.options.searchData : this.options.data;
    if (need === undefined || given !== undefined) return kind === 'search' ? searchData : data;
    const folder = join(this.scratch, `${kind}-${need['stand-in']}`);
    const made = this.made.get(folder) ?? makeStandIn(need['stand-in'], folder, limit);
    this.made.set(folder, made);
    return made;
  }
}
