import { describe, expect, it } from 'vitest';
import { loadDataset } from '../../datasets/index.js';
import { expectRefusal, folderWith } from './helpers.js';

const RECORD = 3074;

/** Record i: group i % 20, class 3 i % 100, planes filled with i, i + 1, i + 2. */
function records(count: number): Uint8Array {
  const bytes = new Uint8Array(count * RECORD);
  for (let i = 0; i < count; i++) {
    bytes[i * RECORD] = i % 20;
    bytes[i * RECORD + 1] = (3 * i) % 100;
    for (let plane = 0; plane < 3; plane++)
      bytes.fill(i + plane, i * RECORD + 2 + plane * 1024, i * RECORD + 2 + (plane + 1) * 1024);
  }
  return bytes;
}

describe('a folder of the CIFAR-100 binary version', () => {
  it('is read with its fine labels, planes in place', async () => {
    const folder = await folderWith({ 'train.bin': records(40), 'test.bin': records(2) });
    const { train, test, classes } = await loadDataset(folder);
    expect(train).toMatchObject({ count: 40, channels: 3, height: 32, width: 32 });
    expect([...train.labels]).toEqual(Array.from({ length: 40 }, (_, i) => (3 * i) % 100));
    expect(
      train.images.every((value, at) => value === Math.floor(at / 3072) + (Math.floor(at / 1024) % 3)),
    ).toBe(true);
    expect(test.count).toBe(2);
    expect(classes).toHaveLength(100);
    expect([classes[0], classes[53], classes[99]]).toEqual(['apple', 'orange', 'worm']);
  });

  it('is refused when a file is missing, truncated, or CIFAR-10', async () => {
    const refuse = async (files: Record<string, Uint8Array>, code: 'data-missing' | 'data-corrupt') => {
      const path = await folderWith(files);
      await expectRefusal(() => loadDataset(path), code);
    };
    await refuse({ 'train.bin': records(2) }, 'data-missing');
    await refuse({ 'train.bin': records(2).subarray(1), 'test.bin': records(1) }, 'data-corrupt');
    await refuse({ 'train.bin': records(2), 'test.bin': new Uint8Array(3073) }, 'data-corrupt');
    await refuse({ 'train.bin': records(2).fill(100, 1, 2), 'test.bin': records(1) }, 'data-corrupt');
  });
});
