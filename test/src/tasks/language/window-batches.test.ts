// Windows as a step is fed them.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { batchify } from '../../../../src/data/text/columns.js';
import { MASK_NAMES } from '../../../../src/data/text/masks.js';
import { trainingWindows } from '../../../../src/data/text/windows.js';
import type { Feeds } from '../../../../src/engines/engine.js';
import type { ReadyBatchSource, TrainingBatch } from '../../../../src/loop/batch-source.js';
import { openStream } from '../../../../src/random.js';
import {
  regularisationOf,
  windowBatches,
  windowsInOrder,
} from '../../../../src/tasks/language/window-batches.js';
import { defined } from '../../../support/tensors.js';

const words = 40;
const width = 6;
const settings = {
  width,
  dropout: { rows: 0.1, emb: 0.2, x: 0, h: 0.25, out: 0 },
  activity: 2,
  slowness: 0.5,
};
const text = (length: number) => Uint32Array.from({ length }, (_, at) => (7 * at) % words);
const numbers = (feeds: Feeds, name: string): number[] => Array.from(defined(feeds[name]).data, Number);
const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);

function source(columns: ReturnType<typeof batchify>, bptt: number, given: Partial<typeof settings> = {}) {
  const draw = (stream: ReturnType<typeof openStream>) => trainingWindows(columns.rows, bptt, stream);
  const streams = { windows: 'windows', masks: 'masks' };
  const batches = { columns, words, seed: 9, streams, draw, settings: { ...settings, ...given } };
  return (saved?: Parameters<typeof windowBatches>[1]) => windowBatches(batches, saved);
}

/** The batches of so many epochs. */
function taken(from: ReadyBatchSource, epochs: number): TrainingBatch[] {
  const batches: TrainingBatch[] = [];
  for (let epoch = 0; epoch < epochs; ) {
    const batch = from.next(epoch);
    batches.push(batch);
    if (batch.done === 1) epoch += 1;
  }
  return batches;
}

const sizes = fc.record({
  length: fc.integer({ min: 60, max: 400 }),
  batch: fc.integer({ min: 1, max: 5 }),
  bptt: fc.integer({ min: 4, max: 9 }),
});

describe('the windows of a training', () => {
  it('are those of the epoch, one after the other, from a state of zeros on', () => {
    fc.assert(
      fc.property(sizes, (drawn) => {
        const columns = batchify(text(drawn.length), drawn.batch);
        const stream = openStream(9, 'windows');
        const expected = [1, 2].flatMap(() =>
          trainingWindows(columns.rows, drawn.bptt, stream).map((window, at) => ({
            ...window,
            first: at === 0,
          })),
        );
        const batches = taken(source(columns, drawn.bptt)(), 2);
        expect(batches).toHaveLength(expected.length);
        for (const [at, { feeds, examples, rateScale }] of batches.entries()) {
          const { start, length, rateFactor, first } = defined(expected[at]);
          const rows = (from: number) =>
            Array.from(columns.data.subarray(from * drawn.batch, (from + length) * drawn.batch));
          expect(numbers(feeds, 'tokens')).toEqual(rows(start));
          expect(numbers(feeds, 'targets')).toEqual(rows(start + 1));
          for (const name of ['tokens', 'targets', 'weights'])
            expect(feeds[name]?.shape).toEqual([length, drawn.batch]);
          expect(numbers(feeds, 'carry')).toEqual([first ? 0 : 1]);
          expect(examples).toBe(length * drawn.batch);
          expect(rateScale).toBe(rateFactor);
          expect(sum(numbers(feeds, 'weights'))).toBeCloseTo(1, 5);
          expect(new Set(numbers(feeds, 'weights')).size).toBe(1);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('have the penalties of means over all elements, of changes from the second step on', () => {
    fc.assert(
      fc.property(sizes, (drawn) => {
        const columns = batchify(text(drawn.length), drawn.batch);
        for (const { feeds } of taken(source(columns, drawn.bptt)(), 1)) {
          const [steps = 0] = defined(feeds.tokens).shape;
          const elements = drawn.batch * width;
          expect(feeds.activity?.shape).toEqual([1]);
          expect(numbers(feeds, 'activity')[0]).toBeCloseTo(2 / (steps * elements), 6);
          expect(feeds.slowness?.shape).toEqual([steps, 1, 1]);
          const [first, ...others] = numbers(feeds, 'slowness');
          expect(first).toBe(0);
          expect(others.length).toBeGreaterThan(0);
          for (const weight of others) expect(weight).toBeCloseTo(0.5 / ((steps - 1) * elements), 6);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('have masks where a rate is above 0, each drawn anew', () => {
    const columns = batchify(text(200), 4);
    const batches = taken(source(columns, 8)(), 1);
    const shapes = { rows: [words], emb: [4, width], h: [4, width] };
    for (const { feeds } of batches) {
      const masks = Object.keys(feeds).filter((name) => name.startsWith('mask.'));
      expect(masks).toEqual(Object.keys(shapes).map((name) => `mask.${name}`));
      for (const [name, shape] of Object.entries(shapes)) expect(feeds[`mask.${name}`]?.shape).toEqual(shape);
      const kept = Math.fround(1 / 0.75);
      expect(new Set(numbers(feeds, 'mask.h'))).toEqual(new Set([0, kept]));
    }
    const drawn = batches.map(({ feeds }) => numbers(feeds, 'mask.rows').join());
    expect(new Set(drawn).size).toBe(batches.length);
  });

  it('have nothing beside their words where nothing regularises', () => {
    const dropout = { rows: 0, emb: 0, x: 0, h: 0, out: 0 };
    const plain = { dropout, activity: 0, slowness: 0 };
    const { feeds } = source(batchify(text(200), 4), 8, plain)().next(0);
    expect(Object.keys(feeds).sort()).toEqual(['carry', 'targets', 'tokens', 'weights']);
    expect(regularisationOf({ ...settings, ...plain })).toEqual({
      masks: [],
      activity: false,
      slowness: false,
    });
  });

  it('are asked for by a step that regularises alike', () => {
    expect(regularisationOf(settings)).toEqual({
      masks: ['rows', 'emb', 'h'],
      activity: true,
      slowness: true,
    });
    const all = { rows: 0.1, emb: 0.1, x: 0.1, h: 0.1, out: 0.1 };
    expect(regularisationOf({ ...settings, dropout: all }).masks).toEqual(MASK_NAMES);
  });

  it('go on from any step as if they had never stopped', () => {
    fc.assert(
      fc.property(sizes, fc.nat(40), (drawn, steps) => {
        const open = source(batchify(text(drawn.length), drawn.batch), drawn.bptt);
        const whole = open();
        for (let step = 0; step < steps; step++) whole.next(0);
        const state = JSON.parse(JSON.stringify(whole.state()));
        const resumed = open(state);
        expect(resumed.state()).toEqual(whole.state());
        for (let step = 0; step < 5; step++) expect(resumed.next(0)).toEqual(whole.next(0));
      }),
      { numRuns: 40 },
    );
  });
});

describe('the windows of an evaluation', () => {
  it('have every target once, in order, whenever they are taken, and nothing else', () => {
    fc.assert(
      fc.property(sizes, (drawn) => {
        const columns = batchify(text(drawn.length), drawn.batch);
        const windows = windowsInOrder(columns, drawn.bptt);
        for (const batches of [[...windows], [...windows]]) {
          expect(batches.flatMap(({ feeds }) => numbers(feeds, 'targets'))).toEqual(
            Array.from(columns.data.subarray(drawn.batch)),
          );
          expect(batches.flatMap(({ feeds }) => numbers(feeds, 'tokens'))).toEqual(
            Array.from(columns.data.subarray(0, -drawn.batch)),
          );
          expect(batches.map(({ feeds }) => numbers(feeds, 'carry')[0])).toEqual(
            batches.map((_, at) => (at === 0 ? 0 : 1)),
          );
          for (const { feeds, examples } of batches) {
            expect(Object.keys(feeds).sort()).toEqual(['carry', 'targets', 'tokens', 'weights']);
            expect(sum(numbers(feeds, 'weights'))).toBeCloseTo(1, 5);
            expect(examples).toBe(numbers(feeds, 'tokens').length);
          }
        }
      }),
      { numRuns: 40 },
    );
  });
});
