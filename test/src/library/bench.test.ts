// bench(), benchCells() and benchStep() as a program calls them: what they give, how they are watched and stopped.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { benchResultsSchema } from '../../../src/bench/results.js';
import { bench, readResults } from '../../../src/library/bench.js';
import { benchCells, benchStep, benchTrain } from '../../../src/library/bench-parts.js';
import { zooEntry } from '../../../src/spaces/zoo.js';
import { freshFolder } from '../../e2e/command.js';
import { folderWith, smallModel } from '../../support/small-model.js';

const model = join(folderWith(smallModel()), 'model.onnx');
const quick = { models: [model], rounds: 2, runs: 1, seconds: 0.1, roofline: false } as const;
class Enough extends Error {}

describe('bench()', () => {
  it('measures every combination, and tells how far it is', { timeout: 60_000 }, async () => {
    const done: number[] = [];
    const results = await bench({
      ...quick,
      batches: [1, 2],
      optimizations: ['none', 'fold'],
      onProgress: (share) => done.push(share),
    });
    expect(benchResultsSchema.parse(results)).toEqual(results);
    expect(results.failures).toEqual([]);
    expect(results.measurements.map(({ variant, execution }) => [execution.batch, variant])).toEqual([
      [1, 'as traced'],
      [1, 'folded'],
      [2, 'as traced'],
      [2, 'folded'],
    ]);
    expect(done).toEqual(done.toSorted((a, b) => a - b));
    expect(done.length).toBeGreaterThan(8);
  });

  it('throws the first error where nothing could be measured, and says the others', {
    timeout: 60_000,
  }, async () => {
    const notes: string[] = [];
    const models = [1, 2].map((byte) => join(folderWith(Uint8Array.of(byte)), 'model.onnx'));
    const found = bench({ ...quick, models, onNote: (note) => notes.push(note) });
    await expect(found).rejects.toMatchObject({ code: 'model-corrupt' });
    expect(notes).toHaveLength(1);
    expect(notes[0]).toContain(models[1]);
    await expect(readResults(join(models[0]!, 'none'))).rejects.toMatchObject({ code: 'file-missing' });
  });

  it('ends when it is aborted, with the reason, and leaves nothing', { timeout: 60_000 }, async () => {
    const temporary = freshFolder();
    vi.stubEnv('TMPDIR', temporary);
    const controller = new AbortController();
    const measuring = bench({
      ...quick,
      rounds: 10_000,
      onProgress: (_, next) => next.startsWith('round') && controller.abort(new Enough()),
      signal: controller.signal,
    });
    await expect(measuring).rejects.toBeInstanceOf(Enough);
    expect(readdirSync(temporary)).toEqual([]);
    vi.unstubAllEnvs();
    await expect(bench({ ...quick, signal: AbortSignal.abort(new Enough()) })).rejects.toBeInstanceOf(Enough);
  });
});

describe('benchCells()', () => {
  const tiny = {
    network: { cells: 2, initChannels: 4, classes: 4, image: { height: 8, width: 8, channels: 3 } },
    primitives: ['max_pool_3x3', 'skip_connect'],
    genotypes: 1,
    threads: 1,
    rounds: 3,
    runs: 1,
    seconds: 0,
  } as const;

  it('gives a table, and tells how far it is', { timeout: 60_000 }, async () => {
    const notes: string[] = [];
    const table = await benchCells({ ...tiny, onProgress: (_, note) => notes.push(note) });
    expect(table).toMatchObject({ primitives: tiny.primitives, threads: 1, rounds: 3 });
    expect(table.prediction?.networks).toHaveLength(1);
    expect(new Set(notes)).toEqual(new Set(['warming up', 'round 1 of 3', 'round 2 of 3', 'round 3 of 3']));
  });

  it('ends when it is aborted, and refuses what cannot be before it begins', {
    timeout: 60_000,
  }, async () => {
    const controller = new AbortController();
    const onProgress = (): void => controller.abort(new Enough());
    await expect(benchCells({ ...tiny, onProgress, signal: controller.signal })).rejects.toBeInstanceOf(
      Enough,
    );
    const odd = { ...tiny.network, image: { height: 30, width: 30, channels: 3 } };
    await expect(
      benchCells({ ...tiny, network: odd, onProgress: () => expect.fail() }),
    ).rejects.toMatchObject({ code: 'image-size' });
  });
});

describe('benchStep()', () => {
  const tiny = {
    cells: 1,
    channels: 4,
    batch: 4,
    image: { height: 8, width: 8, channels: 1 },
    layout: 'portable',
    threads: 1,
    runs: 2,
  } as const;

  it('gives what a step takes', { timeout: 60_000 }, async () => {
    const timing = await benchStep({ ...tiny, gates: { kind: 'edge', draws: 1 } });
    expect(timing).toMatchObject({ layout: 'portable' });
    expect(timing.p10Ms).toBeLessThanOrEqual(timing.medianMs);
    expect(timing.medianMs).toBeLessThanOrEqual(timing.p90Ms);
    expect(timing.nodes).toBeGreaterThan(100);
    expect(timing.macs).toBeGreaterThan(1e6);
    expect(timing.resultBytes).toBeGreaterThan(1e6);
    expect(timing.operators).toBeUndefined();
  });

  it('says where the time goes when it is asked, and leaves no profile', { timeout: 60_000 }, async () => {
    const temporary = freshFolder();
    vi.stubEnv('TMPDIR', temporary);
    const { operators = [] } = await benchStep({ ...tiny, gates: { kind: 'all' }, profile: true });
    vi.unstubAllEnvs();
    expect(readdirSync(temporary)).toEqual([]);
    expect(operators.map(({ name }) => name)).toContain('Conv');
    expect(operators.reduce((sum, { timeShare }) => sum + timeShare, 0)).toBeCloseTo(1, 6);
    expect(operators.map(({ timeMs }) => timeMs)).toEqual(
      operators.map(({ timeMs }) => timeMs).toSorted((a, b) => b - a),
    );
  });

  it('throws what its process threw', { timeout: 60_000 }, async () => {
    const image = { height: 9, width: 9, channels: 1 };
    await expect(benchStep({ ...tiny, cells: 3, image })).rejects.toMatchObject({ code: 'image-size' });
  });
});

describe('benchTrain()', () => {
  const tiny = {
    genotype: zooEntry('DARTS_V2').genotype,
    cells: 1,
    initChannels: 4,
    classes: 3,
    batch: 4,
    image: { height: 8, width: 8, channels: 1 },
    layout: 'portable',
    threads: 1,
    runs: 2,
  } as const;

  it('gives what a step takes, with masks where paths are dropped', { timeout: 60_000 }, async () => {
    const plain = await benchTrain(tiny);
    expect(plain.p10Ms).toBeLessThanOrEqual(plain.medianMs);
    const masked = await benchTrain({ ...tiny, dropPath: 0.2 });
    expect(masked.nodes).toBeGreaterThan(plain.nodes);
  });

  it('refuses what is no probability before anything is measured', async () => {
    await expect(benchTrain({ ...tiny, dropPath: 1 })).rejects.toMatchObject({
      code: 'usage',
      details: { where: '`dropPath`' },
    });
  });

  it('throws what its process threw', { timeout: 60_000 }, async () => {
    const image = { height: 10, width: 10, channels: 1 };
    await expect(benchTrain({ ...tiny, cells: 3, image })).rejects.toMatchObject({ code: 'image-size' });
  });
});
