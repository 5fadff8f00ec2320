// The browser folder of a language model: which files, what they say, what is refused; and its module, words to text and back.
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadCorpus } from '../../datasets/index.js';
import type { ExportFile } from '../../exporters/export-file.js';
import { textOf, wordsOf } from '../../exporters/ort-web/language-site/words.js';
import { type LanguageWebOptions, toLanguageWeb } from '../../exporters/ort-web-language.js';
import { detokenise } from '../../src/data/text/detokenise.js';
import { readLanguageWebParts } from '../../src/deploy/ort-web-parts.js';
import { zooEntry } from '../../src/spaces/zoo.js';
import { languageExport, languageModelCases, wordList } from '../support/language-models.js';
import { bytesOf } from '../support/static-server.js';
import { defined } from '../support/tensors.js';
import { exportCase } from './export-case.js';

const { bound, metadata } = languageExport('sequence');
const parts = await readLanguageWebParts();
const options: LanguageWebOptions = {
  name: 'A *model* <b>',
  metadata,
  vocabulary: wordList(50),
  site: parts.site,
  runtime: parts.runtime.map(({ path }) => ({ path, content: new Uint8Array(0) })),
};

function text(files: readonly ExportFile[], path: string): string {
  return new TextDecoder().decode(bytesOf(defined(files.find((file) => file.path === path)).content));
}

describe('the folder', () => {
  const files = toLanguageWeb(bound, options);

  it('holds page, module, words, model and runtime', () => {
    expect(files.map(({ path }) => path)).toEqual([
      'README.md',
      'index.html',
      'language.css',
      'page.js',
      'language-model.js',
      'language-model.d.ts',
      'words.js',
      'words.d.ts',
      'style.css',
      'onnxruntime/LICENSE',
      'model.json',
      'vocabulary.txt',
      'model.onnx',
      'onnxruntime/ort.wasm.bundle.min.mjs',
      'onnxruntime/ort-wasm-simd-threaded.wasm',
    ]);
    expect(JSON.parse(text(files, 'model.json'))).toEqual({
      name: 'A *model* <b>',
      words: 50,
      vocabulary: 'vocabulary.txt',
      width: 12,
      runtime: {
        module: 'onnxruntime/ort.wasm.bundle.min.mjs',
        binary: 'onnxruntime/ort-wasm-simd-threaded.wasm',
      },
      metadata,
    });
    expect(text(files, 'vocabulary.txt')).toBe(`${wordList(50).join('\n')}\n`);
  });

  it('explains itself in README.md, where a name is no markup', () => {
    const readme = text(files, 'README.md');
    expect(readme).toContain('# A \\*model\\* \\<b\\>');
    for (const { path } of files.filter(({ path }) => path !== 'README.md')) expect(readme).toContain(path);
    expect(readme).not.toContain('random');
    const random = toLanguageWeb(bound, { ...options, metadata: { ...metadata, weights: 'random' } });
    expect(text(random, 'README.md')).toMatch(/weights of this network are random/);
  });

  it('lets its page load nothing from elsewhere', () => {
    expect(text(files, 'index.html')).toMatch(/Content-Security-Policy" content="default-src 'none'; /);
    for (const name of ['index.html', 'page.js', 'language-model.js', 'words.js', 'language.css'])
      expect(text(files, name), name).not.toMatch(/https?:/);
  });

  it.each<[string, () => unknown, string, RegExp]>([
    [
      'words of another number',
      () => toLanguageWeb(bound, { ...options, vocabulary: wordList(49) }),
      'usage',
      /50 words\n {2}found: {4}49/,
    ],
    [
      'the step',
      () => toLanguageWeb(languageExport('step').bound, options),
      'shape',
      /input_ids \[batch, 1\]/,
    ],
    [
      'a classifier',
      () => toLanguageWeb(exportCase(zooEntry('DARTS_V2').genotype).bound, options),
      'shape',
      /images \[/,
    ],
    [
      'a part that is missing',
      () => toLanguageWeb(bound, { ...options, site: [] }),
      'file-missing',
      /index\.html/,
    ],
  ])('is not made of %s', (_, act, code, message) => {
    expect(act).toThrow(expect.objectContaining({ name: 'GenonnxError', code }));
    expect(act).toThrow(message);
  });

  it('takes a model of one text at a time', () => {
    const { model, weights } = defined(languageModelCases[0]);
    const single = languageExport('sequence', {
      ...defined(languageModelCases[0]),
      model: { ...model, batch: 1 },
      weights,
    });
    expect(toLanguageWeb(single.bound, options)).toHaveLength(files.length);
  });
});

describe('text to words', () => {
  const of = (vocabulary: readonly string[]) => (source: string) =>
    wordsOf(source, (word) => vocabulary.includes(word));
  const punctuated = [
    '<eos>',
    '<unk>',
    'N',
    'do',
    'ca',
    "n't",
    'go',
    '.',
    ',',
    'mr.',
    'smith',
    "'s",
    '(',
    ')',
    '"',
    '--',
    '...',
    'u.s.',
    'N-year',
    'i',
    'plan',
  ];

  it.each([
    ["Don't go.", ['do', "n't", 'go', '.']],
    ['I can’t go, Mr. Smith', ['i', 'ca', "n't", 'go', ',', 'mr.', 'smith']],
    ["Smith's “plan”", ['smith', "'s", '"', 'plan', '"']],
    ['(go) the U.S., ...', ['(', 'go', ')', '<unk>', 'u.s.', ',', '...']],
    ['in 1,000 5-year plans', ['<unk>', 'N', 'N-year', '<unk>']],
    ['go—go -- go', ['go', '--', 'go', '--', 'go']],
    ['go\r\n\ngo\n', ['go', '<eos>', '<eos>', 'go', '<eos>']],
    ['<unk> <eos> N', ['<unk>', '<eos>', 'N']],
    ['', []],
  ])('%j is %j', (source, words) => {
    expect(of(punctuated)(source)).toEqual(words);
  });

  it('asks the vocabulary: case, marks inside of words, and what is left out', () => {
    const wikitext = ['<unk>', 'The', 'the', 'role', '@-@', 'playing', '@,@', '1', '000', 'of', 'Smith'];
    expect(of(wikitext)('The role-playing of 1,000 Smith')).toEqual([
      'The',
      'role',
      '@-@',
      'playing',
      'of',
      '1',
      '@,@',
      '000',
      'Smith',
    ]);
    // No punctuation in the vocabulary, and no word for unknown ones.
    expect(of(['the', 'role'])('The role, then!\n')).toEqual(['the', 'role']);
  });

  it('gives words of the vocabulary alone, whatever is typed', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 40 }), (source) => {
        for (const word of of(punctuated)(source)) expect(punctuated).toContain(word);
      }),
    );
  });
});

describe('words to text', () => {
  const words = fc.array(
    fc.constantFrom(
      'the',
      'nations',
      "'",
      '"',
      '.',
      ',',
      "n't",
      'do',
      '(',
      ')',
      '@-@',
      'i',
      '<eos>',
      '<unk>',
      'N',
      '$',
      '--',
      '...',
    ),
    { maxLength: 30 },
  );

  it('reads as the library writes it', () => {
    fc.assert(
      fc.property(words, (list) => {
        const shown = textOf(list);
        // A line that has just begun is a line here, so that what is written next stands on it.
        expect(list.at(-1) === '<eos>' ? shown.slice(0, -1) : shown).toBe(detokenise(list));
      }),
    );
  });

  it('of more words begins with that of the first', () => {
    fc.assert(
      fc.property(words, words, (before, after) => {
        expect(textOf([...before, ...after]).startsWith(textOf(before))).toBe(true);
      }),
    );
  });

  it('is read again as the same words, in the embedded text', async () => {
    const { valid, vocabulary } = await loadCorpus('sotu');
    const known = new Set(vocabulary);
    const original = [...valid.subarray(0, 20_000)].map((id) => defined(vocabulary[id]));
    const again = wordsOf(textOf(original), (word) => known.has(word));
    expect(again.length).toBe(original.length);
    const same = original.filter((word, i) => word === again[i]).length;
    expect(same / original.length).toBeGreaterThan(0.999);
  });
});

describe('the module for TypeScript', () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'genonnx-types-'));
    const files = toLanguageWeb(bound, options);
    for (const name of ['language-model.js', 'language-model.d.ts', 'words.js', 'words.d.ts', 'page.js'])
      writeFileSync(join(folder, name), text(files, name));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('has types that users and its own code agree with', () => {
    // Under another name TypeScript sees the code itself, and not its declarations.
    copyFileSync(join(folder, 'language-model.js'), join(folder, 'code.js'));
    copyFileSync(join(folder, 'words.js'), join(folder, 'own-words.js'));
    const facts = text(toLanguageWeb(bound, options), 'model.json');
    writeFileSync(
      join(folder, 'program.ts'),
      `import * as declared from './language-model.js';
import * as code from './code.js';
import * as words from './words.js';
import * as ownWords from './own-words.js';
export const same: typeof declared = code;
export const sameWords: typeof words = ownWords;
export const facts: declared.Facts = ${facts};
export async function use(): Promise<string> {
  const model: declared.LanguageModel = await declared.load({ baseUrl: '/models/' });
  const text = model.wordsOf('The people');
  const { top, latencyMs } = await model.next(text, { top: 3, prefix: 'of' });
  for await (const word of model.write(text, { count: 5, temperature: 0, seed: 2 })) text.push(word);
  const { logits, present } = await model.run([1, 2], new Float32Array(facts.width));
  await model.release();
  return model.textOf(text) + (top[0]?.probability ?? 0) + latencyMs + logits.length + present.length;
}
`,
    );
    expect(typeErrors('program.ts', 'page.js')).toBe('');
  });

  /** What the compiler says of files in the folder, JavaScript too. */
  function typeErrors(...names: string[]): string {
    const compiler = join(
      dirname(createRequire(import.meta.url).resolve('typescript/package.json')),
      'bin/tsc',
    );
    const flags = ['--noEmit', '--strict', '--allowJs', '--checkJs', '--noUncheckedIndexedAccess'];
    const target = ['--target', 'es2023', '--lib', 'es2023,dom,dom.iterable', '--module', 'esnext'];
    try {
      execFileSync(
        process.execPath,
        [compiler, ...flags, ...target, '--moduleResolution', 'bundler', ...names],
        { cwd: folder, encoding: 'utf8' },
      );
      return '';
    } catch (error) {
      if (error instanceof Error && 'stdout' in error) return String(error.stdout);
      throw error;
    }
  }
});
