// The stages of a run, each a command in a process of its own, or a draw: done already, continued where it was stopped,
// or begun. Each gives what the next one needs, and throws `StageFailure` or `Interrupted` otherwise.
import { existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { writeJsonAtomic } from '../runs/atomic.js';
import type { RunFolder } from '../runs/run-folder.js';
import { runFiles } from '../runs/run-store.js';
import { readSearchJournal } from '../search/search-journal.js';
import type { Genotype } from '../spaces/genotype.js';
import { printGenotypeOf } from '../spaces/print.js';
import { type AskedRun, type StartChild, untilFree } from './child-process.js';
import { argumentsOf, type ChildOptions } from './child-settings.js';
import type { ChildSettings, RandomSettings, Study } from './config.js';
import { nameIn, type PlannedMethod, type PlannedRun } from './plan.js';
import { drawGenotype } from './random-baseline.js';
import { type DrawnFile, isSearched, isTrained, readGenotype } from './read-run.js';
import type { Failure } from './results.js';
import { basicArguments, genotypeArguments, placeArguments } from './run-arguments.js';
import { Slots } from './slots.js';
import type { StudySubject } from './subject.js';

/** A line of the study's journal: a command was started in this folder. */
export const startSchema = z.object({ folder: z.string(), continued: z.boolean() });
export type StartRecord = z.infer<typeof startSchema>;

export class StageFailure extends Error {
  constructor(readonly failure: Failure) {
    super(failure.lastLines.at(-1) ?? `exit code ${failure.exitCode}`);
  }
}

/** The study was asked to stop. */
export class Interrupted extends Error {}

export interface StagesInputs {
  /** Of the study; its journal, or another one, is told of every command that is started. */
  readonly folder: Pick<RunFolder, 'path' | 'journal'>;
  readonly study: Study;
  readonly subject: StudySubject;
  readonly options: ChildOptions;
  readonly startChild: StartChild;
  readonly signal: AbortSignal;
  /** Says what goes on, a line each. */
  readonly line: (text: string) => void;
}

export class Stages {
  /** One at a time writes into the journal. */
  private readonly pen = new Slots(1);
  /** Those that were begun or looked for, by their folders. */
  private readonly searches = new Map<string, Promise<void>>();

  constructor(private readonly inputs: StagesInputs) {}

  /** How many epochs of the method's search the budget of seconds allows, from one epoch that is searched for it. */
  calibrate({ method, calibration }: PlannedMethod, seconds: number): Promise<Calibration> {
    return attempt('search', async () => {
      const { study, signal, line } = this.inputs;
      if (!isSearched(calibration)) {
        this.requireTime();
        line(`measure:  ${method.name}, one epoch of the search`);
        await untilFree(calibration, signal);
        // The seconds of an epoch that was cut in two would be too few.
        await rm(calibration, { recursive: true, force: true });
        const settings = { ...study.search, ...method.settings, epochs: 1 };
        const [seed = 0] = study.seeds;
        await this.command(
          this.searchAsked(calibration, `measure: ${method.name}`, study.searchSeed ?? seed, settings),
        );
      }
      const [epoch] = await readSearchJournal(calibration);
      const epochSeconds = epoch?.seconds ?? seconds;
      return { epochSeconds, epochs: Math.max(1, Math.floor(seconds / epochSeconds)) };
    });
  }

  /** The genotype that is known, or that the run's search finds; `budget` overrides its settings. */
  search(run: PlannedRun, budget: ChildSettings): Promise<Genotype> {
    return attempt('search', async () => {
      if (run.method.genotype === undefined) {
        // Of runs that share a search the first begins it.
        const begun = this.searches.get(run.search) ?? this.searchOnce(run, budget);
        this.searches.set(run.search, begun);
        await begun;
      }
      return this.requireGenotype('search', run);
    });
  }

  private async searchOnce(run: PlannedRun, budget: ChildSettings): Promise<void> {
    if (isSearched(run.search)) return;
    const { study, line } = this.inputs;
    this.requireTime();
    line(`search:   ${run.title}`);
    const settings = { ...study.search, ...run.method.settings, ...budget };
    await this.command(this.searchAsked(run.search, `search: ${run.title}`, run.searchSeed, settings));
  }

  /** The genotype of a random run; `target` is the number of parameters to match. */
  draw(run: PlannedRun, random: RandomSettings, target: number | undefined): Promise<Genotype> {
    return attempt('draw', async () => {
      if (!existsSync(run.drawn)) {
        this.requireTime();
        const { form, sample, parametersOf } = this.inputs.subject;
        const { genotype, draw } = drawGenotype(run.seed, random, target, sample, parametersOf);
        await mkdir(run.folder, { recursive: true });
        const file: DrawnFile = { genotype: printGenotypeOf(form, genotype), draw };
        await writeJsonAtomic(run.drawn, file);
      }
      return this.requireGenotype('draw', run);
    });
  }

  /** Trains the network of the run's genotype. */
  train(run: PlannedRun, genotype: Genotype): Promise<void> {
    return attempt('train', async () => {
      if (isTrained(run.child)) return;
      this.requireTime();
      this.inputs.line(`training: ${run.title}`);
      await this.command(this.trainingAsked(run, genotype));
    });
  }

  /** Runs a command in its run folder; its standard error goes to a file beside it. */
  private async command(run: AskedRun): Promise<void> {
    const { startChild, signal } = this.inputs;
    const { kind, folder } = run;
    await untilFree(folder, signal);
    this.requireTime();
    const continued = existsSync(join(folder, runFiles.config));
    await mkdir(dirname(folder), { recursive: true });
    const record: StartRecord = { folder: nameIn(this.inputs.folder.path, folder), continued };
    await this.pen.use(() => this.inputs.folder.journal.append(record));
    const args = continued ? [kind, '--resume', folder] : [...run.args, ...placeArguments(folder)];
    const { exitCode, lastLines } = await startChild(args, { log: `${folder}.log`, signal, run });
    if (exitCode === 0) return;
    this.requireTime();
    throw new StageFailure({ stage: kind, exitCode, lastLines: [...lastLines] });
  }

  private async requireGenotype(stage: Failure['stage'], run: PlannedRun): Promise<Genotype> {
    const genotype = await readGenotype(run, this.inputs.subject.form);
    if (genotype !== undefined) return genotype;
    throw new StageFailure({ stage, exitCode: 0, lastLines: ['It ended without a genotype.'] });
  }

  private searchAsked(folder: string, title: string, seed: number, settings: ChildSettings): AskedRun {
    const { study, options } = this.inputs;
    const { data, preset, searchData = data, searchPreset = preset } = study;
    const own = argumentsOf(options.search, settings);
    return this.asked(
      { kind: 'search', title, folder, preset: searchPreset, settings },
      searchData,
      seed,
      own,
    );
  }

  private trainingAsked(run: PlannedRun, genotype: Genotype): AskedRun {
    const { study, options, subject } = this.inputs;
    const text = printGenotypeOf(subject.form, genotype);
    const recipe = { ...study.train, ...run.method.recipe?.train };
    const settings = { ...recipe, genotype: text };
    const asked = { title: `training: ${run.title}`, folder: run.child, preset: study.preset, settings };
    const own = argumentsOf(options.train, recipe);
    return this.asked({ kind: 'train', ...asked }, study.data, run.seed, [
      ...genotypeArguments(text),
      ...own,
    ]);
  }

  /** With what all runs of the study have. */
  private asked(
    { settings, ...run }: Pick<AskedRun, 'kind' | 'title' | 'folder' | 'preset' | 'settings'>,
    data: string,
    seed: number,
    own: readonly string[],
  ): AskedRun {
    const { task, limit, threads } = this.inputs.study;
    const common = { data, ...(limit === undefined ? {} : { limit }), seed };
    return {
      ...run,
      task,
      threads,
      settings: { ...settings, ...common },
      args: [run.kind, ...basicArguments({ task, preset: run.preset, data, limit, seed, threads }), ...own],
    };
  }

  private requireTime(): void {
    if (this.inputs.signal.aborted) throw new Interrupted();
  }
}

export interface Calibration {
  readonly epochSeconds: number;
  readonly epochs: number;
}

/** Whatever goes wrong outside of the command is a failure of the stage, too. */
async function attempt<T>(stage: Failure['stage'], work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof StageFailure || error instanceof Interrupted) throw error;
    const message = error instanceof Error ? error.message : String(error);
    throw new StageFailure({ stage, exitCode: null, lastLines: message.split('\n') });
  }
}
