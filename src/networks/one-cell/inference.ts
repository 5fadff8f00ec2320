// A network of a single cell as it answers pictures.
import { Builder } from '../../../graphs/builder.js';
import { cost } from '../../../graphs/cost.js';
import { prune } from '../../../graphs/passes/prune.js';
import type { OneCellGenotype } from '../../spaces/one-cell.js';
import { type InferenceGraph, perExample, slotWeights, weightTotal } from '../inference-graph.js';
import { requireModestInput, requireModestOperations, requireWeightSize } from '../network-limits.js';
import { derivedOneCell } from './derived.js';
import type { OneCellSizes } from './network.js';

export interface OneCellArchitecture extends OneCellSizes {
  readonly genotype: OneCellGenotype;
  readonly image: { readonly channels: number; readonly height: number; readonly width: number };
}

/** All that says which network is meant. */
export interface OneCellModel extends OneCellArchitecture {
  readonly name: 'one-cell';
  /** Images in a batch, or the name of the dimension that is left open. */
  readonly batch: number | string;
}

/**
 * `images` f32[N,C,H,W] -> `logits` f32[N,classes].
 * @throws GenonnxError as `derivedOneCell`, and `usage` for networks that do not fit a file.
 */
export function oneCellInference({ image, batch, ...network }: Omit<OneCellModel, 'name'>): InferenceGraph {
  const { genotype, stages, cells } = network;
  requireModestOperations(Array.from({ length: stages * cells }, () => genotype.cell));
  requireModestInput(batch, image);
  const g = new Builder();
  const images = g.input('images', [batch, image.channels, image.height, image.width]);
  const logits = derivedOneCell(g, images, { ...network, training: false });
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
