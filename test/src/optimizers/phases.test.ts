// When averaged SGD takes over from SGD.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OPTIMIZERS } from '../../../graphs/optimizers/index.js';
import { phasesOf, stalls } from '../../../src/optimizers/phases.js';
import { defaultWeights } from '../../../src/optimizers/weight-settings.js';

describe('held-out losses', () => {
  const falling = [9, 8, 7, 6, 5];

  it('stall where one is above the least of those that are older than the patience', () => {
    expect(stalls([...falling, 6], 8.9, 5)).toBe(false);
    expect(stalls([...falling, 6], 9.1, 5)).toBe(true);
    // The least of 9, 8, 7 and 6 is what the next one must not exceed.
    expect(stalls([...falling, 6], 6.5, 2)).toBe(true);
    expect(stalls([...falling, 6], 6, 2)).toBe(false);
  });

  it('are too few to stall until there are more than the patience', () => {
    expect(stalls(falling, 100, 5)).toBe(false);
    expect(stalls([...falling, 4], 100, 5)).toBe(true);
    expect(stalls([], 100, 0)).toBe(false);
    expect(stalls([1], 1.5, 0)).toBe(true);
  });

  it('never stall while they fall, whatever the patience, and a loss that is no number does not', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 100, noNaN: true }), { minLength: 1 }),
        fc.nat(8),
        (values, patience) => {
          const losses = values.toSorted((a, b) => b - a);
          expect(stalls(losses.slice(0, -1), losses.at(-1)!, patience)).toBe(false);
          expect(stalls(losses, Number.NaN, patience)).toBe(false);
        },
      ),
    );
  });
});

describe('the phases of a training', () => {
  it.each(OPTIMIZERS)('are %s alone, but for what averaged SGD waits for', (name) => {
    const weights = defaultWeights[name];
    const names = phasesOf(weights).map(({ optimizer }) => optimizer.name);
    expect(names).toEqual(name === 'asgd' ? ['sgd', 'asgd'] : [name]);
  });

  it('of averaged SGD begin with SGD without momentum, by the same settings', () => {
    const { patience, ...options } = defaultWeights.asgd;
    const [first, second] = phasesOf({ ...options, patience: 3 });
    expect(patience).toBe(5);
    expect(first).toMatchObject({
      patience: 3,
      optimizer: { descent: { momentum: 0, weightDecay: options.weightDecay, clipNorm: options.clipNorm } },
    });
    expect(second).not.toHaveProperty('patience');
    expect(phasesOf(options)).toHaveLength(1);
  });
});
