import { beforeAll, describe, expect, it } from 'vitest';
import type { Dataset, ImageSet } from '../../../datasets/dataset.js';
import { loadDataset } from '../../../datasets/index.js';
import { NO_CLASS } from '../../../datasets/masks/palette.js';
import { sceneData } from '../../../datasets/masks/scene-data.js';
import { composeScenes, SCENE_SIZE } from '../../../datasets/masks/scenes.js';
import { openStream } from '../../../src/random.js';

/** Squares of 28 x 28: bright ones of class 0, others of class 1 that are too dark to be things. */
const squares: ImageSet = {
  images: Uint8Array.from({ length: 2 * 784 }, (_, at) => (at < 784 ? 200 : 30)),
  labels: Uint32Array.of(0, 1),
  count: 2,
  channels: 1,
  height: 28,
  width: 28,
};

describe('composed scenes', () => {
  const bright: ImageSet = {
    ...squares,
    images: squares.images.slice(0, 784),
    labels: Uint32Array.of(0),
    count: 1,
  };
  const { pixels, masks } = composeScenes(bright, 40, openStream(1, 'scenes'));
  const at = (scene: number, y: number, x: number): number => (scene * SCENE_SIZE + y) * SCENE_SIZE + x;

  it('have things where the mask says so, and a rim without class around each', () => {
    let [things, rims, wrong] = [0, 0, 0];
    for (let scene = 0; scene < 40; scene++) {
      for (let y = 1; y < SCENE_SIZE - 1; y++) {
        for (let x = 1; x < SCENE_SIZE - 1; x++) {
          const [label, pixel = 0] = [masks[at(scene, y, x)], pixels[at(scene, y, x)]];
          if (label === 1) {
            things += 1;
            if (pixel !== 200) wrong += 1;
          }
          if (label === NO_CLASS) rims += 1;
          if (label !== 0) continue;
          // No thing touches the background.
          const around = [-1, 0, 1].flatMap((dy) => [-1, 0, 1].map((dx) => masks[at(scene, y + dy, x + dx)]));
          if (around.includes(1) || pixel > 38) wrong += 1;
        }
      }
    }
    expect(wrong).toBe(0);
    expect(things).toBeGreaterThan(40 * 21 * 21);
    expect(rims).toBeGreaterThan(40 * 4 * 21);
  });

  it('are background where things are too dark', () => {
    const dark: ImageSet = {
      ...squares,
      images: squares.images.slice(784),
      labels: Uint32Array.of(1),
      count: 1,
    };
    expect(composeScenes(dark, 5, openStream(1, 'scenes')).masks.every((label) => label === 0)).toBe(true);
  });

  it('have one to four things, which later ones lie above', () => {
    // Scenes of one thing are as large as one thing can be, at most; those of four may be larger.
    const areas = Array.from(
      { length: 40 },
      (_, scene) =>
        masks.subarray(at(scene, 0, 0), at(scene + 1, 0, 0)).filter((label) => label === 1).length,
    );
    expect(Math.min(...areas)).toBeGreaterThanOrEqual(21 * 21);
    expect(Math.max(...areas)).toBeGreaterThan(35 * 35);
  });
});

describe('the embedded scenes', () => {
  let things: Dataset;
  beforeAll(async () => {
    things = await loadDataset('fashion-mnist');
  });

  it('are the same each time, and the first of them however many there are', async () => {
    const [some, more] = [sceneData(things, 5), sceneData(things, 8)];
    expect(sceneData(things, 5).checksums).toEqual(some.checksums);
    expect(await more.train.read(4)).toEqual(await some.train.read(4));
    expect(more.checksums['test scenes']).toBe(some.checksums['test scenes']);
    expect(more.checksums['train scenes']).not.toBe(some.checksums['train scenes']);
    // What is published is compared by them: a change of the scenes is a change of the data.
    expect(some.checksums['test scenes']).toMatchInlineSnapshot(
      `"4330eb15bffb05e905872a8b303581c1962d688b9b5ae06bf665cb323f98ee2b"`,
    );
  });

  it('have eleven classes, the background first, all of them in the test', async () => {
    const { classes, palette, test } = sceneData(things, 1);
    expect(classes).toEqual(['background', ...things.classes]);
    expect(palette).toHaveLength(11);
    const seen = new Set<number>();
    for (let i = 0; i < test.count; i++) for (const label of (await test.read(i)).mask.data) seen.add(label);
    expect([...seen].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, NO_CLASS]);
  });

  it('refuse a limit that is none', () => {
    expect(() => sceneData(things, 0)).toThrow(expect.objectContaining({ code: 'usage' }));
  });
});
