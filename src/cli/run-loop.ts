// Runs a search or a training with a progress display and Ctrl-C: what the commands and quickstart share.

import type { Measures, Scores } from '../loop/meter.js';
import type { SearchEpoch, SearchResult } from '../search/search.js';
import { searchInStore } from '../search/search-run.js';
import type { SearchRecipe, TrainingRecipe } from '../tasks/recipes.js';
import type { SearchProblem } from '../tasks/search-problem.js';
import type { TrainingProblem } from '../tasks/training-problem.js';
import type { TrainEpoch } from '../train/train.js';
import { type Results, trainInStore } from '../train/train-run.js';
import { interruptedExitCode, onInterrupt } from './interrupt.js';
import { say } from './output.js';
import { type Progress, startProgress } from './progress.js';
import type { Session } from './run-session.js';

/** Runs the search of a session; an interrupted one says how to go on. */
export async function loopSearch(session: Session<SearchRecipe, SearchProblem>): Promise<SearchResult> {
  const { folder, settings: recipe, problem, engine } = session;
  const { measures } = problem;
  const result = await withDisplay(session, 'search', (progress, stopped) =>
    searchInStore(
      folder,
      { recipe, problem, engine },
      {
        epoch: (record) => {
          progress.line(searchLine(record, recipe.epochs, measures));
          for (const warning of record.warnings) progress.line(`  warning: ${warning}`);
        },
        progress: progress.update,
        stopped,
      },
    ),
  );
  if (!result.finished) sayStopped(`genonnx search --resume ${folder.path}`);
  return result;
}

/** Runs the training of a session; an interrupted one says how to go on, and gives nothing. */
export async function loopTraining(
  session: Session<TrainingRecipe, TrainingProblem>,
): Promise<Results | undefined> {
  const { folder, settings: recipe, problem, engine } = session;
  const results = await withDisplay(session, 'train', (progress, stopped) =>
    trainInStore(
      folder,
      { recipe, problem, engine },
      {
        epoch: (record) => progress.line(trainLine(record, recipe.epochs, problem.measures)),
        progress: progress.update,
        stopped,
      },
    ),
  );
  if (results === undefined) sayStopped(`genonnx train --resume ${folder.path}`);
  return results;
}

async function withDisplay<R>(
  { problem, engine, close }: Session<unknown, { readonly description: string }>,
  title: string,
  work: (progress: Progress, stopped: () => boolean) => Promise<R>,
): Promise<R> {
  const interrupt = onInterrupt();
  const progress = startProgress(title);
  say(`${title}: ${problem.description}; ${engine.description}`);
  try {
    const result = await work(progress, interrupt.stopped);
    progress.end();
    return result;
  } finally {
    interrupt.dispose();
    await close();
  }
}

function sayStopped(continuation: string): void {
  say(`Stopped. Continue with: ${continuation}`);
  process.exitCode = interruptedExitCode;
}

function searchLine(record: SearchEpoch, epochs: number, measures: Measures): string {
  const { validation, entropy, skips } = record;
  return [
    `epoch ${record.epoch}/${epochs}`,
    trainText(record.train, measures),
    ...(validation === null ? [] : [`validation ${metricsText(validation, measures)}`]),
    `derived child ${metricsText(record.child, measures)}`,
    `entropy ${entropy.normal.toFixed(2)}/${entropy.reduce.toFixed(2)}`,
    `skips ${skips.normal}/${skips.reduce}`,
    speedText(record.examplesPerSecond, measures),
  ].join('; ');
}

function trainLine(record: TrainEpoch, epochs: number, measures: Measures): string {
  return [
    `epoch ${record.epoch}/${epochs}`,
    trainText(record.train, measures),
    ...(record.validation === undefined ? [] : [`validation ${metricsText(record.validation, measures)}`]),
    speedText(record.examplesPerSecond, measures),
  ].join('; ');
}

/** `train loss 1.900, accuracy 29.7 %` */
function trainText(scores: Scores, { metrics }: Measures): string {
  const own = metrics.map(({ name, format }) => `${name} ${format(scores[name] ?? Number.NaN, 1)}`);
  return [`train loss ${(scores.loss ?? Number.NaN).toFixed(3)}`, ...own].join(', ');
}

/** `34.5 %` */
function metricsText(scores: Scores, { metrics }: Measures): string {
  return metrics.map(({ name, format }) => format(scores[name] ?? Number.NaN, 1)).join(', ');
}

function speedText(perSecond: number, { examples }: Measures): string {
  return `${perSecond.toFixed(0)} ${examples}/s`;
}
