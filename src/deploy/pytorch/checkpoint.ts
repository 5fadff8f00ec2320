// Checkpoints of PyTorch, as `torch.save` writes them since version 1.6: a zip file whose entry `data.pkl` is a pickle of
// dicts and tensors, and whose entries `data/0`, `data/1`, ... are the storages that the tensors are views of. The pickle is
// read as data (`unpickle.ts`): of all of Python it may name what makes ordered dicts and tensors.
// Source: PyTorch 1.13 and 2, torch/serialization.py and torch/_utils.py.
import { GenonnxError } from '../../errors.js';
import { openStoredZip, type StoredZip } from './stored-zip.js';
import {
  elementBytes,
  requireInside,
  type Storage,
  TORCH_DTYPES,
  type TorchDtype,
  type TorchTensor,
} from './tensor.js';
import { type PickleHost, type PickleValue, unpickle } from './unpickle.js';

/** What a checkpoint's pickle may name. */
type Callee = (args: readonly TorchValue[]) => TorchValue;
type TorchObject =
  | TorchTensor
  | Storage
  | { readonly kind: 'dtype'; readonly dtype: TorchDtype }
  | { readonly kind: 'storageType'; readonly dtype: TorchDtype | undefined }
  | { readonly kind: 'callable'; readonly call: Callee };
export type TorchValue = PickleValue<TorchObject>;

export interface Checkpoint {
  /** What was saved: a tensor, or dicts and lists of tensors, numbers and words. */
  readonly value: TorchValue;
  /** The bytes of a storage. @throws GenonnxError `file-corrupt` where they were changed. */
  bytesOf(storage: Storage): Uint8Array;
}

/** The type of a storage's elements; undefined where each tensor says its own. */
const storageTypes: ReadonlyMap<string, TorchDtype | undefined> = new Map([
  ['torch.DoubleStorage', 'float64'],
  ['torch.FloatStorage', 'float32'],
  ['torch.HalfStorage', 'float16'],
  ['torch.BFloat16Storage', 'bfloat16'],
  ['torch.LongStorage', 'int64'],
  ['torch.IntStorage', 'int32'],
  ['torch.ShortStorage', 'int16'],
  ['torch.CharStorage', 'int8'],
  ['torch.ByteStorage', 'uint8'],
  ['torch.BoolStorage', 'bool'],
  ['torch.storage.UntypedStorage', undefined],
]);

/**
 * @throws GenonnxError `file-corrupt` for a file that is damaged; `usage` for a zip file of another kind, and for a pickle
 * that names anything but tensors.
 */
export function openCheckpoint(bytes: Uint8Array, where: string): Checkpoint {
  const zip = openStoredZip(bytes, where);
  const folder = folderOf(zip, where);
  requireLittleEndian(zip, folder, where);
  const storages = new Map<string, Uint8Array>();
  const bytesOf = ({ key }: Storage): Uint8Array => {
    const content = storages.get(key) ?? zip.read(key) ?? new Uint8Array(0);
    storages.set(key, content);
    return content;
  };
  const pickle = zip.read(`${folder}data.pkl`) ?? new Uint8Array(0);
  return { value: unpickle(pickle, hostOf(zip, folder, where), `${where}: ${folder}data.pkl`), bytesOf };
}

/** The folder of all entries, with its slash: it has the name that the file had when it was saved. */
function folderOf({ names }: StoredZip, where: string): string {
  const inFolders = names.map((name) => /^([^/]*\/)(data\.pkl|constants\.pkl)$/.exec(name));
  const folder = inFolders.find((match) => match?.[2] === 'data.pkl')?.[1];
  if (inFolders.some((match) => match?.[2] === 'constants.pkl')) {
    throw new GenonnxError('usage', 'This is a program of TorchScript, not a checkpoint.', {
      where,
      expected: 'a state dict, as torch.save writes it',
      found: 'constants.pkl',
      cure: 'Save its state dict: torch.save(torch.jit.load(...).state_dict(), ...).',
    });
  }
  if (folder !== undefined) return folder;
  throw new GenonnxError('usage', 'This zip file is no checkpoint of PyTorch.', {
    where,
    expected: 'an entry data.pkl, as torch.save writes it',
    found: names.slice(0, 3).join(', ') || 'no entries',
    cure: 'Name a file that torch.save wrote, or a safetensors file.',
  });
}

function requireLittleEndian(zip: StoredZip, folder: string, where: string): void {
  const order = zip.read(`${folder}byteorder`);
  const found = order === undefined ? 'little' : new TextDecoder().decode(order).trim().slice(0, 20);
  if (found === 'little') return;
  throw new GenonnxError('usage', 'The numbers of this checkpoint are in another order of bytes.', {
    where: `${where}: ${folder}byteorder`,
    expected: 'little',
    found,
    cure: 'Save it on a little-endian machine, or as safetensors.',
  });
}

/** What the pickle may name, and what comes of it. */
function hostOf(zip: StoredZip, folder: string, where: string): PickleHost<TorchObject> {
  const nonsense = (expected: string): GenonnxError =>
    new GenonnxError('file-corrupt', 'The pickle of this checkpoint makes no sense.', {
      where: `${where}: ${folder}data.pkl`,
      expected,
      found: 'something else',
      cure: 'Copy or download the file again, or save it anew.',
    });

  const orderedDict: Callee = ([pairs = []]) => {
    const items = Array.isArray(pairs) ? pairs : [null];
    return new Map(
      items.map((pair) => {
        if (!Array.isArray(pair)) throw nonsense('pairs of names and values');
        return [pair[0] ?? null, pair[1] ?? null];
      }),
    );
  };

  /** (storage, offset, shape, strides, ..., dtype): without a type of its own, the tensor has its storage's. */
  const rebuildTensor: Callee = ([from, offset, shape, strides, , , type]) => {
    const [storage, own] = [objectOf(from), objectOf(type)];
    const dtype = own?.kind === 'dtype' ? own.dtype : storage?.kind === 'storage' ? storage.dtype : undefined;
    if (storage?.kind !== 'storage' || typeof offset !== 'number' || dtype === undefined)
      throw nonsense('a storage, an offset and a type');
    const tensor: TorchTensor = {
      kind: 'tensor',
      storage,
      dtype,
      offset,
      shape: numbersIn(shape),
      strides: numbersIn(strides),
    };
    requireInside(tensor, `${where}: ${storage.key}`);
    return tensor;
  };

  const numbersIn = (value: TorchValue | undefined): number[] => {
    if (!Array.isArray(value)) throw nonsense('a shape and strides');
    return value.map((extent) => {
      if (typeof extent !== 'number') throw nonsense('a shape and strides');
      return extent;
    });
  };

  const callables: ReadonlyMap<string, Callee> = new Map<string, Callee>([
    ['collections.OrderedDict', orderedDict],
    ['torch._utils._rebuild_tensor_v2', rebuildTensor],
    ['torch._utils._rebuild_tensor_v3', rebuildTensor],
    ['torch._utils._rebuild_parameter', ([data = null]) => data],
  ]);

  return {
    named(module, name) {
      const full = `${module}.${name}`;
      const call = callables.get(full);
      if (call !== undefined) return { kind: 'callable', call };
      if (storageTypes.has(full)) return { kind: 'storageType', dtype: storageTypes.get(full) };
      const dtype = TORCH_DTYPES.find((known) => `torch.${known}` === full);
      return dtype === undefined ? undefined : { kind: 'dtype', dtype };
    },
    call(callee, args) {
      const known = objectOf(callee);
      if (known?.kind !== 'callable') throw nonsense('a call of what makes tensors');
      return known.call(args);
    },
    /** ('storage', type, key, where it lay, number of elements). */
    persistent(id) {
      const [tag, type, name, , count] = Array.isArray(id) ? id : [];
      const known = objectOf(type);
      if (tag !== 'storage' || known?.kind !== 'storageType' || typeof name !== 'string')
        throw nonsense('a reference to a storage');
      const key = `${folder}data/${name}`;
      const byteLength = Number(count) * (known.dtype === undefined ? 1 : elementBytes[known.dtype]);
      const found = zip.sizeOf(key);
      if (found === byteLength) return { kind: 'storage', key, dtype: known.dtype, byteLength };
      throw new GenonnxError('file-corrupt', 'A storage of the checkpoint is not there as it should be.', {
        where: `${where}: ${key}`.slice(0, 200),
        expected: `${byteLength} bytes`,
        found: found === undefined ? 'no such entry' : `${found} bytes`,
        cure: 'Copy or download the file again, or save it anew.',
      });
    },
  };
}

function objectOf(value: TorchValue | undefined): TorchObject | undefined {
  const isObject = typeof value === 'object' && value !== null;
  return isObject && !Array.isArray(value) && !(value instanceof Map) ? value : undefined;
}

/** The tensor that a value is; undefined for any other. */
export function tensorIn(value: TorchValue): TorchTensor | undefined {
  const known = objectOf(value);
  return known?.kind === 'tensor' ? known : undefined;
}
