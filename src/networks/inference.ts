// The network of a genotype as it answers pictures.
import { Builder } from '../../graphs/builder.js';
import { cost } from '../../graphs/cost.js';
import { prune } from '../../graphs/passes/prune.js';
import type { ConvolutionalGenotype } from '../spaces/convolutional.js';
import { evaluationNetwork, type NetworkName } from './evaluation.js';
import { type InferenceGraph, perExample, slotWeights, type Weight, weightTotal } from './inference-graph.js';
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
  const weights = slotWeights(g);
  requireWeightSize(weights);
  const outputs = [{ name: 'logits', value: logits }];
  if (auxiliaryLogits !== undefined) outputs.push({ name: 'auxiliaryLogits', value: auxiliaryLogits });
  const graph = prune(g.build(outputs));
  const trainable = weights.filter((weight) => weight.trainable);
  const isAuxiliary = ({ name }: Weight): boolean => name.startsWith('auxiliary_head.');
  return {
    graph,
    weights,
    // Like the parameters, multiply-adds are counted without the auxiliary head.
    cost: perExample(cost(prune({ ...graph, outputs: graph.outputs.slice(0, 1) })), batch),
    parameters: weightTotal(trainable.filter((weight) => !isAuxiliary(weight))),
    auxiliaryParameters: weightTotal(trainable.filter(isAuxiliary)),
  };
}
