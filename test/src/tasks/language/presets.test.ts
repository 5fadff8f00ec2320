// The published settings of language models, as DARTS's code and DATA's paper have them, and what a run takes where nothing is said.
import { describe, expect, it } from 'vitest';
import { METHODS } from '../../../../src/estimators/methods.js';
import { resolveLanguageSearch } from '../../../../src/tasks/language/resolve-search.js';
import { resolveLanguageTraining } from '../../../../src/tasks/language/resolve-training.js';

const cell = "Genotype(recurrent=[('tanh', 0), ('relu', 1)], concat=range(1, 3))";
const search = (given: object = {}, preset: 'ptb' | 'small' = 'ptb') =>
  resolveLanguageSearch({ preset, given: { data: './penn', ...given }, threads: 2 });
const training = (preset: 'ptb' | 'wt2' | 'small', given: object = {}) =>
  resolveLanguageTraining({ preset, given: { data: './text', genotype: cell, ...given }, threads: 2 });

describe('the published settings', () => {
  it('of a search on Penn Treebank', () => {
    expect(search()).toMatchObject({
      width: 300,
      batch: 256,
      bptt: 35,
      validationBatch: 10,
      epochs: 50,
      schedule: 'constant',
      weights: { optimizer: 'sgd', learningRate: 20, momentum: 0, clipNorm: 0.25, weightDecay: 5e-7 },
      activity: 0,
      slowness: 1e-3,
      dropout: { rows: 0, emb: 0.2, x: 0.75, h: 0.25, out: 0.75 },
      alphas: { learningRate: 3e-3, weightDecay: 1e-3, beta1: 0.9, beta2: 0.999 },
      method: 'egs',
      samples: 4,
      scope: 'node',
      mode: 'alternating',
      temperature: { start: 5, end: 1, epochs: 150 },
      split: 'validation',
    });
  });

  it('of a training on Penn Treebank', () => {
    expect(training('ptb')).toMatchObject({
      width: 850,
      batch: 64,
      bptt: 35,
      validationBatch: 10,
      testBatch: 1,
      epochs: 1600,
      schedule: 'constant',
      weights: { optimizer: 'asgd', patience: 5, learningRate: 20, clipNorm: 0.25, weightDecay: 8e-7 },
      activity: 0,
      slowness: 1e-3,
      dropout: { rows: 0.1, emb: 0.2, x: 0.75, h: 0.25, out: 0.75 },
      combination: 'mean',
    });
  });

  it('of a training on WikiText-2, where it is another one', () => {
    const { width, dropout, weights, ...others } = training('wt2');
    const { width: _, dropout: ptbDropout, weights: ptbWeights, ...same } = training('ptb');
    expect(width).toBe(700);
    expect(dropout).toEqual({ ...ptbDropout, h: 0.15 });
    expect(weights).toEqual({ ...ptbWeights, weightDecay: 5e-7 });
    expect(others).toEqual(same);
  });
});

describe('with another method', () => {
  it.each(METHODS)("DARTS's settings of weights and alphas stay, and gradients are clipped: %s", (method) => {
    const { weights, alphas, clipsUnrolled } = search({ method });
    expect({ weights, alphas, clipsUnrolled }).toEqual({
      weights: search().weights,
      alphas: search().alphas,
      clipsUnrolled: true,
    });
  });
});

describe('where nothing is said', () => {
  const presetOf = (data?: string) => {
    const { width, data: taken } = resolveLanguageSearch({
      given: data === undefined ? {} : { data },
      threads: 1,
    });
    return { width, data: taken };
  };

  it('a text of one’s own has the published settings, the embedded one those of minutes', () => {
    expect(presetOf('./penn')).toEqual({ width: 300, data: './penn' });
    expect(presetOf()).toEqual({ width: 64, data: 'sotu' });
    expect(presetOf('sotu')).toEqual({ width: 64, data: 'sotu' });
  });

  it('the temperature of a small search falls over the whole of it', () => {
    expect(search({ epochs: 7 }, 'small').temperature.epochs).toBe(7);
    expect(search({ epochs: 7, temperature: { epochs: 3 } }, 'small').temperature.epochs).toBe(3);
    expect(search({ epochs: 7 }).temperature.epochs).toBe(150);
  });

  it('a training that diverges goes back to its best state, not without end', () => {
    for (const preset of ['ptb', 'wt2', 'small'] as const)
      expect(training(preset).restore?.most).toBeGreaterThan(0);
  });
});
