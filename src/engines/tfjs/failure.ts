// What a failing kernel becomes: an error that names the operation and where in the network it is, what the step was
// estimated to need, and what would fit.
import type { Node } from '../../../graphs/ir.js';
import { GenonnxError } from '../../errors.js';

export interface StepSize {
  /** Of the step by its shapes, as an estimate. */
  readonly neededBytes: number;
  /** Of all tensors when the kernel failed. */
  readonly heldBytes: number;
  /** What does not grow with the batch: the state, as it is and as it will be. */
  readonly stateBytes: number;
  /** Images in the batch, where the program takes any. */
  readonly batch: number | undefined;
}

export function kernelFailure(node: Node, error: unknown, size: StepSize): GenonnxError {
  if (error instanceof GenonnxError) return error;
  const found = error instanceof Error ? error.message : String(error);
  return new GenonnxError(
    'engine',
    `TensorFlow.js failed in ${node.op}.`,
    {
      where: node.path === '' ? node.op : node.path,
      expected: `a step of about ${megabytes(size.neededBytes)} to fit; ${megabytes(size.heldBytes)} were held`,
      found: firstLine(found),
      cure: isOutOfMemory(found)
        ? smallerBatch(size)
        : 'Try `engine` ort, and see what genonnx doctor says of this machine.',
    },
    { cause: error },
  );
}

function isOutOfMemory(message: string): boolean {
  return /\boom\b|memory|alloc|resource ?exhausted/i.test(message);
}

function smallerBatch(size: StepSize): string {
  const fits = largestBatch(size);
  if (fits === undefined) return 'Choose a smaller `batch` or fewer `channels`, or `engine` ort.';
  return `Choose a smaller \`batch\` (about ${fits} of ${size.batch} images should fit), fewer \`channels\`, or \`engine\` ort.`;
}

/** What was held when the memory was full, divided by what an image needs. */
export function largestBatch({ neededBytes, heldBytes, stateBytes, batch }: StepSize): number | undefined {
  if (batch === undefined || neededBytes <= stateBytes) return undefined;
  const share = (heldBytes - stateBytes) / (neededBytes - stateBytes);
  const images = Math.floor(Math.min(share, 1) * batch);
  return images >= 1 && images < batch ? images : undefined;
}

function megabytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toPrecision(3)} MiB`;
}

function firstLine(message: string): string {
  return message.trim().split('\n', 1)[0] ?? '';
}
