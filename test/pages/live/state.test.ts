// What a page comes to know: the same, whichever way the lines of a journal reach it.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseRoute, printRoute } from '../../../pages/live/routes.js';
import { PageState } from '../../../pages/live/state.js';
import type { LinesMessage, RunInfo } from '../../../src/live/messages.js';

const info: RunInfo = {
  id: 'a1',
  name: 'search',
  kind: 'search',
  task: 'classification',
  state: 'running',
  epochs: 50,
  startedAt: 0,
  changedAt: 0,
  settings: {},
  examples: 'images',
  metrics: [{ name: 'accuracy', title: 'Accuracy', better: 'higher', form: 'share' }],
  cellKind: 'convolutional',
};
/** Each line is of ten bytes. */
const lines = (from: number, to: number): LinesMessage => ({
  run: 'a1',
  from: 10 * from,
  to: 10 * to,
  columns: { epoch: Array.from({ length: to - from }, (_, i) => from + i + 1) },
  last: { genotype: `after ${to}`, warnings: [] },
});
function stateWith(): PageState {
  const state = new PageState();
  state.apply({
    name: 'all',
    data: { version: '1', folders: ['runs'], runs: [info], studies: [], tables: [], now: Date.now() },
  });
  return state;
}
const epochs = (state: PageState) => state.runs.get('a1')?.columns.get('epoch') ?? [];
const count = (n: number) => Array.from({ length: n }, (_, i) => i + 1);

describe('the lines of a journal', () => {
  it('come once each, though messages are repeated or missed and asked for again', () => {
    const ends = fc.uniqueArray(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(ends, fc.array(fc.nat({ max: 20 })), (unsorted, picks) => {
        const sorted = [...unsorted].sort((a, b) => a - b);
        const messages = sorted.map((end, i) => lines(sorted[i - 1] ?? 0, end));
        const state = stateWith();
        for (const pick of picks) {
          const message = messages[pick % messages.length];
          if (message === undefined || state.apply({ name: 'lines', data: message }) === undefined) continue;
          // Missed: everything up to there is sent again.
          state.apply({ name: 'lines', data: lines(0, message.to / 10) });
        }
        const known = state.offsets.get('a1') ?? 0;
        expect(epochs(state)).toEqual(count(known / 10));
      }),
    );
  });

  it('replace what was known where they begin anew', () => {
    const state = stateWith();
    state.apply({ name: 'lines', data: lines(0, 5) });
    state.apply({ name: 'lines', data: lines(0, 2) });
    expect(epochs(state)).toEqual([1, 2]);
    expect(state.runs.get('a1')).toMatchObject({ epochs: 2, generation: 1, last: { genotype: 'after 2' } });
  });

  it('leave out what a column did not have before, or has no more', () => {
    const state = stateWith();
    state.apply({ name: 'lines', data: { ...lines(0, 2), columns: { epoch: [1, 2], a: [5, 6] } } });
    state.apply({ name: 'lines', data: { ...lines(2, 3), columns: { epoch: [3], b: [7] } } });
    expect(Object.fromEntries(state.runs.get('a1')?.columns ?? [])).toEqual({
      epoch: [1, 2, 3],
      a: [5, 6, null],
      b: [null, null, 7],
    });
  });
});

describe('a page', () => {
  it('tells another one all that it knows', () => {
    const state = stateWith();
    state.apply({ name: 'lines', data: lines(0, 5) });
    const other = new PageState();
    for (const event of state.events()) other.apply(structuredClone(event));
    expect(epochs(other)).toEqual(epochs(state));
    expect(other.offsets).toEqual(state.offsets);
    expect(other.runs.get('a1')?.info).toEqual(info);
  });

  it('forgets runs that are gone, also while it was not connected', () => {
    const state = stateWith();
    state.apply({ name: 'gone', data: { id: 'a1' } });
    expect(state.runs.size).toBe(0);
    const other = stateWith();
    other.apply({
      name: 'all',
      data: { version: '1', folders: [], runs: [], studies: [], tables: [], now: 0 },
    });
    expect(other.runs.size).toBe(0);
  });

  it('has an address for each view', () => {
    for (const route of [
      { view: 'overview' },
      { view: 'run', id: 'a1' },
      { view: 'study', id: 'b2' },
      { view: 'compare', ids: ['a1', 'b2'] },
    ] as const)
      expect(parseRoute(printRoute(route))).toEqual(route);
    expect(parseRoute('#run=<script>')).toEqual({ view: 'overview' });
  });
});
