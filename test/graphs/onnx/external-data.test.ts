import { describe, expect, it } from 'vitest';
import { GenonnxError } from '../../../graphs/errors.js';
import { externalPlace, separate } from '../../../graphs/onnx/external-data.js';
import { defined } from '../../support/tensors.js';

const tensors = [
  { name: 'large', dataType: 1, dims: [2], rawData: Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8]) },
  { name: 'small', dataType: 1, dims: [1], rawData: Uint8Array.from([9, 9, 9, 9]) },
  { name: 'second', dataType: 1, dims: [2], rawData: new Uint8Array(8).fill(7) },
];

describe('separate', () => {
  const { initializers, pieces } = separate(tensors, { location: 'model.onnx.data', leastBytes: 8 });
  const file = Buffer.concat(pieces);

  it('moves large initializers to where it says that they are', () => {
    for (const [index, original] of tensors.entries()) {
      const tensor = defined(initializers[index]);
      expect(tensor.dims).toEqual(original.dims);
      const place = externalPlace(tensor, 'model');
      if (original.name === 'small') {
        expect(place).toBeUndefined();
        expect(tensor).toEqual(original);
      } else {
        expect(place).toMatchObject({ location: 'model.onnx.data', length: 8 });
        const { offset } = defined(place);
        expect(offset % 4096).toBe(0);
        expect(Uint8Array.from(file.subarray(offset, offset + 8))).toEqual(original.rawData);
        expect(tensor.rawData).toBeUndefined();
      }
    }
  });
});

describe('externalPlace', () => {
  const at = (entries: Record<string, string>) => () =>
    externalPlace(
      {
        name: 'w',
        dataLocation: 1,
        externalData: Object.entries(entries).map(([key, value]) => ({ key, value })),
      },
      'model.onnx',
    );

  it('takes a file up to its end where no length is given', () => {
    expect(at({ location: 'folder/weights' })()).toEqual({
      location: 'folder/weights',
      offset: 0,
      length: undefined,
    });
  });

  it.each([
    {},
    { location: '../weights' },
    { location: 'a/../../b' },
    { location: '/etc/passwd' },
    { location: 'C:\\weights' },
    { location: '\\\\host\\weights' },
    { location: 'weights', offset: '-1' },
    { location: 'weights', offset: '0', length: '1e400' },
    { location: 'weights', offset: 'x' },
  ])('refuses %j', (entries: Record<string, string>) => {
    expect(at(entries)).toThrow(GenonnxError);
    expect(at(entries)).toThrow(/model\.onnx: w/);
  });
});
