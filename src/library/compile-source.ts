// What a compilation starts from: a genotype with weights or a seed, or the folder of a finished training.
import { readVocabulary } from '../data/text/vocabulary-file.js';
import type { CompileRequest } from '../deploy/compile.js';
import type { LanguageCompileRequest } from '../deploy/compile-language.js';
import type { NamedWeights } from '../deploy/match-weights.js';
import { readTrainedModel } from '../deploy/trained-model.js';
import { readWeights } from '../deploy/weights-file.js';
import { GenonnxError } from '../errors.js';
import type { DeeplabSizes } from '../networks/deeplab/network.js';
import { type DeployedName, isLanguageModel, isOneCell, isSegmentation } from '../networks/deployed.js';
import type { NetworkSizes } from '../networks/evaluation.js';
import type { Combination } from '../networks/recurrent/derived-cell.js';
import { wrongKindError } from '../spaces/kinds.js';
import { readGenotype } from './genotype.js';
import { imageNetworkOf, requireLanguageNetwork, requireOptionsOf } from './network-kinds.js';
import type { Note } from './session.js';

/** By names and files. Sizes that are not given follow from the weights, or are those of the papers. */
export interface SourceOptions {
  /** A name of the zoo, a file, the folder of a run, or the text. */
  readonly genotype?: string | undefined;
  /** The folder of a finished training, instead of genotype, sizes and weights. */
  readonly run?: string | undefined;
  readonly network?: DeployedName | undefined;
  readonly cells?: number | undefined;
  readonly initChannels?: number | undefined;
  readonly classes?: number | undefined;
  readonly image?: NetworkSizes['image'] | undefined;
  /** With the auxiliary head and its output. Default: what the weights have. */
  readonly auxiliary?: boolean | undefined;
  /** Of a segmentation network: image pixels for each pixel of its features, and its head. Default: DeepLab v3's. */
  readonly outputStride?: DeeplabSizes['outputStride'] | undefined;
  readonly asppWidth?: number | undefined;
  readonly rates?: DeeplabSizes['rates'] | undefined;
  readonly alignment?: DeeplabSizes['alignment'] | undefined;
  /** A state dict of the ImageNet network, for a segmentation network without weights of its own. */
  readonly backbone?: string | undefined;
  /** Of a language model: the size of embeddings and hidden states, how many words, and how a node joins operations. */
  readonly width?: number | undefined;
  readonly words?: number | undefined;
  readonly combination?: Combination | undefined;
  /** The file of a language model's words. */
  readonly vocabulary?: string | undefined;
  /** A state dict with PyTorch's names: safetensors or .pt. */
  readonly weights?: string | undefined;
  /** Of random weights, where none are given. Default: 1. */
  readonly seed?: number | undefined;
  /** Names of the classes, and how images are normalised: kept in the model for whoever shows its answers. */
  readonly labels?: readonly string[] | undefined;
  readonly mean?: readonly number[] | undefined;
  readonly standardDeviation?: readonly number[] | undefined;
  /** Examples in a batch, or the name of the dimension that is left open. Default: `batch`. */
  readonly batch?: number | string | undefined;
  readonly onNote?: Note | undefined;
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
      expected: '`genotype`, or `run` with the folder of a training',
      cure: 'Pass for example `genotype` DATA_M7.',
    });
  }
  return await fromGenotype(genotype, options);
}

async function fromRun(run: string, options: SourceOptions): Promise<CompileSource> {
  const { batch = 'batch', auxiliary = false } = options;
  const { network, weights, origin, vocabulary } = await readTrainedModel(run);
  const common = { weights, metadata: origin };
  if (isLanguageModel(network)) {
    requireOptionsOf('recurrent', options);
    return { kind: 'recurrent', request: { ...network, ...common, vocabulary, batch } };
  }
  if (isOneCell(network)) {
    throw new GenonnxError('usage', 'A training of the task one-cell is compiled already.', {
      where: run,
      expected: 'a training of another task',
      cure: 'Take its model.onnx, or make another form of it by genonnx export.',
    });
  }
  const sizes = isSegmentation(network) ? network : { ...network, auxiliary };
  return { kind: 'convolutional', request: { ...sizes, ...common, batch } };
}

async function fromGenotype(argument: string, options: SourceOptions): Promise<CompileSource> {
  const { network, cells, initChannels, classes, image, auxiliary, batch, seed, labels } = options;
  const found = await readGenotype(argument);
  if (found.kind === 'one-cell') throw wrongKindError(found.kind, 'convolutional', '`genotype`');
  if (found.kind === 'recurrent') requireLanguageNetwork(network);
  const name = found.kind === 'recurrent' ? undefined : imageNetworkOf(network);
  requireOptionsOf(found.kind, options);
  const weights =
    options.weights === undefined
      ? { seed }
      : { weights: await readNamedWeights(options.weights, options.onNote) };
  if (found.kind === 'recurrent') {
    const { width, words, combination, vocabulary: path } = options;
    const vocabulary = path === undefined ? undefined : await readVocabulary(path);
    const request = { genotype: found.genotype, width, words, combination, vocabulary, batch, ...weights };
    return { kind: 'recurrent', request };
  }
  const { outputStride, asppWidth, rates, alignment } = options;
  const sizes = { name, cells, initChannels, classes, image, auxiliary, batch };
  const head = { outputStride, asppWidth, rates, alignment };
  const backbone =
    options.backbone === undefined ? undefined : await readNamedWeights(options.backbone, options.onNote);
  return {
    kind: 'convolutional',
    request: {
      genotype: found.genotype,
      ...sizes,
      ...head,
      ...weights,
      backbone,
      labels,
      normalisation: normalisationIn(options),
    },
  };
}

function normalisationIn({ mean, standardDeviation }: SourceOptions): CompileRequest['normalisation'] {
  if (mean === undefined && standardDeviation === undefined) return undefined;
  return { mean: mean ?? [], standardDeviation: standardDeviation ?? [] };
}

/** The weights in a file; numbers that lose digits are a note. @throws GenonnxError as `readWeights`. */
export async function readNamedWeights(path: string, onNote: Note = () => {}): Promise<NamedWeights> {
  const { weights, rounded } = await readWeights(path);
  const tensors = rounded === 1 ? '1 tensor was' : `${rounded} tensors were`;
  if (rounded > 0) onNote(`${tensors} float64; each number was rounded to the nearest float32`);
  return weights;
}
