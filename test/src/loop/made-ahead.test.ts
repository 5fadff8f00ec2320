import { setTimeout } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BatchSource, BatchSourceState, TrainingBatch } from '../../../src/loop/batch-source.js';
import { type DrawnSource, madeAhead, madeInOrder } from '../../../src/loop/made-ahead.js';
import { openStream } from '../../../src/random.js';
import { allOf } from '../../support/batches.js';

const perEpoch = 3;

/** Numbers by chance; `msOf` says how long the making of each draw takes. */
function numbers(msOf: (draw: number) => number, drawn: number[] = []) {
  return (saved: BatchSourceState | undefined): DrawnSource => {
    const stream = openStream(1, 'numbers', saved?.streams.numbers);
    let taken = saved?.cursor?.next ?? 0;
    return {
      draw(epoch) {
        const number = stream.uniform();
        taken = (taken % perEpoch) + 1;
        drawn.push(epoch);
        const done = taken / perEpoch;
        const batch: TrainingBatch = {
          done,
          examples: 1,
          feeds: { number: { shape: [2], data: Float32Array.of(number, epoch) } },
        };
        const ms = msOf(drawn.length);
        return { done, made: ms === 0 ? Promise.resolve(batch) : setTimeout(ms, batch) };
      },
      state: () => ({
        streams: { numbers: stream.state() },
        ...(taken % perEpoch === 0 ? {} : { cursor: { order: stream.state(), next: taken } }),
      }),
    };
  };
}

/** What a loop sees of a source: batches, and where it stood behind each. */
async function taken(source: BatchSource, count: number, first = { epoch: 0 }) {
  const seen: { batch: TrainingBatch; state: BatchSourceState }[] = [];
  let { epoch } = first;
  for (let i = 0; i < count; i++) {
    const batch = await source.next(epoch);
    seen.push({ batch, state: source.state() });
    if (batch.done === 1) epoch += 1;
  }
  return seen;
}

describe('batches that are made ahead', () => {
  it('are the same in the same order, wherever a run is taken up and however long each takes', async () => {
    const plain = await taken(
      madeAhead(
        numbers(() => 0),
        0,
      ),
      10,
    );
    await fc.assert(
      fc.asyncProperty(
        fc.nat(4),
        fc.nat(4),
        fc.integer({ min: 0, max: 9 }),
        fc.array(fc.nat(3), { minLength: 1, maxLength: 7 }),
        async (before, after, cut, times) => {
          const open = () => numbers((draw) => times[draw % times.length]!);
          const first = madeAhead(open(), before);
          const head = await taken(first, cut);
          const saved = JSON.parse(JSON.stringify(first.state()));
          const epoch = Math.floor(cut / perEpoch);
          const tail = await taken(madeAhead(open(), after, saved), 10 - cut, { epoch });
          expect([...head, ...tail]).toEqual(plain);
        },
      ),
      { numRuns: 30 },
    );
  });

  it('are drawn for the epochs that they belong to, as many ahead as is said', async () => {
    const drawn: number[] = [];
    const source = madeAhead(
      numbers(() => 0, drawn),
      2,
    );
    expect(drawn).toEqual([]);
    await source.next(0);
    expect(drawn).toEqual([0, 0, 0]);
    await source.next(0);
    expect(drawn).toEqual([0, 0, 0, 1]);
  });

  it('are drawn again where the loop is in another epoch', async () => {
    const source = madeAhead(
      numbers(() => 0),
      2,
    );
    const [first] = await taken(
      madeAhead(
        numbers(() => 0),
        0,
      ),
      1,
    );
    expect({ batch: await source.next(0), state: source.state() }).toEqual(first);
    const again = await source.next(7);
    expect(again.feeds.number!.data[1]).toBe(7);
    const [, second] = await taken(
      madeAhead(
        numbers(() => 0),
        0,
      ),
      2,
    );
    expect(source.state()).toEqual(second!.state);
  });

  it('fail where they are taken, and not before', async () => {
    const open = (): DrawnSource => ({
      draw: () => ({ done: 0.1, made: Promise.reject(new Error('broken picture')) }),
      state: () => ({ streams: {} }),
    });
    const source = madeAhead(open, 3);
    await expect(source.next(0)).rejects.toThrow('broken picture');
    await setTimeout(5);
  });
});

describe('batches of an evaluation', () => {
  it('come in order, no more of them under way than is said', async () => {
    let [open, most] = [0, 0];
    const made = madeInOrder(9, 2, async (index) => {
      open += 1;
      most = Math.max(most, open);
      await setTimeout(index % 3);
      open -= 1;
      return { examples: index, feeds: {} };
    });
    for (const _ of [1, 2])
      expect((await allOf(made)).map(({ examples }) => examples)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect(most).toBe(3);
    expect(await allOf(madeInOrder(0, 2, () => Promise.reject(new Error('none'))))).toEqual([]);
  });

  it('fail in their turn', async () => {
    const made = madeInOrder(3, 2, async (index) => {
      if (index === 1) throw new Error('broken picture');
      return { examples: 1, feeds: {} };
    });
    await expect(allOf(made)).rejects.toThrow('broken picture');
  });
});
