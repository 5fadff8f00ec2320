import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseIdx, printIdx } from '../../datasets/idx.js';
import { loadDataset } from '../../datasets/index.js';
import { expectRefusal, folderWith, idxFiles } from './helpers.js';

const load = (files: Record<string, Uint8Array | string>) =>
  folderWith(files).then((path) => loadDataset(path));

describe('parseIdx', () => {
  it('reads back what printIdx wrote', () => {
    const extents = fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(extents, fc.integer(), (shape, salt) => {
        const size = shape.reduce((product, extent) => product * extent, 1);
        const data = Uint8Array.from({ length: size }, (_, i) => i * 31 + salt);
        expect(parseIdx(printIdx({ shape, data }), shape.length, 'here')).toEqual({ shape, data });
      }),
    );
  });

  it('refuses every strict prefix and every extension of a file', async () => {
    const bytes = printIdx({ shape: [2, 2], data: Uint8Array.of(1, 2, 3, 4) });
    for (let length = 0; length < bytes.length; length++) {
      await expectRefusal(() => parseIdx(bytes.subarray(0, length), 2, 'here'), 'data-corrupt');
    }
    await expectRefusal(() => parseIdx(Uint8Array.of(...bytes, 0), 2, 'here'), 'data-corrupt', /too long/);
  });

  it('refuses to print a shape that does not fit', async () => {
    await expectRefusal(() => printIdx({ shape: [3], data: Uint8Array.of(1) }), 'data-corrupt', /truncated/);
  });
});

describe('an idx folder', () => {
  it('is read plain', async () => {
    const { train, test, classes, checksums } = await load(idxFiles());
    expect(train).toEqual({
      images: Uint8Array.from({ length: 12 }, (_, i) => i),
      labels: Uint32Array.of(0, 1, 2),
      count: 3,
      channels: 1,
      height: 2,
      width: 2,
    });
    expect(test.count).toBe(2);
    expect(classes).toEqual(['0', '1', '2']);
    expect(Object.keys(checksums).sort()).toEqual(Object.keys(idxFiles()).sort());
  });

  it('is read gzipped, under the other usual names, with class labels', async () => {
    const plain = idxFiles();
    const path = await folderWith({
      'train-images.idx3-ubyte.gz': gzipSync(plain['train-images-idx3-ubyte']!),
      'train-labels.idx1-ubyte': plain['train-labels-idx1-ubyte']!,
      'test-images-idx3-ubyte': plain['t10k-images-idx3-ubyte']!,
      'test-labels-idx1-ubyte.gz': gzipSync(plain['t10k-labels-idx1-ubyte']!),
      'classes.txt': 'hat\r\nshoe\r\nbag\r\n',
    });
    const dataset = await loadDataset(path);
    expect(dataset.classes).toEqual(['hat', 'shoe', 'bag']);
    expect(dataset.train).toEqual((await load(plain)).train);
    expect(path.endsWith(dataset.name)).toBe(true);
  });

  it('is refused when a file is missing', async () => {
    for (const file of Object.keys(idxFiles())) {
      const { [file]: _, ...others } = idxFiles();
      await expectRefusal(() => load(others), 'data-missing');
    }
  });

  it('is refused when images and labels are swapped', async () => {
    const files = idxFiles();
    await expectRefusal(
      () => load({ ...files, 'train-images-idx3-ubyte': files['train-labels-idx1-ubyte']! }),
      'data-corrupt',
      /expected: magic number 0x00000803.*found: +0x00000801/s,
    );
  });

  it('is refused when images and labels differ in number', async () => {
    const labels = printIdx({ shape: [4], data: Uint8Array.of(0, 1, 2, 0) });
    await expectRefusal(
      () => load({ ...idxFiles(), 'train-labels-idx1-ubyte': labels }),
      'data-corrupt',
      /expected: 3 labels.*found: +4/s,
    );
  });

  it('is refused when the test images have another size', async () => {
    const images = printIdx({ shape: [2, 2, 3], data: new Uint8Array(12) });
    await expectRefusal(() => load({ ...idxFiles(), 't10k-images-idx3-ubyte': images }), 'data-corrupt');
  });

  it('is refused when it holds no images', async () => {
    const images = printIdx({ shape: [0, 2, 2], data: new Uint8Array(0) });
    await expectRefusal(() => load({ ...idxFiles(), 'train-images-idx3-ubyte': images }), 'data-corrupt');
  });

  it('is refused when a label has no class', async () => {
    await expectRefusal(
      () => load({ ...idxFiles(), 'classes.txt': 'hat\nshoe\n' }),
      'data-corrupt',
      /at least 3/,
    );
  });
});
