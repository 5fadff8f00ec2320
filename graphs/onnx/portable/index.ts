// The portable form of every operation: standard ONNX, for any execution provider.
import type { OperationName } from '../../ir.js';
import type { PortableRule } from '../lowering.js';
import * as batchNorms from './batch-norm.js';
import * as convolutions from './conv2d.js';
import * as losses from './cross-entropy.js';
import * as elementwise from './elementwise.js';
import * as layout from './layout.js';
import * as pooling from './pooling.js';

/** Regions are control flow and belong to the driver. */
export const portable: { readonly [K in Exclude<OperationName, 'region'>]: PortableRule<K> } = {
  conv2d: convolutions.conv2d,
  conv2dInputGrad: convolutions.conv2dInputGrad,
  conv2dWeightGrad: convolutions.conv2dWeightGrad,
  factorizedReduce: convolutions.factorizedReduce,
  factorizedReduceInputGrad: convolutions.factorizedReduceInputGrad,
  factorizedReduceWeightGrad: convolutions.factorizedReduceWeightGrad,
  maxPool2d: pooling.maxPool2d,
  maxPool2dGrad: pooling.maxPool2dGrad,
  averagePool2d: pooling.averagePool2d,
  averagePool2dGrad: pooling.averagePool2dGrad,
  globalAveragePool: pooling.globalAveragePool,
  globalAveragePoolGrad: pooling.globalAveragePoolGrad,
  ...batchNorms,
  ...elementwise,
  ...layout,
  ...losses,
};
