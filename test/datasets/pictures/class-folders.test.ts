import { chmod, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { areRead, type Dataset } from '../../../datasets/dataset.js';
import { kindOfData, loadDataset, openImages, type PictureSet } from '../../../datasets/index.js';
import type { PictureOptions } from '../../../datasets/pictures/class-folders.js';
import { expectRefusal } from '../helpers.js';
import { encoded, folderOf, photos } from './photos.js';

/** Opened without threads. */
async function opened(folder: string, options: PictureOptions = {}): Promise<Dataset<PictureSet>> {
  const { train, validation, test, ...facts } = await openImages(folder, { workers: 0, ...options });
  if (!areRead(train) || !areRead(test)) throw new Error('images in memory');
  return {
    ...facts,
    train,
    test,
    ...(validation !== undefined && areRead(validation) ? { validation } : {}),
  };
}

const fit = { kind: 'fit', size: 4 } as const;
/** The colour in the middle of every picture. */
async function colours({ count, read }: PictureSet): Promise<number[][]> {
  return Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const planes = await read(index, fit);
      return [planes[5]!, planes[21]!, planes[37]!];
    }),
  );
}

describe('a folder with a folder for each class', () => {
  it('is split class by class, always the same way, and labels are ranks of names', async () => {
    const folder = await folderOf(await photos(['dog', 'Cat', 'ant'], 10));
    expect(await kindOfData(folder)).toBe('images');
    const data = await opened(folder);
    expect(data.classes).toEqual(['Cat', 'ant', 'dog']);
    expect([data.train.count, data.test.count]).toEqual([24, 6]);
    const [train, test] = [await colours(data.train), await colours(data.test)];
    // The classes were made in another order: dog 0, Cat 1, ant 2.
    const made = [1, 2, 0];
    for (const [set, found] of [
      [data.train, train],
      [data.test, test],
    ] as const)
      expect(found.map(([red]) => red)).toEqual(Array.from(set.labels, (label) => 40 * made[label]!));
    expect([...data.test.labels]).toEqual([0, 0, 1, 1, 2, 2]);
    expect(new Set([...train, ...test].map(String)).size).toBe(30);
    expect(await colours((await opened(folder)).test)).toEqual(test);
  });

  it('may have parts: train, val and test, or what there is of them', async () => {
    const parts = async (...names: string[]) =>
      Object.assign(
        {},
        ...(await Promise.all(names.map((name, i) => photos(['a', 'b'], 2 + i, `${name}/`)))),
      );
    const all = await opened(await folderOf(await parts('train', 'val', 'test')));
    expect([all.train.count, all.validation?.count, all.test.count]).toEqual([4, 6, 8]);
    expect(Object.keys(all.checksums).sort()).toEqual(['test/', 'train/', 'val/']);
    const two = await opened(await folderOf(await parts('train', 'val')));
    expect([two.train.count, two.validation?.count, two.test.count]).toEqual([4, undefined, 6]);
    const one = await opened(await folderOf(await photos(['a', 'b'], 5, 'train/')));
    expect([one.train.count, one.test.count]).toEqual([8, 2]);
  });

  it('may have a class that is called train', async () => {
    const data = await opened(await folderOf(await photos(['car', 'train'], 5)));
    expect(data.classes).toEqual(['car', 'train']);
  });

  it('gives the first training pictures, class-balanced, where there is a limit', async () => {
    const folder = await folderOf(await photos(['a', 'b', 'c'], 10));
    const whole = await opened(folder);
    const data = await opened(folder, { limit: 7 });
    expect([...data.train.labels]).toEqual([0, 0, 0, 1, 1, 2, 2]);
    expect(data.test.count).toBe(whole.test.count);
    const [some, all] = [await colours(data.train), await colours(whole.train)];
    expect(all.slice(0, 3)).toEqual(some.slice(0, 3));
  });

  it('becomes images in memory of one extent, by a view', async () => {
    const folder = await folderOf(await photos(['a', 'b'], 5));
    const { train, test } = await loadDataset(folder, { view: fit, workers: 0 });
    expect(train).toMatchObject({ count: 8, channels: 3, height: 4, width: 4 });
    expect(test.images).toHaveLength(2 * 48);
    await expectRefusal(() => loadDataset(folder), 'usage', /`padTo`/);
  });

  it('has a checksum of names and sizes', async () => {
    const files = await photos(['a', 'b'], 5);
    const sum = async (changed: Record<string, Uint8Array>) =>
      (await opened(await folderOf(changed))).checksums['/'];
    const whole = await sum(files);
    expect(whole).toMatch(/^[0-9a-f]{64}$/);
    expect(await sum(files)).toBe(whole);
    const { 'a/0.png': first, ...others } = files;
    expect(await sum(others)).not.toBe(whole);
    expect(await sum({ ...others, 'a/x.png': first! })).not.toBe(whole);
    expect(await sum({ ...files, 'a/0.png': await encoded({ height: 300 }) })).not.toBe(whole);
  });
});

describe('what cannot be learnt from', () => {
  const refused = async (files: Record<string, Uint8Array | string>, found: RegExp) => {
    const folder = await folderOf(files);
    await expectRefusal(() => opened(folder), 'data-missing', found);
  };

  it('is refused with what is there and what to do', async () => {
    const two = await photos(['cat', 'dog'], 3);
    await refused({ 'cat/a.png': two['cat/0.png']! }, /one class, cat/);
    await refused(
      { ...two, 'bird/.keep': '' },
      /photos\/bird.*no pictures to learn from|no pictures to learn from.*bird/s,
    );
    await refused({ ...two, 'stray.png': two['cat/0.png']! }, /1 of no class: stray\.png/);
    await refused({ ...two, 'cat/notes.txt': 'nice' }, /1: cat\/notes\.txt.*`skipBroken`/s);
    await refused({ 'cat/notes.txt': 'nice', 'dog/b.txt': '' }, /holds no images in a known format/);
    await refused(
      { ...(await photos(['cat', 'dog'], 3, 'train/')), ...(await photos(['cat', 'cow'], 1, 'val/')) },
      /classes that the training part lacks.*cow/s,
    );
  });

  it('is not what file managers leave behind', async () => {
    const files = {
      ...(await photos(['cat', 'dog'], 5)),
      'cat/.DS_Store': '',
      'dog/Thumbs.db': '',
      '.hidden/x': '',
    };
    expect((await opened(await folderOf(files))).train.count).toBe(8);
  });
});

describe('broken pictures', () => {
  const jpeg = () => encoded({ format: 'jpeg', height: 64, width: 64, colour: [200, 10, 90] });

  it('are named where they are read', async () => {
    const whole = await jpeg();
    const folder = await folderOf({
      ...(await photos(['a', 'b'], 5)),
      'a/truncated.jpg': whole.subarray(0, whole.length - 60),
    });
    const { train, test } = await opened(folder);
    const read = async () => {
      for (const set of [train, test]) for (let i = 0; i < set.count; i++) await set.read(i, fit);
    };
    await expectRefusal(read, 'data-corrupt', /photos\/a\/truncated\.jpg.*truncated.*`skipBroken`/s);
  });

  it('are left out and counted where that is asked for, and looked at once', async () => {
    const whole = await jpeg();
    const folder = await folderOf({
      ...(await photos(['a', 'b'], 5)),
      'a/truncated.jpg': whole.subarray(0, whole.length - 60),
      'b/empty.png': '',
      'b/words.webp': 'these are words',
      'b/notes.txt': 'nice',
    });
    const notes: string[] = [];
    const options = { skipBroken: true, note: (text: string) => notes.push(text) };
    const data = await opened(folder, options);
    expect(data.leftOut).toBe(4);
    expect(data.train.count + data.test.count).toBe(10);
    expect(notes).toEqual([
      // In whose words a decoder says so depends on what it met before.
      expect.stringMatching(
        /^left out 4 of 14 files: a\/truncated\.jpg: (truncated|Input buffer has corrupt header).*\.\.\.$/,
      ),
    ]);
    // The verdict on a name and a size is kept: nothing is decoded again.
    await writeFile(
      join(folder, 'a', '0.png'),
      new Uint8Array((await encoded({ colour: [0, 0, 7] })).length),
    );
    expect((await opened(folder, options)).leftOut).toBe(4);
    // What was mended is one of them again.
    const before = new Date(Date.now() - 60_000);
    for (const name of ['', 'a', 'b']) await utimes(join(folder, name), before, before);
    await opened(folder, options);
    await writeFile(join(folder, 'b', 'empty.png'), await encoded());
    expect((await opened(folder, options)).leftOut).toBe(3);
  });
});

describe('the list that is kept', () => {
  it('is used while folders are as they were, and made anew where they are not or it is damaged', async () => {
    const folder = await folderOf(await photos(['a', 'b'], 5));
    const before = new Date(Date.now() - 60_000);
    for (const name of ['', 'a', 'b']) await utimes(join(folder, name), before, before);
    const first = await opened(folder);
    // What nobody has told the folder is not seen until the picture is read.
    await writeFile(join(folder, 'a', '0.png'), 'shorter');
    const second = await opened(folder);
    expect(second.checksums).toEqual(first.checksums);
    const read = async () => {
      for (const set of [second.train, second.test])
        for (let i = 0; i < set.count; i++) await set.read(i, fit);
    };
    await expectRefusal(
      read,
      'data-corrupt',
      /is not the one that was listed.*expected: \d+ bytes.*found: *7 bytes/s,
    );
    // From then on the folder is listed anew.
    const after = await opened(folder);
    expect(after.checksums).not.toEqual(first.checksums);
    await rm(join(folder, 'a', '0.png'));
    const third = await opened(folder);
    expect(third.train.count + third.test.count).toBe(9);
    const cache = process.env.XDG_CACHE_HOME ?? '';
    await chmod(cache, 0o700);
    await rm(join(cache, 'genonnx'), { recursive: true });
    await writeFile(join(cache, 'genonnx'), 'a file in its way');
    expect((await opened(folder)).checksums).toEqual(third.checksums);
  });
});
