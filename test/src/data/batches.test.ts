import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Batch,
  evaluationBatches,
  type TrainingOptions,
  trainingBatches,
} from '../../../src/data/batches.js';
import { openStream } from '../../../src/random.js';
import { expectRefusal } from '../../datasets/helpers.js';
import { someImages, UNIT } from './helpers.js';

/** Images whose first byte is their number plus one. */
function numbered(count: number) {
  const set = someImages(count);
  for (let index = 0; index < count; index++) set.images[index * 60] = index + 1;
  return set;
}

/** The numbers of a batch's real images. */
const numbersOf = (batch: Batch) =>
  Array.from({ length: batch.count }, (_, row) => Math.round(batch.images[row * 60]! * 255) - 1);

const ascending = (numbers: number[]) => numbers.sort((a, b) => a - b);
const upTo = (count: number) => Uint32Array.from({ length: count }, (_, index) => index);

function options(count: number, batchSize: number): TrainingOptions {
  return { set: numbered(count), indices: upTo(count), normalisation: UNIT, batchSize };
}

const AUGMENTED = { cropPadding: 2, flip: true, cutout: 2 };

describe('trainingBatches', () => {
  it('takes each image at most once an epoch, in another order each time, labels with their images', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 10, max: 60 }),
        fc.integer({ min: 1, max: 10 }),
        fc.integer(),
        (count, size, seed) => {
          const batches = trainingBatches(options(count, size), openStream(seed, 'batches'));
          const epochs = [0, 1].map(() => [...batches.epoch()]);
          for (const epoch of epochs) {
            const numbers = epoch.flatMap(numbersOf);
            expect(epoch).toHaveLength(Math.floor(count / size));
            expect(new Set(numbers).size).toBe(epoch.length * size);
            expect(epoch.flatMap((batch) => [...batch.labels].map(Number))).toEqual(
              numbers.map((n) => n % 3),
            );
          }
          expect(epochs[0]!.flatMap(numbersOf)).not.toEqual(epochs[1]!.flatMap(numbersOf));
        },
      ),
      { numRuns: 40 },
    );
  });

  it('weighs the examples of a batch equally', () => {
    const batch = trainingBatches(options(8, 4), openStream(1, 'batches')).next();
    expect([...batch.weights]).toEqual([0.25, 0.25, 0.25, 0.25]);
    expect(batch.count).toBe(4);
  });

  it('continues from a saved position, within an epoch or between two, with the very same batches', () => {
    fc.assert(
      fc.property(fc.nat(12), fc.integer(), (taken, seed) => {
        const augmented = { ...options(22, 4), augmentation: AUGMENTED };
        const stream = openStream(seed, 'batches');
        const whole = trainingBatches(augmented, stream);
        for (let i = 0; i < taken; i++) whole.next();
        const saved = JSON.parse(JSON.stringify({ stream: stream.state(), cursor: whole.cursor() }));
        expect(saved.cursor === undefined).toBe(taken % 5 === 0);
        const resumed = trainingBatches(augmented, openStream(seed, 'batches', saved.stream), saved.cursor);
        for (let i = 0; i < 7; i++) expect(resumed.next()).toEqual(whole.next());
        expect(resumed.cursor()).toEqual(whole.cursor());
      }),
      { numRuns: 40 },
    );
  });

  it('leaves the rest of an epoch for later when stopped early', () => {
    const batches = trainingBatches(options(20, 4), openStream(3, 'batches'));
    const numbers: number[] = [];
    for (const batch of batches.epoch()) {
      numbers.push(...numbersOf(batch));
      if (numbers.length === 8) break;
    }
    expect(batches.cursor()?.next).toBe(2);
    for (const batch of batches.epoch()) numbers.push(...numbersOf(batch));
    expect(ascending(numbers)).toEqual([...upTo(20)]);
  });

  it('hands out fresh arrays and leaves the indices alone', () => {
    const chosen = options(8, 4);
    const batches = trainingBatches(chosen, openStream(1, 'batches'));
    const first = batches.next();
    const kept = structuredClone(first);
    batches.next();
    expect(first).toEqual(kept);
    expect(chosen.indices).toEqual(upTo(8));
  });

  it('is fast enough not to be seen beside a training step', () => {
    const set = someImages(64, 28, 28);
    const grey = { ...set, images: set.images.subarray(0, 64 * 784), channels: 1 };
    const normalisation = { mean: [0.3], standardDeviation: [0.3] };
    const batches = trainingBatches(
      {
        set: grey,
        indices: upTo(64),
        normalisation,
        batchSize: 32,
        augmentation: { ...AUGMENTED, cutout: 8 },
      },
      openStream(1, 'batches'),
    );
    const times = Array.from({ length: 200 }, () => {
      const start = performance.now();
      batches.next();
      return performance.now() - start;
    }).sort((a, b) => a - b);
    expect(times[100]).toBeLessThan(1); // milliseconds; about 0.1 on a machine at rest
  });

  it('refuses what cannot be', async () => {
    const stream = openStream(1, 'batches');
    const train = (changes: Partial<TrainingOptions>) => () =>
      trainingBatches({ ...options(8, 4), ...changes }, stream);
    const parts = /expected: .*found: .*cure: /s;
    for (const batchSize of [0, -1, 1.5, 9]) await expectRefusal(train({ batchSize }), 'usage', parts);
    await expectRefusal(train({ indices: Uint32Array.of(0, 1, 2, 8) }), 'usage', parts);
    await expectRefusal(train({ augmentation: { cutout: -1 } }), 'usage', parts);
    await expectRefusal(train({ normalisation: { mean: [0], standardDeviation: [1] } }), 'channels', parts);
    for (const padTo of [4, 5.5]) await expectRefusal(train({ padTo }), 'image-size', parts);
    const order = stream.state();
    for (const next of [0, 2, 0.5]) {
      await expectRefusal(
        () => trainingBatches(options(8, 4), stream, { order, next }),
        'resume-mismatch',
        parts,
      );
    }
    await expectRefusal(
      () => trainingBatches(options(8, 4), stream, { order, next: 1 }),
      'resume-mismatch',
      parts,
    );
  });
});

describe('evaluationBatches', () => {
  it('takes each image exactly once, in order, with weights of sum 1, and can be walked again', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 12 }), (count, size) => {
        const batches = evaluationBatches(options(count, size));
        for (const walk of [[...batches], [...batches]]) {
          expect(walk.flatMap(numbersOf)).toEqual([...upTo(count)]);
          for (const batch of walk) {
            expect(batch.images).toHaveLength(size * 60);
            expect(batch.labels).toHaveLength(size);
            expect(batch.weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 6);
            expect([...batch.weights.subarray(batch.count)]).toEqual(Array(size - batch.count).fill(0));
          }
        }
      }),
    );
  });

  it('pads images to a larger extent, evenly', () => {
    const [batch] = [...evaluationBatches({ ...options(1, 1), padTo: 8 })];
    expect(batch!.images).toHaveLength(3 * 64);
    const rows = Array.from({ length: 8 }, (_, y) => batch!.images.subarray(y * 8, y * 8 + 8));
    const filled = rows.map((row) => [...row].map((value) => (value > 0 ? '#' : '.')).join(''));
    expect(filled).toEqual([
      '........',
      '..####..',
      '..####..',
      '..####..',
      '..####..',
      '..####..',
      '........',
      '........',
    ]);
  });

  it('refuses a batch size that is none, at the call', async () => {
    await expectRefusal(() => evaluationBatches(options(4, 0)), 'usage');
  });
});
