import { describe, expect, it } from 'vitest';
import type { MaskedSet } from '../../../../datasets/masks/masked-data.js';
import { openStream } from '../../../../src/random.js';
import {
  drawEpoch,
  maskedBatches,
  maskedInOrder,
} from '../../../../src/tasks/segmentation/masked-batches.js';
import { allOf } from '../../../support/batches.js';

const extent = { height: 4, width: 4 };

/** Picture i is 3 x 3 of the byte i and of class i, but for a pixel without class. */
const set: MaskedSet = {
  count: 7,
  largest: { height: 3, width: 3 },
  async read(index) {
    const all = (value: number) => ({
      height: 3,
      width: 3,
      channels: 1,
      data: new Uint8Array(9).fill(value),
    });
    const mask = all(index);
    mask.data[0] = 255;
    return { picture: all(index), mask };
  },
};

const normalisation = { mean: [0], standardDeviation: [1] };
const form = { set, channels: 1, normalisation, extent };
const training = {
  ...form,
  batch: 2,
  indices: Uint32Array.of(0, 1, 2, 3, 4, 5, 6),
  scales: [1],
  flip: true,
  steps: 3,
  seed: 5,
  rateScale: (epoch: number, step: number) => 10 * epoch + step,
  grid: { height: 1, width: 1, alignment: 'align-corners' } as const,
  noise: (stream: ReturnType<typeof openStream>) => ({
    noise: { shape: [1], data: Float32Array.of(stream.uniform()) },
  }),
};

describe('the steps of an epoch', () => {
  it('see every picture once before any twice', () => {
    const drawn = drawEpoch(Uint32Array.of(0, 1, 2, 3, 4), 2, 5, openStream(1, 'epoch'));
    expect(drawn).toHaveLength(5);
    const passes = [drawn.slice(0, 2), drawn.slice(2, 4)];
    for (const pass of passes) expect(new Set(pass.flatMap(({ pictures }) => [...pictures])).size).toBe(4);
  });
});

describe('batches to learn from', () => {
  it('are fed with their labels, weights that sum to 1, and the rate of the step', async () => {
    const source = maskedBatches(training, undefined);
    for (const [step, done] of [1 / 3, 2 / 3, 1].entries()) {
      const batch = await source.next(2);
      expect(batch).toMatchObject({ examples: 2, done, rateScale: 20 + step });
      const { images, labels, weights } = batch.feeds;
      expect(images?.shape).toEqual([2, 1, 4, 4]);
      expect(labels?.shape).toEqual([2, 4, 4]);
      const shares = Array.from(weights?.data ?? [], Number);
      expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 6);
      // Of each picture one pixel has no class, and seven lie beside it.
      expect(shares.filter((share) => share > 0)).toHaveLength(16);
    }
  });

  it('are the same ones from wherever a source stands', async () => {
    const whole = maskedBatches(training, undefined);
    const all = [];
    for (let i = 0; i < 9; i++) all.push(await whole.next(Math.floor(i / 3)));
    for (const stop of [1, 3, 5]) {
      const first = maskedBatches(training, undefined);
      for (let i = 0; i < stop; i++) await first.next(Math.floor(i / 3));
      const second = maskedBatches(training, structuredClone(first.state()));
      for (let i = stop; i < 9; i++) expect(await second.next(Math.floor(i / 3))).toEqual(all[i]);
    }
    expect(new Set(all.map(({ feeds }) => String(feeds.noise?.data))).size).toBe(9);
  });
});

describe('batches to be tested on', () => {
  it('have all pictures in order, and nothing counts that only fills up', async () => {
    const batches = await allOf(maskedInOrder({ ...form, batch: 2 }, Uint32Array.of(4, 5, 6)));
    expect(batches.map(({ examples }) => examples)).toEqual([2, 1]);
    const [first, last] = batches.map(({ feeds }) => feeds);
    expect(Array.from(first?.labels?.data ?? [], Number).slice(4, 8)).toEqual([4, 4, 4, 255]);
    expect(Array.from(last?.weights?.data ?? [], Number).slice(16)).toEqual(new Array(16).fill(0));
    expect(Array.from(last?.weights?.data ?? [], Number)[1]).toBeCloseTo(1 / 8, 6);
  });
});
