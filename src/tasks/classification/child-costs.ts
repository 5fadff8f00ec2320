// What each entry of a code costs in the network that will be trained, so that a budget can be kept while searching: the
// network with every operation of the space, cut up by where they are.
import { cellType } from '../../networks/cells.js';
import type { NetworkName } from '../../networks/evaluation.js';
import { inferenceGraph } from '../../networks/inference.js';
import type { InferenceGraph } from '../../networks/inference-graph.js';
import { parsePath } from '../../networks/paths.js';
import type { ConvolutionalSpace } from '../../spaces/convolutional.js';
import { fullGenotype } from '../../spaces/full-genotype.js';
import { entryCount, entryIndex, sectionOf } from '../../spaces/search-space.js';

/** Which network will be trained. */
export interface ChildSizes {
  readonly name: NetworkName;
  readonly cells: number;
  readonly channels: number;
  readonly classes: number;
  readonly image: { readonly channels: number; readonly height: number; readonly width: number };
}

export interface ChildCosts {
  /** Of each entry, over all cells of its type, f64[entries]. */
  readonly costs: Float64Array;
  /** Of what every child has. */
  readonly fixed: number;
}

export type CostUnit = 'macs' | 'parameters';

/** Multiply-adds of one image, or trainable parameters. @throws GenonnxError as `inferenceGraph`. */
export function childCosts(
  space: ConvolutionalSpace,
  { channels, ...sizes }: ChildSizes,
  unit: CostUnit,
): ChildCosts {
  const inference = inferenceGraph({
    ...sizes,
    genotype: fullGenotype(space),
    initChannels: channels,
    auxiliary: false,
    batch: 1,
  });
  const costs = new Float64Array(entryCount(space));
  let fixed = 0;
  for (const { path, cost } of piecesOf(inference, unit)) {
    const entry = entryAt(path, space, sizes.cells);
    if (entry === undefined) fixed += cost;
    else costs[entry]! += cost;
  }
  return { costs, fixed };
}

/** What costs, with the path of where it does. */
function piecesOf(
  { cost, weights }: InferenceGraph,
  unit: CostUnit,
): { readonly path: string; readonly cost: number }[] {
  return unit === 'macs'
    ? cost.perNode.map(({ path, macs }) => ({ path, cost: macs }))
    : weights.filter(({ trainable }) => trainable).map(({ path, size }) => ({ path, cost: size }));
}

/** The entry of the operation on an edge that something at `path` is part of. */
function entryAt(path: string, space: ConvolutionalSpace, cells: number): number | undefined {
  const place = parsePath(path)?.place;
  if (place?.kind !== 'operation') return undefined;
  const section = sectionOf(space, cellType(place.cell, cells));
  return entryIndex(section, place.node, place.input, place.primitive);
}
