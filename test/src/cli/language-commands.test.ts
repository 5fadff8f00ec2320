// What compile, inspect, validate and export make of language models, and what they refuse.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { freshFolder, genonnx } from '../../e2e/command.js';
import { finishedLanguageRun, wordList } from '../../support/language-models.js';

const fixture = (name: string): string =>
  fileURLToPath(new URL(`../../fixtures/recurrent/${name}`, import.meta.url));
const genotype = fixture('rnn-eval-lists.genotype.txt');
const weights = fixture('rnn-eval-lists.weights.safetensors');
const ours = ['compile', '--genotype', genotype, '--weights', weights];

function wordsFile(words: number): string {
  const path = join(freshFolder(), 'words.txt');
  writeFileSync(path, `${wordList(words).join('\n')}\n`);
  return path;
}

describe('compile of a recurrent genotype', () => {
  it('makes two models and lays the vocabulary beside them; both hold', async () => {
    const folder = join(freshFolder(), 'models');
    const out = join(folder, 'lm.onnx');
    const compiled = await genonnx([
      ...ours,
      '--network',
      'recurrent',
      '--vocabulary',
      wordsFile(50),
      '--out',
      out,
    ]);
    expect(compiled.exitCode, String(compiled.stderr)).toBe(0);
    expect(readdirSync(folder).sort()).toEqual(['lm.onnx', 'lm.step.onnx', 'lm.vocabulary.txt']);
    expect(compiled.stdout).toContain("recurrent, 8 nodes, width 12, 50 words, mean of a node's operations");
    expect(compiled.stdout).toMatch(/parameters +3,530/);
    expect(readFileSync(join(folder, 'lm.vocabulary.txt'), 'utf8')).toBe(readFileSync(wordsFile(50), 'utf8'));

    const validated = await genonnx(['validate', out, '--length', '1,9']);
    expect(validated.exitCode, String(validated.stderr)).toBe(0);
    expect(validated.stdout).toMatch(/words[\s\S]*texts of 1, 9 words/);
    const inspected = JSON.parse(
      String((await genonnx(['inspect', join(folder, 'lm.step.onnx'), '--json'])).stdout),
    );
    expect(inspected).toMatchObject({ parameters: 3530, auxiliaryParameters: 0 });
    expect(inspected.operators).not.toHaveProperty('Scan');
    expect(inspected.inputs).toEqual([
      { name: 'input_ids', type: 'int64', shape: ['batch', 1] },
      { name: 'past_recurrent.0', type: 'float', shape: [1, 'batch', 12] },
    ]);
  });

  it('rounds to float16, and says how far that departs', async () => {
    const out = join(freshFolder(), 'lm.onnx');
    const compiled = await genonnx([...ours, '--precision', 'float16', '--out', out, '--json']);
    expect(compiled.exitCode, String(compiled.stderr)).toBe(0);
    const { model, step, vocabulary, departure, network } = JSON.parse(String(compiled.stdout));
    expect([model, step, vocabulary]).toEqual([out, out.replace('.onnx', '.step.onnx'), undefined]);
    expect(network).toEqual({
      name: 'recurrent',
      words: 50,
      width: 12,
      combination: 'mean',
      batch: 'batch',
    });
    expect(departure.images).toBe(32);
    expect(departure.largestRelativeDifference).toBeGreaterThan(1e-6);
    expect(departure.largestRelativeDifference).toBeLessThan(2e-2);
  });

  it('takes the folder of a training, with its words and scores', async () => {
    const run = finishedLanguageRun();
    const out = join(freshFolder(), 'lm.onnx');
    const compiled = await genonnx(['compile', '--run', run, '--batch', '1', '--opset', '21', '--out', out]);
    expect(compiled.exitCode, String(compiled.stderr)).toBe(0);
    const { metadata, inputs } = JSON.parse(String((await genonnx(['inspect', out, '--json'])).stdout));
    expect(metadata).toMatchObject({ dataset: 'sotu', perplexity: '98.5', seed: '3' });
    expect(JSON.parse(metadata.vocabulary).file).toBe('lm.vocabulary.txt');
    expect(inputs[0].shape).toEqual([1, 'sequence']);
  });
});

describe('refusals', () => {
  it.each([
    [
      'a convolutional genotype',
      ['--genotype', 'DARTS_V2', '--network', 'recurrent'],
      ['This is a convolutional genotype', 'DARTS_V2_RNN'],
    ],
    [
      'cells',
      ['--genotype', genotype, '--cells', '3'],
      ['--cells means nothing to a language model', '--width'],
    ],
    ['folding', ['--genotype', genotype, '--fold-batch-norm'], ['--fold-batch-norm means nothing']],
    [
      'a width for images',
      ['--genotype', 'DARTS_V2', '--width', '8'],
      ['--width means nothing to an image network'],
    ],
    ['a width that is none', ['--genotype', genotype, '--width', '0'], ['--width', '1 to 65536']],
    ['a combination unknown', ['--genotype', genotype, '--combination', 'maen'], ['mean, sum', 'mean']],
    [
      'another width',
      ['--genotype', genotype, '--weights', weights, '--width', '13'],
      ['--width', '12, as the weights say'],
    ],
    [
      'words that are too few',
      ['--genotype', genotype, '--weights', weights, '--vocabulary', wordsFile(49)],
      ['--vocabulary', '50 words'],
    ],
    [
      'a vocabulary that is missing',
      ['--genotype', genotype, '--weights', weights, '--vocabulary', 'none.txt'],
      ['none.txt', 'one word a line'],
    ],
    ['a run and a vocabulary', ['--run', '.', '--vocabulary', 'x'], ['--run', '--vocabulary']],
    [
      'more weights than make sense',
      ['--genotype', genotype, '--words', '10000000'],
      ['8 GiB', '--words', '--width'],
    ],
  ])('of %s', async (_, args, says) => {
    const out = join(freshFolder(), 'lm.onnx');
    const ended = await genonnx(['compile', ...args, '--out', out]);
    expect(ended.exitCode, String(ended.stderr)).toBe(2);
    for (const words of says) expect(ended.stderr).toContain(words);
    expect(ended.stderr).not.toMatch(/^\s+at /m);
    expect(existsSync(out)).toBe(false);
  });

  it('of files that are there, the step and the words, too', async () => {
    const folder = freshFolder();
    writeFileSync(join(folder, 'lm.step.onnx'), 'mine');
    const ended = await genonnx([...ours, '--out', join(folder, 'lm.onnx')]);
    expect(ended.exitCode).toBe(2);
    expect(ended.stderr).toMatch(/exists already[\s\S]*lm\.step\.onnx/);
    expect(readdirSync(folder)).toEqual(['lm.step.onnx']);
    expect(readFileSync(join(folder, 'lm.step.onnx'), 'utf8')).toBe('mine');
  });

  it('of lengths beside expected outputs', async () => {
    const ended = await genonnx(['validate', 'lm.onnx', 'expected.safetensors', '--length', '3']);
    expect(ended.exitCode).toBe(2);
    expect(ended.stderr).toMatch(/found: +--length/);
  });
});

describe('export of a language model', () => {
  it('writes both models anew, in another opset', async () => {
    const run = finishedLanguageRun();
    const folder = freshFolder();
    const out = join(folder, 'other.onnx');
    const args = ['export', join(run, 'model.step.onnx'), '--to', 'onnx', '--opset', '21', '--out', out];
    const exported = await genonnx(args);
    expect(exported.exitCode, String(exported.stderr)).toBe(0);
    expect(readdirSync(folder).sort()).toEqual(['other.onnx', 'other.step.onnx', 'other.vocabulary.txt']);
    const report = JSON.parse(String((await genonnx(['inspect', out, '--json'])).stdout));
    expect(report).toMatchObject({ opset: 21, metadata: { perplexity: '98.5' } });
    expect(report.operators).toHaveProperty('Scan', 1);
    expect(JSON.parse(report.metadata.vocabulary).file).toBe('other.vocabulary.txt');
  });

  it.each([
    ['tfjs', ['group1-shard1of1.bin', 'model.json', 'vocabulary.txt']],
    ['pytorch', ['model.py', 'vocabulary.txt', 'weights.safetensors']],
    ['hugging-face', ['README.md', 'config.json', 'onnx', 'vocabulary.txt']],
    [
      'ort-web',
      ['README.md', 'index.html', 'language-model.d.ts', 'language-model.js', 'language.css', 'model.json'],
    ],
  ])('goes to %s, with its words', async (target, files) => {
    const out = join(freshFolder(), 'out');
    const exported = await genonnx(['export', finishedLanguageRun(), '--to', target, '--out', out]);
    expect(exported.exitCode, String(exported.stderr)).toBe(0);
    expect(exported.stderr).toBe('');
    expect(readdirSync(out).sort().slice(0, files.length)).toEqual(files);
    expect(readFileSync(join(out, 'vocabulary.txt'), 'utf8')).toBe(readFileSync(wordsFile(50), 'utf8'));
  });

  it('wants words for a page, and says of random weights that they are', async () => {
    const folder = freshFolder();
    const model = join(folder, 'lm.onnx');
    const sizes = ['--width', '6', '--words', '50'];
    expect((await genonnx(['compile', '--genotype', genotype, ...sizes, '--out', model])).exitCode).toBe(0);
    const page = ['export', model, '--to', 'ort-web', '--out', join(folder, 'site')];
    const refused = await genonnx(page);
    expect(refused.exitCode).toBe(2);
    expect(refused.stderr).toMatch(/no vocabulary[\s\S]*--vocabulary/);
    expect(existsSync(join(folder, 'site'))).toBe(false);
    const exported = await genonnx([...page, '--vocabulary', wordsFile(50)]);
    expect(exported.exitCode, String(exported.stderr)).toBe(0);
    expect(exported.stderr).toContain('the weights are random, and the page says so');
    const other = await genonnx([...page, '--force', '--vocabulary', wordsFile(49)]);
    expect(other.stderr).toMatch(/does not fit the weights[\s\S]*50 words/);
  });

  it('draws its cell', async () => {
    const out = join(freshFolder(), 'drawings');
    const exported = await genonnx(['export', finishedLanguageRun(), '--to', 'dot', '--out', out]);
    expect(exported.exitCode, String(exported.stderr)).toBe(0);
    expect(readdirSync(out)).toEqual(['recurrent.dot']);
  });

  it('refuses what means nothing to it', async () => {
    const folder = freshFolder();
    const [run, out] = [finishedLanguageRun(), join(folder, 'x')];
    const optimized = await genonnx(['export', run, '--to', 'onnx', '--optimize', 'cpu', '--out', out]);
    expect(optimized.exitCode).toBe(2);
    expect(optimized.stderr).toContain('--optimize means nothing to a language model');
  });
});
