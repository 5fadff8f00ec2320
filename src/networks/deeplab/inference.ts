// A segmentation network as it answers pictures.
import { Builder } from '../../../graphs/builder.js';
import { cost } from '../../../graphs/cost.js';
import { prune } from '../../../graphs/passes/prune.js';
import { type InferenceGraph, perExample, slotWeights, weightTotal } from '../inference-graph.js';
import { requireModestDepth, requireModestInput, requireWeightSize } from '../network-limits.js';
import { type DeeplabArchitecture, deeplab } from './network.js';

/** All that says which network is meant: the genotype, every size, and how logits come to the size of the image. */
export interface SegmentationModel extends DeeplabArchitecture {
  readonly name: 'deeplab';
  /** Images in a batch, or the name of the dimension that is left open. */
  readonly batch: number | string;
}

/**
 * `images` f32[N,C,H,W] -> `logits` f32[N,classes,H,W].
 * @throws GenonnxError as `deeplab`, and `usage` for networks that do not fit a file.
 */
export function segmentationInference(network: SegmentationModel): InferenceGraph {
  const { image, batch } = network;
  requireModestDepth(network.genotype, network.cells);
  requireModestInput(batch, image);
  requireModestInput(batch, { ...image, channels: network.classes });
  const g = new Builder();
  const images = g.input('images', [batch, image.channels, image.height, image.width]);
  const { logits } = deeplab(g, images, network, { training: false });
  const weights = slotWeights(g);
  requireWeightSize(weights);
  const graph = prune(g.build([{ name: 'logits', value: logits }]));
  return {
    graph,
    weights,
    cost: perExample(cost(graph), batch),
    parameters: weightTotal(weights.filter(({ trainable }) => trainable)),
    auxiliaryParameters: 0,
  };
}
