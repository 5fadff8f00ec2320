// The table of kernels: an operation without one does not compile.
import type { OperationName } from '../../ir.js';
import * as answers from './answers.js';
import * as batchNorm from './batch-norm.js';
import * as conv2d from './conv2d.js';
import * as crossEntropy from './cross-entropy.js';
import * as elementwise from './elementwise.js';
import * as factorizedReduce from './factorized-reduce.js';
import type { Kernel } from './kernel.js';
import * as layout from './layout.js';
import * as linearAlgebra from './linear-algebra.js';
import * as pooling from './pooling.js';
import { region } from './region.js';
import { resize, resizeGrad } from './resize.js';
import { scan } from './scan.js';

export const kernels: { readonly [K in OperationName]: Kernel<K> } = {
  ...answers,
  ...batchNorm,
  ...conv2d,
  ...crossEntropy,
  ...elementwise,
  ...factorizedReduce,
  ...layout,
  ...linearAlgebra,
  ...pooling,
  region,
  resize,
  resizeGrad,
  scan,
};
