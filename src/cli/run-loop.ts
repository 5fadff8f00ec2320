// Searches and trainings with a progress display and Ctrl-C: what the commands and quickstart share.
import { resumeSearch, type Search, type SearchOptions, search } from '../library/search.js';
import { resumeTraining, type Training, type TrainOptions, train } from '../library/train.js';
import type { Beginning, Watch } from '../library/watch.js';
import type { Measures, Metric, Scores } from '../loop/meter.js';
import { inSentence } from '../loop/metric-title.js';
import type { SearchEpoch } from '../search/search.js';
import type { SearchedTaskName, TaskName } from '../tasks/tasks.js';
import type { TrainEpoch } from '../train/train.js';
import { interruptedExitCode, onInterrupt } from './interrupt.js';
import { say } from './output.js';
import { startProgress } from './progress.js';

/** A search from its beginning, or the one in a folder; an interrupted one says how to go on. */
export async function showSearch(
  from:
    | (Omit<SearchOptions<SearchedTaskName>, keyof Watch<SearchEpoch>> & { readonly task: SearchedTaskName })
    | ({ readonly resume: string } & Pick<SearchOptions<SearchedTaskName>, 'settings'>),
): Promise<Search<SearchedTaskName>> {
  const found = await watched<SearchEpoch, Search<SearchedTaskName>>('search', searchLines, (watch) =>
    'resume' in from ? resumeSearch(from.resume, { ...from, ...watch }) : search({ ...from, ...watch }),
  );
  if (!found.finished) sayStopped(`genonnx search --resume ${found.place}`);
  return found;
}

/** A training from its beginning, or the one in a folder; an interrupted one says how to go on. */
export async function showTraining(
  from:
    | (Omit<TrainOptions<TaskName>, keyof Watch<TrainEpoch>> & { readonly task: TaskName })
    | ({ readonly resume: string } & Pick<TrainOptions<TaskName>, 'settings'>),
): Promise<Training> {
  const trained = await watched<TrainEpoch, Training>('train', trainLines, (watch) =>
    'resume' in from ? resumeTraining(from.resume, { ...from, ...watch }) : train({ ...from, ...watch }),
  );
  if (trained.results === undefined) sayStopped(`genonnx train --resume ${trained.place}`);
  return trained;
}

/** Runs `work` with a display that shows its epochs as `lines`, and until it is interrupted. */
async function watched<Epoch, R>(
  title: string,
  lines: (record: Epoch, run: Beginning) => readonly string[],
  work: (watch: Watch<Epoch>) => Promise<R>,
): Promise<R> {
  const interrupt = onInterrupt();
  let progress: ReturnType<typeof startProgress> | undefined;
  let run: Beginning | undefined;
  try {
    const result = await work({
      onNote: (text) => say(`${title}: ${text}`),
      onBegin: (beginning) => {
        run = beginning;
        progress = startProgress(title);
      },
      onEpoch: (record) => {
        if (run !== undefined) for (const line of lines(record, run)) progress?.line(line);
      },
      onProgress: (done, note) => progress?.update(done, note),
      signal: interrupt.signal,
    });
    progress?.end();
    return result;
  } finally {
    interrupt.dispose();
  }
}

function sayStopped(continuation: string): void {
  say(`Stopped. Continue with: ${continuation}`);
  process.exitCode = interruptedExitCode;
}

function searchLines(record: SearchEpoch, { epochs, measures }: Beginning): string[] {
  const { validation, entropy, skips, warnings } = record;
  const line = [
    `epoch ${record.epoch}/${epochs}`,
    trainText(record.train, measures),
    ...(validation === null ? [] : [`validation ${metricsText(validation, measures)}`]),
    ...(record.child === null ? [] : [`derived child ${metricsText(record.child, measures)}`]),
    `entropy ${Object.values(entropy)
      .map((share) => share.toFixed(2))
      .join('/')}`,
    ...(Object.keys(skips).length === 0 ? [] : [`skips ${Object.values(skips).join('/')}`]),
    speedText(record.examplesPerSecond, measures),
    ...waitTexts(record),
  ];
  return [line.join('; '), ...warnings.map((warning) => `  warning: ${warning}`)];
}

function trainLines(record: TrainEpoch, { epochs, measures }: Beginning): string[] {
  const { optimizer, restored = 0 } = record;
  const line = [
    `epoch ${record.epoch}/${epochs}${optimizer === undefined ? '' : ` with ${optimizer}`}`,
    trainText(record.train, measures),
    ...(record.validation === undefined ? [] : [`validation ${metricsText(record.validation, measures)}`]),
    ...(restored === 0
      ? []
      : [`best state restored ${restored === 1 ? 'once' : `${restored} times`} so far`]),
    speedText(record.examplesPerSecond, measures),
    ...waitTexts(record),
  ];
  return [line.join('; ')];
}

/** `train loss 1.900, accuracy 29.7 %` */
function trainText(scores: Scores, { metrics }: Measures): string {
  const own = metrics.map((metric) => scoreText(scores, metric));
  return [`train loss ${(scores.loss ?? Number.NaN).toFixed(3)}`, ...own].join(', ');
}

/** `34.5 %`, and what else is measured behind it with its name. */
function metricsText(scores: Scores, { metrics: [{ name, format }, ...others] }: Measures): string {
  return [format(scores[name] ?? Number.NaN, 1), ...others.map((metric) => scoreText(scores, metric))].join(
    ', ',
  );
}

/** `accuracy 29.7 %` */
function scoreText(scores: Scores, { name, title, format }: Metric): string {
  return `${inSentence(title)} ${format(scores[name] ?? Number.NaN, 1)}`;
}

function speedText(perSecond: number, { examples }: Measures): string {
  return `${perSecond.toFixed(0)} ${examples}/s`;
}

/** How long steps waited for their data, where that is worth a word. */
function waitTexts({ dataWaitShare = 0 }: Pick<TrainEpoch, 'dataWaitShare'>): string[] {
  return dataWaitShare > 0.01 ? [`waited for data ${(dataWaitShare * 100).toFixed(1)} % of the time`] : [];
}
