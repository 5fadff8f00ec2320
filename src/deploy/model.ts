// From a genotype and weights to an inference graph and its ONNX model.

import { lowerModel, type OnnxOptions } from '../../exporters/onnx.js';
import type { BoundGraph } from '../../graphs/bound-graph.js';
import { Builder } from '../../graphs/builder.js';
import { cost, type GraphCost } from '../../graphs/cost.js';
import type { Graph, Value } from '../../graphs/ir.js';
import type { Precision } from '../../graphs/onnx/emitter.js';
import type { LoweredModel } from '../../graphs/onnx/lower.js';
import { prune } from '../../graphs/passes/prune.js';
import type { Slot } from '../../graphs/slots.js';
import type { Normalisation } from '../data/normalise.js';
import { GenonnxError } from '../errors.js';
import { printGenotype } from '../genotype/print.js';
import type { Genotype } from '../genotype/types.js';
import { evaluationNetwork, type NetworkName } from '../networks/evaluation.js';
import { requireModestDepth, requireModestInput, requireWeightSize } from './network-limits.js';
import type { Optimization } from './optimize.js';

export interface InferenceNetwork {
  readonly name: NetworkName;
  readonly genotype: Genotype;
  readonly cells: number;
  readonly initChannels: number;
  readonly classes: number;
  readonly image: { readonly channels: number; readonly height: number; readonly width: number };
  readonly auxiliary: boolean;
  /** Images in a batch, or the name of the dimension that is left open. */
  readonly batch: number | string;
}

/** A slot with the graph input that stands for it. */
export interface Weight extends Slot {
  readonly value: Value;
  readonly trainable: boolean;
}

export interface InferenceGraph {
  readonly graph: Graph;
  /** Parameters and running statistics that the graph reads. */
  readonly weights: readonly Weight[];
  /** Of one image, whatever the batch. */
  readonly cost: GraphCost;
  /** Trainable numbers outside of the auxiliary head, and inside. */
  readonly parameters: number;
  readonly auxiliaryParameters: number;
}

/**
 * `images` f32[N,C,H,W] -> `logits` f32[N,classes], and `auxiliaryLogits` where the head is asked for.
 * @throws GenonnxError `image-size`, `channels`, `node-out-of-range`, `usage` for networks that cannot be, or not in a file.
 */
export function inferenceGraph(network: InferenceNetwork): InferenceGraph {
  const { image, batch } = network;
  requireModestDepth(network.genotype, network.cells);
  requireModestInput(batch, image);
  const g = new Builder();
  const images = g.input('images', [batch, image.channels, image.height, image.width]);
  const { logits, auxiliaryLogits } = evaluationNetwork(g, images, { ...network, training: false });
  const slots = [...pair(g, 'parameters', true), ...pair(g, 'statistics', false)];
  requireWeightSize(slots);
  const outputs = [{ name: 'logits', value: logits }];
  if (auxiliaryLogits !== undefined) outputs.push({ name: 'auxiliaryLogits', value: auxiliaryLogits });
  const graph = prune(g.build(outputs));
  const trainable = slots.filter((weight) => weight.trainable);
  const isAuxiliary = ({ name }: Weight): boolean => name.startsWith('auxiliary_head.');
  return {
    graph,
    weights: slots,
    // Like the parameters, multiply-adds are counted without the auxiliary head.
    cost: perImage(cost(prune({ ...graph, outputs: graph.outputs.slice(0, 1) })), batch),
    parameters: sizes(trainable.filter((weight) => !isAuxiliary(weight))),
    auxiliaryParameters: sizes(trainable.filter(isAuxiliary)),
  };
}

/** All work is proportional to the batch. An open batch counts as one image already. */
function perImage({ macs, activationBytes, perNode }: GraphCost, batch: number | string): GraphCost {
  const images = typeof batch === 'number' ? batch : 1;
  return {
    macs: macs / images,
    activationBytes: activationBytes / images,
    perNode: perNode.map((node) => ({
      ...node,
      macs: node.macs / images,
      outputBytes: node.outputBytes / images,
    })),
  };
}

function pair(g: Builder, kind: 'parameters' | 'statistics', trainable: boolean): Weight[] {
  const values = g.slotInputs(kind);
  return g.slots(kind).flatMap((slot, i) => {
    const value = values[i];
    return value === undefined ? [] : [{ ...slot, value, trainable }];
  });
}

function sizes(weights: readonly Weight[]): number {
  return weights.reduce((sum, { size }) => sum + size, 0);
}

/** Weights by their names in a PyTorch state dict. */
export type NamedWeights = ReadonlyMap<
  string,
  { readonly shape: readonly number[]; readonly data: Float32Array }
>;

/** Names that say nothing about the weights: PyTorch's counter of batches. */
function isIgnored(name: string): boolean {
  return name.endsWith('.num_batches_tracked');
}

/**
 * The weights in the order of the slots, by PyTorch's names or by those that they have in a model. A leading `module.` is
 * ignored.
 * @throws GenonnxError `weights-mismatch` with the first three differences and the likely cause.
 */
export function matchWeights(slots: readonly Slot[], named: NamedWeights): Float32Array[] {
  const given = new Map(
    [...named]
      .filter(([name]) => !isIgnored(name))
      .map(([name, tensor]) => [name.replace(/^module\./, ''), tensor]),
  );
  const differences: string[] = [];
  const found = slots.map(({ name, path, shape }) => {
    const key = given.has(name) ? name : path;
    const tensor = given.get(key);
    given.delete(key);
    if (tensor === undefined) {
      differences.push(`${name}: missing`);
      return new Float32Array(0);
    }
    if (tensor.shape.join() !== shape.join())
      differences.push(`${name}: [${tensor.shape}] instead of [${shape}]`);
    return tensor.data;
  });
  for (const name of given.keys()) differences.push(`${name}: not a part of this network`);
  if (differences.length === 0) return found;
  throw new GenonnxError('weights-mismatch', 'The weights do not fit the network.', {
    expected: `${slots.length} tensors of the network`,
    found: `${differences.length} differences: ${differences.slice(0, 3).join('; ')}`,
    cure: likelyCause(differences),
  });
}

function likelyCause(differences: readonly string[]): string {
  const every = (pattern: RegExp): boolean => differences.every((text) => pattern.test(text));
  if (every(/^auxiliary_head\..*missing/))
    return 'The weights have no auxiliary head: leave --auxiliary out.';
  if (every(/^auxiliary_head\..*not a part/)) return 'The weights have an auxiliary head: pass --auxiliary.';
  if (differences.some((text) => /_ops\.\d+\._ops\./.test(text)))
    return 'These are weights of a search, not of a derived network.';
  if (every(/ instead of /)) return 'Check --channels, --classes and the number of image channels.';
  return 'Check that --genotype, --cells and --channels are those that the weights were trained with.';
}

export interface Provenance {
  readonly network: InferenceNetwork;
  readonly toolVersion: string;
  readonly seed?: number;
  readonly dataset?: string;
  readonly classes?: readonly string[];
  readonly normalisation?: Normalisation;
  /** On the test images of the data set, from 0 to 1. */
  readonly accuracy?: number;
  /** What was done to the graph. */
  readonly optimization?: Optimization;
  readonly precision?: Precision;
  readonly cost: { readonly parameters: number; readonly macs: number };
}

/** What every exported model says about itself. */
export function metadataOf({
  network,
  toolVersion,
  seed,
  dataset,
  classes,
  normalisation,
  accuracy,
  optimization = 'none',
  precision = 'float32',
  cost: figures,
}: Provenance): Record<string, string> {
  const metadata: Record<string, string> = {
    genotype: printGenotype(network.genotype),
    network: JSON.stringify({
      name: network.name,
      cells: network.cells,
      initChannels: network.initChannels,
      classes: network.classes,
      image: network.image,
      auxiliary: network.auxiliary,
      batch: network.batch,
    }),
    parameters: String(figures.parameters),
    macs: String(figures.macs),
    tool: `genonnx ${toolVersion}`,
  };
  if (seed !== undefined) metadata.seed = String(seed);
  if (dataset !== undefined) metadata.dataset = dataset;
  if (classes !== undefined) metadata.classes = JSON.stringify(classes);
  if (optimization !== 'none') metadata.optimize = optimization;
  if (precision !== 'float32') metadata.precision = precision;
  if (normalisation !== undefined) metadata.normalisation = JSON.stringify(normalisation);
  if (accuracy !== undefined) metadata.accuracy = String(accuracy);
  return metadata;
}

/** An inference graph with its weights, given in the order of `weights`. */
export function bindWeights({ graph, weights }: InferenceGraph, data: readonly Float32Array[]): BoundGraph {
  const bound = weights.flatMap(({ value, path }, i) => {
    const values = data[i];
    return values === undefined ? [] : [[value, { name: path, data: values }] as const];
  });
  return { graph, weights: new Map(bound) };
}

export type CompileOptions = Omit<OnnxOptions, 'dataFile'>;

/** The ONNX model of a graph in one piece, with its weights as initializers. */
export function compileModel(bound: BoundGraph, options: CompileOptions): LoweredModel {
  return lowerModel(bound, options);
}
