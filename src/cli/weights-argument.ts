// `--weights`: a state dict in a file, and what is said of numbers that lost digits.
import type { NamedWeights } from '../deploy/match-weights.js';
import { readWeights } from '../deploy/weights-file.js';
import { say } from './output.js';

/** @throws GenonnxError as `readWeights`. */
export async function weightsFrom(path: string): Promise<NamedWeights> {
  const { weights, rounded } = await readWeights(path);
  if (rounded > 0) {
    const tensors = rounded === 1 ? '1 tensor was' : `${rounded} tensors were`;
    say(`note: ${tensors} float64; each number was rounded to the nearest float32`);
  }
  return weights;
}
