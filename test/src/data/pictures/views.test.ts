import { describe, expect, it } from 'vitest';
import type { Picture } from '../../../../src/data/picture.js';
import { planesOf } from '../../../../src/data/picture.js';
import { centreCrop } from '../../../../src/data/pictures/centre-crop.js';
import { fitted, fittedSize } from '../../../../src/data/pictures/fit.js';
import { imagenetAugmentation, trainingView } from '../../../../src/data/pictures/imagenet.js';
import { mirror } from '../../../../src/data/pictures/mirror.js';
import { drawCrop } from '../../../../src/data/pictures/random-resized-crop.js';
import { type PictureView, seen, viewSize } from '../../../../src/data/pictures/views.js';
import { resizeBilinear } from '../../../../src/data/resize.js';
import { openStream } from '../../../../src/random.js';
import { pil } from '../../../support/pil-pictures.js';

function plain(height: number, width: number, value = 200): Picture {
  return { height, width, channels: 3, data: new Uint8Array(3 * height * width).fill(value) };
}

const copyOf = (picture: Picture): Picture => ({ ...picture, data: picture.data.slice() });

describe('the middle of a picture, as networks are tested with ImageNet', () => {
  it.each(pil.centres)(
    "is torchvision's on PIL's pictures: $resize, $crop",
    ({ picture, resize, crop, result }) => {
      expect(centreCrop(picture, { resize, crop })).toEqual(result);
    },
  );
});

describe('a picture that is made to fit', () => {
  it.each([
    [375, 500, 48, 64],
    [500, 375, 64, 48],
    [64, 64, 64, 64],
    [20, 30, 20, 30],
    [1000, 3, 64, 1],
    [65, 64, 64, 63],
  ])('of %dx%d has %dx%d in 64', (height, width, expectedHeight, expectedWidth) => {
    expect(fittedSize({ height, width }, 64)).toEqual({ height: expectedHeight, width: expectedWidth });
  });

  it('lies in the middle, the odd row below and the odd column to the right, with black around it', () => {
    const { height, width, data } = fitted(plain(3, 2), 6);
    const rows = Array.from({ length: height }, (_, y) =>
      Array.from({ length: width }, (_, x) => (data[3 * (y * width + x)] === 200 ? '#' : '.')).join(''),
    );
    expect(rows).toEqual(['......', '..##..', '..##..', '..##..', '......', '......']);
  });

  it('is scaled as everything else is', () => {
    const { picture } = pil.crop;
    const inside = resizeBilinear(picture, { height: 12, width: 9 });
    const found = fitted(picture, 12);
    const row = (y: number) => found.data.subarray((y * 12 + 1) * 3, (y * 12 + 10) * 3);
    for (let y = 0; y < 12; y++) expect(row(y)).toEqual(inside.data.subarray(y * 27, (y + 1) * 27));
  });
});

describe('a random crop', () => {
  const area = { least: 0.08, most: 1 };

  it('lies within the picture, with areas and ratios over their whole ranges', () => {
    const stream = openStream(1, 'crops');
    const crops = Array.from({ length: 3000 }, () => drawCrop({ height: 375, width: 500 }, area, stream));
    for (const { top, left, height, width } of crops) {
      expect(Math.min(top, left, height - 1, width - 1)).toBeGreaterThanOrEqual(0);
      expect(top + height).toBeLessThanOrEqual(375);
      expect(left + width).toBeLessThanOrEqual(500);
    }
    const shares = crops.map(({ height, width }) => (height * width) / (375 * 500));
    const ratios = crops.map(({ height, width }) => width / height);
    expect(Math.min(...shares)).toBeGreaterThan(0.079);
    expect(Math.min(...shares)).toBeLessThan(0.09);
    expect(Math.max(...shares)).toBeGreaterThan(0.95);
    expect(Math.min(...ratios)).toBeGreaterThan(0.74);
    expect(Math.max(...ratios)).toBeLessThan(1.35);
    // Places are uniform: their mean is the middle of what is left.
    const mean = crops.reduce((sum, { left, width }) => sum + (left + width / 2) / 500, 0) / crops.length;
    expect(mean).toBeCloseTo(0.5, 1);
  });

  it.each([
    [10, 1000, { top: 0, left: 493, height: 10, width: 13 }],
    [1000, 10, { top: 493, left: 0, height: 13, width: 10 }],
  ])('of a picture of %dx%d, which has no such ratio, is the central one', (height, width, box) => {
    const all = { least: 1, most: 1 };
    expect(drawCrop({ height, width }, all, openStream(1, 'crops'))).toEqual(box);
  });
});

describe('views', () => {
  const random = (seed: number): PictureView =>
    trainingView({ ...imagenetAugmentation, size: 16, resize: 20 }, true, seed);

  it.each<PictureView>([{ kind: 'fit', size: 10 }, { kind: 'centre', resize: 16, crop: 12 }, random(5)])(
    'of the same picture are the same: %j',
    (view) => {
      const first = seen(copyOf(pil.crop.picture), view);
      expect(first).toHaveLength(3 * viewSize(view) ** 2);
      expect(seen(copyOf(pil.crop.picture), view)).toEqual(first);
    },
  );

  it('by chance differ from seed to seed, and half of them are mirrored', () => {
    const slope = plain(20, 20);
    for (let at = 0; at < slope.data.length; at++) slope.data[at] = 10 * (Math.floor(at / 3) % 20);
    const views = Array.from({ length: 200 }, (_, seed) => seen(copyOf(slope), random(seed)));
    expect(new Set(views.map((bytes) => bytes.join())).size).toBe(200);
    const mirrored = views.filter((bytes) => bytes[0]! > bytes[15]!).length;
    expect(mirrored).toBeGreaterThan(70);
    expect(mirrored).toBeLessThan(130);
  });

  it('are planes', () => {
    const { picture } = pil.crop;
    const planes = planesOf(picture);
    const at = (y: number, x: number, channel: number) => planes[(channel * 25 + y) * 18 + x];
    expect(at(7, 3, 2)).toBe(picture.data[(7 * 18 + 3) * 3 + 2]);
    const twice = copyOf(picture);
    mirror(twice);
    expect(twice.data).not.toEqual(picture.data);
    mirror(twice);
    expect(twice).toEqual(picture);
  });
});
