// A network with weights, as it is handed to an exporter and to the interpreter that judges it.
import type { BoundGraph } from '../../graphs/bound-graph.js';
import { interpret, type Tensor, tensor } from '../../graphs/interpret/interpret.js';
import type { Value } from '../../graphs/ir.js';
import type { DeployedNetwork } from '../../src/networks/deployed.js';
import { type InferenceNetwork, inferenceGraph } from '../../src/networks/inference.js';
import { bindWeights, type InferenceGraph } from '../../src/networks/inference-graph.js';
import { freshWeights } from '../../src/networks/initial-state.js';
import { metadataOf } from '../../src/networks/metadata.js';
import { openStream } from '../../src/random.js';
import type { ConvolutionalGenotype } from '../../src/spaces/convolutional.js';

export interface ExportCase {
  readonly network: InferenceNetwork;
  readonly inference: InferenceGraph;
  /** In the order of `inference.weights`. */
  readonly data: readonly Float32Array[];
  readonly bound: BoundGraph;
  readonly metadata: Readonly<Record<string, string>>;
}

/** What a target computed, or why that could not be tried on this machine. */
export type TargetOutputs = Readonly<Record<string, Tensor>> | { readonly skipped: string };

/** A small network of a genotype. Running statistics and affine weights are random too, so that none can be forgotten. */
export function exportCase(
  genotype: ConvolutionalGenotype,
  change: Partial<Omit<InferenceNetwork, 'genotype'>> = {},
): ExportCase {
  const network: InferenceNetwork = {
    name: 'cifar',
    genotype,
    cells: 3,
    initChannels: 4,
    classes: 5,
    image: { channels: 3, height: 16, width: 16 },
    auxiliary: false,
    batch: 'batch',
    ...change,
  };
  return { network, ...caseOf(network, inferenceGraph(network)) };
}

/** A network with random weights, and what its model says about itself. */
export function caseOf(network: DeployedNetwork, inference: InferenceGraph): Omit<ExportCase, 'network'> {
  const stream = openStream(7, 'export-case');
  const data = freshWeights(inference.weights, stream).map((values, i) => {
    const name = inference.weights[i]?.name ?? '';
    if (name.endsWith('running_var')) return values.map(() => 0.5 + stream.uniform());
    if (name.endsWith('running_mean')) return values.map(() => 0.1 * stream.normal());
    const isVector = inference.weights[i]?.shape.length === 1;
    return isVector ? values.map((value) => value + 0.1 * stream.normal()) : values;
  });
  const cost = { parameters: inference.parameters, macs: inference.cost.macs };
  const metadata = metadataOf({ network, toolVersion: '0', cost });
  return { inference, data, bound: bindWeights(inference, data), metadata };
}

/** Standard normal images, rounded to float32. */
export function caseImages(
  { network: { image } }: { readonly network: Pick<InferenceNetwork, 'image'> },
  batch: number,
  seed = 3,
): Tensor {
  const stream = openStream(seed, 'images');
  const count = batch * image.channels * image.height * image.width;
  const values = Float32Array.from({ length: count }, () => stream.normal());
  return tensor([batch, image.channels, image.height, image.width], values);
}

/** What the float64 interpreter has for a bound graph with one fed input, the images. */
export function expectedOutputs({ graph, weights }: BoundGraph, images: Tensor): Record<string, Tensor> {
  const feeds = new Map<Value, Tensor>();
  for (const value of graph.inputs) {
    const bound = weights.get(value);
    feeds.set(value, bound === undefined ? images : tensor(value.shape.map(Number), bound.data));
  }
  return interpret(graph, feeds);
}
