// The idx format of MNIST and its relatives: big-endian, a magic number (two zero bytes, the element type, the number of
// dimensions), one 32-bit size a dimension, then the elements. Reads the four files of a data set, plain or gzipped, and
// writes the two kinds that the project makes itself. http://yann.lecun.com/exdb/mnist describes the format.
import { GenonnxError } from '../graphs/errors.js';
import type { DataFolder } from './data-folder.js';
import type { Dataset, ImageSet } from './dataset.js';

const UNSIGNED_BYTE = 0x08;
const CLASSES = 'classes.txt';
const PREFIXES = { train: ['train'], test: ['t10k', 'test'] } as const;

/** What is needed of a folder; files that a page has fetched are one, too. */
export type IdxFolder = Pick<DataFolder, 'path' | 'where' | 'files' | 'checksums' | 'read'>;

/** An idx array of unsigned bytes. */
export interface IdxArray {
  readonly shape: readonly number[];
  /** u8[shape], row-major. */
  readonly data: Uint8Array;
}

/** Whether the folder holds idx image files. */
export function holdsIdx(folder: Pick<DataFolder, 'files'>): boolean {
  return find(folder, 'train', 'images') !== undefined || find(folder, 'test', 'images') !== undefined;
}

/**
 * Reads `{train,t10k}-images-idx3-ubyte[.gz]` and `{train,t10k}-labels-idx1-ubyte[.gz]` (also `test-` for `t10k-`, and a
 * dot before `idx`); class labels from `classes.txt`, one a line, else the numbers themselves. Throws `data-missing` for
 * an absent file; `data-corrupt` for a wrong magic number or length, counts that differ, no images, a label without class.
 */
export async function readIdxDataset(folder: IdxFolder, name: string): Promise<Dataset> {
  const train = await readSet(folder, 'train');
  const test = await readSet(folder, 'test');
  if (test.height !== train.height || test.width !== train.width) {
    throw new GenonnxError('data-corrupt', 'Training and test images differ in size.', {
      where: folder.path,
      expected: `test images of ${train.height}x${train.width}, as the training images`,
      found: `${test.height}x${test.width}`,
      cure: 'Put the files of one data set into the folder.',
    });
  }
  const used = Math.max(largest(train.labels), largest(test.labels)) + 1;
  const classes = folder.files.has(CLASSES)
    ? lines(await folder.read(CLASSES))
    : Array.from({ length: used }, (_, label) => String(label));
  if (used > classes.length) {
    throw new GenonnxError('data-corrupt', 'A label has no class.', {
      where: folder.where(CLASSES),
      expected: `at least ${used} classes, one a line`,
      found: `${classes.length}`,
      cure: `Name every class in ${CLASSES}, or remove the file to number them.`,
    });
  }
  return { name, classes, train, test, checksums: folder.checksums };
}

/** Decodes one idx file of unsigned bytes with `rank` dimensions. `where` is for messages. Throws `data-corrupt`. */
export function parseIdx(bytes: Uint8Array, rank: number, where: string): IdxArray {
  const header = 4 + 4 * rank;
  const magic = (UNSIGNED_BYTE << 8) | rank;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 4 || view.getUint32(0) !== magic) {
    throw new GenonnxError('data-corrupt', 'This is not the idx file that was expected.', {
      where,
      expected: `magic number ${hex(magic)} (unsigned bytes, ${rank} dimensions)`,
      found: bytes.length < 4 ? `${bytes.length} bytes` : hex(view.getUint32(0)),
      cure: 'Check that the file is an idx file and that images and labels are not swapped.',
    });
  }
  if (bytes.length < header) throw wrongLength(where, header, bytes.length, 'the header');
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  const size = header + shape.reduce((product, extent) => product * extent, 1);
  if (bytes.length !== size) throw wrongLength(where, size, bytes.length, shape.join('x'));
  return { shape, data: bytes.subarray(header) };
}

/** Encodes unsigned bytes as an idx file. Throws `data-corrupt` where the shape does not fit the data. */
export function printIdx({ shape, data }: IdxArray): Uint8Array {
  const size = shape.reduce((product, extent) => product * extent, 1);
  if (size !== data.length) throw wrongLength('idx array', size, data.length, shape.join('x'));
  const header = 4 + 4 * shape.length;
  const bytes = new Uint8Array(header + data.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, (UNSIGNED_BYTE << 8) | shape.length);
  shape.forEach((extent, axis) => {
    view.setUint32(4 + 4 * axis, extent);
  });
  bytes.set(data, header);
  return bytes;
}

async function readSet(folder: IdxFolder, part: 'train' | 'test'): Promise<ImageSet> {
  const imagesFile = fileOf(folder, part, 'images');
  const labelsFile = fileOf(folder, part, 'labels');
  const images = parseIdx(await folder.read(imagesFile), 3, folder.where(imagesFile));
  const labels = parseIdx(await folder.read(labelsFile), 1, folder.where(labelsFile));
  const [count = 0, height = 0, width = 0] = images.shape;
  if (images.data.length === 0) {
    throw new GenonnxError('data-corrupt', 'An idx file holds no images.', {
      where: folder.where(imagesFile),
      expected: 'at least one image of at least one pixel',
      found: images.shape.join('x'),
      cure: 'Fetch the file again.',
    });
  }
  if (labels.data.length !== count) {
    throw new GenonnxError('data-corrupt', 'Images and labels differ in number.', {
      where: folder.where(labelsFile),
      expected: `${count} labels, as many as images in ${imagesFile}`,
      found: `${labels.data.length}`,
      cure: 'Put images and labels of the same data set into the folder.',
    });
  }
  return { images: images.data, labels: Uint32Array.from(labels.data), count, channels: 1, height, width };
}

function fileOf(folder: IdxFolder, part: 'train' | 'test', kind: 'images' | 'labels'): string {
  const file = find(folder, part, kind);
  if (file !== undefined) return file;
  const wanted = names(part, kind);
  throw new GenonnxError('data-missing', `The ${kind} of the ${part} set are missing.`, {
    where: folder.path,
    expected: `${wanted[0]} or ${wanted[1]}`,
    found: [...folder.files].sort().slice(0, 8).join(', '),
    cure: 'Put the missing file into the folder.',
  });
}

function find(
  folder: Pick<DataFolder, 'files'>,
  part: 'train' | 'test',
  kind: 'images' | 'labels',
): string | undefined {
  return names(part, kind).find((name) => folder.files.has(name));
}

function names(part: 'train' | 'test', kind: 'images' | 'labels'): string[] {
  const type = kind === 'images' ? 'idx3-ubyte' : 'idx1-ubyte';
  return PREFIXES[part].flatMap((prefix) =>
    ['-', '.'].flatMap((dot) => ['', '.gz'].map((suffix) => `${prefix}-${kind}${dot}${type}${suffix}`)),
  );
}

function lines(bytes: Uint8Array): string[] {
  return new TextDecoder()
    .decode(bytes)
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

function largest(labels: Uint32Array): number {
  return labels.reduce((most, label) => Math.max(most, label), 0);
}

function wrongLength(where: string, expected: number, found: number, what: string): GenonnxError {
  return new GenonnxError('data-corrupt', `An idx file is ${found < expected ? 'truncated' : 'too long'}.`, {
    where,
    expected: `${expected} bytes (${what})`,
    found: `${found} bytes`,
    cure: 'Fetch the file again.',
  });
}

function hex(magic: number): string {
  return `0x${magic.toString(16).padStart(8, '0')}`;
}
