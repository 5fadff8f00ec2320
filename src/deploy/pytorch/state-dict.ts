// The state dict in a checkpoint: what was saved itself, or where trainings keep it beside their optimizer and epoch.
import { elementCount } from '../../../graphs/shapes.js';
import { GenonnxError } from '../../errors.js';
import { isCounter, type NamedWeights } from '../match-weights.js';
import { type Checkpoint, openCheckpoint, type TorchValue, tensorIn } from './checkpoint.js';
import { FLOAT_DTYPES, floatsOf, type TorchTensor } from './tensor.js';

/** Where trainings keep a network's weights. */
const usualKeys = ['state_dict', 'model_state_dict', 'model', 'net', 'network'];

/** `{'model': {'state_dict': ...}}`, and no deeper. */
const mostLevels = 3;

export interface StateDict {
  readonly weights: NamedWeights;
  /** Tensors that were float64. */
  readonly rounded: number;
}

/**
 * The weights of a checkpoint in float32, without counters of batches.
 * @throws GenonnxError `file-corrupt`, `usage` as `openCheckpoint`; `weights-mismatch` where no state dict can be found, or
 * it holds what is no weight.
 */
export function readStateDict(bytes: Uint8Array, where: string): StateDict {
  const checkpoint = openCheckpoint(bytes, where);
  const tensors = [...tensorsIn(checkpoint, where)];
  const elements = tensors.reduce((sum, [, { shape }]) => sum + elementCount(shape), 0);
  // Tensors may share a storage, but a state dict does not repeat itself without end.
  if (elements > 2 * bytes.length) {
    throw new GenonnxError('file-corrupt', 'The tensors of this checkpoint repeat the same numbers.', {
      where,
      expected: `at most ${2 * bytes.length} numbers in a file of ${bytes.length} bytes`,
      found: String(elements),
      cure: 'Save each tensor as one of its own: tensor.contiguous().',
    });
  }
  let rounded = 0;
  const weights = new Map(
    tensors.map(([name, tensor]) => {
      const dtype = FLOAT_DTYPES.find((known) => known === tensor.dtype);
      if (dtype === undefined) throw noWeight(name, tensor, where);
      if (dtype === 'float64') rounded += 1;
      const data = floatsOf(tensor, dtype, checkpoint.bytesOf(tensor.storage), `${where}: ${name}`);
      return [name, { shape: tensor.shape, data }];
    }),
  );
  return { weights, rounded };
}

function tensorsIn({ value }: Checkpoint, where: string): Map<string, TorchTensor> {
  let found = value;
  for (let level = 0; level < mostLevels && found instanceof Map; level++) {
    const inner = innerOf(found, where);
    if (inner === undefined) break;
    found = inner;
  }
  const tensors = new Map<string, TorchTensor>();
  for (const [name, entry] of found instanceof Map ? found : []) {
    const tensor = tensorIn(entry);
    if (tensor !== undefined && typeof name === 'string' && !isCounter(name)) tensors.set(name, tensor);
  }
  if (tensors.size > 0) return tensors;
  throw new GenonnxError('weights-mismatch', 'There is no state dict in this checkpoint.', {
    where,
    expected: `tensors by name, or such a dict under one of ${usualKeys.join(', ')}`,
    found: describe(found),
    cure: 'Save the state dict alone: torch.save(model.state_dict(), ...).',
  });
}

/** The dict under one of the usual keys. */
function innerOf(dict: Map<TorchValue, TorchValue>, where: string): TorchValue | undefined {
  const keys = usualKeys.filter((key) => dict.get(key) instanceof Map);
  if (keys.length <= 1) return dict.get(keys[0] ?? '');
  throw new GenonnxError('weights-mismatch', 'There are several state dicts in this checkpoint.', {
    where,
    expected: 'one of them',
    found: keys.join(', '),
    cure: 'Save the one that is meant alone: torch.save(model.state_dict(), ...).',
  });
}

function describe(value: TorchValue): string {
  if (!(value instanceof Map)) return 'no dict';
  const keys = [...value.keys()].map((key) => (typeof key === 'string' ? key : typeof key));
  return keys.length === 0 ? 'an empty dict' : `a dict of ${keys.slice(0, 6).join(', ')}`.slice(0, 200);
}

function noWeight(name: string, { dtype }: TorchTensor, where: string): GenonnxError {
  return new GenonnxError('weights-mismatch', 'Weights must be floating-point numbers.', {
    where: `${where}: ${name}`,
    expected: FLOAT_DTYPES.join(', '),
    found: dtype,
    cure: 'Save the state dict of the float network.',
  });
}
