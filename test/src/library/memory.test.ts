// What a run is said to need before it begins, and what would fit instead.
import { describe, expect, it } from 'vitest';
import { loadDataset } from '../../../datasets/index.js';
import { GenonnxError } from '../../../src/errors.js';
import { footprintOfRun, type Memory, memoryHere, requireMemory } from '../../../src/library/memory.js';
import { residentBytes } from '../../../src/loop/footprint.js';
import { searchFootprint } from '../../../src/search/footprint.js';
import { printGenotype } from '../../../src/spaces/print.js';
import { zooEntry } from '../../../src/spaces/zoo.js';
import { searchedTasks } from '../../../src/tasks/tasks.js';
import { trainingFootprint } from '../../../src/train/footprint.js';

const data = await loadDataset('fashion-mnist', { limit: 100 });
const { search, training } = searchedTasks.classification;
const searching = { sizes: search.sizes, footprint: searchFootprint };
const trainings = { sizes: training.sizes, footprint: trainingFootprint };
const genotype = printGenotype(zooEntry('DARTS_V2').genotype);
const trainSettings = (given: object) =>
  training.resolve({ preset: 'small', given: { genotype, ...given }, threads: 1 });

const gibibytes = (count: number): Memory => ({ bytes: count * 2 ** 30, whose: 'this machine has' });

function refused(given: object, memory: Memory): GenonnxError {
  try {
    requireMemory(trainings, trainSettings(given), data, memory);
  } catch (error) {
    if (error instanceof GenonnxError) return error;
    throw error;
  }
  throw new Error('It was taken.');
}

describe('the memory of a run', () => {
  it('is that of its networks where they are shallow', () => {
    const settings = trainSettings({ cells: 6, channels: 12 });
    const exact = trainingFootprint(training.sizes.networks(settings, data), settings);
    expect(footprintOfRun(trainings, settings, data)).toEqual(exact);
  });

  it('follows from shallow networks where they are deep', () => {
    for (const cells of [9, 11, 20]) {
      const settings = trainSettings({ cells });
      const exact = residentBytes(trainingFootprint(training.sizes.networks(settings, data), settings));
      const told = residentBytes(footprintOfRun(trainings, settings, data));
      expect(told / exact, `${cells} cells`).toBeGreaterThan(0.9);
      expect(told / exact, `${cells} cells`).toBeLessThan(1.15);
    }
  });

  it('is told of a search without tracing a deep supernet', () => {
    const traced: number[] = [];
    const settings = search.resolve({
      preset: 'small',
      given: { cells: 99, channels: 4000, mode: 'joint' },
      threads: 1,
    });
    const { networks } = search.sizes;
    const watched: typeof search.sizes = {
      ...search.sizes,
      networks(shallow, from) {
        traced.push(shallow.cells);
        return networks(shallow, from);
      },
    };
    const found = footprintOfRun({ ...searching, sizes: watched }, settings, data);
    expect(traced).toEqual([3, 6]);
    expect(residentBytes(found)).toBeGreaterThan(1e12);
  });

  it('is nothing where nothing is trained', () => {
    const settings = search.resolve({ preset: 'small', given: { method: 'random' }, threads: 1 });
    expect(residentBytes(footprintOfRun(searching, settings, data))).toBe(
      residentBytes({ nodes: 0, stateBytes: 0, activationBytes: 0 }),
    );
  });
});

describe('a run that does not fit', () => {
  const given = { cells: 12, channels: 100, batch: 512 };

  it('is refused with what it would take and what there is, by the names of its settings', () => {
    const error = refused(given, gibibytes(2));
    expect(error.code).toBe('memory');
    expect(error.exitCode).toBe(2);
    expect(error.details.where).toBe('`cells` 12, `channels` 100, `batch` 512');
    expect(error.details.expected).toBe('at most the 2 GiB that this machine has');
    expect(error.details.found).toMatch(/^about [\d.]+ GiB: [\d.]+ GiB for .*, [\d.]+ GiB for weights/);
  });

  it.each([2, 4, 8])('is told what would fit into %s GiB, and that fits', (count) => {
    const { cure = '' } = refused(given, gibibytes(count)).details;
    const offers = [...cure.matchAll(/`(\w+)` (\d+)/g)].map(([, name = '', size]) => ({
      [name]: Number(size),
    }));
    expect(offers.map((offer) => Object.keys(offer)[0])).toEqual(['batch', 'channels']);
    for (const offer of offers) {
      const smaller = trainSettings({ ...given, ...offer });
      const needed = residentBytes(footprintOfRun(trainings, smaller, data));
      expect(needed).toBeLessThanOrEqual(count * 2 ** 30);
      // And not far below it, either.
      expect(needed).toBeGreaterThan(0.6 * count * 2 ** 30);
    }
  });

  it('is offered no batch where the weights alone are too much, and nothing where nothing helps', () => {
    const wide = refused({ ...given, channels: 3000 }, gibibytes(2)).details.cure;
    expect(wide).not.toContain('`batch`');
    expect(wide).toContain('`channels`');
    expect(refused(given, gibibytes(0.05)).details.cure).toBe(
      'Choose less of all: `cells`, `channels`, `batch`.',
    );
  });

  it('is one that the machine here could not hold', () => {
    const here = memoryHere();
    expect(here.bytes).toBeGreaterThan(2 ** 28);
    expect(() => requireMemory(trainings, trainSettings({}), data)).not.toThrow();
    expect(() => requireMemory(trainings, trainSettings({ channels: 100_000 }), data)).toThrow(here.whose);
  });
});
