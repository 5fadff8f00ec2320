// `genonnx search`: finds a genotype on a data set, in a run folder that can be resumed.
import type { Command } from 'commander';
import { GenonnxError } from '../../errors.js';
import { printGenotype } from '../../genotype/print.js';
import { searchConfigSchema, searchPresets } from '../../search/config.js';
import { number, oneOf, wholeNumber } from '../options.js';
import { print, printJson, say } from '../output.js';
import { loopSearch } from '../run-loop.js';
import { defaultThreads, openSession } from '../run-session.js';
import {
  addSettings,
  dataSettings,
  engineSettings,
  networkSettings,
  overridesOf,
  type Setting,
  weightSettings,
  withOverrides,
} from '../settings.js';

export const searchSettings: readonly Setting[] = [
  ...dataSettings,
  ...networkSettings,
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
  ...engineSettings,
];

interface SearchOptions {
  readonly preset: 'cifar' | 'small';
  readonly out?: string;
  readonly resume?: string;
  readonly json?: boolean;
}

export function registerSearch(program: Command): void {
  const command = program
    .command('search')
    .description('search a genotype with DATA (Ensemble Gumbel-Softmax)')
    .option('--out <folder>', 'where the run goes: a new or empty folder')
    .option('--resume <folder>', 'continue the run in this folder')
    .option(
      '--preset <name>',
      'cifar (the settings of DARTS and DATA) or small (a few thousand small images)',
      oneOf('preset', ['cifar', 'small']),
      'cifar',
    );
  addSettings(command, searchSettings)
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      `
Examples:
  genonnx search --data fashion-mnist --preset small --seed 1 --out runs/search
  genonnx search --data ./cifar-10-batches-bin --samples 7 --seed 1 --out runs/cifar-m7
  genonnx search --resume runs/cifar-m7`,
    )
    .action(async (options: SearchOptions) => {
      const explicit = overridesOf(command, searchSettings);
      const session = await openSession({
        kind: 'search',
        schema: searchConfigSchema,
        check: () => {},
        ...(options.resume === undefined
          ? { fresh: { settings: freshSettings(options, explicit), out: required(options.out) } }
          : { resume: { folder: options.resume, explicit } }),
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

function freshSettings({ preset }: SearchOptions, explicit: ReturnType<typeof overridesOf>): unknown {
  const settings = withOverrides({ ...searchPresets[preset], seed: 1, threads: defaultThreads() }, explicit);
  // In a small run the temperature falls over the whole of it.
  if (preset === 'cifar' || explicit.has('temperature.epochs')) return settings;
  return withOverrides(settings, new Map([['temperature.epochs', Number(settings.epochs)]]));
}

/** @throws GenonnxError `usage` when a new run has no folder. */
export function required(out: string | undefined): string {
  if (out !== undefined) return out;
  throw new GenonnxError('usage', 'A new run needs a folder.', {
    expected: '--out FOLDER, or --resume FOLDER',
    cure: 'Pass --out runs/my-run.',
  });
}
