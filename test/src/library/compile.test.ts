// compileFiles() as a program calls it: files that are not yet written, and what is to be said of them.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { encodeSafetensors } from '../../../graphs/safetensors.js';
import { inspect } from '../../../src/deploy/model-report.js';
import { compileFiles } from '../../../src/library/compile.js';
import { printGenotype } from '../../../src/spaces/print.js';
import { freshFolder } from '../../e2e/command.js';
import { smallInference, smallNetwork, smallWeights } from '../../support/small-model.js';

const small = { genotype: 'DARTS_V2', cells: 3, initChannels: 4, classes: 3 } as const;
const bytesOf = (content: unknown): Uint8Array =>
  content instanceof Uint8Array ? content : new Uint8Array();

describe('compileFiles', () => {
  it('gives the file of an image network, and its figures', async () => {
    const compiled = await compileFiles({ ...small, labels: ['a', 'b', 'c'], foldBatchNorm: true });
    expect(compiled).toMatchObject({
      kind: 'convolutional',
      weights: 'random',
      beside: {},
      precision: 'float32',
      network: { name: 'cifar', cells: 3, initChannels: 4, classes: 3 },
    });
    expect(compiled.files.map(({ path }) => path)).toEqual(['']);
    const report = inspect(bytesOf(compiled.files[0]?.content));
    expect(report.metadata).toMatchObject({
      classes: '["a","b","c"]',
      optimize: 'fold',
      weights: 'random',
    });
    expect(report.parameters).toBe(compiled.figures.parameters);
    expect(report.macs).toBe(compiled.figures.macs);
    expect(compiled.departure).toBeUndefined();
  });

  it('names what lies beside the model after it', async () => {
    const external = await compileFiles({ ...small, fileName: 'a.onnx', externalData: 'always' });
    expect(external.files.map(({ path }) => path)).toEqual([external.beside.dataFile, '']);
    expect(external.beside.dataFile).toContain('a.onnx');
    const words = await compileFiles({ genotype: 'DARTS_V2_RNN', words: 20, width: 4, fileName: 'lm.onnx' });
    expect(words).toMatchObject({
      kind: 'recurrent',
      beside: { step: 'lm.step.onnx' },
      network: { words: 20 },
    });
    expect(words.files.map(({ path }) => path)).toEqual(['', 'lm.step.onnx']);
  });

  it('says what rounding changed, and which weights lost digits', { timeout: 60_000 }, async () => {
    const weights = join(freshFolder(), 'weights.safetensors');
    const tensors = smallInference.weights.map(({ name, shape }, i) => {
      const data = Float64Array.from(smallWeights[i] ?? []);
      return [name, { dtype: 'F64', shape, data }] as const;
    });
    writeFileSync(weights, encodeSafetensors(tensors));
    const notes: string[] = [];
    const { genotype, image } = smallNetwork;
    const compiled = await compileFiles({
      genotype: printGenotype(genotype),
      image,
      weights,
      precision: 'float16',
      onNote: (text) => notes.push(text),
    });
    expect(compiled.weights).toBe('given');
    expect(compiled.network).toMatchObject({ cells: 3, initChannels: 4, classes: 5 });
    expect(compiled.departure?.largestRelativeDifference).toBeGreaterThan(0);
    expect(notes).toEqual([expect.stringContaining(`${tensors.length} tensors were float64`)]);
  });

  it.each([
    ['nothing', {}, 'usage', '`genotype`, or `run`'],
    ['an option of the other kind', { genotype: 'DARTS_V2_RNN', cells: 3 }, 'usage', '`width`, `words`'],
    ['folding a language model', { genotype: 'DARTS_V2_RNN', foldBatchNorm: true }, 'usage', '`width`'],
    [
      'an image network of a recurrent genotype',
      { genotype: 'DARTS_V2_RNN', network: 'cifar' },
      'genotype-kind',
      '',
    ],
    ['a run that is none', { run: 'nowhere' }, 'file-missing', 'model.onnx'],
  ] as const)('refuses %s', async (_, options, code, expected) => {
    await expect(compileFiles(options)).rejects.toMatchObject({
      code,
      details: { expected: expect.stringContaining(expected) },
    });
  });
});
