// Settings of the weights' training: what they read, and which optimizer they make.
import { describe, expect, it } from 'vitest';
import { OPTIMIZERS } from '../../../graphs/optimizers/index.js';
import {
  defaultWeights,
  optimizerOf,
  weightSettingNames,
  weightSettings,
} from '../../../src/optimizers/weight-settings.js';

describe('settings', () => {
  it('of earlier versions, which knew SGD only, are still read', () => {
    const { optimizer: _, ...old } = defaultWeights.sgd;
    expect(weightSettings.parse(old)).toEqual(defaultWeights.sgd);
  });

  it.each(OPTIMIZERS)('of %s are read, and make it', (name) => {
    const settings = defaultWeights[name];
    expect(weightSettings.parse(settings)).toEqual(settings);
    expect(optimizerOf(settings).name).toBe(name);
    expect(weightSettingNames[name].toSorted()).toEqual(Object.keys(settings).toSorted());
  });

  it('of one optimizer are not those of another', () => {
    const { momentum: _, ...rest } = defaultWeights.sgd;
    expect(weightSettings.safeParse({ ...defaultWeights.adam, momentum: 0.9 }).success).toBe(false);
    expect(weightSettings.safeParse({ ...rest, beta1: 0.9, beta2: 0.999 }).success).toBe(false);
    expect(weightSettings.safeParse({ ...defaultWeights.adam, optimizer: 'asgd' }).success).toBe(false);
  });
});
