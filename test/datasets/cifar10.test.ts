import { describe, expect, it } from 'vitest';
import { loadDataset } from '../../datasets/index.js';
import { expectRefusal, folderWith } from './helpers.js';

const RECORD = 3073;

/** `count` records: label (first + i) % 10, and planes filled with 3 * (first + i), + 1, + 2. */
function records(first: number, count: number): Uint8Array {
  const bytes = new Uint8Array(count * RECORD);
  for (let i = 0; i < count; i++) {
    bytes[i * RECORD] = (first + i) % 10;
    for (let plane = 0; plane < 3; plane++) {
      bytes.fill(3 * (first + i) + plane, i * RECORD + 1 + plane * 1024, i * RECORD + 1 + (plane + 1) * 1024);
    }
  }
  return bytes;
}

/** Two records a training file, numbered through, and three test records. */
function cifarFiles(): Record<string, Uint8Array> {
  const files: Record<string, Uint8Array> = { 'test_batch.bin': records(20, 3) };
  for (let part = 1; part <= 5; part++) files[`data_batch_${part}.bin`] = records(2 * (part - 1), 2);
  return files;
}

describe('a folder of the CIFAR-10 binary version', () => {
  it('is read in the order of the file numbers, planes in place', async () => {
    const { train, test, classes } = await loadDataset(await folderWith(cifarFiles()));
    expect(train).toMatchObject({ count: 10, channels: 3, height: 32, width: 32 });
    expect([...train.labels]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(train.images.every((value, at) => value === Math.floor(at / 1024))).toBe(true);
    expect([...test.labels]).toEqual([0, 1, 2]);
    expect(classes).toHaveLength(10);
  });

  it('is refused when a file is missing, truncated, empty, or labelled above 9', async () => {
    const { 'data_batch_3.bin': _, ...incomplete } = cifarFiles();
    const refuse = async (files: Record<string, Uint8Array>, code: 'data-missing' | 'data-corrupt') => {
      const path = await folderWith(files);
      await expectRefusal(() => loadDataset(path), code);
    };
    await refuse(incomplete, 'data-missing');
    await refuse({ ...cifarFiles(), 'data_batch_2.bin': records(0, 2).subarray(1) }, 'data-corrupt');
    await refuse({ ...cifarFiles(), 'test_batch.bin': new Uint8Array(0) }, 'data-corrupt');
    await refuse({ ...cifarFiles(), 'test_batch.bin': records(0, 1).fill(10, 0, 1) }, 'data-corrupt');
  });
});
