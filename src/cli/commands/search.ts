// `genonnx search`: finds a genotype on a data set, in a run folder that can be resumed.
import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import type { Dataset } from '../../../datasets/dataset.js';
import { parseLatencyTable } from '../../bench/cells/latency-table.js';
import { checksumOf, foreignDevice, latencySettings } from '../../bench/cells/search-costs.js';
import { collectDevice, thisSystem } from '../../bench/machine.js';
import { GenonnxError } from '../../errors.js';
import {
  type GivenOptions,
  METHOD_TABLE,
  METHODS,
  type MethodName,
  requireTaken,
} from '../../estimators/methods.js';
import { asUnreadable } from '../../runs/file-errors.js';
import type { Latency } from '../../search/latency-budget.js';
import { printGenotype } from '../../spaces/print.js';
import { DARTS_SPACE } from '../../spaces/search-space.js';
import { classificationSearch } from '../../tasks/classification/search.js';
import {
  presetFor,
  type SearchConfig,
  searchConfigSchema,
  searchPresets,
} from '../../tasks/classification/search-settings.js';
import { methodOptionsSchema } from '../../tasks/recipes.js';
import type { SearchProblem } from '../../tasks/search-problem.js';
import { number, oneOf, wholeNumber } from '../options.js';
import { print, printJson, say } from '../output.js';
import { loopSearch } from '../run-loop.js';
import { defaultThreads, openSession } from '../run-session.js';
import {
  addSettings,
  dataSettings,
  engineSettings,
  networkSettings,
  type Overrides,
  overridesOf,
  type Setting,
  weightSettings,
  withOverrides,
} from '../settings.js';

export const searchSettings: readonly Setting[] = [
  ...dataSettings,
  ...networkSettings,
  {
    flags: '--method <name>',
    description: `relaxation: ${METHODS.join(', ')}`,
    path: 'method',
    parse: oneOf('method', METHODS),
  },
  {
    flags: '--mode <mode>',
    description: 'alternating (alphas on held-out images) or joint (Eq. 6)',
    path: 'mode',
    parse: oneOf('mode', ['alternating', 'joint']),
  },
  {
    flags: '--samples <M>',
    description: 'samples M of the Ensemble Gumbel-Softmax',
    path: 'samples',
    parse: wholeNumber('samples'),
  },
  {
    flags: '--scope <scope>',
    description: 'one code for each edge, or for each node',
    path: 'scope',
    parse: oneOf('scope', ['edge', 'node']),
  },
  {
    flags: '--parameterisation <p>',
    description: 'softmax or relu',
    path: 'parameterisation',
    parse: oneOf('parameterisation', ['softmax', 'relu']),
  },
  {
    flags: '--normalise <how>',
    description: 'none, or sum: divide the code by its sum',
    path: 'normalise',
    parse: oneOf('normalise', ['none', 'sum']),
  },
  {
    flags: '--route <route>',
    description: 'code gradient of all candidates (exact), or of the active ones',
    path: 'route',
    parse: oneOf('route', ['all', 'active']),
  },
  {
    flags: '--temperature-start <x>',
    description: 'temperature at the start',
    path: 'temperature.start',
    parse: number('temperature-start', 1e-6),
  },
  {
    flags: '--temperature-end <x>',
    description: 'temperature at the end of its schedule',
    path: 'temperature.end',
    parse: number('temperature-end', 1e-6),
  },
  {
    flags: '--temperature-epochs <n>',
    description: 'length of the temperature schedule',
    path: 'temperature.epochs',
    parse: wholeNumber('temperature-epochs'),
  },
  {
    flags: '--train-fraction <x>',
    description: 'share of the images that the weights learn from',
    path: 'trainFraction',
    parse: number('train-fraction', 0),
  },
  {
    flags: '--warmup <n>',
    description: 'epochs in which the alphas stay as they are',
    path: 'warmupEpochs',
    parse: wholeNumber('warmup', 0),
  },
  ...weightSettings,
  {
    flags: '--alpha-lr <x>',
    description: "learning rate of the alphas' Adam",
    path: 'alphas.learningRate',
    parse: number('alpha-lr', 0),
  },
  {
    flags: '--alpha-weight-decay <x>',
    description: 'weight decay of the alphas',
    path: 'alphas.weightDecay',
    parse: number('alpha-weight-decay', 0),
  },
  {
    flags: '--entropy-weight <x>',
    description: 'adds the mean entropy of the alphas to their loss: they decide sooner',
    path: 'penalties.entropy',
    parse: number('entropy-weight', 0),
  },
  {
    flags: '--sparsity-weight <x>',
    description: 'adds the expected number of operations: cells get smaller',
    path: 'penalties.operations',
    parse: number('sparsity-weight', 0),
  },
  {
    flags: '--stop-on-skips',
    description: 'end where the normal cell has two skip connections (DARTS+)',
    path: 'stopOnSkips',
  },
  ...engineSettings,
];

/** What the trained child may cost; taken together. */
const budgetSettings: readonly Setting[] = [
  {
    flags: '--budget <n>',
    description: 'what the trained child may cost in expectation',
    path: 'budget.most',
    parse: number('budget', 1e-6),
  },
  {
    flags: '--budget-unit <unit>',
    description: 'macs (default), parameters, or latency: milliseconds a batch of --latency-table',
    path: 'budget.unit',
    parse: oneOf('budget-unit', ['macs', 'parameters', 'latency']),
  },
  {
    flags: '--budget-cells <n>',
    description: 'cells of the trained child (default 20, or as the latency table has it)',
    path: 'budget.cells',
    parse: wholeNumber('budget-cells'),
  },
  {
    flags: '--budget-channels <n>',
    description: 'initial channels of the trained child (default 36, or as the latency table has it)',
    path: 'budget.channels',
    parse: wholeNumber('budget-channels'),
  },
  {
    flags: '--budget-weight <x>',
    description: 'weight of the squared excess over the budget (default 1)',
    path: 'penalties.budget',
    parse: number('budget-weight', 0),
  },
];
const allSettings = [...searchSettings, ...budgetSettings];

interface SearchOptions {
  readonly preset: 'cifar' | 'small';
  readonly out?: string;
  readonly resume?: string;
  readonly latencyTable?: string;
  readonly json?: boolean;
}

export function registerSearch(program: Command): void {
  const command = program
    .command('search')
    .description('search a genotype with DATA (Ensemble Gumbel-Softmax), or another relaxation')
    .option('--out <folder>', 'where the run goes: a new or empty folder')
    .option('--resume <folder>', 'continue the run in this folder')
    .option(
      '--preset <name>',
      'cifar (the settings of DARTS and DATA) or small (a few thousand small images)',
      oneOf('preset', ['cifar', 'small']),
      'cifar',
    );
  addSettings(command, allSettings)
    .option('--latency-table <file>', 'for --budget-unit latency: what genonnx bench cells has written')
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      `
Examples:
  genonnx search --data fashion-mnist --preset small --seed 1 --out runs/search
  genonnx search --data ./cifar-10-batches-bin --samples 7 --seed 1 --out runs/cifar-m7
  genonnx search --data fashion-mnist --preset small --method darts --seed 1 --out runs/darts
  genonnx search --data ./cifar-10-batches-bin --budget 9.5 --budget-unit latency --latency-table latency-table.json --out runs/fast
  genonnx search --resume runs/cifar-m7`,
    )
    .action(async (options: SearchOptions) => {
      const explicit = overridesOf(command, allSettings);
      const session = await openSession({
        kind: 'search',
        schema: searchConfigSchema,
        problem: searchOf,
        ...(options.resume === undefined
          ? { fresh: { settings: await freshSettings(options, explicit), out: required(options.out) } }
          : { resume: { folder: options.resume, explicit: await withChecksum(options, explicit) } }),
      });
      const { folder, settings } = session;
      const result = await loopSearch(session);
      if (!result.finished) return;
      const genotype = printGenotype(result.genotype);
      if (options.json === true) printJson({ folder: folder.path, genotype });
      else print(genotype);
      say(
        `Next: genonnx train --genotype ${folder.path}/genotype.json --data ${settings.data} --preset small --out <folder>`,
      );
    });
}

/** What does not fit is refused before a folder is made. */
export function searchOf(settings: SearchConfig, dataset: Dataset): SearchProblem {
  return classificationSearch(settings, dataset, DARTS_SPACE);
}

async function freshSettings({ preset, latencyTable }: SearchOptions, explicit: Overrides): Promise<unknown> {
  const method = METHODS.find((name) => name === explicit.get('method')) ?? searchPresets[preset].method;
  requireTaken(method, givenOptions(explicit));
  const base = { ...presetFor(preset, method), seed: 1, threads: defaultThreads() };
  requireTable(latencyTable, explicit);
  const latency = latencyTable === undefined ? undefined : await readLatency(latencyTable);
  const settings = withOverrides(withBudget(base, explicit, latency), explicit);
  requireMeaning(settings, method);
  // In a small run the temperature falls over the whole of it.
  if (preset === 'cifar' || explicit.has('temperature.epochs')) return settings;
  return withOverrides(settings, new Map([['temperature.epochs', Number(settings.epochs)]]));
}

/** The options of a method that are given. */
function givenOptions(explicit: Overrides): GivenOptions {
  const { samples, scope, parameterisation, normalise, route } = Object.fromEntries(explicit);
  return methodOptionsSchema.parse({ samples, scope, parameterisation, normalise, route });
}

/** @throws GenonnxError `usage` for budget options without a budget. */
function withBudget<T extends { readonly penalties: object }>(
  settings: T,
  explicit: Overrides,
  latency: Latency | undefined,
): T | object {
  if (explicit.has('budget.most')) {
    const { cells = 20, initChannels: channels = 36 } = latency?.network ?? {};
    const budget = { unit: 'macs', cells, channels, ...(latency === undefined ? {} : { latency }) };
    return { ...settings, budget, penalties: { ...settings.penalties, budget: 1 } };
  }
  const odd = budgetSettings.find(({ path }) => explicit.has(path));
  if (odd === undefined) return settings;
  throw new GenonnxError('usage', 'There is no budget.', {
    where: odd.flags,
    expected: '--budget N beside it',
    cure: 'Say what the trained child may cost, for example --budget 5e8.',
  });
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

/** @throws GenonnxError `file-missing`, `file-corrupt`; `usage` where the table lacks an operation of the search. */
async function readLatency(path: string): Promise<Latency> {
  const file = await readTable(path);
  const table = parseLatencyTable(file.toString('utf8'), path);
  // The latencies are a processor's, so that nothing need be asked of GPUs.
  const device = await collectDevice({ ...thisSystem(), run: async () => null });
  const foreign = foreignDevice(table, device);
  if (foreign !== undefined) say(`warning: ${foreign}: the budget holds there`);
  return latencySettings(table, checksumOf(file), DARTS_SPACE);
}

/** What is given explicitly to a run that continues: its table must be the run's own. */
async function withChecksum({ latencyTable }: SearchOptions, explicit: Overrides): Promise<Overrides> {
  if (latencyTable === undefined) return explicit;
  return new Map([...explicit, ['budget.latency.sha256', checksumOf(await readTable(latencyTable))]]);
}

function readTable(path: string): Promise<Buffer> {
  return readFile(path).catch((error: unknown) => {
    throw asUnreadable(error, path, 'a latency table, as genonnx bench cells writes it');
  });
}

/** @throws GenonnxError `usage` for what a method has no use for. */
function requireMeaning({ stopOnSkips }: Record<string, unknown>, method: MethodName): void {
  if (stopOnSkips !== true || METHOD_TABLE[method].twoOperations) return;
  throw new GenonnxError('usage', `--stop-on-skips means nothing to the method ${method}.`, {
    expected: 'a method that keeps two operations a node: darts, darts-2nd, gdas',
    found: method,
    cure: 'Leave it out: a node of several operations may well have several skip connections.',
  });
}

/** @throws GenonnxError `usage` when a new run has no folder. */
export function required(out: string | undefined): string {
  if (out !== undefined) return out;
  throw new GenonnxError('usage', 'A new run needs a folder.', {
    expected: '--out FOLDER, or --resume FOLDER',
    cure: 'Pass --out runs/my-run.',
  });
}
