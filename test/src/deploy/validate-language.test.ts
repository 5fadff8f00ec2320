// Language models next to the interpreter, to another runtime, and to what PyTorch computed.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { encodeSafetensors, type SafeTensor } from '../../../graphs/safetensors.js';
import { openExportSource } from '../../../src/deploy/export-source.js';
import { readTrainedModel } from '../../../src/deploy/trained-model.js';
import { validatePair } from '../../../src/deploy/validate.js';
import { freshFolder } from '../../e2e/command.js';
import { finishedLanguageRun, languageModelCases } from '../../support/language-models.js';
import { folderWith, smallModel } from '../../support/small-model.js';
import { defined } from '../../support/tensors.js';

const each = defined(languageModelCases[1]);
const folder = finishedLanguageRun(each);
const [sequence, step] = [join(folder, 'model.onnx'), join(folder, 'model.step.onnx')];

describe('a language model', () => {
  it.each(['node', 'web'] as const)('on onnxruntime-%s is what the interpreter says', async (kind) => {
    const { ok, comparisons, summary } = await validatePair({ a: { kind, path: sequence }, lengths: [1, 7] });
    expect(ok).toBe(true);
    expect(comparisons.map(({ batch, length, output }) => [batch, length, output])).toEqual(
      [1, 2].flatMap((batch) =>
        [1, 7].flatMap((length) => [
          [batch, length, 'logits'],
          [batch, length, 'present_recurrent.0'],
        ]),
      ),
    );
    expect(comparisons.map(({ topOneAgreement }) => topOneAgreement)).toEqual(
      comparisons.map(({ output }) => (output === 'logits' ? 1 : null)),
    );
    expect(summary).toContain('batches 1, 2; texts of 1, 7 words');
  });

  it('of one word a time has no length', async () => {
    const { ok, comparisons } = await validatePair({ a: { kind: 'node', path: step } });
    expect(ok).toBe(true);
    expect(comparisons.every(({ length }) => length === undefined)).toBe(true);
  });

  it.each([
    ['one word a time', step],
    ['images', join(folderWith(smallModel()), 'model.onnx')],
  ])('of %s refuses lengths', async (_, path) => {
    const refused = validatePair({ a: { kind: 'node', path }, lengths: [3] });
    await expect(refused).rejects.toThrow(/no texts of any length[\s\S]*`lengths`/);
  });

  it('refuses texts that would fill the memory with logits', async () => {
    const refused = validatePair({ a: { kind: 'node', path: sequence }, lengths: [2_000_000] });
    await expect(refused).rejects.toThrow(/too large[\s\S]*a batch of 1 of 2000000 words/);
  });

  it('with another weight inside of its loop departs at the loop', async () => {
    const { weights } = await readTrainedModel(folder);
    const changed = new Map(weights);
    const { shape, data } = defined(weights.get('rnns.0._Ws.3'));
    changed.set('rnns.0._Ws.3', { shape, data: data.map((value, i) => (i === 5 ? value + 1 : value)) });
    for (const [path, operation] of [
      [sequence, 'scan'],
      [step, 'matMul'],
    ] as const) {
      const { ok, firstDeparture } = await validatePair({ a: { kind: 'node', path }, weights: changed });
      expect(ok).toBe(false);
      expect(firstDeparture).toMatchObject({ operation });
      if (path === step) expect(firstDeparture).toMatchObject({ cell: 0, node: 3, edge: '5.tanh@1' });
    }
  });
});

describe('what PyTorch computed', () => {
  const { tokens, past, logits, present } = each;
  const floats = ({ shape, data }: typeof logits): SafeTensor => ({
    dtype: 'F64',
    shape,
    data: Float64Array.from(data),
  });
  const expectedFile = (ids: SafeTensor): string => {
    const path = join(freshFolder(), 'expected.safetensors');
    const tensors = { past_recurrent: past, logits, present };
    writeFileSync(
      path,
      encodeSafetensors([
        ['input_ids', ids],
        ['past_recurrent.0', floats(tensors.past_recurrent)],
        ['logits', floats(logits)],
        ['present_recurrent.0', floats(present)],
      ]),
    );
    return path;
  };
  const ids = (change: (id: number) => number = (id) => id): SafeTensor => ({
    dtype: 'I64',
    shape: tokens.shape,
    data: BigInt64Array.from(tokens.data, (id) => BigInt(change(id))),
  });
  const against = (stored: SafeTensor, model = sequence) =>
    validatePair({ a: { kind: 'node', path: model }, b: { kind: 'expected', path: expectedFile(stored) } });

  it('is what the model computes', async () => {
    const { ok, comparisons } = await against(ids());
    expect(ok).toBe(true);
    expect(comparisons.map(({ batch, length }) => [batch, length])).toEqual([
      [3, 7],
      [3, 7],
    ]);
    const floatIds: SafeTensor = { dtype: 'F32', shape: tokens.shape, data: Float32Array.from(tokens.data) };
    expect((await against(floatIds)).ok).toBe(true);
  });

  it('is refused with words that the model does not know, and in another shape', async () => {
    await expect(against(ids((id) => id + 40))).rejects.toThrow(/no word of the model[\s\S]*0 to 49/);
    await expect(against(ids(), step)).rejects.toThrow(/\[batch, 1\][\s\S]*\[3, 7\]/);
  });
});

describe('the folder of a training', () => {
  it('has weights, words and scores, and is exported with them', async () => {
    const { network, vocabulary, origin } = await readTrainedModel(folder);
    expect(network).toEqual({ ...each.model });
    expect(vocabulary).toHaveLength(50);
    expect(origin).toEqual({ seed: '3', dataset: 'sotu', perplexity: '98.5' });
    for (const path of [folder, sequence, step]) {
      const source = await openExportSource(path, { toolVersion: '0' });
      if (source.kind !== 'recurrent') throw new Error(source.kind);
      expect(source.vocabulary).toEqual(vocabulary);
      expect(source.metadata).toMatchObject(origin);
      for (const form of ['sequence', 'step'] as const) {
        expect(source.models[form].network).toEqual({ ...each.model, form });
        expect(JSON.parse(defined(source.models[form].metadata.network)).form).toBe(form);
      }
      expect(source.weights().get('rnns.0._W0')?.data).toEqual(each.weights.get('rnns.0._W0')?.data);
    }
  });

  it('without its vocabulary says where that is looked for, and takes another file with the same words', async () => {
    const alone = freshFolder();
    const { readFileSync } = await import('node:fs');
    writeFileSync(join(alone, 'lm.onnx'), readFileSync(sequence));
    const model = join(alone, 'lm.onnx');
    await expect(openExportSource(model, { toolVersion: '0' })).rejects.toThrow(
      /does not lie beside it[\s\S]*vocabulary\.txt[\s\S]*`vocabulary`/,
    );
    const words = join(folder, 'vocabulary.txt');
    expect(await openExportSource(model, { toolVersion: '0', vocabulary: words })).toHaveProperty(
      'vocabulary',
    );
    const others = join(alone, 'others.txt');
    writeFileSync(others, readFileSync(words, 'utf8').replace('w9', 'wrong'));
    await expect(openExportSource(model, { toolVersion: '0', vocabulary: others })).rejects.toThrow(
      /not the vocabulary of the model/,
    );
  });
});
