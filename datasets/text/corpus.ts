// A text corpus: three texts in one folder, `train.txt`, `valid.txt` and `test.txt` or the names that the Penn Treebank and
// WikiText-2 have for them, plain or gzipped, read into token ids over one vocabulary.
import { join } from 'node:path';
import { GenonnxError } from '../../graphs/errors.js';
import type { DataFolder } from '../folder.js';
import { hasWords } from './split-words.js';
import type { TextCorpus } from './text-corpus.js';
import { growingVocabulary, savedVocabulary, tokensOf } from './tokens.js';
import { decodeUtf8 } from './utf8.js';
import { wordTable } from './vocabulary.js';

/** Of the lines of each text, so that what is in the order of time is cut in time. */
export type Half = 'first' | 'second';

/** What of a corpus is read, and how. */
export interface CorpusOptions {
  /** Keep only the first so many words of the training text, ends of lines counted; vocabulary and other texts stay whole. */
  readonly limit?: number;
  /** Read the texts by this vocabulary instead of making one of them. */
  readonly vocabulary?: readonly string[];
  /** Of each of the three texts; the vocabulary is then the half's. */
  readonly half?: Half | undefined;
}

const SPLITS = ['train', 'valid', 'test'] as const;
type SplitName = (typeof SPLITS)[number];

/** How a corpus calls its files; the first way of which a folder has any file is its own. */
const NAMINGS: readonly ((split: SplitName) => string)[] = [
  (split) => `${split}.txt`,
  (split) => `ptb.${split}.txt`,
  (split) => `wiki.${split}.tokens`,
];

/** What the files of a corpus may be called, in words. */
export const TEXT_FILES = 'train.txt, valid.txt, test.txt (or ptb.*.txt, wiki.*.tokens; plain or .gz)';

/** Whether the folder holds any text of a corpus. */
export function holdsText(folder: DataFolder): boolean {
  return namingOf(folder) !== undefined;
}

/**
 * Reads the three texts. Without `options.vocabulary` one dictionary over all three is made, in the order of first
 * appearance in train, valid, test. @throws GenonnxError `data-missing` for an absent text, `data-corrupt` for one without
 * words or that is no UTF-8, `unknown-word` for a word outside of a given vocabulary without `<unk>`, `usage` for an
 * impossible limit.
 */
export async function readCorpus(
  folder: DataFolder,
  name: string,
  { limit, vocabulary, half }: CorpusOptions = {},
): Promise<TextCorpus> {
  if (limit !== undefined) checkLimit(limit);
  const files = filesOf(folder);
  const grown = growingVocabulary();
  const table = vocabulary === undefined ? undefined : wordTable(vocabulary);

  async function read(split: SplitName): Promise<Uint32Array> {
    const where = join(folder.path, files[split]);
    const whole = decodeUtf8(await folder.read(files[split]), where);
    const text = half === undefined ? whole : halfOf(whole, half);
    if (!hasWords(text)) throw empty(where);
    return tokensOf(text, table === undefined ? grown.indexOf : savedVocabulary(table, where));
  }
  // One after the other: their order is that of the dictionary.
  const train = await read('train');
  const valid = await read('valid');
  const test = await read('test');
  return {
    name,
    vocabulary: vocabulary ?? grown.words,
    train: limit === undefined ? train : train.slice(0, limit),
    valid,
    test,
    checksums: folder.checksums,
  };
}

function halfOf(text: string, half: Half): string {
  const lines = text.split('\n');
  const middle = Math.ceil(lines.length / 2);
  return half === 'first' ? `${lines.slice(0, middle).join('\n')}\n` : lines.slice(middle).join('\n');
}

function namingOf(folder: DataFolder): ((split: SplitName) => string) | undefined {
  return NAMINGS.find((naming) => SPLITS.some((split) => find(folder, naming(split)) !== undefined));
}

/** @throws GenonnxError `data-missing`. */
function filesOf(folder: DataFolder): Record<SplitName, string> {
  const naming = namingOf(folder);
  const file = (split: SplitName): string => {
    const found = naming && find(folder, naming(split));
    if (found !== undefined) return found;
    throw new GenonnxError('data-missing', `The ${split} text is missing.`, {
      where: folder.path,
      expected: naming === undefined ? TEXT_FILES : `${naming(split)} or ${naming(split)}.gz`,
      found: [...folder.files].sort().slice(0, 8).join(', '),
      cure: 'Put the missing file into the folder; a text of your own can be cut in three.',
    });
  };
  return { train: file('train'), valid: file('valid'), test: file('test') };
}

function find(folder: DataFolder, file: string): string | undefined {
  return [file, `${file}.gz`].find((name) => folder.files.has(name));
}

function checkLimit(limit: number): void {
  if (Number.isInteger(limit) && limit >= 1) return;
  throw new GenonnxError('usage', 'The number of training words is not possible.', {
    where: '`limit`',
    expected: 'a positive integer',
    found: String(limit),
    cure: 'Give a positive integer, or no limit for all words.',
  });
}

function empty(where: string): GenonnxError {
  return new GenonnxError('data-corrupt', 'A text has no words.', {
    where,
    expected: 'words between white space',
    found: 'none',
    cure: 'Fetch the file again, or move lines of another text into it.',
  });
}
