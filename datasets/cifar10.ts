// The binary version of CIFAR-10: `data_batch_1.bin` to `data_batch_5.bin` and `test_batch.bin`, each a row of records of
// 3073 bytes: one label, then the red, green and blue planes of a 32x32 image, row-major.
// https://www.cs.toronto.edu/~kriz/cifar.html describes the format.
import { join } from 'node:path';
import { GenonnxError } from '../graphs/errors.js';
import type { Dataset, ImageSet } from './dataset.js';
import type { DataFolder } from './folder.js';

const EXTENT = 32;
const CHANNELS = 3;
const IMAGE_BYTES = CHANNELS * EXTENT * EXTENT;
const RECORD_BYTES = 1 + IMAGE_BYTES;
const TRAIN_FILES = [1, 2, 3, 4, 5].map((part) => `data_batch_${part}.bin`);
const TEST_FILE = 'test_batch.bin';
const CLASSES = ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'];

/** Whether the folder holds any file of the CIFAR-10 binary version. */
export function holdsCifar10(folder: DataFolder): boolean {
  return [...TRAIN_FILES, TEST_FILE].some((file) => folder.files.has(file));
}

/**
 * Reads all six files, the training set in the order of their numbers. Throws `data-missing` for an absent file,
 * `data-corrupt` for one that is empty or no whole number of records, or a label above 9.
 */
export async function readCifar10(folder: DataFolder, name: string): Promise<Dataset> {
  const missing = [...TRAIN_FILES, TEST_FILE].filter((file) => !folder.files.has(file));
  if (missing.length > 0) {
    throw new GenonnxError('data-missing', 'Files of the CIFAR-10 binary version are missing.', {
      where: folder.path,
      expected: [...TRAIN_FILES, TEST_FILE].join(', '),
      found: `all but ${missing.join(', ')}`,
      cure: 'Unpack the whole of cifar-10-binary.tar.gz and give the folder cifar-10-batches-bin.',
    });
  }
  const train = await readRecords(folder, TRAIN_FILES);
  const test = await readRecords(folder, [TEST_FILE]);
  return { name, classes: CLASSES, train, test, checksums: folder.checksums };
}

async function readRecords(folder: DataFolder, files: readonly string[]): Promise<ImageSet> {
  const parts: Uint8Array[] = [];
  for (const file of files) parts.push(checked(await folder.read(file), join(folder.path, file)));
  const count = parts.reduce((sum, part) => sum + part.length / RECORD_BYTES, 0);
  const images = new Uint8Array(count * IMAGE_BYTES);
  const labels = new Uint32Array(count);
  let index = 0;
  for (const part of parts) {
    for (let at = 0; at < part.length; at += RECORD_BYTES) {
      labels[index] = part[at]!;
      images.set(part.subarray(at + 1, at + RECORD_BYTES), index * IMAGE_BYTES);
      index += 1;
    }
  }
  return { images, labels, count, channels: CHANNELS, height: EXTENT, width: EXTENT };
}

function checked(bytes: Uint8Array, where: string): Uint8Array {
  if (bytes.length === 0 || bytes.length % RECORD_BYTES !== 0) {
    throw new GenonnxError('data-corrupt', 'A CIFAR-10 file is truncated, or is none.', {
      where,
      expected: `a positive multiple of ${RECORD_BYTES} bytes (label, then 3x32x32)`,
      found: `${bytes.length} bytes`,
      cure: 'Unpack cifar-10-binary.tar.gz again (not the Python or MATLAB version).',
    });
  }
  for (let at = 0; at < bytes.length; at += RECORD_BYTES) {
    if (bytes[at]! >= CLASSES.length) {
      throw new GenonnxError('data-corrupt', 'A CIFAR-10 record has a label without a class.', {
        where: `${where}, record ${at / RECORD_BYTES}`,
        expected: 'a label from 0 to 9',
        found: `${bytes[at]}`,
        cure: 'Give CIFAR-10, not CIFAR-100, and unpack the archive again.',
      });
    }
  }
  return bytes;
}
