import { mkdir, mkdtemp, rm, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openFolder } from '../../../datasets/folder.js';
import { holdsVoc, readVoc } from '../../../datasets/masks/voc.js';
import { openReader } from '../../../datasets/pictures/reader.js';
import { greyPng, palettePng, type VocPicture, writeVoc } from '../../support/voc-folder.js';

const reader = openReader(0);
let root: string;

const left: VocPicture = {
  id: '2007_000032',
  height: 6,
  width: 9,
  label: (_, x) => (x < 4 ? 0 : x === 4 ? 255 : 15),
};
const other: VocPicture = { id: '2007_000039', height: 8, width: 5, label: (y) => (y < 4 ? 0 : 20) };

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'genonnx-voc-'));
  process.env.XDG_CACHE_HOME = join(root, 'cache');
  await writeVoc(join(root, 'voc'), { train: [left, other], val: [other] });
});
afterEach(async () => {
  delete process.env.XDG_CACHE_HOME;
  await rm(root, { recursive: true, force: true });
});

const open = async (limit?: number) => readVoc(await openFolder(join(root, 'voc')), 'voc', reader, limit);

describe('a folder of VOC', () => {
  it('is known by its folders', async () => {
    expect(holdsVoc(await openFolder(join(root, 'voc')))).toBe(true);
    expect(holdsVoc(await openFolder(root))).toBe(false);
  });

  it('is read picture by picture, masks by the indices that they store', async () => {
    const data = await open();
    expect(data.trainingSet).toBe('train, 2 images');
    expect(data.classes).toHaveLength(21);
    expect(data.train.count).toBe(2);
    expect(data.train.largest).toEqual({ height: 8, width: 9 });
    expect(data.test.largest).toEqual({ height: 8, width: 5 });
    const { picture, mask } = await data.train.read(0);
    expect(picture).toMatchObject({ height: 6, width: 9, channels: 3 });
    expect([...mask.data.subarray(0, 9)]).toEqual([0, 0, 0, 0, 255, 15, 15, 15, 15]);
    expect((await open(1)).train.count).toBe(1);
  });

  it('is learnt from with the augmented masks where they and their list are there', async () => {
    const folder = join(root, 'voc', 'SegmentationClassAug');
    await mkdir(folder);
    await writeFile(join(folder, `${left.id}.png`), await greyPng({ ...left, label: () => 3 }));
    const list = `/JPEGImages/${left.id}.jpg /SegmentationClassAug/${left.id}.png\n`;
    await writeFile(join(root, 'voc', 'ImageSets', 'Segmentation', 'trainaug.txt'), list);
    const data = await open();
    expect(data.trainingSet).toBe('trainaug, 1 images');
    expect(new Set((await data.train.read(0)).mask.data)).toEqual(new Set([3]));
  });

  it.each([
    ['picture', 'JPEGImages', 'jpg'],
    ['mask', 'SegmentationClass', 'png'],
  ])('is refused at once without a %s of a list', async (what, folder, ending) => {
    const missing = join(root, 'voc', folder, `${left.id}.${ending}`);
    await unlink(missing);
    await expect(open()).rejects.toMatchObject({
      code: 'data-missing',
      message: expect.stringContaining(what),
      details: { where: missing },
    });
  });

  it.each([
    ['another extent', { ...left, width: 8 }, '6x8'],
    ['an index that is no class', { ...left, label: () => 21 }, '21'],
  ])('names a mask of %s', async (_, mask, found) => {
    await writeFile(join(root, 'voc', 'SegmentationClass', `${left.id}.png`), palettePng(mask));
    const data = await open();
    await expect(data.train.read(0)).rejects.toMatchObject({
      code: 'data-corrupt',
      details: { where: join(root, 'voc', 'SegmentationClass', `${left.id}.png`), found },
    });
  });

  it('is refused with an empty list, and without one', async () => {
    const list = join(root, 'voc', 'ImageSets', 'Segmentation', 'val.txt');
    await writeFile(list, '\n');
    await expect(open()).rejects.toMatchObject({ code: 'data-corrupt', details: { where: list } });
    await unlink(list);
    await expect(open()).rejects.toMatchObject({ code: 'data-missing', details: { where: list } });
  });
});
