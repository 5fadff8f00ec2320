// Weights from a safetensors file, by name.
import { GenonnxError } from '../errors.js';
import { readSafetensors } from '../runs/safetensors-file.js';
import type { NamedWeights } from './match-weights.js';

/** @throws GenonnxError `file-missing`, `file-corrupt`; `weights-mismatch` for tensors of another type than float32. */
export async function namedWeights(path: string): Promise<NamedWeights> {
  const { tensors } = await readSafetensors(path);
  return new Map(
    [...tensors]
      .filter(([name]) => !name.endsWith('.num_batches_tracked'))
      .map(([name, { shape, data }]) => {
        if (data instanceof Float32Array) return [name, { shape, data }];
        throw new GenonnxError('weights-mismatch', 'Weights must be float32.', { where: `${path}: ${name}` });
      }),
  );
}
