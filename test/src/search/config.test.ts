import { describe, expect, it } from 'vitest';
import { METHOD_TABLE, METHODS } from '../../../src/estimators/methods.js';
import {
  cifarSearch,
  presetFor,
  searchConfigSchema,
  searchPresets,
  smallSearch,
} from '../../../src/tasks/classification/search-settings.js';

describe('presets', () => {
  it.each(METHODS)('are whole for %s, with what the method is of its options', (method) => {
    for (const name of ['cifar', 'small'] as const) {
      const preset = presetFor(name, method);
      const parsed = searchConfigSchema.parse({ ...preset, data: 'd', seed: 1, threads: 1 });
      expect(parsed).toMatchObject({ method, ...METHOD_TABLE[method].options });
      expect(parsed.cells).toBe(searchPresets[name].cells);
    }
  });

  it('are those of DATA for its own method, and the authors’ for others', () => {
    expect(presetFor('cifar', 'egs')).toBe(cifarSearch);
    const darts = presetFor('cifar', 'darts');
    expect(darts).toMatchObject({ mode: 'alternating', alphas: { learningRate: 3e-4, weightDecay: 1e-3 } });
    // Few steps need alphas that move faster, whatever the method.
    const gdas = presetFor('small', 'gdas');
    expect(gdas.alphas.learningRate).toBe(smallSearch.alphas.learningRate);
    expect(gdas.temperature).toEqual({ start: 10, end: 0.1, epochs: smallSearch.epochs });
    expect(presetFor('cifar', 'snas').mode).toBe('joint');
  });

  it('of runs before there were methods are read as those of DATA', () => {
    const { method: _, penalties: __, stopOnSkips: ___, ...old } = smallSearch;
    expect(searchConfigSchema.parse({ ...old, data: 'd', seed: 1, threads: 1 })).toMatchObject({
      method: 'egs',
      penalties: { entropy: 0, operations: 0, budget: 0 },
      stopOnSkips: false,
    });
  });
});
