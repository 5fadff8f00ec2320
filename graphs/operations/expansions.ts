// The table of compositions: what an engine without a rule for an operation runs in its place. Interpretations that say what
// an operation means or costs have rules for all of them; tables of engines may lack a row where there is a composition.
import type { Node, OperationName } from '../ir.js';
import { batchNormApplyExpansion } from './batch-norm.js';
import { negExpansion } from './elementwise.js';
import {
  factorizedReduceExpansion,
  factorizedReduceInputGradExpansion,
  factorizedReduceWeightGradExpansion,
} from './factorized-reduce.js';
import { splitExpansion } from './layout.js';
import { averagePool2dGradExpansion, globalAveragePoolGradExpansion } from './pooling.js';
import type { Expansion } from './rule.js';

export type ExpandableOperation =
  | 'factorizedReduce'
  | 'factorizedReduceInputGrad'
  | 'factorizedReduceWeightGrad'
  | 'averagePool2dGrad'
  | 'globalAveragePoolGrad'
  | 'batchNormApply'
  | 'neg'
  | 'split';

export const expansions: { readonly [K in ExpandableOperation]: Expansion<K> } = {
  factorizedReduce: factorizedReduceExpansion,
  factorizedReduceInputGrad: factorizedReduceInputGradExpansion,
  factorizedReduceWeightGrad: factorizedReduceWeightGradExpansion,
  averagePool2dGrad: averagePool2dGradExpansion,
  globalAveragePoolGrad: globalAveragePoolGradExpansion,
  batchNormApply: batchNormApplyExpansion,
  neg: negExpansion,
  split: splitExpansion,
};

/**
 * The rows of an engine's table: a mapped type over its keys must have all of them but those of operations with a
 * composition, which it may have too (for the sake of speed).
 */
export type EngineRows = {
  readonly [K in Exclude<OperationName, ExpandableOperation>]: K;
} & { readonly [K in ExpandableOperation]?: K };

export function isExpandable(node: Node): node is Node<ExpandableOperation> {
  return Object.hasOwn(expansions, node.op);
}
