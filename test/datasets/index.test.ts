import { mkdir, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sha256 } from '../../datasets/folder.js';
import { type ImageSet, loadDataset } from '../../datasets/index.js';
import { embeddedFolder, packageRoot } from '../../datasets/package-root.js';
import { expectRefusal, folderWith } from './helpers.js';

const perClass = (labels: Uint32Array) =>
  Array.from({ length: 10 }, (_, label) => labels.filter((other) => other === label).length);

/** The checksum of every image, as it is or mirrored, whichever sorts first. */
function identities({ images, count, height, width }: ImageSet): string[] {
  const size = height * width;
  return Array.from({ length: count }, (_, index) => {
    const image = images.subarray(index * size, (index + 1) * size);
    const mirrored = image.map((_, at) => image[at - (at % width) + width - 1 - (at % width)]!);
    return [sha256(image), sha256(mirrored)].sort()[0]!;
  });
}

describe('the embedded Fashion-MNIST sample', () => {
  it('has the promised counts, classes and checksums', async () => {
    const { name, classes, train, test, checksums } = await loadDataset('fashion-mnist');
    expect(name).toBe('fashion-mnist');
    expect(classes).toHaveLength(10);
    expect(train).toMatchObject({ count: 6000, channels: 1, height: 28, width: 28 });
    expect(test).toMatchObject({ count: 2000, channels: 1, height: 28, width: 28 });
    expect(perClass(train.labels)).toEqual(Array(10).fill(600));
    expect(perClass(test.labels)).toEqual(Array(10).fill(200));
    expect(Object.keys(checksums)).toHaveLength(5); // reading compares each with checksums.json
  });

  it('holds no image twice, nor mirrored', async () => {
    const { train, test } = await loadDataset('fashion-mnist');
    expect(new Set([...identities(train), ...identities(test)]).size).toBe(8000);
  });

  it('takes at most 4 MB', async () => {
    const folder = embeddedFolder('fashion-mnist');
    const sizes = (await readdir(folder)).map(async (file) => (await stat(join(folder, file))).size);
    expect((await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)).toBeLessThan(4e6);
  });

  it('is limited class-balanced, the test set whole', async () => {
    const { train, test } = await loadDataset('fashion-mnist', { limit: 105 });
    expect(perClass(train.labels)).toEqual([11, 11, 11, 11, 11, 10, 10, 10, 10, 10]);
    expect(test.count).toBe(2000);
  });
});

describe('loadDataset', () => {
  it('refuses an unknown name, and a folder without images', async () => {
    await expectRefusal(() => loadDataset('fashion-minst'), 'data-missing', /no data set 'fashion-minst'/);
    const path = await folderWith({ 'notes.txt': 'nothing' });
    await expectRefusal(() => loadDataset(path), 'data-missing', /found: +notes.txt/);
    await mkdir(join(path, 'empty'));
    await expectRefusal(() => loadDataset(join(path, 'empty')), 'data-missing', /an empty folder/);
  });
});

describe('packageRoot', () => {
  it('walks up to the folder of package.json, and says when there is none', async () => {
    const path = await folderWith({ 'package.json': '{}' });
    await mkdir(join(path, 'dist', 'datasets'), { recursive: true });
    expect(packageRoot(join(path, 'dist', 'datasets'))).toBe(path);
    await expectRefusal(() => packageRoot('/'), 'data-missing', /package.json/);
  });
});
