// The table of kernels: an operation that has neither one nor a composition does not compile.
import type { EngineRows } from '../../../../graphs/operations/expansions.js';
import * as answers from './answers.js';
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
import { resize, resizeGrad } from './resize.js';
import { scan } from './scan.js';

export const kernels: { readonly [K in keyof EngineRows]: Kernel<K> } = {
  ...answers,
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
  resize,
  resizeGrad,
  scan,
};
