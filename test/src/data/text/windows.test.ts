import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluationWindows, searchWindows, trainingWindows } from '../../../../src/data/text/windows.js';
import { openStream } from '../../../../src/random.js';
import { expectRefusal } from '../../../datasets/helpers.js';

const bptts = fc.integer({ min: 4, max: 40 });
const forms = fc
  .tuple(bptts, fc.nat(400), fc.integer())
  .map(([bptt, more, seed]) => ({ bptt, rows: bptt + 1 + more, stream: openStream(seed, 'windows') }));

/** The rows of targets that spans have, in order. */
const targetsOf = (spans: readonly { start: number; length: number }[]) =>
  spans.flatMap(({ start, length }) => Array.from({ length }, (_, at) => start + at + 1));
const upTo = (count: number) => Array.from({ length: count }, (_, at) => at + 1);

describe('trainingWindows', () => {
  it('have every target once, but for a last one that would be alone', () => {
    fc.assert(
      fc.property(forms, ({ bptt, rows, stream }) => {
        const targets = targetsOf(trainingWindows(rows, bptt, stream));
        expect([rows - 1, rows - 2]).toContain(targets.length);
        expect(targets).toEqual(upTo(targets.length));
      }),
    );
  });

  it('have at least two rows, lengths within their bounds, and the factor of the length as drawn', () => {
    fc.assert(
      fc.property(forms, ({ bptt, rows, stream }) => {
        const windows = trainingWindows(rows, bptt, stream);
        for (const [at, { start, length, rateFactor }] of windows.entries()) {
          const drawn = Math.round(rateFactor * bptt);
          expect(rateFactor).toBe(drawn / bptt);
          expect(drawn).toBeGreaterThanOrEqual(5);
          expect(drawn).toBeLessThanOrEqual(bptt + 20);
          expect(length).toBe(Math.min(drawn, rows - 1 - start));
          expect(length).toBeGreaterThanOrEqual(2);
          if (at > 0) expect(windows[at - 1]!.start + windows[at - 1]!.length).toBe(start);
        }
      }),
    );
  });

  it('are as long as their definition says', () => {
    // The definition once more, from numbers of the same stream.
    const stream = openStream(7, 'windows');
    const windows = trainingWindows(20_000, 35, openStream(7, 'windows'));
    let halves = 0;
    const drawn = windows.map(() => {
      const half = stream.uniform() < 0.05;
      if (half) halves += 1;
      return Math.min(Math.max(5, Math.trunc((half ? 17.5 : 35) + 5 * stream.normal())), 55);
    });
    expect(windows.map(({ rateFactor }) => Math.round(rateFactor * 35))).toEqual(drawn);
    expect(halves / drawn.length).toBeGreaterThan(0.02);
    expect(halves / drawn.length).toBeLessThan(0.08);
    expect(Math.min(...drawn)).toBeLessThan(15);
    expect(Math.max(...drawn)).toBeGreaterThan(45);
  });

  it('are other ones in the next epoch', () => {
    const stream = openStream(1, 'windows');
    expect(trainingWindows(1000, 35, stream)).not.toEqual(trainingWindows(1000, 35, stream));
  });
});

describe('searchWindows', () => {
  it('have every target of the training text once, in whole and half lengths', () => {
    fc.assert(
      fc.property(forms, ({ bptt, rows, stream }) => {
        const weights = searchWindows(rows, bptt + 1, bptt, stream).map((window) => window.weights);
        const targets = targetsOf(weights);
        expect(targets).toEqual(upTo(targets.length));
        expect([rows - 1, rows - 2]).toContain(targets.length);
        for (const { start, length, rateFactor } of weights) {
          const drawn = Math.round(rateFactor * bptt);
          expect([bptt, Math.floor(bptt / 2)]).toContain(drawn);
          expect(length).toBe(Math.min(drawn, rows - 1 - start));
          expect(length).toBeGreaterThanOrEqual(2);
        }
      }),
    );
  });

  it('are half as long with probability 0.05', () => {
    const windows = searchWindows(100_000, 100, 35, openStream(3, 'windows'));
    const halves = windows.filter(({ weights }) => weights.rateFactor === 17 / 35).length;
    expect(halves / windows.length).toBeGreaterThan(0.035);
    expect(halves / windows.length).toBeLessThan(0.065);
  });

  it('begin at the same row of the search text, again from its start where it is shorter', () => {
    fc.assert(
      fc.property(forms, fc.nat(100), ({ bptt, rows, stream }, more) => {
        const searchRows = bptt + 1 + more;
        for (const { weights, alphas } of searchWindows(rows, searchRows, bptt, stream)) {
          expect(alphas.start).toBe(weights.start % (searchRows - 1));
          expect(alphas.length).toBe(Math.min(bptt, searchRows - 1 - alphas.start));
          expect(alphas.length).toBeGreaterThanOrEqual(1);
        }
      }),
    );
  });
});

describe('evaluationWindows', () => {
  it('have every target once', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 300 }), fc.integer({ min: 1, max: 50 }), (rows, bptt) => {
        const windows = evaluationWindows(rows, bptt);
        expect(targetsOf(windows)).toEqual(upTo(rows - 1));
        expect(windows.slice(0, -1).every(({ length }) => length === bptt)).toBe(true);
        expect(windows.at(-1)?.length).toBeGreaterThanOrEqual(1);
      }),
    );
  });
});

describe('windows that cannot be', () => {
  it('are refused: longer than the text, too short, no integers', async () => {
    const stream = openStream(1, 'windows');
    const refuse = (work: () => unknown, parts: RegExp) => expectRefusal(work, 'usage', parts);
    const longer = /where: +`bptt`.*expected: +at most 34:.*found: +35/s;
    await refuse(() => trainingWindows(35, 35, stream), longer);
    await refuse(() => searchWindows(35, 100, 35, stream), longer);
    await refuse(() => searchWindows(100, 35, 35, stream), longer);
    expect(trainingWindows(36, 35, stream).length).toBeGreaterThan(0);
    for (const bptt of [0, 3, 4.5, Number.NaN]) {
      await refuse(() => trainingWindows(100, bptt, stream), /an integer of at least 4/);
      await refuse(() => searchWindows(100, 100, bptt, stream), /an integer of at least 4/);
    }
    for (const bptt of [0, 1.5, Number.NaN])
      await refuse(() => evaluationWindows(100, bptt), /a positive integer/);
  });
});
