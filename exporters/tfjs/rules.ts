// The TensorFlow.js form of every operation that an inference graph consists of; one without an entry is what it is composed
// of. The table has an entry for all others too: training stays with the engines.
import type { Node, OperationName } from '../../graphs/ir.js';
import type { EngineRows } from '../../graphs/operations/expansions.js';
import * as arrangement from './arrangement.js';
import * as batchNorms from './batch-norm.js';
import * as convolutions from './convolution.js';
import * as elementwise from './elementwise.js';
import type { Lowering, Operand, Rule } from './lowering.js';
import * as pooling from './pooling.js';
import * as resizing from './resize.js';

export const unsupported = 'unsupported';

export const rules: { readonly [K in keyof EngineRows]: Rule<K> | typeof unsupported } = {
  ...convolutions,
  ...pooling,
  ...resizing,
  ...batchNorms,
  ...elementwise,
  ...arrangement,
  conv2dInputGrad: unsupported,
  conv2dWeightGrad: unsupported,
  factorizedReduceInputGrad: unsupported,
  factorizedReduceWeightGrad: unsupported,
  maxPool2dGrad: unsupported,
  averagePool2dGrad: unsupported,
  globalAveragePoolGrad: unsupported,
  resizeGrad: unsupported,
  channelMean: unsupported,
  batchNorm: unsupported,
  batchNormGrad: unsupported,
  reluGrad: unsupported,
  sqrt: unsupported,
  reciprocal: unsupported,
  div: unsupported,
  minimum: unsupported,
  detach: unsupported,
  and: unsupported,
  not: unsupported,
  reduceSum: unsupported,
  transpose: unsupported,
  softmaxCrossEntropy: unsupported,
  softmaxCrossEntropyGrad: unsupported,
  correctCount: unsupported,
  confusionCount: unsupported,
  gatherGrad: unsupported,
  linearCrossEntropy: unsupported,
  region: unsupported,
  scan: unsupported,
};

/** Lowers one node; undefined where the target has no form of its operation. */
export function lowerNode<K extends OperationName>(node: Node<K>, low: Lowering): Operand | undefined {
  const rule: Rule<K> | typeof unsupported | undefined = rules[node.op];
  return rule === unsupported ? undefined : rule?.(node, low);
}
