// From a preset and what is given to the settings of a training: what belongs to the optimizer, the schedule and the network that
// are given.
import { describe, expect, it } from 'vitest';
import { imagenetAugmentation } from '../../../../src/data/pictures/imagenet.js';
import { defaultWeights } from '../../../../src/optimizers/weight-settings.js';
import {
  resolveTraining,
  type TrainingGiven,
} from '../../../../src/tasks/classification/resolve-training.js';
import { trainConfigSchema } from '../../../../src/tasks/classification/training-settings.js';
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

describe('the recipe of ImageNet', () => {
  const resolved = (
    preset: 'imagenet' | 'imagenet-darts' | undefined,
    given: Omit<TrainingGiven, 'genotype'>,
  ) => resolveTraining({ preset, given: { genotype: 'DATA_M7', ...given }, threads: 1 });
  const imagenet = (given: Omit<TrainingGiven, 'genotype'> = {}) => resolved('imagenet', given);

  it("is the paper's", () => {
    expect(imagenet()).toMatchObject({
      network: 'imagenet',
      cells: 14,
      channels: 48,
      batch: 128,
      epochs: 250,
      schedule: 'poly',
      scheduleOptions: { power: 0.9 },
      weights: {
        optimizer: 'sgd',
        learningRate: 0.1,
        finalLearningRate: 0,
        momentum: 0.9,
        weightDecay: 3e-5,
        clipNorm: 5,
      },
      labelSmoothing: 0.1,
      auxiliary: true,
      auxiliaryWeight: 0.4,
      dropPath: 0,
      validationShare: 0,
    });
  });

  it("takes ImageNet's crops of any size, and leaves them out for what is given in their place", async () => {
    expect(imagenet().augmentation).toEqual(imagenetAugmentation);
    const smaller = imagenet({ augmentation: { size: 112 } }).augmentation;
    expect(smaller).toEqual({ ...imagenetAugmentation, size: 112, resize: 128 });
    expect(imagenet({ padTo: 64, cropPadding: 4 })).toMatchObject({ padTo: 64, cropPadding: 4 });
    expect(imagenet({ padTo: 64 }).augmentation).toBeUndefined();
    const { details } = await refusal('usage', () => imagenet({ augmentation: { size: 300, resize: 256 } }));
    expect(details.where).toBe('`augmentation.size`');
    const both = { padTo: 64, augmentation: imagenetAugmentation };
    expect((await refusal('usage', () => imagenet(both))).details.where).toBe('`padTo`');
    // With another preset a size alone asks for them.
    const given = { data: './photos', augmentation: { size: 112 } };
    expect(resolved(undefined, given)).toMatchObject({
      cropPadding: 0,
      cutout: 0,
      augmentation: { kind: 'imagenet', size: 112, resize: 128 },
    });
  });

  it("or DARTS's, whose rate falls by a factor", () => {
    const { schedule, scheduleOptions, ...rest } = resolved('imagenet-darts', {});
    expect([schedule, scheduleOptions]).toEqual(['exponential', { decay: 0.97 }]);
    expect(imagenet()).toMatchObject(rest);
  });

  it('is what the network is trained by on images of their own', () => {
    expect(resolved(undefined, { network: 'imagenet', data: './photos' }).batch).toBe(128);
    expect(resolved(undefined, { data: './photos' })).toMatchObject({ network: 'cifar', batch: 96 });
    const small = resolved(undefined, { network: 'imagenet' });
    expect(small).toMatchObject({ network: 'imagenet', cells: 5, channels: 8, data: 'fashion-mnist' });
  });

  it('takes another schedule, with the options of that one', async () => {
    expect(imagenet({ schedule: 'cosine' })).not.toHaveProperty('scheduleOptions');
    expect(imagenet({ scheduleOptions: { power: 2 } }).scheduleOptions).toEqual({ power: 2 });
    const { details } = await refusal('usage', () => imagenet({ scheduleOptions: { decay: 0.5 } }));
    expect(details.where).toBe('`scheduleOptions.decay`');
  });

  it('is not that of runs of before, which say no network', () => {
    const { network: _, ...before } = resolve();
    expect(trainConfigSchema.parse(before)).toEqual(resolve());
  });
});
