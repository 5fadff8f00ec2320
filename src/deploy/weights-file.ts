// Weights from a file on disk; what its bytes mean is `decode-weights.ts`.
import { readFile } from 'node:fs/promises';
import { GenonnxError } from '../errors.js';
import { asUnreadable, systemCode } from '../runs/file-errors.js';
import { type DecodedWeights, decodeWeights } from './decode-weights.js';

/** @throws GenonnxError `file-missing`, `usage` for a file of more than 2 GiB, and what `decodeWeights` throws. */
export async function readWeights(path: string): Promise<DecodedWeights> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    if (systemCode(error) === 'ERR_FS_FILE_TOO_LARGE') throw tooLarge(path, error);
    throw asUnreadable(error, path, 'a safetensors file or a PyTorch checkpoint');
  }
  return decodeWeights(bytes, path);
}

function tooLarge(where: string, cause: unknown): GenonnxError {
  return new GenonnxError(
    'usage',
    'This file is too large to be read.',
    {
      where,
      expected: 'at most 2 GiB',
      found: 'more',
      cure: 'Save the weights alone, without the state of the optimizer: torch.save(model.state_dict(), ...).',
    },
    { cause },
  );
}
