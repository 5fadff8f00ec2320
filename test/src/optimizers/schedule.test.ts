import { describe, expect, it } from 'vitest';
import { rateAt, type Scheduled, scheduleOptionsOf } from '../../../src/optimizers/schedule.js';
import { refusal } from '../runs/helpers.js';

const weights = { learningRate: 0.1, finalLearningRate: 0 };
const rates = (scheduled: Partial<Scheduled>, epochs = 5) =>
  Array.from({ length: epochs }, (_, epoch) => rateAt({ weights, epochs, ...scheduled }, epoch));

describe('a schedule', () => {
  it('is a cosine where nothing is said', () => {
    const whole = rates({ weights: { learningRate: 0.1, finalLearningRate: 0.02 } }, 4);
    [0.1, 0.06 + 0.04 * Math.SQRT1_2, 0.06, 0.06 - 0.04 * Math.SQRT1_2].forEach((rate, epoch) => {
      expect(whole[epoch]).toBeCloseTo(rate, 12);
    });
  });

  it('stays where it is', () => {
    expect(rates({ schedule: 'constant' }, 3)).toEqual([0.1, 0.1, 0.1]);
  });

  it('falls by a power of what is left: DATA on ImageNet', () => {
    const poly = rates({ schedule: 'poly' }, 250);
    expect(poly[0]).toBe(0.1);
    expect(poly[125]).toBeCloseTo(0.1 * 0.5 ** 0.9, 15);
    expect(poly[249]).toBeCloseTo(0.1 / 250 ** 0.9, 15);
    expect(rates({ schedule: 'poly', scheduleOptions: { power: 1 } }, 4)[1]).toBeCloseTo(0.075, 15);
    expect(rates({ schedule: 'poly', weights: { learningRate: 0.1, finalLearningRate: 0.02 } }, 2)[1]).toBe(
      0.02 + 0.08 * 0.5 ** 0.9,
    );
  });

  it('falls by a factor each epoch: DARTS on ImageNet', () => {
    const exponential = rates({ schedule: 'exponential' }, 250);
    expect(exponential[0]).toBe(0.1);
    expect(exponential[249]).toBeCloseTo(0.1 * 0.97 ** 249, 15);
    const floored = { ...weights, finalLearningRate: 0.05 };
    expect(rates({ schedule: 'exponential', weights: floored, scheduleOptions: { decay: 0.4 } }, 3)).toEqual([
      0.1, 0.05, 0.05,
    ]);
  });

  it('falls by a factor now and then', () => {
    const step = rates({ schedule: 'step', scheduleOptions: { decay: 0.5, decayEpochs: 2 } });
    expect(step).toEqual([0.1, 0.1, 0.05, 0.05, 0.025]);
  });

  it('rises at first where that is asked for', () => {
    const warm = rates({ schedule: 'constant', rateWarmupEpochs: 4 }, 6);
    [0.025, 0.05, 0.075, 0.1, 0.1, 0.1].forEach((rate, epoch) => {
      expect(warm[epoch]).toBeCloseTo(rate, 15);
    });
  });
});

describe('the options of a schedule', () => {
  it('are the usual ones, but for those that are given', () => {
    expect(scheduleOptionsOf('poly')).toEqual({ power: 0.9 });
    expect(scheduleOptionsOf('step', { decayEpochs: 10 })).toEqual({ decay: 0.1, decayEpochs: 10 });
    expect(scheduleOptionsOf('cosine')).toBeUndefined();
  });

  it('are its own', async () => {
    const { details } = await refusal('usage', () => scheduleOptionsOf('cosine', { decay: 0.5 }));
    expect(details.where).toBe('`scheduleOptions.decay`');
    expect(details.expected).toContain('exponential, step');
  });
});
