// What `genonnx compile` starts from: a genotype with weights or a seed, or the folder of a finished training.
import type { CompileRequest } from '../deploy/compile.js';
import { readTrainedModel } from '../deploy/trained-model.js';
import { GenonnxError } from '../errors.js';
import type { NetworkName } from '../networks/evaluation.js';
import { type DataFactOptions, dataFactsFrom } from './data-facts.js';
import { genotypeFrom } from './genotype-argument.js';
import type { ImageShape } from './options.js';
import { withTraining } from './run-advice.js';
import { weightsFrom } from './weights-argument.js';

export interface SourceOptions extends DataFactOptions {
  readonly genotype?: string;
  readonly run?: string;
  readonly network?: NetworkName;
  readonly cells?: number;
  readonly channels?: number;
  readonly classes?: number;
  readonly image?: ImageShape;
  readonly auxiliary?: boolean;
  readonly weights?: string;
  readonly seed: number;
  readonly batch: number | string;
}

export type CompileSource = Omit<CompileRequest, 'optimization' | 'precision' | 'toolVersion'>;

/** @throws GenonnxError for what cannot be read, or is missing. */
export async function compileSource(options: SourceOptions): Promise<CompileSource> {
  const { batch } = options;
  const { run } = options;
  if (run !== undefined) {
    const { network, weights, origin } = await withTraining(run, () => readTrainedModel(run));
    return { ...network, auxiliary: options.auxiliary ?? false, weights, metadata: origin, batch };
  }
  if (options.genotype === undefined) {
    throw new GenonnxError('usage', 'There is nothing to compile.', {
      expected: '--genotype, or --run with the folder of a training',
      cure: 'Pass for example --genotype DATA_M7.',
    });
  }
  const { network, cells, channels, classes, image, auxiliary, seed } = options;
  return {
    genotype: await genotypeFrom(options.genotype),
    name: network,
    cells,
    initChannels: channels,
    classes,
    image,
    auxiliary,
    batch,
    ...(options.weights === undefined ? { seed } : { weights: await weightsFrom(options.weights) }),
    ...(await dataFactsFrom(options)),
  };
}
