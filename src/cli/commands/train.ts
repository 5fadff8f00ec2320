// `genonnx train`: trains the network of a genotype and exports it, in a run folder that can be resumed.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { GenonnxError } from '../../errors.js';
import { genotypeTextFor } from '../../library/choose-task.js';
import type { Measures } from '../../loop/meter.js';
import { inSentence } from '../../loop/metric-title.js';
import { runFiles } from '../../runs/run-store.js';
import { printAnyGenotype } from '../../spaces/print.js';
import { withPaths } from '../../tasks/given.js';
import { TASK_NAMES, type TaskName, tasks } from '../../tasks/tasks.js';
import type { Results } from '../../train/train-run.js';
import { anyGenotypeFrom, genotypeHelp } from '../genotype-argument.js';
import { liveOption, whileLive } from '../live-option.js';
import { oneOf } from '../options.js';
import { print, printJson, say, table } from '../output.js';
import { showTraining } from '../run-loop.js';
import { settingsOf } from '../run-settings.js';
import { addSettings, type Overrides, overridesOf } from '../settings.js';
import { required, taskOf } from './search.js';

const settings = settingsOf('train');

interface TrainOptions {
  readonly genotype?: string;
  readonly task?: TaskName;
  readonly preset?: string;
  readonly out?: string;
  readonly resume?: string;
  readonly live?: boolean;
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
      '--task <name>',
      `${TASK_NAMES.join(' or ')} (default: what the data is for)`,
      oneOf('task', TASK_NAMES),
    )
    .option(
      '--preset <name>',
      "of images cifar, imagenet or imagenet-darts, of texts ptb or wt2 (the recipes of DARTS and DATA), of masks voc (DeepLab's; the defaults with data of your own), or small (for the embedded data and a few minutes)",
    );
  addSettings(command, settings)
    .option(...liveOption)
    .option('--json', 'print the results as JSON')
    .addHelpText(
      'after',
      `
Examples:
  genonnx train --genotype runs/search/genotype.json --data fashion-mnist --preset small --out runs/child
  genonnx train --genotype DATA_M7 --data ./cifar-10-batches-bin --seed 1 --out runs/cifar-m7
  genonnx train --genotype runs/lm-search --data sotu --preset small --out runs/lm
  genonnx train --genotype runs/search --task segmentation --data scenes --preset small --out runs/scenes
  genonnx train --resume runs/child

What is not given is the preset's; config.json in the run's folder has all of it.`,
    )
    .action(async (options: TrainOptions) => {
      const explicit = overridesOf(command, settings);
      const from =
        options.resume === undefined
          ? await freshTraining(options, explicit)
          : { resume: options.resume, settings: withPaths({}, await withGenotype(options, explicit)) };
      const folder = options.resume ?? required(options.out);
      const { task, results, place } = await whileLive(options.live, folder, () => showTraining(from));
      if (results === undefined) return;
      if (options.json === true) printJson({ folder: place, ...results });
      else {
        print(
          table([
            ...tasks[task].measures.metrics.flatMap(({ name, title, format }) => {
              const value = results.test[name];
              return value === undefined ? [] : [[`test ${inSentence(title)}`, format(value)]];
            }),
            ...baselineRows(tasks[task].measures, results.figures),
            ['test loss', (results.test.loss ?? Number.NaN).toFixed(4)],
            ['parameters', String(results.figures.parameters)],
            ['multiply-adds', String(results.figures.macs)],
            ...Object.entries(results.notes ?? {}),
          ]),
        );
      }
      const hasModel = existsSync(join(place, runFiles.model));
      say(`Next: genonnx ${hasModel ? `validate ${place}/model.onnx` : `report ${place}`}`);
    });
}

/** What counts alone come to, below what they are to be compared with. */
function baselineRows(
  { metrics: [metric], baselines = [] }: Measures,
  figures: Results['figures'],
): string[][] {
  return baselines.map(({ name, figure }) => [`  of ${name}`, metric.format(figures[figure] ?? Number.NaN)]);
}

async function freshTraining({ preset, out, genotype, ...asked }: TrainOptions, explicit: Overrides) {
  const named = await anyGenotypeFrom(requiredGenotype(genotype));
  const task = await taskOf('train', { task: asked.task, genotype: named }, explicit);
  return {
    task,
    preset: preset === undefined ? undefined : oneOf('preset', tasks[task].training.presets)(preset),
    settings: withPaths({}, explicit),
    out: required(out),
    genotype: genotypeTextFor(task, named),
  };
}

/** @throws GenonnxError `usage` where there is none. */
function requiredGenotype(genotype: string | undefined): string {
  if (genotype !== undefined) return genotype;
  throw new GenonnxError('usage', 'There is no genotype to train the network of.', {
    expected: '--genotype NAME, FILE, FOLDER or TEXT, or --resume FOLDER',
    cure: 'Pass --genotype DARTS_V2, or the folder of a search.',
  });
}

/** What is given explicitly to a run that continues: its genotype must be the run's own. */
async function withGenotype({ genotype }: TrainOptions, explicit: Overrides): Promise<Overrides> {
  if (genotype === undefined) return explicit;
  return new Map([...explicit, ['genotype', printAnyGenotype(await anyGenotypeFrom(genotype))]]);
}
