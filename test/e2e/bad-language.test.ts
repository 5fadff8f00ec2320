// What cannot be searched or trained of text: nothing is begun, and the message says what would help.
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { toJson } from '../../src/spaces/print.js';
import { zooEntry } from '../../src/spaces/zoo.js';
import { writeTinyText } from '../support/tiny-text.js';
import { freshFolder, genonnx } from './command.js';

const search = (text: string) => ['search', '--data', text, '--preset', 'small', '--batch', '3'];
const train = (text: string, genotype = 'DARTS_V2_RNN') => [
  ...['train', '--genotype', genotype, '--data', text, '--preset', 'small', '--batch', '3', '--bptt', '8'],
];

interface Case {
  readonly what: string;
  /** `text` is a folder of three good texts, in which a case may spoil something. */
  readonly args: (text: string, folder: string) => readonly string[];
  readonly says: readonly string[];
}

const cases: readonly Case[] = [
  {
    what: 'a text without words',
    args: (text) => {
      writeFileSync(join(text, 'test.txt'), ' \n\n');
      return search(text);
    },
    says: ['test.txt', 'words', 'cure'],
  },
  {
    what: 'a text that is missing',
    args: (text) => {
      rmSync(join(text, 'valid.txt'));
      return train(text);
    },
    says: ['valid.txt', 'test.txt, train.txt', 'cure'],
  },
  {
    what: 'a text that is no UTF-8',
    args: (text) => {
      writeFileSync(join(text, 'valid.txt'), Buffer.from('caf\u00e9 au lait\n', 'latin1'));
      return search(text);
    },
    says: ['valid.txt, byte 3', 'UTF-8', 'iconv'],
  },
  {
    what: 'windows that are longer than the text of a search',
    args: (text) => [...search(text), '--bptt', '200'],
    says: ['--bptt', 'at most', 'Choose shorter windows'],
  },
  {
    what: 'windows that are longer than the text of a training',
    args: (text) => [...train(text), '--bptt', '200'],
    says: ['--bptt', 'at most', 'Choose shorter windows'],
  },
  {
    what: 'more columns than words to learn from',
    args: (text) => [...train(text), '--batch', '5000'],
    says: ['--batch', '5000 columns', 'Choose a smaller batch'],
  },
  {
    what: 'more columns than words to measure on',
    args: (text) => [...search(text), '--bptt', '8', '--validation-batch', '5000'],
    says: ['--validation-batch', '5000 columns', 'Choose a smaller batch'],
  },
  {
    what: 'more columns than words to be tested on',
    args: (text) => [...train(text), '--test-batch', '5000'],
    says: ['--test-batch', '5000 columns', 'Choose a smaller batch'],
  },
  {
    what: 'a recurrent cell for images',
    args: () => train('fashion-mnist'),
    says: ['--genotype', 'recurrent genotype', 'DARTS_V2;'],
  },
  {
    what: 'a convolutional cell for text',
    args: (text) => train(text, 'DARTS_V2'),
    says: ['--genotype', 'convolutional genotype', 'DARTS_V2_RNN;'],
  },
  {
    what: 'the folder of a search on images, for text',
    args: (text, folder) => {
      const run = join(folder, 'search');
      mkdirSync(run);
      const { genotype } = zooEntry('DARTS_V2');
      writeFileSync(join(run, 'genotype.json'), JSON.stringify(toJson(genotype)));
      return train(text, run);
    },
    says: ['convolutional genotype', 'DARTS_V2_RNN;'],
  },
  {
    what: 'text where images are asked for',
    args: (text) => ['search', '--task', 'classification', '--data', text],
    says: ['another kind: text', 'train-images'],
  },
  {
    what: 'an option of images',
    args: (text) => [...search(text), '--channels', '4'],
    says: ['--channels'],
  },
];

describe('what cannot be learnt of text', () => {
  it.each(cases)('$what: a message with a cure, exit code 2, nothing left behind', async ({ args, says }) => {
    const folder = freshFolder();
    const given = args(writeTinyText(join(folder, 'text')), folder);
    const ended = await genonnx([...given, '--threads', '1', '--out', join(folder, 'run')]);
    expect(ended.exitCode, String(ended.stderr)).toBe(2);
    for (const words of says) expect(ended.stderr).toContain(words);
    expect(ended.stderr).not.toMatch(/^\s+at /m);
    expect(ended.stdout).toBe('');
    expect(existsSync(join(folder, 'run'))).toBe(false);
  });
});
