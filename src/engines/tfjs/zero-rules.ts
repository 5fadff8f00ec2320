// When an operation's results are known to be zero without running it: closed regions leave zeros behind, and what is
// linear in them, or multiplies by them, need not be calculated.
import type { EngineRows } from '../../../graphs/operations/expansions.js';

/** `zero(i)`: whether input i is known to be zero; `count`: how many inputs there are. */
export type ZeroRule = (zero: (index: number) => boolean, count: number) => boolean;

const never: ZeroRule = () => false;
const all: ZeroRule = (zero, count) => {
  for (let i = 0; i < count; i++) if (!zero(i)) return false;
  return count > 0;
};
const first: ZeroRule = (zero) => zero(0);
/** Products of the first two inputs. */
const either: ZeroRule = (zero) => zero(0) || zero(1);

export const zeroRules: { readonly [K in keyof EngineRows]: ZeroRule } = {
  constant: never,
  conv2d: (zero, count) => either(zero, count) && (count < 3 || zero(2)),
  conv2dInputGrad: either,
  conv2dWeightGrad: either,
  factorizedReduce: first,
  factorizedReduceInputGrad: first,
  factorizedReduceWeightGrad: either,
  maxPool2d: all,
  // (x, dy)
  maxPool2dGrad: (zero) => zero(1),
  averagePool2d: all,
  averagePool2dGrad: all,
  globalAveragePool: all,
  globalAveragePoolGrad: all,
  resize: all,
  resizeGrad: all,
  channelMean: all,
  batchNorm: never,
  // (dy, mean of dy, ...)
  batchNormGrad: (zero) => zero(0) && zero(1),
  batchNormApply: never,
  batchNormInference: never,
  relu: all,
  reluGrad: either,
  sqrt: all,
  // The sigmoid of 0 is 1/2.
  sigmoid: never,
  tanh: all,
  reciprocal: never,
  add: all,
  sub: all,
  mul: either,
  div: first,
  minimum: all,
  sum: all,
  detach: all,
  and: never,
  not: never,
  matMul: either,
  reduceSum: all,
  reshape: all,
  transpose: all,
  slice: all,
  pad: all,
  concat: all,
  split: all,
  expand: all,
  gather: first,
  gatherGrad: first,
  softmaxCrossEntropy: never,
  softmaxCrossEntropyGrad: never,
  correctCount: never,
  confusionCount: never,
  linearCrossEntropy: never,
  region: never,
  scan: never,
};
