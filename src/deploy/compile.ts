// From a genotype, with weights or a seed, to a graph that can be written in any form, and what it says about itself.
import type { BoundGraph } from '../../graphs/bound-graph.js';
import type { Precision } from '../../graphs/onnx/emitter.js';
import type { Normalisation } from '../data/normalise.js';
import { type InferenceNetwork, inferenceGraph } from '../networks/inference.js';
import { bindWeights } from '../networks/inference-graph.js';
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
export interface CompileRequest extends AskedSizes {
  readonly genotype: ConvolutionalGenotype;
  /** Images in a batch, or the name of the dimension that is left open: `batch` by default. */
  readonly batch?: number | string | undefined;
  /** By PyTorch's names. Sizes that are not asked for follow from them. */
  readonly weights?: NamedWeights | undefined;
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
export interface Compiled {
  readonly network: InferenceNetwork;
  /** `images` f32[N,C,H,W] -> `logits` f32[N,classes], and `auxiliaryLogits` where there is the head. */
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
export function compile(request: CompileRequest): Compiled {
  const { genotype, batch = 'batch', seed = 1, optimization = 'none', precision = 'float32' } = request;
  const { labels, normalisation, toolVersion = version } = request;
  const given = request.weights === undefined ? undefined : plainNames(request.weights);
  const sizes = settleSizes(request, given === undefined ? undefined : sizesOfWeights(given));
  const network = { ...sizes, genotype, batch };
  if (labels !== undefined) requireLabels(labels, network.classes);
  if (normalisation !== undefined) requireNormalisation(normalisation, network.image.channels);
  const inference = inferenceGraph(network);
  const { parameters, auxiliaryParameters, cost } = inference;
  requireRoomForWeights(inference.weights, request.mostWeightBytes);
  const weights =
    given === undefined
      ? freshWeights(inference.weights, openStream(seed, 'weights'))
      : matchWeights(inference.weights, network.auxiliary ? given : withoutAuxiliaryHead(given));
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
