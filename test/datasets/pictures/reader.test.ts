// Threads that read pictures, as they are built.
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openReader } from '../../../datasets/pictures/reader.js';
import { imagenetAugmentation, trainingView } from '../../../src/data/pictures/imagenet.js';
import type { PictureView } from '../../../src/data/pictures/views.js';
import { expectRefusal } from '../helpers.js';
import { encoded, folderOf } from './photos.js';

function readerOf(workers: number) {
  const reader = openReader(workers);
  onTestFinished(() => reader.close());
  return reader;
}

describe('pictures that threads read', () => {
  it('are those that are read here, for any number of threads', async () => {
    const names = Array.from({ length: 12 }, (_, i) => `${i}.png`);
    const files: Record<string, Uint8Array> = {};
    for (const [i, name] of names.entries())
      files[name] = await encoded({ height: 20 + i, width: 40 - i, colour: [9 * i, 200 - i, 77] });
    const folder = await folderOf(files);
    const views = names.map(
      (_, i): PictureView =>
        i % 2 === 0
          ? { kind: 'fit', size: 16 }
          : trainingView({ ...imagenetAugmentation, size: 16, resize: 16 }, true, i),
    );
    const all = (workers: number) => {
      const reader = readerOf(workers);
      return Promise.all(names.map((name, i) => reader.view({ path: join(folder, name) }, views[i]!)));
    };
    const here = await all(0);
    expect(await all(1)).toEqual(here);
    expect(await all(3)).toEqual(here);
    const whole = await readerOf(1).picture({ path: join(folder, '3.png') });
    expect(whole).toMatchObject({ height: 23, width: 37, channels: 3 });
    expect([...whole.data.subarray(0, 3)]).toEqual([27, 197, 77]);
  });

  it.each([0, 1])('are refused by their names, with %d threads', async (workers) => {
    const folder = await folderOf({ 'words.jpg': 'these are words', 'whole.png': await encoded() });
    const reader = readerOf(workers);
    const view = { kind: 'fit', size: 4 } as const;
    const of = (name: string, sizeBytes?: number) => () =>
      reader.view({ path: join(folder, name), ...(sizeBytes === undefined ? {} : { sizeBytes }) }, view);
    await expectRefusal(of('words.jpg'), 'data-corrupt', /words\.jpg.*neither JPEG, PNG nor WebP/s);
    await expectRefusal(of('gone.jpg'), 'data-missing', /gone\.jpg.*no such file/s);
    await expectRefusal(of('whole.png', 3), 'data-corrupt', /whole\.png.*expected: 3 bytes/s);
    await expectRefusal(() => reader.mask({ path: join(folder, 'whole.png') }), 'data-corrupt', /3 channels/);
    expect(await of('whole.png')()).toHaveLength(48);
  });

  it('are not read any more once the reader is closed', async () => {
    const reader = openReader(1);
    const folder = await folderOf({ 'whole.png': await encoded() });
    await reader.view({ path: join(folder, 'whole.png') }, { kind: 'fit', size: 4 });
    await reader.close();
    await expect(reader.picture({ path: join(folder, 'whole.png') })).rejects.toThrow('closed');
  });
});
