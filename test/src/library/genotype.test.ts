import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readConvolutionalGenotype, readGenotype } from '../../../src/library/genotype.js';
import { printGenotype, printRecurrentGenotype, toJson } from '../../../src/spaces/print.js';
import { recurrentZooEntry, zooEntry } from '../../../src/spaces/zoo.js';
import { freshFolder } from '../../e2e/command.js';

const { genotype } = zooEntry('DATA_M7');
const text = printGenotype(genotype);

/** A folder with files, by their names. */
function folderOf(files: Readonly<Record<string, unknown>>): string {
  const folder = freshFolder();
  for (const [name, content] of Object.entries(files))
    writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));
  return folder;
}

describe('readConvolutionalGenotype', () => {
  it.each<[string, () => string]>([
    ['a known name, however it is written', () => 'data_m7'],
    ['text', () => text],
    ['a file', () => join(folderOf({ 'g.txt': text }), 'g.txt')],
    ['one of several in a file', () => `${join(folderOf({ 'g.py': `A = 1\nB = ${text}` }), 'g.py')}:B`],
    [
      'the folder of a search',
      () => folderOf({ 'genotype.json': toJson(genotype), 'config.json': { kind: 'search' } }),
    ],
    [
      'the folder of a training, finished or not',
      () => folderOf({ 'config.json': { kind: 'train', settings: { genotype: text } } }),
    ],
  ])('reads %s', async (_, argument) => {
    expect(await readConvolutionalGenotype(argument())).toEqual(genotype);
  });

  it.each<[string, () => string, RegExp]>([
    ['what is nowhere', () => 'DATA_M77', /DARTS_V2, DATA_M4, DATA_M7[\s\S]*DATA_M77/],
    ['a folder without a run', () => folderOf({}), /no run[\s\S]*genotype\.json[\s\S]*config\.json/],
    [
      'a search that has not ended',
      () => folderOf({ 'config.json': { kind: 'search', settings: {} } }),
      /no genotype yet[\s\S]*until it is finished/,
    ],
    ['a damaged run', () => folderOf({ 'config.json': '{' }), /config\.json/],
  ])('refuses %s', async (_, argument, says) => {
    await expect(readConvolutionalGenotype(argument())).rejects.toThrow(says);
  });

  it('takes a genotype of either kind where either will do, and says so where it will not', async () => {
    const { genotype: recurrent } = recurrentZooEntry('ENAS_RNN');
    const words = printRecurrentGenotype(recurrent);
    const runs = folderOf({ 'g.py': `A = ${text}\nB = ${words}`, 'genotype.json': toJson(recurrent) });
    for (const argument of ['enas_rnn', words, `${join(runs, 'g.py')}:B`, runs]) {
      expect(await readGenotype(argument)).toMatchObject({ kind: 'recurrent', genotype: recurrent });
      await expect(readConvolutionalGenotype(argument)).rejects.toThrow(
        /This is a recurrent genotype\.\n +where: +`genotype`[\s\S]*such as DARTS_V2; recurrent ones are for language models/,
      );
    }
    expect(await readGenotype(text)).toEqual({ kind: 'convolutional', genotype });
  });

  it('is not led astray by a folder of that name inside', async () => {
    const folder = folderOf({});
    mkdirSync(join(folder, 'genotype.json'));
    await expect(readConvolutionalGenotype(folder)).rejects.toThrow('no run');
  });
});
