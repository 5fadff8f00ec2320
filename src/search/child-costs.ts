// What each entry of a code costs in the network that will be trained, so that a budget can be kept while searching: the
// network with every operation of the space, cut up by the operations' names.

import type { Alphas } from '../estimators/estimator.js';
import { cellType } from '../networks/cells.js';
import { type InferenceGraph, inferenceGraph } from '../networks/inference.js';
import type { CellGenotype, GenotypeEntry } from '../spaces/genotype.js';
import {
  CELL_INPUTS,
  type CellSpace,
  type CellType,
  edgesOfNode,
  entryCount,
} from '../spaces/search-space.js';

export interface ChildSizes {
  readonly cells: number;
  readonly channels: number;
  readonly classes: number;
  readonly image: { readonly channels: number; readonly height: number; readonly width: number };
}

export interface ChildCosts {
  /** Of each entry, over all cells of the type, f64[entries]. */
  readonly costs: Alphas;
  /** Of what every child has. */
  readonly fixed: number;
}

export type CostUnit = 'macs' | 'parameters';

/** Multiply-adds of one image, or trainable parameters, of the CIFAR network. @throws GenonnxError as `inferenceGraph`. */
export function childCosts(space: CellSpace, { channels, ...sizes }: ChildSizes, unit: CostUnit): ChildCosts {
  const cell = everything(space);
  const inference = inferenceGraph({
    ...sizes,
    name: 'cifar',
    genotype: { normal: cell.genotype, reduce: cell.genotype },
    initChannels: channels,
    auxiliary: false,
    batch: 1,
  });
  const costs: Record<CellType, Float64Array> = {
    normal: new Float64Array(entryCount(space)),
    reduce: new Float64Array(entryCount(space)),
  };
  let fixed = 0;
  for (const { path, cost } of piecesOf(inference, unit)) {
    const [, index, operation] = /^cells\.(\d+)\/node\d+\/(\d+)\./.exec(path) ?? [];
    const entry = operation === undefined ? undefined : cell.entries[Number(operation)];
    if (entry === undefined) fixed += cost;
    else costs[cellType(Number(index), sizes.cells)][entry]! += cost;
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

/** A cell with every operation of the space, and the entry of each of them in the order of the operations. */
function everything({ nodes, primitives }: CellSpace) {
  const entries: number[] = [];
  const genotype: CellGenotype = {
    nodes: Array.from({ length: nodes }, (_, node) =>
      edgesOfNode(node).flatMap((edge, input) =>
        primitives.flatMap((primitive, column): GenotypeEntry[] => {
          if (primitive === 'none') return [];
          entries.push(edge * primitives.length + column);
          return [{ primitive, input }];
        }),
      ),
    ),
    concat: Array.from({ length: nodes }, (_, node) => CELL_INPUTS + node),
  };
  return { genotype, entries };
}
