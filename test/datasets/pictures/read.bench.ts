// How many pictures of 500x375 a second become images of 224x224, as a training with ImageNet's augmentation takes them: decoded,
// cropped, resized, mirrored, and their colours changed; and how the time is spent.
//
//   npm run build && npx vitest bench --run test/datasets/pictures/read.bench.ts
//
// Each run of a benchmark is a batch of 8.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, bench, describe } from 'vitest';
import { decodePicture } from '../../../datasets/pictures/decode.js';
import { openReader } from '../../../datasets/pictures/reader.js';
import { planesOf } from '../../../src/data/picture.js';
import { drawJitter, jitter } from '../../../src/data/pictures/colour-jitter.js';
import { imagenetAugmentation, testView, trainingView } from '../../../src/data/pictures/imagenet.js';
import { drawCrop } from '../../../src/data/pictures/random-resized-crop.js';
import { resizeBilinear } from '../../../src/data/resize.js';
import { openStream } from '../../../src/random.js';
import { makePhotos } from '../../support/make-photos.mjs';

const folder = await mkdtemp(join(tmpdir(), 'genonnx-bench-photos-'));
afterAll(() => rm(folder, { recursive: true, force: true }));
await makePhotos(folder, { count: 16, classes: 2, width: 500, height: 375 });
const files = Array.from({ length: 16 }, (_, i) => ({
  path: join(folder, `class-00${i % 2}`, `0000${Math.floor(i / 2)}.jpg`),
}));
const options = { time: 3000, warmupTime: 500 };

describe('a batch of 8 pictures, read', () => {
  for (const workers of [0, 1, 2]) {
    const reader = openReader(workers);
    let seed = 0;
    bench(
      `by ${workers} threads`,
      async () => {
        const chosen = Array.from({ length: 8 }, () => {
          seed += 1;
          return { file: files[seed % 16]!, view: trainingView(imagenetAugmentation, true, seed) };
        });
        await Promise.all(chosen.map(({ file, view }) => reader.view(file, view)));
      },
      options,
    );
    bench(
      `by ${workers} threads, as for a test`,
      async () => {
        await Promise.all(files.slice(8).map((file) => reader.view(file, testView(imagenetAugmentation))));
      },
      options,
    );
  }
});

describe('one picture', async () => {
  const bytes = await readFile(files[0]!.path);
  const picture = await decodePicture(bytes);
  const stream = openStream(1, 'bench');
  const size = { height: 224, width: 224 };
  const { area } = imagenetAugmentation;
  const square = resizeBilinear(picture, size);
  bench('decoded', async () => void (await decodePicture(bytes)), options);
  bench(
    'cropped and resized',
    () => void resizeBilinear(picture, size, drawCrop(picture, area, stream)),
    options,
  );
  bench(
    'with other colours',
    () => jitter({ ...square, data: square.data.slice() }, drawJitter(imagenetAugmentation.jitter, stream)),
    options,
  );
  bench('as planes', () => void planesOf(square), options);
});
