// Exported language models in PyTorch, against what the released definitions computed, and there and back again.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, type TestContext } from 'vitest';
import { z } from 'zod';
import { toPyTorchLanguage } from '../../exporters/pytorch.js';
import type { Tensor } from '../../graphs/interpret/interpret.js';
import { decodeSafetensors, encodeSafetensors } from '../../graphs/safetensors.js';
import { compileLanguage } from '../../src/deploy/compile-language.js';
import { decodeWeights } from '../../src/deploy/decode-weights.js';
import { tiedWeights } from '../../src/deploy/language-weights.js';
import { freshFolder } from '../e2e/command.js';
import { type LanguageModelCase, languageExport, languageModelCases } from '../support/language-models.js';
import { departureOf } from '../support/language-step.js';
import { runPython } from '../support/python.js';
import { defined } from '../support/tensors.js';

const script = fileURLToPath(new URL('runners/pytorch-language-run.py', import.meta.url));

function filesOf(each: LanguageModelCase, further: Readonly<Record<string, string>> = {}) {
  const { model, weights } = each;
  const { metadata } = languageExport('sequence', each);
  return toPyTorchLanguage({
    network: model,
    genotype: model.genotype,
    weights: [...tiedWeights(weights)].map(([name, { shape, data }]) => ({ name, shape, data })),
    metadata: { ...metadata, ...further },
  });
}

const reportSchema = z.object({
  printed: z.string(),
  training: z.boolean(),
  beginsWithZeros: z.boolean(),
  parameters: z.record(z.string(), z.array(z.number())),
  state: z.array(z.string()),
  errors: z.object({ partial: z.string(), untied: z.string() }),
  moduleMetadata: z.record(z.string(), z.string()),
});

const root = freshFolder();
const folders = languageModelCases.map((each, i) => {
  const folder = join(root, String(i));
  mkdirSync(folder);
  for (const { path, content } of filesOf(each, { note: 'a "quoted"\nnote' }))
    writeFileSync(
      join(folder, path),
      content instanceof Uint8Array || typeof content === 'string' ? content : '',
    );
  const { tokens, past } = each;
  writeFileSync(
    join(folder, 'inputs.safetensors'),
    encodeSafetensors([
      ['input_ids', { dtype: 'I64', shape: tokens.shape, data: BigInt64Array.from(tokens.data, BigInt) }],
      ['past', { dtype: 'F32', shape: past.shape, data: Float32Array.from(past.data) }],
    ]),
  );
  return folder;
});
const ran = await runPython(script, folders, 'PyTorch');

function requirePython(context: TestContext): void {
  if ('skipped' in ran) context.skip(ran.skipped);
}

describe.each(languageModelCases.map((each, i) => ({ ...each, folder: defined(folders[i]) })))(
  '$name',
  ({ folder, logits, present, model, weights }) => {
    const read = (name: string) => decodeSafetensors(readFileSync(join(folder, name)), name).tensors;
    const report = () => reportSchema.parse(JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8')));

    it('computes what the released definitions computed, in one piece and in two', (context) => {
      requirePython(context);
      const outputs = read('outputs.safetensors');
      const check = (name: string, expected: Tensor) => {
        const { shape, data } = defined(outputs.get(name));
        expect(shape, name).toEqual(expected.shape);
        const found = Float64Array.from(data, Number);
        expect(departureOf(found, Float64Array.from(expected.data)), name).toBeLessThan(1e-5);
      };
      for (const prefix of ['', 'halves.']) {
        check(`${prefix}logits`, logits);
        check(`${prefix}present`, present);
      }
      expect(report()).toMatchObject({ training: false, beginsWithZeros: true });
    });

    it('has the released names, and its state dict is compiled again to the same models', (context) => {
      requirePython(context);
      const { state, parameters } = report();
      expect([...state].sort()).toEqual([...weights.keys()].sort());
      expect(Object.keys(parameters)).not.toContain('decoder.weight');
      const saved = decodeWeights(readFileSync(join(folder, 'state.pt')), 'state.pt').weights;
      const { genotype, combination } = model;
      const again = compileLanguage({ genotype, combination, weights: saved });
      const original = compileLanguage({ genotype, combination, weights });
      expect(again.network).toEqual(original.network);
      const numbers = ({ models }: typeof again) =>
        [...models.sequence.bound.weights.values()].map(({ name, data }) => [name, data]);
      expect(numbers(again)).toEqual(numbers(original));
    });

    it('says what it is, and what is wrong with a file', (context) => {
      requirePython(context);
      const { printed, errors, moduleMetadata } = report();
      expect(printed).toMatch(/logits: \[1, 8, 50\][\s\S]*parameters: 3530/);
      expect(errors.partial).toContain('decoder.bias');
      expect(errors.untied).toMatch(/ValueError: .*decoder\.weight is not encoder\.weight/);
      expect(moduleMetadata).toMatchObject({ note: 'a "quoted"\nnote', tool: 'genonnx 0' });
    });
  },
);

describe('the source of a language model', () => {
  const sourceOf = (each: LanguageModelCase): string => {
    const { content } = defined(filesOf(each).find(({ path }) => path === 'model.py'));
    if (typeof content !== 'string') throw new Error('no module');
    return content;
  };

  it('is a readable file', async () => {
    await expect(sourceOf(defined(languageModelCases[1]))).toMatchFileSnapshot('goldens/pytorch-language.py');
  });

  it('has lines of at most 100 columns, however many states are the output', () => {
    const each = defined(languageModelCases[1]);
    const { nodes } = each.model.genotype.recurrent;
    const many = Array.from({ length: 60 }, () => nodes[0] ?? []);
    const recurrent = { nodes: many, concat: Array.from({ length: 60 }, (_, i) => i + 1) };
    const source = toPyTorchLanguage({
      network: each.model,
      genotype: { recurrent },
      weights: [],
      metadata: {},
    })[0];
    const lines = String(source?.content).split('\n');
    expect(lines.filter((line) => line.length > 100)).toEqual([]);
    expect(lines.filter((line) => line.startsWith('CONCAT'))).toEqual(['CONCAT = [']);
  });
});
