// Runs a search or a training with a progress display and Ctrl-C: what the commands and quickstart share.

import type { SearchConfig } from '../search/config.js';
import type { SearchEpoch, SearchResult } from '../search/search.js';
import { searchInFolder } from '../search/search-run.js';
import type { TrainConfig } from '../train/config.js';
import type { TrainEpoch } from '../train/train.js';
import { type TrainedChild, trainInFolder } from '../train/train-run.js';
import { version } from '../version.js';
import { interruptedExitCode, onInterrupt } from './interrupt.js';
import { say } from './output.js';
import { type Progress, startProgress } from './progress.js';
import type { Session } from './run-session.js';

/** Runs the search of a session; an interrupted one says how to go on. */
export async function loopSearch(session: Session<SearchConfig>): Promise<SearchResult> {
  const { folder, settings: config, dataset, engine } = session;
  return withDisplay('search', session, `genonnx search --resume ${folder.path}`, (progress, stopped) =>
    searchInFolder(
      folder,
      { config, dataset, engine },
      {
        epoch: (record) => {
          progress.line(searchLine(record, config.epochs));
          for (const warning of record.warnings) progress.line(`  warning: ${warning}`);
        },
        progress: progress.update,
        stopped,
      },
    ),
  );
}

/** Runs the training of a session. */
export async function loopTraining(session: Session<TrainConfig>): Promise<TrainedChild> {
  const { folder, settings: config, dataset, engine } = session;
  return withDisplay('train', session, `genonnx train --resume ${folder.path}`, (progress, stopped) =>
    trainInFolder(
      folder,
      { config, dataset, engine, toolVersion: version },
      {
        epoch: (record) => progress.line(trainLine(record, config.epochs)),
        progress: progress.update,
        stopped,
      },
    ),
  );
}

async function withDisplay<R extends { readonly finished: boolean }>(
  title: string,
  { dataset, engine, close }: Session<unknown>,
  continuation: string,
  work: (progress: Progress, stopped: () => boolean) => Promise<R>,
): Promise<R> {
  const interrupt = onInterrupt();
  const progress = startProgress(title);
  say(`${title}: ${dataset.name}, ${dataset.train.count} training images; ${engine.description}`);
  try {
    const result = await work(progress, interrupt.stopped);
    progress.end();
    if (!result.finished) {
      say(`Stopped. Continue with: ${continuation}`);
      process.exitCode = interruptedExitCode;
    }
    return result;
  } finally {
    interrupt.dispose();
    await close();
  }
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

function searchLine(record: SearchEpoch, epochs: number): string {
  const { validationAccuracy } = record;
  return [
    `epoch ${record.epoch}/${epochs}`,
    `train loss ${record.trainLoss.toFixed(3)}, accuracy ${percent(record.trainAccuracy)}`,
    ...(validationAccuracy === null ? [] : [`validation ${percent(validationAccuracy)}`]),
    `derived child ${percent(record.childAccuracy)}`,
    `entropy ${record.entropy.normal.toFixed(2)}/${record.entropy.reduce.toFixed(2)}`,
    `skips ${record.skips.normal}/${record.skips.reduce}`,
    `${record.imagesPerSecond.toFixed(0)} images/s`,
  ].join('; ');
}

function trainLine(record: TrainEpoch, epochs: number): string {
  const parts = [
    `epoch ${record.epoch}/${epochs}`,
    `train loss ${record.trainLoss.toFixed(3)}, accuracy ${percent(record.trainAccuracy)}`,
  ];
  if (record.validationAccuracy !== undefined) parts.push(`validation ${percent(record.validationAccuracy)}`);
  parts.push(`${record.imagesPerSecond.toFixed(0)} images/s`);
  return parts.join('; ');
}
