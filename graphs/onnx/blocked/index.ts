// The operations that have a blocked form. The others are lowered portably, between conversions of layout, or as what they
// are composed of.
import type { OperationName } from '../../ir.js';
import { batchNorm, batchNormApply, batchNormGrad, channelMean } from './batch-norm.js';
import { conv2d, conv2dInputGrad, conv2dWeightGrad } from './conv2d.js';
import * as elementwise from './elementwise.js';
import {
  factorizedReduce,
  factorizedReduceInputGrad,
  factorizedReduceWeightGrad,
} from './factorized-reduce.js';
import * as pooling from './pooling.js';
import type { BlockedRule } from './rule.js';

export const blockedRules: { readonly [K in OperationName]?: BlockedRule<K> } = {
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
  channelMean,
  batchNorm,
  batchNormApply,
  batchNormGrad,
  relu: elementwise.relu,
  reluGrad: elementwise.reluGrad,
  add: elementwise.add,
  mul: elementwise.mul,
  sum: elementwise.sum,
  reduceSum: elementwise.reduceSum,
  concat: elementwise.concat,
};
