import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GenonnxError } from '../../graphs/errors.js';
import { decodeSafetensors, encodeSafetensors, type SafeTensor } from '../../graphs/safetensors.js';
import { refusal } from '../src/runs/helpers.js';

const shapes = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 3 });
const tensors: fc.Arbitrary<SafeTensor> = fc
  .tuple(shapes, fc.constantFrom('F32', 'F64', 'I64', 'I32', 'U8', 'BOOL'), fc.integer())
  .map(([shape, dtype, seed]): SafeTensor => {
    const length = shape.reduce((a, b) => a * b, 1);
    const numbers = Array.from({ length }, (_, i) => (seed % 1000) * 0.37 + i);
    switch (dtype) {
      case 'F32':
        return { dtype, shape, data: Float32Array.from(numbers) };
      case 'F64':
        return { dtype, shape, data: Float64Array.from(numbers) };
      case 'I64':
        return { dtype, shape, data: BigInt64Array.from(numbers, (x) => BigInt(Math.trunc(x))) };
      case 'I32':
        return { dtype, shape, data: Int32Array.from(numbers) };
      case 'U8':
        return { dtype, shape, data: Uint8Array.from(numbers) };
      default:
        return { dtype: 'BOOL', shape, data: Uint8Array.from(numbers, (x) => Math.trunc(x) & 1) };
    }
  });
const names = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 12 }).filter((name) => name !== '__metadata__'),
  fc.constantFrom('__proto__', 'constructor', '10', '2', 'cells.0.weight'),
);
const files = fc.uniqueArray(fc.tuple(names, tensors), { selector: ([name]) => name, maxLength: 6 });

/** A file with any header. */
function handMade(header: unknown, data: Uint8Array = new Uint8Array()): Uint8Array {
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json, data]);
}

describe('safetensors', () => {
  it('reads back what it wrote, whatever the order', () => {
    fc.assert(
      fc.property(files, fc.dictionary(fc.string(), fc.string()), (entries, metadata) => {
        const bytes = encodeSafetensors(entries, Object.entries(metadata));
        const { tensors, metadata: read } = decodeSafetensors(bytes, 'test');
        expect(tensors).toEqual(new Map(entries));
        expect([...tensors.keys()]).toEqual(entries.map(([name]) => name).sort());
        expect(read).toEqual(new Map(Object.entries(metadata)));
        expect(encodeSafetensors(entries.toReversed(), Object.entries(metadata).reverse())).toEqual(bytes);
      }),
      { numRuns: 200 },
    );
  });

  it('keeps every key of the metadata', () => {
    const metadata = [
      ['__proto__', 'a'],
      ['constructor', 'b'],
    ] as const;
    expect(decodeSafetensors(encodeSafetensors([], metadata), 'test').metadata).toEqual(new Map(metadata));
  });

  it('writes the documented layout', () => {
    const bytes = encodeSafetensors([
      ['b', { dtype: 'U8', shape: [2], data: Uint8Array.of(7, 8) }],
      ['a', { dtype: 'F32', shape: [1], data: Float32Array.of(1) }],
    ]);
    const header =
      '{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[2],"data_offsets":[4,6]}}';
    const padded = header.padEnd(Math.ceil(header.length / 8) * 8);
    expect(Buffer.from(bytes.subarray(8, 8 + padded.length)).toString()).toBe(padded);
    expect([...bytes.subarray(8 + padded.length)]).toEqual([0, 0, 0x80, 0x3f, 7, 8]);
  });

  it('reads half precision into float32', () => {
    const half = Uint16Array.of(0x3c00, 0xc000, 0x0001, 0x7c00, 0x3555);
    const brain = Uint16Array.of(0x3f80, 0xc000);
    const header = {
      h: { dtype: 'F16', shape: [5], data_offsets: [0, 10] },
      b: { dtype: 'BF16', shape: [2], data_offsets: [10, 14] },
    };
    const data = Buffer.concat([new Uint8Array(half.buffer), new Uint8Array(brain.buffer)]);
    const { tensors } = decodeSafetensors(handMade(header, data), 'test');
    expect([...tensors.get('h')!.data]).toEqual([1, -2, 2 ** -24, Infinity, 0.333251953125]);
    expect([...tensors.get('b')!.data]).toEqual([1, -2]);
    expect(tensors.get('b')!.dtype).toBe('F32');
  });

  it('throws nothing but file-corrupt, on 3,000 damaged files', () => {
    const damaged = fc
      .tuple(files, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 }), fc.option(fc.nat()))
      .map(([entries, edits, cut]) => {
        const bytes = encodeSafetensors(entries);
        for (const [at, value] of edits) bytes[at % bytes.length] = value;
        return cut === null ? bytes : bytes.subarray(0, cut % bytes.length);
      });
    const rubbish = fc.uint8Array({ maxLength: 64 });
    const jsonRubbish = fc.json().map((json) => handMade(json));
    fc.assert(
      fc.property(fc.oneof({ weight: 4, arbitrary: damaged }, rubbish, jsonRubbish), (bytes) => {
        try {
          decodeSafetensors(bytes, 'fuzz');
        } catch (error) {
          if (!(error instanceof GenonnxError) || error.code !== 'file-corrupt') throw error;
        }
      }),
      { numRuns: 3000 },
    );
  });

  it('refuses every truncation', async () => {
    const bytes = encodeSafetensors([['a', { dtype: 'F32', shape: [2], data: Float32Array.of(1, 2) }]]);
    for (let length = 0; length < bytes.length; length++) {
      await refusal('file-corrupt', () => decodeSafetensors(bytes.subarray(0, length), 'cut'));
    }
  });

  it('says what is wrong with a file', async () => {
    const entry = (shape: number[], data_offsets: number[], dtype = 'U8') => ({ dtype, shape, data_offsets });
    const cases: [unknown, number, RegExp][] = [
      [{ a: entry([2], [0, 2]), b: entry([2], [1, 3]) }, 3, /overlaps/],
      [{ a: entry([1], [1, 2]) }, 2, /gap/],
      [{ a: entry([1], [0, 1]) }, 2, /1 bytes of arrays/],
      [{ a: entry([3], [0, 3]) }, 2, /cut short/],
      [{ a: entry([2], [0, 1]) }, 1, /2 bytes for "a", U8\[2\]/],
      [{ a: entry([2 ** 40, 2 ** 40], [0, 1]) }, 1, /bytes for "a"/],
      [{ a: entry([-1], [0, 1]) }, 1, /data_offsets of "a"/],
      [{ a: entry([1], [0, 1], 'F8') }, 1, /dtype, shape/],
      [{ __metadata__: { a: 1 } }, 0, /metadata/],
      ['[]', 0, /JSON object/],
      ['{"a"', 0, /JSON/],
    ];
    for (const [header, dataBytes, message] of cases) {
      const file = handMade(header, new Uint8Array(dataBytes));
      expect((await refusal('file-corrupt', () => decodeSafetensors(file, 'f'))).message).toMatch(message);
    }
    const huge = Buffer.alloc(16);
    huge.writeBigUInt64LE(2n ** 63n);
    expect((await refusal('file-corrupt', () => decodeSafetensors(huge, 'f'))).message).toMatch(/at most/);
  });

  it('refuses to write an array that does not fit its shape', async () => {
    const tensor: SafeTensor = { dtype: 'F64', shape: [2], data: Float64Array.of(Math.PI) };
    await refusal('shape', () => encodeSafetensors([['x', tensor]]));
  });
});
