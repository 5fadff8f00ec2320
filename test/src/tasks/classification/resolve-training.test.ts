// From a preset and what is given to the settings of a training: what belongs to the optimizer that is given.
import { describe, expect, it } from 'vitest';
import { defaultWeights } from '../../../../src/optimizers/weight-settings.js';
import {
  resolveTraining,
  type TrainingGiven,
} from '../../../../src/tasks/classification/resolve-training.js';
import { refusal } from '../../runs/helpers.js';

const resolve = (weights: TrainingGiven['weights'] = {}) =>
  resolveTraining({ preset: 'small', given: { genotype: 'DARTS_V2', weights }, threads: 1 });

describe('the optimizer of a training', () => {
  it("is SGD with the preset's settings where nothing else is given", () => {
    expect(resolve().weights).toEqual({ ...defaultWeights.sgd, learningRate: 0.05 });
    expect(resolve({ momentum: 0.5 }).weights).toMatchObject({ optimizer: 'sgd', momentum: 0.5 });
  });

  it('has its usual settings, but for those that are given; all else is the preset', () => {
    const { weights, ...rest } = resolve({ optimizer: 'adam', beta1: 0.5 });
    expect(weights).toEqual({ ...defaultWeights.adam, beta1: 0.5 });
    const { weights: _, ...preset } = resolve();
    expect(rest).toEqual(preset);
  });

  it('has no settings of another', async () => {
    const mixed = { optimizer: 'adam', momentum: 0.9 } as const;
    const momentum = await refusal('usage', () => resolve(mixed));
    expect(momentum.details.where).toBe('`weights.momentum`');
    const beta = await refusal('usage', () => resolve({ beta1: 0.5 }));
    expect(beta.details.where).toBe('`weights.beta1`');
  });

  it('waits for a held-out loss only where images are held out', async () => {
    const waiting = { optimizer: 'asgd', patience: 2 } as const;
    expect(resolve(waiting).weights).toEqual({ ...defaultWeights.asgd, patience: 2 });
    const given = { genotype: 'DARTS_V2', weights: waiting, validationShare: 0 };
    const { details } = await refusal('usage', () => resolveTraining({ preset: 'small', given, threads: 1 }));
    expect(details.where).toBe('`validationShare`');
  });
});
