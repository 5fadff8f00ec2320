// The network of a genotype as it is deployed: the graph that answers pictures, its weights in order, and what it costs.
import type { BoundGraph } from '../../graphs/bound-graph.js';
import { Builder } from '../../graphs/builder.js';
import { cost, type GraphCost } from '../../graphs/cost.js';
import type { Graph, Value } from '../../graphs/ir.js';
import { prune } from '../../graphs/passes/prune.js';
import type { Slot } from '../../graphs/slots.js';
import type { ConvolutionalGenotype } from '../spaces/convolutional.js';
import { evaluationNetwork, type NetworkName } from './evaluation.js';
import { requireModestDepth, requireModestInput, requireWeightSize } from './network-limits.js';

/** All that says which network is meant: the genotype and every size. */
export interface InferenceNetwork {
  readonly name: NetworkName;
  readonly genotype: ConvolutionalGenotype;
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

/** A network as a graph, without the values of its weights. */
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

/** An inference graph with its weights, given in the order of `weights`. */
export function bindWeights({ graph, weights }: InferenceGraph, data: readonly Float32Array[]): BoundGraph {
  const bound = weights.flatMap(({ value, path }, i) => {
    const values = data[i];
    return values === undefined ? [] : [[value, { name: path, data: values }] as const];
  });
  return { graph, weights: new Map(bound) };
}
