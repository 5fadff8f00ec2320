import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openStream } from '../../src/random.js';

describe('openStream', () => {
  it('continues from a saved state with the very next number', () => {
    fc.assert(
      fc.property(fc.integer(), fc.nat(50), (seed, drawn) => {
        const whole = openStream(seed, 'gumbel');
        for (let i = 0; i < drawn; i++) whole.normal();
        const resumed = openStream(seed, 'gumbel', JSON.parse(JSON.stringify(whole.state())));
        for (let i = 0; i < 5; i++) expect(resumed.uniform()).toBe(whole.uniform());
        expect(resumed.state()).toEqual(whole.state());
      }),
    );
  });

  it('gives other numbers for another name or seed', () => {
    const first = openStream(1, 'weights').uniform();
    expect(openStream(1, 'batches').uniform()).not.toBe(first);
    expect(openStream(2, 'weights').uniform()).not.toBe(first);
  });

  it('draws uniforms in (0, 1), normals and Gumbels with their moments', () => {
    const stream = openStream(3, 'moments');
    const mean = (draw: () => number): number => {
      let sum = 0;
      for (let i = 0; i < 40_000; i++) sum += draw();
      return sum / 40_000;
    };
    expect(mean(stream.uniform)).toBeCloseTo(0.5, 1.5);
    expect(mean(stream.normal)).toBeCloseTo(0, 1);
    expect(mean(() => stream.normal() ** 2)).toBeCloseTo(1, 1);
    expect(mean(stream.gumbel)).toBeCloseTo(0.5772, 1);
  });

  it('shuffles into a permutation', () => {
    const shuffled = openStream(4, 'shuffle').shuffle(Uint32Array.from({ length: 100 }, (_, i) => i));
    expect([...shuffled]).not.toEqual([...shuffled].sort((a, b) => a - b));
    expect([...shuffled].sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, i) => i));
  });
});
