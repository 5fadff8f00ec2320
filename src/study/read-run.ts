// What a run of a study has written down so far, read back from its folders.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { parseAnyAlphas } from '../estimators/alphas-kinds.js';
import { derive } from '../estimators/derive-alphas.js';
import { isBetter, type Measures, type Scores } from '../loop/meter.js';
import { readJson } from '../runs/json-file.js';
import { runFiles } from '../runs/run-store.js';
import { readSearchJournal } from '../search/search-journal.js';
import { alphasFile } from '../search/search-run.js';
import { countSkips, operationCounts } from '../spaces/describe.js';
import type { Genotype } from '../spaces/genotype.js';
import { parseGenotypeOf } from '../spaces/parse.js';
import { printGenotypeOf } from '../spaces/print.js';
import type { SpaceForm } from '../spaces/search-space.js';
import { readTrainJournal } from '../train/train-journal.js';
import { resultsFile, resultsSchema } from '../train/train-run.js';
import type { Study } from './config.js';
import type { PlannedRun } from './plan.js';
import { drawSchema } from './random-baseline.js';
import type { RunResult } from './results.js';
import type { StudySubject } from './subject.js';

/** Whether the search in `folder` has come to its end: the alphas are the last that it writes. */
export function isSearched(folder: string): boolean {
  return existsSync(join(folder, runFiles.genotype)) && existsSync(join(folder, alphasFile));
}

/** Whether the training in `folder` has come to its end: the results are the last that it writes. */
export function isTrained(folder: string): boolean {
  return existsSync(join(folder, resultsFile));
}

const drawnSchema = z.object({ genotype: z.string(), draw: drawSchema });
export type DrawnFile = z.infer<typeof drawnSchema>;

/** Whether nothing is left to do of a run. */
export function isFinished(run: PlannedRun, { children }: Pick<Study, 'children'>): boolean {
  if (children !== false) return isTrained(run.child);
  const { random, genotype } = run.method;
  return genotype !== undefined || (random === undefined ? isSearched(run.search) : existsSync(run.drawn));
}

/** The genotype of a run, known, searched or drawn; undefined before there is one. */
export async function readGenotype(run: PlannedRun, form: SpaceForm): Promise<Genotype | undefined> {
  if (run.method.random !== undefined) {
    if (!existsSync(run.drawn)) return undefined;
    const { genotype } = await readJson(run.drawn, drawnSchema);
    return parseGenotypeOf(form, genotype, { source: run.drawn });
  }
  if (run.method.genotype !== undefined) return parseGenotypeOf(form, run.method.genotype);
  if (!isSearched(run.search)) return undefined;
  if (run.method.derive !== undefined) {
    const alphas = join(run.search, alphasFile);
    return derive(parseAnyAlphas(await readFile(alphas, 'utf8'), alphas), run.method.derive).genotype;
  }
  const file = join(run.search, runFiles.genotype);
  return parseGenotypeOf(form, await readFile(file, 'utf8'), { source: file });
}

type Figures = Omit<RunResult, 'method' | 'seed' | 'status' | 'folder' | 'failure' | 'times'> & {
  readonly searchSeconds?: number;
  readonly trainSeconds?: number;
};

/** Everything that is known of a run, whether it is finished or not. */
export async function readFigures(
  run: PlannedRun,
  { measures, form }: Pick<StudySubject, 'measures' | 'form'>,
): Promise<Figures> {
  const genotype = await readGenotype(run, form);
  return {
    ...(genotype === undefined
      ? {}
      : {
          genotype: printGenotypeOf(form, genotype),
          skips: countSkips(genotype, form),
          operations: operationCounts(genotype),
        }),
    ...(await findingFigures(run)),
    ...(await trainingFigures(run, measures)),
  };
}

async function findingFigures(run: PlannedRun): Promise<Figures> {
  if (run.method.genotype !== undefined) return {};
  return run.method.random === undefined ? searchFigures(run) : drawFigures(run);
}

async function searchFigures({ search }: PlannedRun): Promise<Figures> {
  if (!isSearched(search)) return {};
  const epochs = await readSearchJournal(search);
  const last = epochs.at(-1);
  if (last === undefined) return {};
  return {
    search: { epochs: epochs.length, child: last.child, warnings: [...last.warnings] },
    searchSeconds: secondsOf(epochs),
  };
}

async function drawFigures({ drawn }: PlannedRun): Promise<Figures> {
  return existsSync(drawn) ? { draw: (await readJson(drawn, drawnSchema)).draw } : {};
}

async function trainingFigures({ child }: PlannedRun, measures: Measures): Promise<Figures> {
  if (!isTrained(child)) return {};
  const { test, figures } = await readJson(join(child, resultsFile), resultsSchema);
  const epochs = await readTrainJournal(child);
  const best = bestOf(
    epochs.flatMap(({ validation }) => (validation === undefined ? [] : [validation])),
    measures,
  );
  return {
    parameters: figures.parameters,
    macs: figures.macs,
    test,
    ...(best === undefined ? {} : { validation: best }),
    trainSeconds: secondsOf(epochs),
  };
}

/** By the first metric; undefined where there are none. */
function bestOf(all: readonly Scores[], measures: Measures): Scores | undefined {
  const [{ name }] = measures.metrics;
  return all.reduce<Scores | undefined>(
    (best, scores) => (isBetter(measures, scores, best?.[name]) ? scores : best),
    undefined,
  );
}

function secondsOf(epochs: readonly { readonly seconds: number }[]): number {
  return epochs.reduce((sum, { seconds }) => sum + seconds, 0);
}
