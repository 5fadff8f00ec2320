// `genonnx train`: trains the network of a genotype and exports it, in a run folder that can be resumed.
import type { Command } from 'commander';
import { GenonnxError } from '../../errors.js';
import { printGenotype } from '../../spaces/print.js';
import { classificationMeasures } from '../../tasks/classification/measures.js';
import { EMBEDDED_DATA } from '../../tasks/classification/presets.js';
import { genotypeFrom, genotypeHelp } from '../genotype-argument.js';
import { oneOf } from '../options.js';
import { print, printJson, say, table } from '../output.js';
import { showTraining } from '../run-loop.js';
import { trainSettings } from '../run-settings.js';
import { addSettings, type Overrides, overridesOf, withOverrides } from '../settings.js';
import { required } from './search.js';

interface TrainOptions {
  readonly genotype?: string;
  readonly preset?: 'cifar' | 'small';
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
      'cifar (the recipe of DARTS and DATA; the default), or small (without --data)',
      oneOf('preset', ['cifar', 'small']),
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
      const explicit = overridesOf(command, trainSettings);
      const { results, place } = await showTraining(
        options.resume === undefined
          ? await freshTraining(options, explicit)
          : { resume: options.resume, settings: withOverrides({}, await withGenotype(options, explicit)) },
      );
      if (results === undefined) return;
      if (options.json === true) printJson({ folder: place, ...results });
      else {
        print(
          table([
            ...classificationMeasures.metrics.map(({ name, title, format }) => [
              `test ${title.toLowerCase()}`,
              format(results.test[name] ?? Number.NaN),
            ]),
            ['test loss', (results.test.loss ?? Number.NaN).toFixed(4)],
            ['parameters', String(results.figures.parameters)],
            ['multiply-adds', String(results.figures.macs)],
          ]),
        );
      }
      say(`Next: genonnx validate ${place}/model.onnx`);
    });
}

async function freshTraining({ preset, out, genotype }: TrainOptions, explicit: Overrides) {
  const named = await genotypeFrom(requiredGenotype(genotype));
  if (!explicit.has('data')) say(`train: no --data: the embedded images, ${EMBEDDED_DATA}`);
  return { preset, settings: withOverrides({}, explicit), out: required(out), genotype: named };
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
  return new Map([...explicit, ['genotype', printGenotype(await genotypeFrom(genotype))]]);
}
