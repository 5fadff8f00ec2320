// `--weights`: a state dict in a file, and what is said of numbers that lost digits.
import type { NamedWeights } from '../deploy/match-weights.js';
import { readNamedWeights } from '../library/compile-source.js';
import { say } from './output.js';

/** @throws GenonnxError as `readNamedWeights`. */
export function weightsFrom(path: string): Promise<NamedWeights> {
  return readNamedWeights(path, (text) => say(`note: ${text}`));
}
