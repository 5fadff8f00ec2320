// The table of kernels: an operation without one does not compile.
import type { OperationName } from '../../../../graphs/ir.js';
import * as batchNorm from './batch-norm.js';
import { conv2d, conv2dInputGrad, conv2dWeightGrad } from './conv2d.js';
import * as crossEntropy from './cross-entropy.js';
import * as elementwise from './elementwise.js';
import * as factorizedReduce from './factorized-reduce.js';
import type { Kernel } from './kernel.js';
import * as layout from './layout.js';
import * as linearAlgebra from './linear-algebra.js';
import {
  averagePool2d,
  averagePool2dGrad,
  globalAveragePool,
  globalAveragePoolGrad,
  maxPool2d,
  maxPool2dGrad,
} from './pooling.js';
import { region } from './region.js';
import { scan } from './scan.js';

export const kernels: { readonly [K in OperationName]: Kernel<K> } = {
  ...batchNorm,
  ...crossEntropy,
  ...elementwise,
  ...factorizedReduce,
  ...layout,
  ...linearAlgebra,
  conv2d,
  conv2dInputGrad,
  conv2dWeightGrad,
  maxPool2d,
  maxPool2dGrad,
  averagePool2d,
  averagePool2dGrad,
  globalAveragePool,
  globalAveragePoolGrad,
  region,
  scan,
};
