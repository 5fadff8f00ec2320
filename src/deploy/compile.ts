// From a genotype, with weights or a seed, to a graph that can be written in any form, and what it says about itself.
import type { BoundGraph } from '../../graphs/bound-graph.js';
import type { Precision } from '../../graphs/onnx/emitter.js';
import type { Normalisation } from '../data/normalise.js';
import { GenonnxError } from '../errors.js';
import { backboneWeights } from '../networks/deeplab/backbone-weights.js';
import {
  type AskedDeeplabSizes,
  areOfSegmentation,
  settleDeeplabSizes,
  sizesOfSegmentationWeights,
} from '../networks/deeplab/sizes-of-weights.js';
import {
  type ConvolutionalNetwork,
  type ImageNetwork,
  type ImageNetworkName,
  imageGraph,
} from '../networks/deployed.js';
import { bindWeights, type InferenceGraph } from '../networks/inference-graph.js';
import { freshWeights } from '../networks/initial-state.js';
import { metadataOf } from '../networks/metadata.js';
import { requireRoomForWeights } from '../networks/network-limits.js';
import { type AskedSizes, settleSizes, sizesOfWeights } from '../networks/sizes-of-weights.js';
import { openStream } from '../random.js';
import type { ConvolutionalGenotype } from '../spaces/convolutional.js';
import { version } from '../version.js';
import { requireLabels, requireNormalisation } from './labels.js';
import { matchWeights, type NamedWeights, plainNames, withoutAuxiliaryHead } from './match-weights.js';
import { type Optimization, optimizeGraph } from './optimize.js';

/** What to compile: a genotype, and what is known of its network, its weights and its data. */
export interface CompileRequest extends Omit<AskedSizes, 'name'>, AskedDeeplabSizes {
  readonly genotype: ConvolutionalGenotype;
  /** Default: what the weights are of, or else `cifar`. Only of `deeplab`: output stride, width and rates of the head, alignment. */
  readonly name?: ImageNetworkName | undefined;
  /** Images in a batch, or the name of the dimension that is left open: `batch` by default. */
  readonly batch?: number | string | undefined;
  /** By PyTorch's names. Sizes that are not asked for follow from them. */
  readonly weights?: NamedWeights | undefined;
  /** Of the ImageNet network, for `deeplab` without weights of its own: its head is then fresh. */
  readonly backbone?: NamedWeights | undefined;
  /** Of random weights, where none are given: 1 by default. */
  readonly seed?: number | undefined;
  readonly optimization?: Optimization | undefined;
  readonly precision?: Precision | undefined;
  /** Names of the classes. */
  readonly labels?: readonly string[] | undefined;
  readonly normalisation?: Normalisation | undefined;
  /** What else the model is to say about itself, `toolVersion` about who made it. */
  readonly metadata?: Readonly<Record<string, string>>;
  readonly toolVersion?: string;
  /** Of weights that there is room for: more are refused, before they are made. */
  readonly mostWeightBytes?: number | undefined;
}

/** The graph of the network with its weights, as `toOnnx`, `toTfjs` and the other exporters take it. */
export interface Compiled<N extends ImageNetwork = ImageNetwork> {
  readonly network: N;
  /**
   * `images` f32[N,C,H,W] -> `logits` f32[N,classes], and `auxiliaryLogits` where there is the head; of a segmentation network
   * `logits` f32[N,classes,H,W].
   */
  readonly bound: BoundGraph;
  readonly metadata: Readonly<Record<string, string>>;
  /** Trainable numbers outside of the auxiliary head, and inside. */
  readonly parameters: number;
  readonly auxiliaryParameters: number;
  /** Multiply-adds for one image. */
  readonly macs: number;
}

/**
 * The network of a genotype with its weights: those that are given, or fresh ones.
 * @throws GenonnxError `weights-mismatch` for weights of another network; `image-size`, `channels`, `node-out-of-range`,
 * `usage` for networks that cannot be, and for labels or a normalisation that do not fit; `memory`.
 */
export function compile(request: CompileRequest): Compiled<ConvolutionalNetwork> {
  const { genotype, batch = 'batch' } = request;
  const given = request.weights === undefined ? undefined : plainNames(request.weights);
  return compileNetwork({ ...settled(request, given), genotype, batch }, request);
}

/** What is to be compiled, where all sizes of the network are known. */
export type NetworkRequest = Pick<
  CompileRequest,
  | 'weights'
  | 'backbone'
  | 'seed'
  | 'optimization'
  | 'precision'
  | 'labels'
  | 'normalisation'
  | 'metadata'
  | 'toolVersion'
  | 'mostWeightBytes'
>;

/** A network, of whichever genotype, with its weights. @throws GenonnxError as `compile`. */
export function compileNetwork<N extends ImageNetwork>(network: N, request: NetworkRequest): Compiled<N> {
  const { seed = 1, optimization = 'none', precision = 'float32' } = request;
  const { labels, normalisation, toolVersion = version } = request;
  const given = request.weights === undefined ? undefined : plainNames(request.weights);
  if (labels !== undefined) requireLabels(labels, network.classes);
  if (normalisation !== undefined) requireNormalisation(normalisation, network.image.channels);
  const inference = imageGraph(network);
  const { parameters, auxiliaryParameters, cost } = inference;
  requireRoomForWeights(inference.weights, request.mostWeightBytes);
  const weights =
    given === undefined
      ? begun(inference, seed, request.backbone)
      : matchWeights(inference.weights, hasAuxiliaryHead(network) ? given : withoutAuxiliaryHead(given));
  return {
    network,
    bound: optimizeGraph(bindWeights(inference, weights), optimization),
    metadata: {
      ...metadataOf({
        network,
        toolVersion,
        cost: { parameters, macs: cost.macs },
        optimization,
        precision,
        ...(given === undefined ? { seed, weights: 'random' } : {}),
        ...(labels === undefined ? {} : { classes: labels }),
        ...(normalisation === undefined ? {} : { normalisation }),
      }),
      ...request.metadata,
    },
    parameters,
    auxiliaryParameters,
    macs: cost.macs,
  };
}

/** Those of segmentation networks are named otherwise, and kept. */
function hasAuxiliaryHead(network: ImageNetwork): boolean {
  return network.name === 'deeplab' || (network.name !== 'one-cell' && network.auxiliary);
}

type Settled = DistributiveOmit<ConvolutionalNetwork, 'genotype' | 'batch'>;
type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

/** Which network is meant, and every size of it. @throws GenonnxError `weights-mismatch`, `usage`. */
function settled(request: CompileRequest, given: NamedWeights | undefined): Settled {
  const { name, backbone } = request;
  const isMeant =
    name === 'deeplab' || (name === undefined && given !== undefined && areOfSegmentation(given));
  if (!isMeant) {
    requireNoneOfDeeplab(request);
    const sizes = settleSizes({ ...request, name }, given === undefined ? undefined : sizesOfWeights(given));
    return sizes;
  }
  if (request.auxiliary === true) throw noAuxiliary();
  if (given !== undefined && backbone !== undefined) throw twoWeights();
  const said =
    given !== undefined
      ? sizesOfSegmentationWeights(given)
      : backbone === undefined
        ? {}
        : { backbone: sizesOfWeights(plainNames(backbone)) };
  return { name: 'deeplab', ...settleDeeplabSizes(request, said) };
}

/** Fresh weights, with those of a backbone where one is given. @throws GenonnxError `weights-mismatch`. */
function begun(
  { weights }: InferenceGraph,
  seed: number,
  backbone: NamedWeights | undefined,
): Float32Array[] {
  const fresh = freshWeights(weights, openStream(seed, 'weights'));
  if (backbone === undefined) return fresh;
  const named = backboneWeights(plainNames(backbone));
  const slots = weights.filter(({ name }) => name.startsWith('backbone.'));
  const data = new Map(matchWeights(slots, named).map((values, i) => [slots[i]?.name ?? '', values]));
  return weights.map(({ name }, i) => data.get(name) ?? fresh[i] ?? new Float32Array(0));
}

/** Options that only a segmentation network has. */
const ofDeeplab = ['outputStride', 'asppWidth', 'rates', 'alignment', 'backbone'] as const;

function requireNoneOfDeeplab(request: CompileRequest): void {
  const asked = ofDeeplab.find((option) => request[option] !== undefined);
  if (asked === undefined) return;
  throw new GenonnxError('usage', `\`${asked}\` describes a segmentation network.`, {
    expected: '`network` deeplab',
    found: request.name === undefined ? 'no `network`' : `\`network\` ${request.name}`,
    cure: `Pass \`network\` deeplab, or leave \`${asked}\` out.`,
  });
}

function noAuxiliary(): GenonnxError {
  return new GenonnxError('usage', 'A segmentation network has no auxiliary head.', {
    found: '`auxiliary`',
    cure: 'Leave `auxiliary` out.',
  });
}

function twoWeights(): GenonnxError {
  return new GenonnxError('usage', 'The weights of a whole network have those of its backbone.', {
    found: '`weights` and `backbone`',
    cure: 'Give one of the two.',
  });
}
