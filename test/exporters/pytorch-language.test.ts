// Exported language models in PyTorch, against what the released definitions computed, and there and back again.
import { describe, expect, it, type TestContext } from 'vitest';
import { toPyTorchLanguage } from '../../exporters/pytorch.js';
import type { Tensor } from '../../graphs/interpret/interpret.js';
import { compileLanguage } from '../../src/deploy/compile-language.js';
import { decodeWeights } from '../../src/deploy/decode-weights.js';
import { type LanguageModelCase, languageModelCases } from '../support/language-models.js';
import { departureOf } from '../support/language-step.js';
import { defined } from '../support/tensors.js';
import { type LanguageRun, languageModuleFiles, runLanguageModules } from './runners/pytorch-language.js';

const runs = await runLanguageModules(languageModelCases, { note: 'a "quoted"\nnote' });

function ran(context: TestContext, i: number): LanguageRun {
  if ('skipped' in runs) return context.skip(runs.skipped);
  return defined(runs[i]);
}

describe.each(languageModelCases.map((each, i) => ({ ...each, i })))('$name', (each) => {
  const { i, logits, present, model, weights } = each;

  it('computes what the released definitions computed, in one piece and in two', (context) => {
    const { outputs, report } = ran(context, i);
    const check = (name: string, expected: Tensor) => {
      const { shape, data } = defined(outputs.get(name));
      expect(shape, name).toEqual(expected.shape);
      expect(departureOf(data, Float64Array.from(expected.data)), name).toBeLessThan(1e-5);
    };
    for (const prefix of ['', 'halves.']) {
      check(`${prefix}logits`, logits);
      check(`${prefix}present`, present);
    }
    expect(report).toMatchObject({ training: false, beginsWithZeros: true });
  });

  it('has the released names, and its state dict is compiled again to the same models', (context) => {
    const { report, checkpoint } = ran(context, i);
    expect([...report.state].sort()).toEqual([...weights.keys()].sort());
    expect(Object.keys(report.parameters)).not.toContain('decoder.weight');
    const saved = decodeWeights(checkpoint, 'state.pt').weights;
    const { genotype, combination } = model;
    const again = compileLanguage({ genotype, combination, weights: saved });
    const original = compileLanguage({ genotype, combination, weights });
    expect(again.network).toEqual(original.network);
    const numbers = ({ models }: typeof again) =>
      [...models.sequence.bound.weights.values()].map(({ name, data }) => [name, data]);
    expect(numbers(again)).toEqual(numbers(original));
  });

  it('says what it is, and what is wrong with a file', (context) => {
    const { printed, errors, moduleMetadata } = ran(context, i).report;
    expect(printed).toMatch(/logits: \[1, 8, 50\][\s\S]*parameters: 3530/);
    expect(errors.partial).toContain('decoder.bias');
    expect(errors.untied).toMatch(/ValueError: .*decoder\.weight is not encoder\.weight/);
    expect(moduleMetadata).toMatchObject({ note: 'a "quoted"\nnote', tool: 'genonnx 0' });
  });
});

describe('the source of a language model', () => {
  const sourceOf = (each: LanguageModelCase): string => {
    const { content } = defined(languageModuleFiles(each).find(({ path }) => path === 'model.py'));
    if (typeof content !== 'string') throw new Error('no module');
    return content;
  };

  it('is a readable file', async () => {
    await expect(sourceOf(defined(languageModelCases[1]))).toMatchFileSnapshot('goldens/pytorch-language.py');
  });

  it('has lines of at most 100 columns, however many states are the output', () => {
    const { model } = defined(languageModelCases[1]);
    const { nodes } = model.genotype.recurrent;
    const many = Array.from({ length: 60 }, () => nodes[0] ?? []);
    const recurrent = { nodes: many, concat: Array.from({ length: 60 }, (_, i) => i + 1) };
    const [file] = toPyTorchLanguage({ network: model, genotype: { recurrent }, weights: [], metadata: {} });
    const lines = String(file?.content).split('\n');
    expect(lines.filter((line) => line.length > 100)).toEqual([]);
    expect(lines.filter((line) => line.startsWith('CONCAT'))).toEqual(['CONCAT = [']);
  });
});
