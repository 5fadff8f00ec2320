// Weights by name, from the bytes of a safetensors file or of a PyTorch checkpoint: which of the two it is, the bytes say.
import { decodeSafetensors } from '../../graphs/safetensors.js';
import { GenonnxError } from '../errors.js';
import { isCounter, type NamedWeights } from './match-weights.js';
import { roundToFloat32 } from './pytorch/round.js';
import { readStateDict } from './pytorch/state-dict.js';
import { isZip } from './pytorch/stored-zip.js';

/** Weights by name, and what reading them changed. */
export interface DecodedWeights {
  readonly weights: NamedWeights;
  /** Tensors that were float64, and whose numbers are now the nearest float32. */
  readonly rounded: number;
}

/**
 * Weights in float32: float16 and bfloat16 are converted exactly, float64 is rounded.
 * @throws GenonnxError `file-corrupt` for a damaged file; `usage` for one that must be converted first; `weights-mismatch`
 * for tensors that are no weights.
 */
export function decodeWeights(bytes: Uint8Array, where: string): DecodedWeights {
  if (isZip(bytes)) return readStateDict(bytes, where);
  if (isPickle(bytes)) throw mustBeConverted(where);
  if (bytes.length > headerBegin && bytes[headerBegin] !== openBrace) throw unknown(where);
  const { tensors } = decodeSafetensors(bytes, where);
  let rounded = 0;
  const weights = new Map(
    [...tensors]
      .filter(([name]) => !isCounter(name))
      .map(([name, { dtype, shape, data }]) => {
        if (data instanceof Float32Array) return [name, { shape, data }];
        if (!(data instanceof Float64Array)) throw noWeight(`${where}: ${name}`, dtype);
        rounded += 1;
        return [name, { shape, data: roundToFloat32(data, `${where}: ${name}`) }];
      }),
  );
  return { weights, rounded };
}

/** A safetensors file has eight bytes with the length of its header, then the header: a JSON object. */
const headerBegin = 8;
const openBrace = 0x7b;

/** Pickles begin with their protocol. As the length of a header this would be more than a safetensors file may have. */
function isPickle(bytes: Uint8Array): boolean {
  const [first, protocol = 0] = bytes;
  return first === 0x80 && protocol >= 2 && protocol <= 5 && bytes.subarray(4, 8).some((byte) => byte !== 0);
}

function mustBeConverted(where: string): GenonnxError {
  return new GenonnxError('usage', 'This is a pickle, as PyTorch wrote checkpoints before version 1.6.', {
    where,
    expected: 'a safetensors file, or a checkpoint of PyTorch 1.6 or later',
    found: 'a pickle, which only Python should read',
    cure: `Convert it where PyTorch is installed, with a file that you trust:
import torch; from safetensors.torch import save_file
weights = torch.load('old.pt', map_location='cpu')  # perhaps ['state_dict'] of it
save_file({name: tensor.contiguous() for name, tensor in weights.items()}, 'new.safetensors')`,
  });
}

function unknown(where: string): GenonnxError {
  return new GenonnxError('usage', 'These are no weights that can be read.', {
    where,
    expected: 'a safetensors file, or a checkpoint that torch.save wrote',
    found: 'another kind of file',
    cure: 'Convert the weights to safetensors, or save them with torch.save(model.state_dict(), ...).',
  });
}

function noWeight(where: string, found: string): GenonnxError {
  return new GenonnxError('weights-mismatch', 'Weights must be floating-point numbers.', {
    where,
    expected: 'F64, F32, F16 or BF16',
    found,
    cure: 'Save the state dict of the float network.',
  });
}
