// Data for measuring how long a run takes where the real data is not at hand: noise of the same form. Times of steps do not depend
// on what is in a picture, nor on the order of words.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { StandIn } from '../experiment/declaration.js';
import { openStream, type RandomStream } from '../random.js';

/** `train`: images, or words, to learn from. */
type Write = (folder: string, train: number, stream: RandomStream) => Promise<void>;

/** Images to be tested on: a test is read once, and is not what is measured. */
const testImages = 20;

/** Makes the data in an empty folder. @returns how it is named as an option. */
export async function makeStandIn(kind: StandIn, folder: string, train: number): Promise<string> {
  // Composed from what comes with the package, at whatever size a preset crops.
  if (kind === 'scenes') return kind;
  await mkdir(folder, { recursive: true });
  await writers[kind](folder, train, openStream(0, 'stand-in'));
  return folder;
}

const writers: { readonly [K in Exclude<StandIn, 'scenes'>]: Write } = {
  'cifar-10': cifar,
  imagenet: pictures,
  'penn-treebank': (folder, train, stream) => words(folder, 10_000, train, stream),
  'wikitext-2': (folder, train, stream) => words(folder, 33_278, train, stream),
};

const cifarPixels = 3 * 32 * 32;

async function cifar(folder: string, train: number, stream: RandomStream): Promise<void> {
  const records = (count: number): Uint8Array => {
    const bytes = new Uint8Array(count * (1 + cifarPixels));
    for (let i = 0; i < bytes.length; i++)
      bytes[i] = i % (1 + cifarPixels) === 0 ? Math.floor(i / (1 + cifarPixels)) % 10 : stream.integer(256);
    return bytes;
  };
  const part = Math.ceil(train / 5);
  for (let file = 1; file <= 5; file++)
    await writeFile(join(folder, `data_batch_${file}.bin`), records(part));
  await writeFile(join(folder, 'test_batch.bin'), records(testImages));
}

/** About what pictures of ImageNet have. */
const pictureSize = { width: 500, height: 375 };
/** Few enough to write in a second; the last layer of a thousand is a hundredth of a network's work. */
const pictureClasses = 10;

async function pictures(folder: string, train: number, stream: RandomStream): Promise<void> {
  const { default: sharp } = await import('sharp');
  const { width, height } = pictureSize;
  const noise = Uint8Array.from({ length: width * height * 3 }, () => stream.integer(256));
  const jpeg = await sharp(noise, { raw: { width, height, channels: 3 } })
    .blur(3)
    .jpeg()
    .toBuffer();
  for (const [split, count] of [
    ['train', train],
    ['val', testImages],
  ] as const) {
    for (let index = 0; index < count; index++) {
      const place = join(folder, split, `class-${index % pictureClasses}`);
      await mkdir(place, { recursive: true });
      await writeFile(join(place, `${index}.jpg`), jpeg);
    }
  }
}

const lineWords = 20;
/** About what the validation text of Penn Treebank has of the training text, and enough for the columns of a search. */
const heldOutShare = 0.08;
const fewestHeldOut = 256 * 40;

async function words(folder: string, vocabulary: number, train: number, stream: RandomStream): Promise<void> {
  const text = (count: number, word: (index: number) => number): string =>
    Array.from(
      { length: count },
      (_, i) => `w${word(i)}${i % lineWords === lineWords - 1 ? '\n' : ' '}`,
    ).join('');
  // Every word once, so that the vocabulary is whole.
  const whole = text(Math.max(train, vocabulary), (i) => (i < vocabulary ? i : stream.integer(vocabulary)));
  await writeFile(join(folder, 'train.txt'), `${whole}\n`);
  const heldOut = Math.max(Math.round(heldOutShare * train), fewestHeldOut);
  for (const split of ['valid', 'test'])
    await writeFile(join(folder, `${split}.txt`), `${text(heldOut, () => stream.integer(vocabulary))}\n`);
}
