import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  elementBytes,
  type FloatDtype,
  floatsOf,
  requireInside,
  type TorchTensor,
} from '../../../../src/deploy/pytorch/tensor.js';

function view(
  shape: readonly number[],
  strides: readonly number[],
  offset: number,
  elements: number,
  dtype: FloatDtype = 'float32',
): TorchTensor {
  const storage = { kind: 'storage', key: '0', dtype, byteLength: elements * elementBytes[dtype] } as const;
  return { kind: 'tensor', storage, dtype, offset, shape, strides };
}

/** The definition: element (i, j, ...) is number offset + i stride_0 + j stride_1 + ... */
function byDefinition(storage: Float32Array, { shape, strides, offset }: TorchTensor): number[] {
  const [size, ...rest] = shape;
  if (size === undefined) return [storage[offset] ?? Number.NaN];
  return Array.from({ length: size }, (_, i) => {
    const inner = { shape: rest, strides: strides.slice(1), offset: offset + i * (strides[0] ?? 0) };
    return byDefinition(storage, { ...view([], [], 0, 0), ...inner });
  }).flat();
}

describe('floatsOf', () => {
  it('reads any view in row-major order: transposed, sliced, with gaps', () => {
    const axis = fc.record({ size: fc.integer({ min: 0, max: 4 }), step: fc.integer({ min: 1, max: 3 }) });
    const nested = fc.array(axis, { maxLength: 4 }).chain((axes) =>
      fc.record({
        axes: fc.constant(axes),
        order: fc.shuffledSubarray([...axes.keys()], { minLength: axes.length }),
      }),
    );
    fc.assert(
      fc.property(nested, fc.nat(5), ({ axes, order }, offset) => {
        // Axes in any order, each beyond all that lies inside of it.
        const strides = axes.map(() => 0);
        let inner = 1;
        for (const at of order) {
          const { size = 1, step = 1 } = axes[at] ?? {};
          strides[at] = inner * step;
          inner *= step * Math.max(size, 1);
        }
        const shape = axes.map(({ size }) => size);
        const storage = Float32Array.from({ length: offset + inner }, (_, i) => i);
        const tensor = view(shape, strides, offset, storage.length);
        requireInside(tensor, 't');
        const bytes = new Uint8Array(storage.buffer);
        expect([...floatsOf(tensor, 'float32', bytes, 't')]).toEqual(byDefinition(storage, tensor));
      }),
    );
  });

  it('converts halves exactly and rounds doubles', () => {
    const of = (dtype: FloatDtype, bytes: ArrayBuffer, count: number) => [
      ...floatsOf(view([count], [1], 0, count, dtype), dtype, new Uint8Array(bytes), 't'),
    ];
    expect(of('float16', Uint16Array.of(0x3c00, 0xc000, 0x0001).buffer, 3)).toEqual([1, -2, 2 ** -24]);
    expect(of('bfloat16', Uint16Array.of(0x3f80, 0xc000, 0x0001).buffer, 3)).toEqual([1, -2, 2 ** -133]);
    expect(of('float64', Float64Array.of(0.1, -1).buffer, 2)).toEqual([Math.fround(0.1), -1]);
    expect(of('float64', Float64Array.of(Number.POSITIVE_INFINITY).buffer, 1)).toEqual([
      Number.POSITIVE_INFINITY,
    ]);
    expect(() => of('float64', Float64Array.of(1, 1e39).buffer, 2)).toThrow(/1e\+39/);
  });
});

describe('requireInside', () => {
  it.each<[string, number[], number[], number]>([
    ['behind the end', [3], [1], 8],
    ['beyond by its strides', [2, 3], [9, 1], 0],
    ['of more elements than there are', [1e9, 1e9], [0, 0], 0],
    ['of the same element again and again', [11], [0], 0],
    ['with a negative extent', [-1], [1], 0],
    ['with a negative stride', [2], [-1], 5],
    ['before the beginning', [1], [1], -1],
    ['with a fraction', [1.5], [1], 0],
    ['with other strides than axes', [2, 2], [1], 0],
    ['beyond whole numbers', [2 ** 40, 2 ** 40], [1, 1], 0],
  ])('refuses a view %s', (_, shape, strides, offset) => {
    expect(() => requireInside(view(shape, strides, offset, 10), 't')).toThrow('a view of 10 elements');
  });

  it('takes views that end with the storage, and empty ones', () => {
    for (const [shape, strides, offset] of [
      [[2, 5], [5, 1], 0],
      [[3], [3], 3],
      [[], [], 9],
      [[0, 1e6], [1, 1], 10],
    ] as const) {
      expect(() => requireInside(view(shape, strides, offset, 10), 't')).not.toThrow();
    }
  });
});
