// Pictures of files as images of one extent in memory, for what needs them all at once: calibration, a comparison of models.
import { GenonnxError } from '../../graphs/errors.js';
import { type PictureView, viewSize } from '../../src/data/pictures/views.js';
import { type AnyImages, areRead, type Dataset, type ImageSet, type PictureSet } from '../dataset.js';

/** Of all parts together. */
const mostBytes = 2 ** 30;
/** Under way at once. */
const atOnce = 16;

/** The same data in memory. @throws GenonnxError `usage` for pictures without a view; `memory`, and what reading them throws. */
export async function inMemory(dataset: Dataset<AnyImages>, view: PictureView | undefined): Promise<Dataset> {
  const { train, test, validation, close, ...facts } = dataset;
  if (!areRead(train) && !areRead(test)) return { ...facts, train, test };
  if (view === undefined) {
    await close?.();
    throw new GenonnxError(
      'usage',
      'Pictures of any size become images of one size only where that is said.',
      {
        where: '`padTo`',
        expected: 'a height and width',
        found: `${dataset.name}, a folder of pictures`,
        cure: 'Give the extent of the images that the network takes, or a model that was trained on pictures.',
      },
    );
  }
  const count = train.count + test.count;
  const bytes = 3 * count * viewSize(view) ** 2;
  if (bytes > mostBytes) {
    await close?.();
    throw new GenonnxError('memory', 'These pictures do not fit into memory all at once.', {
      where: dataset.name,
      expected: `at most ${mostBytes / 2 ** 20} MiB`,
      found: `${count} pictures, ${Math.ceil(bytes / 2 ** 20)} MiB`,
      cure: 'Take fewer of them, `limit`, or a smaller extent.',
    });
  }
  try {
    return { ...facts, train: await allSeen(train, view), test: await allSeen(test, view) };
  } finally {
    await close?.();
  }
}

async function allSeen(set: ImageSet | PictureSet, view: PictureView): Promise<ImageSet> {
  if (!areRead(set)) return set;
  const { count, labels, channels } = set;
  const size = viewSize(view);
  const images = new Uint8Array(count * channels * size * size);
  for (let at = 0; at < count; at += atOnce) {
    const indices = Array.from({ length: Math.min(atOnce, count - at) }, (_, i) => at + i);
    await Promise.all(
      indices.map(async (index) => images.set(await set.read(index, view), index * channels * size * size)),
    );
  }
  return { images, labels, count, channels, height: size, width: size };
}
