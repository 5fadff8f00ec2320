// The tables of operations: a missing rule does not compile.
import type { BodyOperation, Node, OperationName } from '../ir.js';
import { confusionCount, correctCount } from './answers.js';
import {
  batchNorm,
  batchNormApply,
  batchNormGrad,
  batchNormInference,
  batchNormInferenceVjp,
  batchNormVjp,
  channelMean,
} from './batch-norm.js';
import { conv2d, conv2dInputGrad, conv2dVjp, conv2dWeightGrad } from './conv2d.js';
import { softmaxCrossEntropy, softmaxCrossEntropyGrad, softmaxCrossEntropyVjp } from './cross-entropy.js';
import * as elementwise from './elementwise.js';
import {
  factorizedReduce,
  factorizedReduceInputGrad,
  factorizedReduceVjp,
  factorizedReduceWeightGrad,
} from './factorized-reduce.js';
import { gather, gatherGrad, gatherVjp } from './gather.js';
import * as layout from './layout.js';
import { matMul, matMulVjp, reduceSum, reduceSumVjp } from './linear-algebra.js';
import { linearCrossEntropy, linearCrossEntropyVjp } from './linear-cross-entropy.js';
import * as pooling from './pooling.js';
import { region, regionBody, regionVjp } from './region.js';
import { resize, resizeGrad, resizeVjp } from './resize.js';
import type { BodyRule, OperationRule, VjpRule } from './rule.js';
import { scan, scanBody } from './scan.js';
import { scanVjp } from './scan-vjp.js';

export const operations: { readonly [K in OperationName]: OperationRule<K> } = {
  constant: layout.constant,
  conv2d,
  conv2dInputGrad,
  conv2dWeightGrad,
  factorizedReduce,
  factorizedReduceInputGrad,
  factorizedReduceWeightGrad,
  maxPool2d: pooling.maxPool2d,
  maxPool2dGrad: pooling.maxPool2dGrad,
  averagePool2d: pooling.averagePool2d,
  averagePool2dGrad: pooling.averagePool2dGrad,
  globalAveragePool: pooling.globalAveragePool,
  globalAveragePoolGrad: pooling.globalAveragePoolGrad,
  resize,
  resizeGrad,
  channelMean,
  batchNorm,
  batchNormApply,
  batchNormGrad,
  batchNormInference,
  relu: elementwise.relu,
  reluGrad: elementwise.reluGrad,
  neg: elementwise.neg,
  sqrt: elementwise.sqrt,
  sigmoid: elementwise.sigmoid,
  tanh: elementwise.tanh,
  reciprocal: elementwise.reciprocal,
  add: elementwise.add,
  sub: elementwise.sub,
  mul: elementwise.mul,
  div: elementwise.div,
  minimum: elementwise.minimum,
  sum: elementwise.sum,
  detach: elementwise.detach,
  and: elementwise.and,
  not: elementwise.not,
  matMul,
  reduceSum,
  reshape: layout.reshape,
  transpose: layout.transpose,
  slice: layout.slice,
  pad: layout.pad,
  concat: layout.concat,
  split: layout.split,
  expand: layout.expand,
  gather,
  gatherGrad,
  softmaxCrossEntropy,
  softmaxCrossEntropyGrad,
  correctCount,
  confusionCount,
  linearCrossEntropy,
  region,
  scan,
};

export const bodyRules: { readonly [K in BodyOperation]: BodyRule<K> } = {
  region: regionBody,
  scan: scanBody,
};

/** Operations without a VJP: backward operations, and those that only read out, count or optimise. */
type NotDifferentiable =
  | 'constant'
  | 'conv2dInputGrad'
  | 'conv2dWeightGrad'
  | 'factorizedReduceInputGrad'
  | 'factorizedReduceWeightGrad'
  | 'maxPool2dGrad'
  | 'averagePool2dGrad'
  | 'globalAveragePoolGrad'
  | 'resizeGrad'
  | 'channelMean'
  | 'batchNormApply'
  | 'batchNormGrad'
  | 'reluGrad'
  | 'minimum'
  | 'detach'
  | 'and'
  | 'not'
  | 'gatherGrad'
  | 'softmaxCrossEntropyGrad'
  | 'correctCount'
  | 'confusionCount';

export type DifferentiableOperation = Exclude<OperationName, NotDifferentiable>;

export const vjps: { readonly [K in DifferentiableOperation]: VjpRule<K> } = {
  conv2d: conv2dVjp,
  factorizedReduce: factorizedReduceVjp,
  maxPool2d: pooling.maxPool2dVjp,
  averagePool2d: pooling.averagePool2dVjp,
  globalAveragePool: pooling.globalAveragePoolVjp,
  resize: resizeVjp,
  batchNorm: batchNormVjp,
  batchNormInference: batchNormInferenceVjp,
  ...elementwise.elementwiseVjps,
  matMul: matMulVjp,
  reduceSum: reduceSumVjp,
  ...layout.layoutVjps,
  gather: gatherVjp,
  softmaxCrossEntropy: softmaxCrossEntropyVjp,
  linearCrossEntropy: linearCrossEntropyVjp,
  region: regionVjp,
  scan: scanVjp,
};

export function isDifferentiable(node: Node): node is Node<DifferentiableOperation> {
  return Object.hasOwn(vjps, node.op);
}
