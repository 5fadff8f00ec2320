import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { windowSource } from '../../../../src/data/text/window-source.js';
import { searchWindows, trainingWindows } from '../../../../src/data/text/windows.js';
import { openStream, type RandomStream } from '../../../../src/random.js';
import { expectRefusal } from '../../../datasets/helpers.js';

const draw = (stream: RandomStream) => trainingWindows(200, 20, stream);
const open = (seed = 1) => openStream(seed, 'windows');

describe('windowSource', () => {
  it('is one epoch after the other', () => {
    const source = windowSource(draw, open());
    const plain = open();
    for (const epoch of [1, 2, 3]) expect([...source.epoch()], `epoch ${epoch}`).toEqual(draw(plain));
  });

  it('says how many windows an epoch has, before it begins and within it', () => {
    const source = windowSource(draw, open());
    for (let epoch = 0; epoch < 4; epoch++) {
      const before = source.windowsInEpoch();
      source.next();
      expect(source.windowsInEpoch()).toBe(before);
      expect([...source.epoch()]).toHaveLength(before - 1);
    }
  });

  it.each([
    ['training', draw],
    ['searching', (stream: RandomStream) => searchWindows(200, 60, 20, stream)],
  ])('continues from a saved position with the very same windows: %s', (_, drawn) => {
    fc.assert(
      fc.property(fc.nat(40), fc.integer(), (taken, seed) => {
        const stream = open(seed);
        const whole = windowSource<unknown>(drawn, stream);
        for (let i = 0; i < taken; i++) whole.next();
        const saved = JSON.parse(JSON.stringify({ stream: stream.state(), cursor: whole.cursor() }));
        const again = openStream(seed, 'windows', saved.stream);
        const resumed = windowSource<unknown>(drawn, again, saved.cursor);
        expect(resumed.cursor()).toEqual(saved.cursor);
        for (let i = 0; i < 30; i++) expect(resumed.next()).toEqual(whole.next());
        expect(resumed.cursor()).toEqual(whole.cursor());
        expect(again.state()).toEqual(stream.state());
      }),
      { numRuns: 50 },
    );
  });

  it('has no cursor between epochs', () => {
    const source = windowSource(draw, open());
    expect(source.cursor()).toBeUndefined();
    source.next();
    expect(source.cursor()).toMatchObject({ next: 1, order: { count: 0 } });
    for (const _ of source.epoch());
    expect(source.cursor()).toBeUndefined();
  });

  it('refuses a cursor that does not belong to it', async () => {
    const stream = open();
    const source = windowSource(draw, stream);
    source.next();
    const cursor = source.cursor()!;
    for (const next of [0, -1, 1.5, source.windowsInEpoch()])
      await expectRefusal(
        () => windowSource(draw, openStream(1, 'windows', stream.state()), { ...cursor, next }),
        'resume-mismatch',
        /expected: .*found: .*cure: /s,
      );
    const elsewhere = openStream(2, 'windows', stream.state());
    elsewhere.uniform();
    await expectRefusal(() => windowSource(draw, elsewhere, cursor), 'resume-mismatch', /nothing else/);
    const otherText = (other: RandomStream) => trainingWindows(900, 20, other);
    const same = openStream(1, 'windows', stream.state());
    await expectRefusal(() => windowSource(otherText, same, cursor), 'resume-mismatch', /nothing else/);
  });
});
