// The binary version of CIFAR-100: `train.bin` and `test.bin`, each a row of records of 3074 bytes: the label of one of 20 groups,
// which is passed over, that of one of 100 classes, then an image.
import { GenonnxError } from '../graphs/errors.js';
import { type RecordForm, readRecords } from './cifar-records.js';
import type { Dataset } from './dataset.js';
import type { DataFolder } from './folder.js';

const TRAIN_FILE = 'train.bin';
const TEST_FILE = 'test.bin';
const FILES = [TRAIN_FILE, TEST_FILE];
/** In the alphabet's order, which is that of the labels. */
const CLASSES =
  `apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle bowl boy bridge bus butterfly camel can castle caterpillar
cattle chair chimpanzee clock cloud cockroach couch crab crocodile cup dinosaur dolphin elephant flatfish forest fox girl hamster
house kangaroo keyboard lamp lawn_mower leopard lion lizard lobster man maple_tree motorcycle mountain mouse mushroom oak_tree
orange orchid otter palm_tree pear pickup_truck pine_tree plain plate poppy porcupine possum rabbit raccoon ray road rocket rose sea
seal shark shrew skunk skyscraper snail snake spider squirrel streetcar sunflower sweet_pepper table tank telephone television tiger
tractor train trout tulip turtle wardrobe whale willow_tree wolf woman worm`.split(/\s+/);

const form: RecordForm = {
  name: 'CIFAR-100',
  labelBytes: 2,
  classes: CLASSES.length,
  cure: 'Unpack cifar-100-binary.tar.gz again (not the Python or MATLAB version, and not CIFAR-10).',
};

/** Whether the folder holds any file of the CIFAR-100 binary version. */
export function holdsCifar100({ files }: Pick<DataFolder, 'files'>): boolean {
  return FILES.some((file) => files.has(file));
}

/** @throws GenonnxError `data-missing` for an absent file, `data-corrupt` for one that is no row of records. */
export async function readCifar100(folder: DataFolder, name: string): Promise<Dataset> {
  const missing = FILES.filter((file) => !folder.files.has(file));
  if (missing.length > 0) {
    throw new GenonnxError('data-missing', 'A file of the CIFAR-100 binary version is missing.', {
      where: folder.path,
      expected: FILES.join(', '),
      found: `all but ${missing.join(', ')}`,
      cure: 'Unpack the whole of cifar-100-binary.tar.gz and give the folder cifar-100-binary.',
    });
  }
  const train = await readRecords(folder, [TRAIN_FILE], form);
  const test = await readRecords(folder, [TEST_FILE], form);
  return { name, classes: CLASSES, train, test, checksums: folder.checksums };
}
