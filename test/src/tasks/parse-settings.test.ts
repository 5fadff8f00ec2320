import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { GenonnxError } from '../../../src/errors.js';
import { parseSettings } from '../../../src/tasks/parse-settings.js';

const schema = z.object({
  cells: z.int().min(1),
  mode: z.enum(['alternating', 'joint']).default('joint'),
  alphas: z.object({ learningRate: z.number() }),
});
const settings = { cells: 4, alphas: { learningRate: 0.1 } };

function refusal(given: object) {
  try {
    parseSettings(schema, { ...settings, ...given });
  } catch (error) {
    if (error instanceof GenonnxError && error.code === 'usage') return error.details;
    throw error;
  }
  throw new Error('It was taken.');
}

describe('parseSettings', () => {
  it('takes what fits, with defaults', () => {
    expect(parseSettings(schema, settings)).toEqual({ ...settings, mode: 'joint' });
    expect(parseSettings(schema, { ...settings, epochs: undefined })).toEqual({ ...settings, mode: 'joint' });
  });

  it('names the setting that cannot be, and the word that was meant', () => {
    expect(refusal({ alphas: { learningRate: 'fast' } })).toMatchObject({
      where: '`alphas.learningRate`',
      expected: 'a number',
      found: 'fast',
    });
    expect(refusal({ mode: 'jiont' })).toMatchObject({ where: '`mode`', cure: 'Did you mean joint?' });
  });

  it('refuses a setting that there is not, however deep', () => {
    expect(refusal({ celss: 5 })).toMatchObject({
      where: '`celss`',
      expected: 'one of cells, mode, alphas',
      cure: 'Did you mean cells?',
    });
    expect(refusal({ alphas: { learningRate: 1, rate: 2 } })).toMatchObject({
      where: '`alphas.rate`',
      found: 'rate',
      cure: 'Leave it out.',
    });
  });
});
