// `genonnx search`: finds a genotype on a data set, in a run folder that can be resumed.
import type { Command } from 'commander';
import { GenonnxError } from '../../errors.js';
import { chooseTaskFor, type TaskHints } from '../../library/choose-task.js';
import { latencyChecksum, readLatency } from '../../library/latency.js';
import { withPaths } from '../../tasks/given.js';
import {
  requireSearched,
  SEARCHED_TASK_NAMES,
  type SearchSettingsOf,
  searchedTasks,
  TASK_NAMES,
  type TaskName,
  tasks,
} from '../../tasks/tasks.js';
import { liveOption, whileLive } from '../live-option.js';
import { oneOf } from '../options.js';
import { print, printJson, say } from '../output.js';
import { showSearch } from '../run-loop.js';
import { settingsOf } from '../run-settings.js';
import { addSettings, type Overrides, overridesOf } from '../settings.js';

const settings = settingsOf('search', 'budget');

interface SearchOptions {
  readonly task?: TaskName;
  readonly preset?: string;
  readonly out?: string;
  readonly resume?: string;
  readonly latencyTable?: string;
  readonly live?: boolean;
  readonly json?: boolean;
}

export function registerSearch(program: Command): void {
  const command = program
    .command('search')
    .description('search a genotype with DATA (Ensemble Gumbel-Softmax), or another relaxation')
    .option('--out <folder>', 'where the run goes: a new or empty folder')
    .option('--resume <folder>', 'continue the run in this folder')
    .option(
      '--task <name>',
      `${SEARCHED_TASK_NAMES.join(' or ')} (default: what the data is for); segmentation trains what is found for classification`,
      oneOf('task', TASK_NAMES),
    )
    .option(
      '--preset <name>',
      'of images cifar, of texts ptb (the settings of DARTS and DATA; the defaults with data of your own), or small (for the embedded data and a few minutes)',
    );
  addSettings(command, settings)
    .option('--latency-table <file>', 'for --budget-unit latency: what genonnx bench cells has written')
    .option(...liveOption)
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      `
Examples:
  genonnx search --data fashion-mnist --preset small --seed 1 --out runs/search
  genonnx search --data ./cifar-10-batches-bin --samples 7 --seed 1 --out runs/cifar-m7
  genonnx search --data fashion-mnist --preset small --method darts --seed 1 --out runs/darts
  genonnx search --data ./cifar-10-batches-bin --budget 9.5 --budget-unit latency --latency-table latency-table.json --out runs/fast
  genonnx search --data sotu --preset small --seed 1 --out runs/lm-search
  genonnx search --data ./penn --preset ptb --samples 7 --out runs/ptb-m7
  genonnx search --resume runs/cifar-m7

What is not given is the preset's, and what the authors of the method set; config.json in the run's folder has all of it.`,
    )
    .action(async (options: SearchOptions) => {
      const explicit = overridesOf(command, settings);
      const from =
        options.resume === undefined
          ? await freshSearch(options, explicit)
          : { resume: options.resume, settings: withPaths({}, await withChecksum(options, explicit)) };
      const result = await whileLive(options.live, options.resume ?? required(options.out), () =>
        showSearch(from),
      );
      if (!result.finished) return;
      if (options.json === true) printJson({ folder: result.place, genotype: result.text });
      else print(result.text);
      say(
        `Next: genonnx train --genotype ${result.place} --data ${result.settings.data}${result.task === 'classification' ? extentOf(result.settings) : ''} --preset small --out <folder>`,
      );
    });
}

/** How pictures are to be seen in a training, too. */
function extentOf({ padTo, augmentation }: SearchSettingsOf<'classification'>): string {
  if (padTo !== undefined) return ` --pad-to ${padTo}`;
  return augmentation === undefined ? '' : ` --crop-size ${augmentation.size}`;
}

async function freshSearch(options: SearchOptions, explicit: Overrides) {
  const { preset, out, latencyTable } = options;
  requireTable(latencyTable, explicit);
  const task = requireSearched(await taskOf('search', { task: options.task }, explicit));
  const latency = latencyTable === undefined ? undefined : await readLatency(latencyTable, say);
  const whole = new Map<string, unknown>(explicit);
  if (latency !== undefined) whole.set('budget.latency', latency);
  return {
    task,
    preset: preset === undefined ? undefined : oneOf('preset', searchedTasks[task].search.presets)(preset),
    settings: withPaths({}, whole),
    out: required(out),
  };
}

/** The task of a new run; says which data it takes where none is named. */
export async function taskOf(
  command: string,
  hints: Omit<TaskHints, 'data'>,
  explicit: Overrides,
): Promise<TaskName> {
  const data = explicit.get('data');
  const task = await chooseTaskFor({ ...hints, data: typeof data === 'string' ? data : undefined });
  const { embedded, measures } = tasks[task];
  if (data === undefined) say(`${command}: no --data: the embedded ${measures.examples}, ${embedded[0]}`);
  return task;
}

/** @throws GenonnxError `usage` for a latency table without its unit, or the unit without a table. */
function requireTable(table: string | undefined, explicit: Overrides): void {
  const isLatency = explicit.get('budget.unit') === 'latency';
  if (isLatency === (table !== undefined)) return;
  throw new GenonnxError(
    'usage',
    isLatency ? 'A budget of latency needs a latency table.' : 'The latency table is of no use here.',
    {
      where: isLatency ? '--budget-unit' : '--latency-table',
      expected: '--budget-unit latency and --latency-table FILE together',
      found: isLatency ? 'no --latency-table' : 'no --budget-unit latency',
      cure: isLatency
        ? 'Measure one: genonnx bench cells --out latency-table.json.'
        : 'Say --budget N --budget-unit latency, with N in milliseconds a batch.',
    },
  );
}

/** What is given explicitly to a run that continues: its table must be the run's own. */
async function withChecksum({ latencyTable }: SearchOptions, explicit: Overrides): Promise<Overrides> {
  if (latencyTable === undefined) return explicit;
  return new Map([...explicit, ['budget.latency.sha256', await latencyChecksum(latencyTable)]]);
}

/** @throws GenonnxError `usage` when a new run has no folder. */
export function required(out: string | undefined): string {
  if (out !== undefined) return out;
  throw new GenonnxError('usage', 'A new run needs a folder.', {
    expected: '--out FOLDER, or --resume FOLDER',
    cure: 'Pass --out runs/my-run.',
  });
}
