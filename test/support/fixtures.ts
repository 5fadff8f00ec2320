// Reads what PyTorch computed. See test/fixtures/README.md.
import { readFileSync } from 'node:fs';

export interface FixtureTensor {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

/** All tensors of a safetensors fixture, as float64. */
export function readFixture(name: string): Map<string, FixtureTensor> {
  const bytes = readFileSync(new URL(`../fixtures/${name}.safetensors`, import.meta.url));
  const headerSize = Number(bytes.readBigUInt64LE(0));
  const header: Record<string, { dtype: string; shape: number[]; data_offsets: [number, number] }> =
    JSON.parse(bytes.toString('utf8', 8, 8 + headerSize));
  const tensors = new Map<string, FixtureTensor>();
  for (const [key, entry] of Object.entries(header)) {
    if (key === '__metadata__') continue;
    const {
      dtype,
      shape,
      data_offsets: [start, end],
    } = entry;
    const raw = Uint8Array.from(bytes.subarray(8 + headerSize + start, 8 + headerSize + end)).buffer;
    tensors.set(key, { shape, data: numbersIn(raw, dtype) });
  }
  return tensors;
}

function numbersIn(raw: ArrayBuffer, dtype: string): Float64Array {
  switch (dtype) {
    case 'F64':
      return new Float64Array(raw);
    case 'F32':
      return Float64Array.from(new Float32Array(raw));
    case 'I64':
      return Float64Array.from(new BigInt64Array(raw), Number);
    case 'I32':
      return Float64Array.from(new Int32Array(raw));
    case 'U8':
      return Float64Array.from(new Uint8Array(raw));
    default:
      throw new Error(`a fixture of ${dtype}`);
  }
}

/** One tensor of a fixture. */
export function tensorOf(fixture: ReadonlyMap<string, FixtureTensor>, name: string): FixtureTensor {
  const tensor = fixture.get(name);
  if (tensor === undefined) throw new Error(`the fixture has no ${name}`);
  return tensor;
}

export function readFixtureText(name: string): string {
  return readFileSync(new URL(`../fixtures/${name}.genotype.txt`, import.meta.url), 'utf8');
}
