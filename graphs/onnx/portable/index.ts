// The portable form of every operation: standard ONNX, for any execution provider. One without a row is what it is composed
// of, and is lowered so.
import type { BodyOperation } from '../../ir.js';
import type { EngineRows } from '../../operations/expansions.js';
import type { PortableRule } from '../lowering.js';
import * as answers from './answers.js';
import * as batchNorms from './batch-norm.js';
import * as convolutions from './conv2d.js';
import * as losses from './cross-entropy.js';
import * as elementwise from './elementwise.js';
import * as factorized from './factorized-reduce.js';
import * as layout from './layout.js';
import { linearCrossEntropy } from './linear-cross-entropy.js';
import * as pooling from './pooling.js';
import * as resizing from './resize.js';

/** What holds graphs is control flow and belongs to the driver. */
export const portable: { readonly [K in keyof Omit<EngineRows, BodyOperation>]: PortableRule<K> } = {
  ...convolutions,
  ...factorized,
  ...pooling,
  ...resizing,
  ...batchNorms,
  ...elementwise,
  ...layout,
  ...losses,
  ...answers,
  linearCrossEntropy,
};
