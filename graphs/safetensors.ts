// The safetensors format: named arrays in one file, without code. Eight bytes with the header's length, a JSON header
// (name -> dtype, shape, offsets), then the arrays, little-endian, without gaps.
// Source: https://github.com/huggingface/safetensors, "Format".
// A file comes from anywhere, so nothing in it is believed: whatever is wrong with it is a `file-corrupt`.
import { z } from 'zod';
import { utf8 } from './bytes.js';
import { GenonnxError } from './errors.js';
import { bfloat16ToFloat, halfToFloat } from './float16.js';

interface TensorOf<Dtype extends string, Data> {
  readonly dtype: Dtype;
  /** Extents, outermost first; empty for a scalar. */
  readonly shape: readonly number[];
  /** Row-major. */
  readonly data: Data;
}

/** A tensor of a safetensors file, row by row, in the type that the file has it in. */
export type SafeTensor =
  | TensorOf<'F32', Float32Array>
  | TensorOf<'F64', Float64Array>
  | TensorOf<'I64', BigInt64Array>
  | TensorOf<'I32', Int32Array>
  | TensorOf<'U8', Uint8Array>
  | TensorOf<'BOOL', Uint8Array>;

/** The tensors of a file by name, and its metadata. */
export interface SafeTensors {
  /** In the order of their names. */
  readonly tensors: ReadonlyMap<string, SafeTensor>;
  readonly metadata: ReadonlyMap<string, string>;
}

/** Bytes of one element; F16 and BF16 are read (into F32) and never written. */
const elementBytes = { F64: 8, I64: 8, F32: 4, I32: 4, F16: 2, BF16: 2, U8: 1, BOOL: 1 } as const;
type StoredDtype = keyof typeof elementBytes;

const maxHeaderBytes = 100e6;
const lengthBytes = 8;

const extent = z.int().min(0);
const dtypes = z.enum(['F64', 'I64', 'F32', 'I32', 'F16', 'BF16', 'U8', 'BOOL']);
const entrySchema = z.object({
  dtype: dtypes,
  shape: z.array(extent),
  data_offsets: z.tuple([extent, extent]),
});
/** Entries of an object: a record of zod's would lose the key `__proto__`. */
const metadataSchema = z.array(z.tuple([z.string(), z.string()]));

/** The bytes of a file with `tensors`; the same tensors give the same bytes, in whatever order they come. */
export function encodeSafetensors(
  tensors: Iterable<readonly [string, SafeTensor]>,
  metadata: Iterable<readonly [string, string]> = [],
): Uint8Array {
  // The widest elements first, so that every array lies aligned.
  const ordered = [...tensors].sort(
    ([nameA, a], [nameB, b]) => elementBytes[b.dtype] - elementBytes[a.dtype] || compare(nameA, nameB),
  );
  const header: [string, unknown][] = [];
  const described = [...metadata].sort(([a], [b]) => compare(a, b));
  if (described.length > 0) header.push(['__metadata__', Object.fromEntries(described)]);
  let end = 0;
  for (const [name, { dtype, shape, data }] of ordered) {
    requireFitting(name, shape, data.length);
    const begin = end;
    end += data.byteLength;
    header.push([name, { dtype, shape, data_offsets: [begin, end] }]);
  }
  const json = utf8(`{${header.map(([k, v]) => `${JSON.stringify(k)}:${JSON.stringify(v)}`).join(',')}}`);
  const headerBytes = Math.ceil(json.length / 8) * 8;
  const bytes = new Uint8Array(lengthBytes + headerBytes + end);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerBytes), true);
  bytes.fill(0x20, lengthBytes, lengthBytes + headerBytes);
  bytes.set(json, lengthBytes);
  let offset = lengthBytes + headerBytes;
  for (const [, { data }] of ordered) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), offset);
    offset += data.byteLength;
  }
  return bytes;
}

/** Reads what `encodeSafetensors` or any other writer made. `where` names the source. Throws `file-corrupt`. */
export function decodeSafetensors(bytes: Uint8Array, where: string): SafeTensors {
  const { header, dataBegin } = readHeader(bytes, where);
  const entries: { name: string; entry: z.infer<typeof entrySchema> }[] = [];
  let metadata: ReadonlyMap<string, string> = new Map();
  for (const [name, value] of Object.entries(header)) {
    if (name === '__metadata__') {
      const pairs = isObject(value) ? Object.entries(value) : value;
      metadata = new Map(checked(metadataSchema, pairs, where, 'metadata of strings'));
    } else {
      const entry = checked(entrySchema, value, where, `dtype, shape and data_offsets of "${brief(name)}"`);
      entries.push({ name, entry });
    }
  }
  requireTiling(entries, bytes.length - dataBegin, where);
  const tensors = new Map<string, SafeTensor>();
  for (const { name, entry } of entries.sort((a, b) => compare(a.name, b.name))) {
    const [begin, end] = entry.data_offsets;
    // A copy: aligned, and independent of the file's bytes. (A Buffer's own `slice` would be a view.)
    const data = new Uint8Array(bytes.subarray(dataBegin + begin, dataBegin + end));
    tensors.set(name, tensorOf(entry.dtype, entry.shape, data.buffer));
  }
  return { tensors, metadata };
}

function readHeader(bytes: Uint8Array, where: string): { header: object; dataBegin: number } {
  if (bytes.length < lengthBytes) {
    throw corrupt(where, `${lengthBytes} bytes with the length of the header`, `${bytes.length} bytes`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.getBigUint64(0, true);
  if (length > BigInt(maxHeaderBytes)) {
    throw corrupt(where, `a header of at most ${maxHeaderBytes} bytes`, `one of ${length}`);
  }
  const dataBegin = lengthBytes + Number(length);
  if (dataBegin > bytes.length) {
    throw corrupt(
      where,
      `a header of ${length} bytes`,
      `only ${bytes.length - lengthBytes} bytes; it is cut short`,
    );
  }
  let header: unknown;
  try {
    header = JSON.parse(
      new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(lengthBytes, dataBegin)),
    );
  } catch (error) {
    throw corrupt(
      where,
      'a header of JSON',
      error instanceof Error ? brief(error.message) : 'something else',
      error,
    );
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header)) {
    throw corrupt(where, 'a header that is a JSON object', brief(JSON.stringify(header)));
  }
  return { header, dataBegin };
}

/** The arrays, in the order of their offsets, must fill the data exactly, and each must be as long as its shape says. */
function requireTiling(
  entries: readonly { name: string; entry: z.infer<typeof entrySchema> }[],
  dataBytes: number,
  where: string,
): void {
  const byOffset = entries
    .map(({ name, entry }) => ({ name, entry, begin: entry.data_offsets[0], end: entry.data_offsets[1] }))
    .sort((a, b) => a.begin - b.begin || a.end - b.end);
  let covered = 0;
  for (const { name, entry, begin, end } of byOffset) {
    const elements = entry.shape.reduce((product, size) => product * size, 1);
    const expected = elements * elementBytes[entry.dtype];
    if (end - begin !== expected) {
      throw corrupt(
        where,
        `${expected} bytes for "${brief(name)}", ${entry.dtype}[${entry.shape}]`,
        `${end - begin}`,
      );
    }
    if (begin !== covered) {
      const problem = begin < covered ? 'overlaps the array before it' : 'leaves a gap';
      throw corrupt(where, `"${brief(name)}" to begin at byte ${covered}`, `${begin}, which ${problem}`);
    }
    covered = end;
  }
  if (covered !== dataBytes) {
    const problem = dataBytes < covered ? '; it is cut short' : '';
    throw corrupt(where, `${covered} bytes of arrays`, `${dataBytes}${problem}`);
  }
}

function tensorOf(dtype: StoredDtype, shape: readonly number[], buffer: ArrayBuffer): SafeTensor {
  switch (dtype) {
    case 'F32':
      return { dtype, shape, data: new Float32Array(buffer) };
    case 'F64':
      return { dtype, shape, data: new Float64Array(buffer) };
    case 'I64':
      return { dtype, shape, data: new BigInt64Array(buffer) };
    case 'I32':
      return { dtype, shape, data: new Int32Array(buffer) };
    case 'U8':
    case 'BOOL':
      return { dtype, shape, data: new Uint8Array(buffer) };
    case 'F16':
      return { dtype: 'F32', shape, data: Float32Array.from(new Uint16Array(buffer), halfToFloat) };
    case 'BF16':
      return { dtype: 'F32', shape, data: bfloat16ToFloat(new Uint16Array(buffer)) };
  }
}

function requireFitting(name: string, shape: readonly number[], length: number): void {
  const elements = shape.reduce((product, size) => product * size, 1);
  if (elements !== length) {
    throw new GenonnxError('shape', 'An array does not fit its shape.', {
      where: name,
      expected: `${elements} elements, [${shape}]`,
      found: `${length}`,
    });
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function checked<T>(schema: z.ZodType<T>, value: unknown, where: string, expected: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw corrupt(where, expected, brief(result.error.issues.map((issue) => issue.message).join('; ')));
}

function corrupt(where: string, expected: string, found: string, cause?: unknown): GenonnxError {
  const details = { where, expected, found, cure: 'Copy or download the file again, or make it anew.' };
  return new GenonnxError('file-corrupt', 'This is not a whole safetensors file.', details, { cause });
}

/** At most 80 characters, for messages. */
function brief(text: string): string {
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

/** By code unit, so that the order does not depend on the machine's language. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
