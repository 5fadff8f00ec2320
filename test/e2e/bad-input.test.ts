import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { freshFolder, genonnx } from './command.js';

const search = ['search', '--data', 'fashion-mnist', '--preset', 'small', '--limit', '160', '--threads', '1'];

interface Case {
  readonly what: string;
  readonly args: (folder: string) => readonly string[];
  readonly says: readonly string[];
}

const cases: readonly Case[] = [
  { what: 'no output folder', args: () => search, says: ['--out'] },
  {
    what: 'a channel count of zero',
    args: (f) => [...search, '--channels', '0', '--out', join(f, 'run')],
    says: ['--channels'],
  },
  {
    what: 'a data folder that is missing',
    args: (f) => ['search', '--data', join(f, 'none'), '--out', join(f, 'run')],
    says: ['none'],
  },
  {
    what: 'an empty data folder',
    args: (f) => {
      mkdirSync(join(f, 'empty'));
      return ['search', '--data', join(f, 'empty'), '--out', join(f, 'run')];
    },
    says: ['idx'],
  },
  {
    what: 'a misspelt primitive',
    args: (f) => [
      'train',
      '--genotype',
      "Genotype(normal=[('sep_conv_3x4', 0), ('skip_connect', 1)], normal_concat=[2], reduce=[('skip_connect', 0), ('skip_connect', 1)], reduce_concat=[2])",
      '--data',
      'fashion-mnist',
      '--out',
      join(f, 'run'),
    ],
    says: ['sep_conv_3x4', 'sep_conv_3x3', '1:19'],
  },
  {
    what: 'an image size that cannot be halved',
    args: (f) => [
      'train',
      '--genotype',
      'DARTS_V2',
      '--data',
      'fashion-mnist',
      '--preset',
      'small',
      '--pad-to',
      '30',
      '--out',
      join(f, 'run'),
    ],
    says: ['halve'],
  },
  {
    what: 'an auxiliary head on small images',
    args: (f) => [
      'train',
      '--genotype',
      'DARTS_V2',
      '--data',
      'fashion-mnist',
      '--preset',
      'cifar',
      '--out',
      join(f, 'run'),
    ],
    says: ['auxiliary', '32'],
  },
  {
    what: 'a search that no machine has the memory for',
    args: (f) => [...search, '--cells', '99', '--channels', '4000', '--out', join(f, 'run')],
    says: ['--cells 99, --channels 4000, --batch 32', 'GiB', 'What should fit: --channels '],
  },
  {
    what: 'a training that no machine has the memory for',
    args: (f) => [
      ...['train', '--genotype', 'DARTS_V2', '--preset', 'small'],
      ...['--cells', '99', '--channels', '4000', '--out', join(f, 'run')],
    ],
    says: ['--cells 99, --channels 4000, --batch 32', 'GiB', 'What should fit: --channels '],
  },
  {
    what: 'an output folder that holds something',
    args: (f) => {
      mkdirSync(join(f, 'full'));
      writeFileSync(join(f, 'full', 'note.txt'), 'mine');
      return [...search, '--out', join(f, 'full')];
    },
    says: ['full', '--resume'],
  },
  {
    what: 'a folder to resume that holds no run',
    args: (f) => ['search', '--resume', f],
    says: ['config.json'],
  },
  {
    what: 'an unknown option',
    args: () => ['search', '--sed', '3'],
    says: ['--sed', 'Did you mean --seed?'],
  },
  { what: 'an unknown command', args: () => ['serch'], says: ['serch', 'Did you mean search?'] },
  {
    what: 'a misspelt data set',
    args: (f) => ['search', '--data', 'fashion-mnst', '--out', join(f, 'run')],
    says: ['Did you mean fashion-mnist?'],
  },
  {
    what: 'a gate pattern that does not exist',
    args: () => ['bench', 'step', '--gates', 'some:4'],
    says: ['--gates', 'node:4'],
  },
];

describe('bad input', () => {
  it.each(cases)('$what: a message with a cure, exit code 2, nothing left behind', async ({ args, says }) => {
    const folder = freshFolder();
    const ended = await genonnx(args(folder));
    expect(ended.exitCode, String(ended.stderr)).toBe(2);
    for (const words of says) expect(ended.stderr).toContain(words);
    expect(ended.stderr).not.toMatch(/^\s+at /m);
    expect(ended.stdout).toBe('');
    expect(existsSync(join(folder, 'run'))).toBe(false);
  });
});
