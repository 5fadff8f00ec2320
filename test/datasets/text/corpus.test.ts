import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { sha256 } from '../../../datasets/folder.js';
import { kindOfData, loadCorpus, loadDataset, type TextCorpus } from '../../../datasets/index.js';
import { expectRefusal, folderWith, idxFiles, textFiles } from '../helpers.js';

const words = ({ vocabulary }: TextCorpus, tokens: Uint32Array) => [...tokens].map((id) => vocabulary[id]);
const without = (file: string) => {
  const { [file]: _, ...rest } = textFiles();
  return rest;
};

describe('a folder of texts', () => {
  it('becomes token ids, an end after every line, one dictionary in the order of first appearance', async () => {
    const path = await folderWith({
      'train.txt': 'the cat sat\n\non the mat',
      'valid.txt': 'a cat\n',
      'test.txt': 'the mat <unk> N\r\n',
    });
    const corpus = await loadCorpus(path);
    expect(corpus.vocabulary).toEqual(['the', 'cat', 'sat', '<eos>', 'on', 'mat', 'a', '<unk>', 'N']);
    expect([...corpus.train]).toEqual([0, 1, 2, 3, 3, 4, 0, 5, 3]);
    expect([...corpus.valid]).toEqual([6, 1, 3]);
    expect([...corpus.test]).toEqual([0, 5, 7, 8, 3]);
    expect(corpus.checksums).toMatchObject({ 'valid.txt': sha256(new TextEncoder().encode('a cat\n')) });
  });

  it('keeps words that objects have as members', async () => {
    const path = await folderWith({ ...textFiles(), 'train.txt': '__proto__ constructor __proto__\n' });
    const corpus = await loadCorpus(path);
    expect([...corpus.train]).toEqual([0, 1, 0, 2]);
  });

  it('may have the names of the Penn Treebank or WikiText-2, plain or gzipped', async () => {
    const expected = await loadCorpus(await folderWith(textFiles()));
    for (const naming of [
      (split: string) => `ptb.${split}.txt`,
      (split: string) => `wiki.${split}.tokens`,
      (split: string) => `${split}.txt.gz`,
    ]) {
      const files = ['train', 'valid', 'test'].map((split): [string, Uint8Array | string] => {
        const text = textFiles()[`${split}.txt`]!;
        return [naming(split), naming(split).endsWith('.gz') ? gzipSync(text) : text];
      });
      const { train, valid, test, vocabulary } = await loadCorpus(
        await folderWith(Object.fromEntries(files)),
      );
      expect({ train, valid, test, vocabulary }).toEqual({
        train: expected.train,
        valid: expected.valid,
        test: expected.test,
        vocabulary: expected.vocabulary,
      });
    }
  });

  it('is limited in its training words alone', async () => {
    const path = await folderWith(textFiles());
    const whole = await loadCorpus(path);
    const limited = await loadCorpus(path, { limit: 5 });
    expect([...limited.train]).toEqual([...whole.train].slice(0, 5));
    expect({ ...limited, train: whole.train }).toEqual(whole);
    expect(await loadCorpus(path, { limit: 1_000_000 })).toEqual(whole);
    for (const limit of [0, -1, 1.5, Number.NaN])
      await expectRefusal(() => loadCorpus(path, { limit }), 'usage', /where: +`limit`/);
  });

  it('is refused without one of its texts, by the name that it would have', async () => {
    const path = await folderWith(without('valid.txt'));
    await expectRefusal(() => loadCorpus(path), 'data-missing');
    await expectRefusal(() => loadCorpus(path), 'data-missing', /valid text .*expected: +valid\.txt or/s);
    const wiki = await folderWith({ 'wiki.valid.tokens': 'a' });
    await expectRefusal(() => loadCorpus(wiki), 'data-missing', /expected: +wiki\.train\.tokens or/);
  });

  it('is refused with a text that has no words', async () => {
    for (const text of ['', '\n\n \t\n']) {
      const path = await folderWith({ ...textFiles(), 'test.txt': text });
      await expectRefusal(() => loadCorpus(path), 'data-corrupt', /where: .*test\.txt/);
    }
  });

  it('is refused with a text that is no UTF-8, with file and byte', async () => {
    const bytes = Uint8Array.of(0x61, 0x20, 0xff, 0x0a);
    const path = await folderWith({ ...textFiles(), 'valid.txt': bytes });
    await expectRefusal(() => loadCorpus(path), 'data-corrupt', /where: .*valid\.txt, byte 2 /);
  });

  it('is refused with another checksum', async () => {
    const sums = JSON.stringify({ 'test.txt': sha256(Uint8Array.of(1)) });
    const path = await folderWith({ ...textFiles(), 'checksums.json': sums });
    await expectRefusal(() => loadCorpus(path), 'data-corrupt', /sha256/);
  });
});

describe('a folder of texts under a saved vocabulary', () => {
  it('has its indices', async () => {
    const path = await folderWith(textFiles());
    const own = await loadCorpus(path);
    const vocabulary = ['zebra', ...[...own.vocabulary].reverse()];
    const corpus = await loadCorpus(path, { vocabulary });
    expect(corpus.vocabulary).toEqual(vocabulary);
    for (const split of ['train', 'valid', 'test'] as const)
      expect(words(corpus, corpus[split])).toEqual(words(own, own[split]));
  });

  it('has <unk> for words outside', async () => {
    const path = await folderWith({ ...textFiles(), 'valid.txt': 'the unheard of\n' });
    const corpus = await loadCorpus(path, { vocabulary: ['the', '<eos>', '<unk>'] });
    expect(words(corpus, corpus.valid)).toEqual(['the', '<unk>', '<unk>', '<eos>']);
  });

  it('is refused with word, file and line where there is no <unk>, and without <eos>', async () => {
    const path = await folderWith({
      'train.txt': 'the\n',
      'valid.txt': 'the\n\nthe unheard\n',
      'test.txt': 'the',
    });
    const load = (vocabulary: string[]) => () => loadCorpus(path, { vocabulary });
    await expectRefusal(load(['the', '<eos>']), 'unknown-word');
    await expectRefusal(load(['the', '<eos>']), 'unknown-word', /where: .*valid\.txt, line 3$.*'unheard'/ms);
    await expectRefusal(load(['the', '<unk>']), 'unknown-word', /'<eos>'/);
    await expectRefusal(load(['the', 'the']), 'data-corrupt', /the vocabulary, line 2/);
  });
});

describe('kindOfData', () => {
  it('tells images from text, and takes a stray train.txt beside images for nothing', async () => {
    expect(await kindOfData('fashion-mnist')).toBe('images');
    expect(await kindOfData(await folderWith(idxFiles()))).toBe('images');
    expect(await kindOfData(await folderWith({ ...idxFiles(), 'train.txt': 'a' }))).toBe('images');
    expect(await kindOfData(await folderWith(textFiles()))).toBe('text');
    expect(await kindOfData(await folderWith(without('train.txt')))).toBe('text');
  });

  it('refuses what is neither', async () => {
    const path = await folderWith({ 'notes.md': '' });
    await expectRefusal(
      () => kindOfData(path),
      'data-missing',
      /no masks or images or text .*found: +notes\.md/s,
    );
    const none = join(path, 'none');
    await expectRefusal(() => kindOfData(none), 'data-missing', /fashion-mnist.*train\.txt/s);
  });
});

describe('data of the other kind', () => {
  it('is refused as such', async () => {
    const texts = await folderWith(textFiles());
    await expectRefusal(
      () => loadDataset(texts),
      'data-missing',
      /another kind: text.*expected: +images: .*found: +text: /s,
    );
    await expectRefusal(() => loadDataset(texts), 'data-missing');
    const images = await folderWith(idxFiles());
    await expectRefusal(() => loadCorpus(images), 'data-missing', /another kind: images/);
    await expectRefusal(() => loadCorpus('fashion-mnist'), 'data-missing', /another kind: images/);
  });
});
