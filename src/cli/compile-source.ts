// What `genonnx compile` starts from: a genotype with weights or a seed, or the folder of a finished training.
import { readVocabulary } from '../data/text/vocabulary-file.js';
import type { CompileRequest } from '../deploy/compile.js';
import type { LanguageCompileRequest } from '../deploy/compile-language.js';
import { readTrainedModel } from '../deploy/trained-model.js';
import { GenonnxError } from '../errors.js';
import { type DeployedName, isLanguageModel } from '../networks/deployed.js';
import type { Combination } from '../networks/recurrent/derived-cell.js';
import { type DataFactOptions, dataFactsFrom } from './data-facts.js';
import { anyGenotypeFrom } from './genotype-argument.js';
import { imageNetworkOf, requireLanguageNetwork, requireOptionsOf } from './network-kinds.js';
import type { ImageShape } from './options.js';
import { withTraining } from './run-advice.js';
import { weightsFrom } from './weights-argument.js';

export interface SourceOptions extends DataFactOptions {
  readonly genotype?: string;
  readonly run?: string;
  readonly network?: DeployedName;
  readonly cells?: number;
  readonly channels?: number;
  readonly classes?: number;
  readonly image?: ImageShape;
  readonly auxiliary?: boolean;
  readonly width?: number;
  readonly words?: number;
  readonly combination?: Combination;
  readonly vocabulary?: string;
  readonly weights?: string;
  readonly seed: number;
  readonly batch: number | string;
}

type Request<R> = Omit<R, 'optimization' | 'precision' | 'toolVersion'>;

export type CompileSource =
  | { readonly kind: 'convolutional'; readonly request: Request<CompileRequest> }
  | { readonly kind: 'recurrent'; readonly request: Request<LanguageCompileRequest> };

/** @throws GenonnxError for what cannot be read, is missing, or is meant for another kind of network. */
export async function compileSource(options: SourceOptions): Promise<CompileSource> {
  const { run, genotype } = options;
  if (run !== undefined) return await fromRun(run, options);
  if (genotype === undefined) {
    throw new GenonnxError('usage', 'There is nothing to compile.', {
      expected: '--genotype, or --run with the folder of a training',
      cure: 'Pass for example --genotype DATA_M7.',
    });
  }
  return await fromGenotype(genotype, options);
}

async function fromRun(run: string, options: SourceOptions): Promise<CompileSource> {
  const { batch, auxiliary = false } = options;
  const trained = await withTraining(run, () => readTrainedModel(run));
  const { network, weights, origin, vocabulary } = trained;
  const common = { weights, metadata: origin };
  if (isLanguageModel(network)) {
    requireOptionsOf('recurrent', options);
    return { kind: 'recurrent', request: { ...network, ...common, vocabulary, batch } };
  }
  return { kind: 'convolutional', request: { ...network, ...common, auxiliary, batch } };
}

async function fromGenotype(argument: string, options: SourceOptions): Promise<CompileSource> {
  const { network, cells, channels, classes, image, auxiliary, batch, seed } = options;
  const found = await anyGenotypeFrom(argument);
  if (found.kind === 'recurrent') requireLanguageNetwork(network);
  const name = found.kind === 'recurrent' ? undefined : imageNetworkOf(network);
  requireOptionsOf(found.kind, options);
  const weights = options.weights === undefined ? { seed } : { weights: await weightsFrom(options.weights) };
  if (found.kind === 'recurrent') {
    const { width, words, combination, vocabulary: path } = options;
    const vocabulary = path === undefined ? undefined : await readVocabulary(path);
    const request = { genotype: found.genotype, width, words, combination, vocabulary, batch, ...weights };
    return { kind: 'recurrent', request };
  }
  const sizes = { name, cells, initChannels: channels, classes, image, auxiliary, batch };
  return {
    kind: 'convolutional',
    request: { genotype: found.genotype, ...sizes, ...weights, ...(await dataFactsFrom(options)) },
  };
}
