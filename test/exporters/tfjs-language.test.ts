// Language models in TensorFlow.js, a word at a time, against what PyTorch computed in float64.
import { describe, expect, it } from 'vitest';
import { toTfjs } from '../../exporters/tfjs.js';
import { languageExport, languageModelCases, stepsOf } from '../support/language-models.js';
import { departureOf } from '../support/language-step.js';
import { defined } from '../support/tensors.js';
import { modelJson, runGraphModel } from './runners/tfjs.js';

describe.each(languageModelCases)('$name', (each) => {
  const { bound, metadata } = languageExport('step', each);
  const files = toTfjs(bound, { name: 'lm', metadata });

  it('is PyTorch’s, word by word', async () => {
    let past = each.past;
    for (let t = 0; t < 7; t++) {
      const found = await runGraphModel(files, {
        input_ids: stepsOf(each.tokens, t, t + 1),
        'past_recurrent.0': past,
      });
      const logits = stepsOf(each.logits, t, t + 1);
      expect(defined(found.logits).shape).toEqual(logits.shape);
      expect(departureOf(defined(found.logits).data, Float64Array.from(logits.data))).toBeLessThan(1e-5);
      past = defined(found['present_recurrent.0']);
      expect(past.shape).toEqual(each.past.shape);
    }
    expect(departureOf(past.data, Float64Array.from(each.present.data))).toBeLessThan(1e-5);
  });

  it('takes indices of 32 bits, and holds each weight once', () => {
    const { signature, weightsManifest } = modelJson(files);
    expect(signature).toMatchObject({
      inputs: {
        input_ids: { dtype: 'DT_INT32', tensorShape: { dim: [{ size: '-1' }, { size: '1' }] } },
        'past_recurrent.0': { dtype: 'DT_FLOAT' },
      },
    });
    const weights = defined(weightsManifest[0]).weights.filter(({ dtype }) => dtype === 'float32');
    const numbers = weights.map(({ shape }) => shape.reduce((a, b) => a * b, 1));
    // Beside the parameters there are the factors of means.
    const [factors, parameters] = [numbers.filter((n) => n === 1), numbers.filter((n) => n > 1)];
    expect(parameters.reduce((a, b) => a + b, 0)).toBe(3530);
    expect(factors.length).toBeLessThan(4);
  });
});
