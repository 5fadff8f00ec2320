// Cases for every operation; one without any does not compile.
import type { OperationName } from '../../../../graphs/ir.js';
import * as answers from './answers.js';
import * as batchNorm from './batch-norm.js';
import type { OperationCase } from './case.js';
import * as convolution from './convolution.js';
import * as losses from './cross-entropy.js';
import * as elementwise from './elementwise.js';
import * as layout from './layout.js';
import * as pooling from './pooling.js';
import * as recurrence from './recurrence.js';
import * as resizing from './resize.js';

export { caseGraph, type OperationCase } from './case.js';

export type CaseOperation = Exclude<OperationName, 'region'>;

export const operationCases: { readonly [K in CaseOperation]: readonly OperationCase<K>[] } = {
  ...convolution,
  ...pooling,
  ...batchNorm,
  ...elementwise,
  ...layout,
  ...losses,
  ...answers,
  ...recurrence,
  ...resizing,
};
