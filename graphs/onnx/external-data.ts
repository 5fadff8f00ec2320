// Weights outside of the model file. A protobuf message ends at 2 GiB; beyond that ONNX keeps the bytes of large
// initializers in a second file beside the model, each described by that file's name, an offset and a length.
import { GenonnxError } from '../errors.js';
import type * as onnx from './proto.js';
import { proto } from './proto.js';

export interface ExternalData {
  /** Name of the second file, in the folder of the model. */
  readonly location: string;
  /** Initializers of at least as many bytes go there; shapes and other small things stay where readers expect them. */
  readonly leastBytes: number;
}

export interface Separated {
  readonly initializers: readonly onnx.ITensorProto[];
  /** The content of the second file, piece by piece. */
  readonly pieces: readonly Uint8Array[];
}

/** Offsets are multiples of a page, so that readers can map the file into memory. */
const pageBytes = 4096;

/** Puts the bytes of large initializers one behind the other. */
export function separate(
  initializers: readonly onnx.ITensorProto[],
  { location, leastBytes }: ExternalData,
): Separated {
  const pieces: Uint8Array[] = [];
  let offset = 0;
  const separated = initializers.map((tensor) => {
    const { rawData, ...rest } = tensor;
    if (!rawData || rawData.length < leastBytes) return tensor;
    const gap = (pageBytes - (offset % pageBytes)) % pageBytes;
    if (gap > 0) pieces.push(new Uint8Array(gap));
    offset += gap;
    const entries = { location, offset, length: rawData.length };
    pieces.push(rawData);
    offset += rawData.length;
    return {
      ...rest,
      dataLocation: proto.TensorProto.DataLocation.EXTERNAL,
      externalData: Object.entries(entries).map(([key, value]) => ({ key, value: String(value) })),
    };
  });
  return { initializers: separated, pieces };
}

export interface ExternalPlace {
  readonly location: string;
  readonly offset: number;
  /** Undefined: up to the end of the file. */
  readonly length: number | undefined;
}

/**
 * Where the bytes of an initializer lie; undefined for one that holds them itself.
 * @throws GenonnxError `model-corrupt` for a place outside of the model's folder, or none.
 */
export function externalPlace(tensor: onnx.ITensorProto, where: string): ExternalPlace | undefined {
  if (tensor.dataLocation !== proto.TensorProto.DataLocation.EXTERNAL) return undefined;
  const entries = new Map((tensor.externalData ?? []).map(({ key, value }) => [key ?? '', value ?? '']));
  const location = entries.get('location') ?? '';
  const offset = Number(entries.get('offset') ?? 0);
  const length = entries.has('length') ? Number(entries.get('length')) : undefined;
  const isWhole = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;
  const parts = location.split(/[\\/]/);
  const isInside = location !== '' && !/^([\\/]|[A-Za-z]:)/.test(location) && !parts.includes('..');
  if (isInside && isWhole(offset) && (length === undefined || isWhole(length)))
    return { location, offset, length };
  throw new GenonnxError('model-corrupt', 'The model keeps a weight in a place that cannot be read.', {
    where: `${where}: ${tensor.name ?? ''}`,
    expected: 'a file in the folder of the model, an offset and a length',
    found: JSON.stringify(Object.fromEntries(entries)).slice(0, 200),
    cure: 'Export the model again.',
  });
}
