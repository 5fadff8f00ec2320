// From `--layout auto|blocked|portable` to the layout that the engine gets.
import type { Layout } from '../../graphs/onnx/lower.js';
import { probeBlockSize } from '../engines/ort/block-size.js';
import { GenonnxError } from '../errors.js';

export const layoutChoices = ['auto', 'blocked', 'portable'] as const;
export type LayoutChoice = (typeof layoutChoices)[number];

/** @throws GenonnxError `engine` when `blocked` is asked for and this processor has no blocked kernels. */
export async function resolveLayout(choice: LayoutChoice): Promise<Layout> {
  if (choice === 'portable') return { kind: 'portable' };
  const block = await probeBlockSize();
  if (block !== undefined) return { kind: 'blocked', block };
  if (choice === 'auto') return { kind: 'portable' };
  throw new GenonnxError('engine', 'ONNX Runtime has no blocked kernels on this processor.', {
    cure: 'Use --layout portable.',
  });
}
