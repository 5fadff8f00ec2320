// `genonnx train`: trains the network of a genotype and exports it, in a run folder that can be resumed.
import type { Command } from 'commander';
import type { Dataset } from '../../../datasets/dataset.js';
import { inferenceGraph } from '../../networks/inference.js';
import { printGenotype } from '../../spaces/print.js';
import { childNetwork, classificationTraining } from '../../tasks/classification/training.js';
import {
  type TrainConfig,
  trainConfigSchema,
  trainingPresets,
} from '../../tasks/classification/training-settings.js';
import type { TrainingProblem } from '../../tasks/training-problem.js';
import { version } from '../../version.js';
import { genotypeFrom, genotypeHelp } from '../genotype-argument.js';
import { number, oneOf } from '../options.js';
import { print, printJson, say, table } from '../output.js';
import { loopTraining } from '../run-loop.js';
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
import { required } from './search.js';

export const trainSettings: readonly Setting[] = [
  ...dataSettings,
  ...networkSettings,
  ...weightSettings,
  {
    flags: '--schedule <name>',
    description: 'cosine or constant learning rate',
    path: 'schedule',
    parse: oneOf('schedule', ['cosine', 'constant']),
  },
  {
    flags: '--label-smoothing <x>',
    description: 'label smoothing',
    path: 'labelSmoothing',
    parse: number('label-smoothing', 0),
  },
  {
    flags: '--drop-path <x>',
    description: 'drop probability of paths, reached in the last epoch',
    path: 'dropPath',
    parse: number('drop-path', 0),
  },
  { flags: '--no-auxiliary', description: 'no auxiliary head', path: 'auxiliary' },
  {
    flags: '--auxiliary-weight <x>',
    description: "weight of the auxiliary head's loss",
    path: 'auxiliaryWeight',
    parse: number('auxiliary-weight', 0),
  },
  {
    flags: '--validation-share <x>',
    description: 'share of the training images held out to choose the best state',
    path: 'validationShare',
    parse: number('validation-share', 0),
  },
  ...engineSettings,
];

interface TrainOptions {
  readonly genotype?: string;
  readonly preset: 'cifar' | 'small';
  readonly out?: string;
  readonly resume?: string;
  readonly json?: boolean;
}

export function registerTrain(program: Command): void {
  const command = program
    .command('train')
    .description('train the network of a genotype and export it to ONNX')
    .option('--genotype <name|file|folder|text>', `the genotype: ${genotypeHelp}`)
    .option('--out <folder>', 'where the run goes: a new or empty folder')
    .option('--resume <folder>', 'continue the run in this folder')
    .option(
      '--preset <name>',
      'cifar (the recipe of DARTS and DATA) or small',
      oneOf('preset', ['cifar', 'small']),
      'cifar',
    );
  addSettings(command, trainSettings)
    .option('--json', 'print the results as JSON')
    .addHelpText(
      'after',
      `
Examples:
  genonnx train --genotype runs/search/genotype.json --data fashion-mnist --preset small --out runs/child
  genonnx train --genotype DATA_M7 --data ./cifar-10-batches-bin --seed 1 --out runs/cifar-m7
  genonnx train --resume runs/child`,
    )
    .action(async (options: TrainOptions) => {
      const explicit = new Map(overridesOf(command, trainSettings));
      if (options.genotype !== undefined)
        explicit.set('genotype', printGenotype(await genotypeFrom(options.genotype)));
      const fresh = withOverrides(
        { ...trainingPresets[options.preset], seed: 1, threads: defaultThreads() },
        explicit,
      );
      const session = await openSession({
        kind: 'train',
        schema: trainConfigSchema,
        problem: trainingOf,
        ...(options.resume === undefined
          ? { fresh: { settings: fresh, out: required(options.out) } }
          : { resume: { folder: options.resume, explicit } }),
      });
      const { folder } = session;
      const { measures } = session.problem;
      const results = await loopTraining(session);
      if (results === undefined) return;
      if (options.json === true) printJson({ folder: folder.path, ...results });
      else {
        print(
          table([
            ...measures.metrics.map(({ name, title, format }) => [
              `test ${title.toLowerCase()}`,
              format(results.test[name] ?? Number.NaN),
            ]),
            ['test loss', (results.test.loss ?? Number.NaN).toFixed(4)],
            ['parameters', String(results.figures.parameters)],
            ['multiply-adds', String(results.figures.macs)],
          ]),
        );
      }
      say(`Next: genonnx validate ${folder.path}/model.onnx`);
    });
}

/** What cannot be built is refused before a folder is made. */
export function trainingOf(settings: TrainConfig, dataset: Dataset): TrainingProblem {
  inferenceGraph({ ...childNetwork(settings, dataset), batch: 1 });
  return classificationTraining(settings, dataset, version);
}
