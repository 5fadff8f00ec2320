// The binary version of CIFAR-10: `data_batch_1.bin` to `data_batch_5.bin` and `test_batch.bin`, each a row of records of
// 3073 bytes: one label, then an image.
import { GenonnxError } from '../graphs/errors.js';
import { type RecordForm, readRecords } from './cifar-records.js';
import type { Dataset } from './dataset.js';
import type { DataFolder } from './folder.js';

const TRAIN_FILES = [1, 2, 3, 4, 5].map((part) => `data_batch_${part}.bin`);
const TEST_FILE = 'test_batch.bin';
const CLASSES = ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'];

const form: RecordForm = {
  name: 'CIFAR-10',
  labelBytes: 1,
  classes: CLASSES.length,
  cure: 'Unpack cifar-10-binary.tar.gz again (not the Python or MATLAB version, and not CIFAR-100).',
};

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
  const train = await readRecords(folder, TRAIN_FILES, form);
  const test = await readRecords(folder, [TEST_FILE], form);
  return { name, classes: CLASSES, train, test, checksums: folder.checksums };
}
