// The embedded scenes: always the same ones, whatever a run's seed, so that results can be compared.

import { GenonnxError } from '../../graphs/errors.js';
import { measureNormalisation } from '../../src/data/normalise.js';
import { sha256Hex } from '../../src/hash.js';
import { openStream } from '../../src/random.js';
import type { Dataset } from '../dataset.js';
import type { MaskedData, MaskedSet } from './masked-data.js';
import { paletteOf } from './palette.js';
import { composeScenes, SCENE_SIZE, type Scenes } from './scenes.js';

/** How the embedded scenes are called, and what they are composed of. */
export const SCENES = 'scenes';
export const SCENE_THINGS = 'fashion-mnist';

/** Training scenes where nobody says how many, and test scenes. */
export const sceneCounts = { train: 400, test: 200 } as const;

const seed = 1;

/**
 * Training scenes of the training things, and test scenes of the others. Each part is drawn from a stream of its own: the first
 * scenes are the same however many there are.
 * @throws GenonnxError `usage` for a limit that is no positive integer.
 */
export function sceneData(things: Dataset, limit: number = sceneCounts.train): MaskedData {
  if (!Number.isInteger(limit) || limit < 1) {
    throw new GenonnxError('usage', 'The number of training scenes is not possible.', {
      where: '`limit`',
      expected: 'a positive integer',
      found: String(limit),
      cure: `Give a positive integer, or leave \`limit\` out for ${sceneCounts.train}.`,
    });
  }
  const train = composeScenes(things.train, limit, openStream(seed, 'train-scenes'));
  const test = composeScenes(things.test, sceneCounts.test, openStream(seed, 'test-scenes'));
  const classes = ['background', ...things.classes];
  return {
    name: SCENES,
    classes,
    palette: paletteOf(classes.length),
    channels: 1,
    normalisation: measureNormalisation({
      images: train.pixels,
      labels: new Uint32Array(limit),
      count: limit,
      channels: 1,
      height: SCENE_SIZE,
      width: SCENE_SIZE,
    }),
    trainingSet: `${limit} scenes`,
    train: setOf(train, limit),
    test: setOf(test, sceneCounts.test),
    checksums: {
      ...things.checksums,
      'train scenes': checksumOf(train),
      'test scenes': checksumOf(test),
    },
  };
}

function setOf({ pixels, masks }: Scenes, count: number): MaskedSet {
  const size = SCENE_SIZE * SCENE_SIZE;
  const extent = { height: SCENE_SIZE, width: SCENE_SIZE };
  return {
    count,
    largest: extent,
    read: async (index) => {
      const [start, end] = [index * size, (index + 1) * size];
      return {
        picture: { ...extent, channels: 1, data: pixels.slice(start, end) },
        mask: { ...extent, channels: 1, data: masks.slice(start, end) },
      };
    },
  };
}

/** Of the pixels, and then of the masks. */
function checksumOf({ pixels, masks }: Scenes): string {
  return sha256Hex(`${sha256Hex(pixels)} ${sha256Hex(masks)}`);
}
