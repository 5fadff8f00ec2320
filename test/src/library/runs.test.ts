// search() and train() as a program calls them: in memory and in a folder, watched, stopped, continued.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openExportSource, requireImageSource } from '../../../src/deploy/export-source.js';
import { compileSource } from '../../../src/library/compile-source.js';
import { report } from '../../../src/library/report.js';
import { resumeSearch, search } from '../../../src/library/search.js';
import { resumeTraining, train } from '../../../src/library/train.js';
import type { SearchEpoch } from '../../../src/search/search.js';
import { printGenotype } from '../../../src/spaces/print.js';
import { zooEntry } from '../../../src/spaces/zoo.js';
import { confusionSchema } from '../../../src/tasks/confusion.js';
import { readTrainJournal } from '../../../src/train/train-journal.js';
import { makePhotos } from '../../support/make-photos.mjs';

const scratch = mkdtempSync(join(tmpdir(), 'genonnx-library-'));
afterAll(() => rmSync(scratch, { recursive: true }));

const few = { limit: 48, batch: 8, cells: 1, channels: 2, layout: 'portable', seed: 3 } as const;
const tiny = { settings: { ...few, epochs: 2, mode: 'joint' }, threads: 1 } as const;

describe('search()', () => {
  it('finds the same in memory and in a folder, and tells what happens', { timeout: 60_000 }, async () => {
    const records: SearchEpoch[] = [];
    const [done, notes, begun]: [number[], string[], unknown[]] = [[], [], []];
    const kept = await search({
      ...tiny,
      onEpoch: (record) => records.push(record),
      onProgress: (share) => done.push(share),
      onNote: (note) => notes.push(note),
      onBegin: ({ place, epochs }) => begun.push([place, epochs]),
    });
    expect(kept).toMatchObject({ finished: true, place: 'memory' });
    expect(begun).toEqual([['memory', 2]]);
    expect(records.map(({ epoch }) => epoch)).toEqual([1, 2]);
    expect(done.at(-1)).toBe(1);
    expect(done).toEqual(done.toSorted((a, b) => a - b));
    expect(notes.join('\n')).toContain('fashion-mnist, 48 training images; onnxruntime-node');

    const out = join(scratch, 'search');
    const filed = await search({ ...tiny, out });
    expect(printGenotype(filed.genotype)).toBe(printGenotype(kept.genotype));
    expect(filed.place).toBe(out);
    expect(readdirSync(out)).toEqual(expect.arrayContaining(['alphas.json', 'config.json', 'genotype.json']));
  });

  it('stops when it is aborted, and goes on to the same, or to more epochs', {
    timeout: 60_000,
  }, async () => {
    const [whole, cut] = [join(scratch, 'whole'), join(scratch, 'cut')];
    await search({ ...tiny, out: whole });
    const controller = new AbortController();
    const stopped = await search({
      ...tiny,
      out: cut,
      onProgress: () => controller.abort(),
      signal: controller.signal,
    });
    expect(stopped.finished).toBe(false);
    const resumed = await resumeSearch(cut);
    expect(resumed.finished).toBe(true);
    expect(readFileSync(join(cut, 'alphas.json'))).toEqual(readFileSync(join(whole, 'alphas.json')));

    const records: number[] = [];
    await resumeSearch(cut, { settings: { epochs: 3 }, onEpoch: ({ epoch }) => records.push(epoch) });
    expect(records).toEqual([3]);
    expect(JSON.parse(readFileSync(join(cut, 'config.json'), 'utf8')).settings.epochs).toBe(3);
    await expect(resumeTraining(cut)).rejects.toMatchObject({ code: 'resume-mismatch' });
    await expect(resumeSearch(cut, { settings: { epochs: 1 } })).rejects.toMatchObject({
      code: 'resume-mismatch',
    });
    await expect(resumeSearch(cut, { settings: { batch: 4 } })).rejects.toMatchObject({
      code: 'resume-mismatch',
      details: { expected: 'batch = 8', found: 'batch = 4' },
    });
  });

  it('leaves nothing of a run that fails before its first checkpoint', async () => {
    const out = join(scratch, 'deep', 'failing');
    const wild = { ...tiny.settings, weights: { learningRate: 1e30 } };
    await expect(search({ ...tiny, settings: wild, out })).rejects.toMatchObject({ code: 'diverged' });
    expect(readdirSync(scratch)).not.toContain('deep');
    await expect(search({ settings: { cells: 99, channels: 4000 }, out })).rejects.toMatchObject({
      code: 'memory',
    });
    expect(readdirSync(scratch)).not.toContain('deep');
  });

  it('says of which task a run is, and takes folders that do not for classifications', {
    timeout: 60_000,
  }, async () => {
    const out = join(scratch, 'tasks');
    const found = await search({ ...tiny, out });
    expect(found.text).toBe(printGenotype(found.genotype));
    const file = join(out, 'config.json');
    const { task, ...old } = JSON.parse(readFileSync(file, 'utf8'));
    expect(task).toBe('classification');
    writeFileSync(file, JSON.stringify(old));
    expect(await resumeSearch(out)).toMatchObject({ task, text: found.text, finished: true });
    writeFileSync(file, JSON.stringify({ ...old, task: 'chess' }));
    await expect(resumeSearch(out)).rejects.toMatchObject({ code: 'resume-mismatch' });
    // Whoever is refused holds no lock.
    expect(readdirSync(out)).not.toContain('run.lock');
  });
});

describe('train()', () => {
  const { genotype } = zooEntry('DARTS_V2');

  it('takes a genotype as text, and refuses one of other cells', async () => {
    const controller = new AbortController();
    const stopping = { onBegin: () => controller.abort(), signal: controller.signal };
    const text = printGenotype(genotype);
    const stopped = await train({ genotype: text, settings: { ...few, epochs: 1 }, threads: 1, ...stopping });
    expect(stopped).toEqual({ task: 'classification', place: 'memory' });
    const recurrent = "Genotype(recurrent=[('tanh', 0)], concat=[1])";
    await expect(train({ genotype: recurrent })).rejects.toMatchObject({ code: 'genotype-syntax' });
  });

  it('gives the scores and the model, and goes on where it stopped', { timeout: 60_000 }, async () => {
    const settings = { ...few, epochs: 1 };
    const controller = new AbortController();
    const out = join(scratch, 'child');
    const stopped = await train({
      genotype,
      settings,
      threads: 1,
      out,
      onProgress: () => controller.abort(),
      signal: controller.signal,
    });
    expect(stopped).toEqual({ task: 'classification', place: out });
    const { results, model } = await resumeTraining(out);
    expect(results?.test.accuracy).toBeGreaterThanOrEqual(0);
    expect(results?.testExamples).toBe(2000);
    expect(Buffer.from(model!).equals(readFileSync(join(out, 'model.onnx')))).toBe(true);
    const page = await report([out], { sizeBytes: 12_345 });
    expect(page).toContain('<section id="training">');
    expect(page).toContain('12.3 kB');
    await expect(report([scratch])).rejects.toMatchObject({ code: 'file-missing' });
    const again = await train({ genotype, settings, threads: 1 });
    expect(again).toMatchObject({ place: 'memory', results });
    expect(Buffer.from(again.model!).equals(Buffer.from(model!))).toBe(true);
  });

  it('trains the ImageNet network by its recipe, and counts which class is taken for which', {
    timeout: 60_000,
  }, async () => {
    const out = join(scratch, 'imagenet');
    const settings = {
      ...few,
      network: 'imagenet',
      channels: 4,
      padTo: 32,
      epochs: 2,
      auxiliary: false,
    } as const;
    const { results } = await train({ genotype, preset: 'imagenet', settings, threads: 1, out });
    const { accuracy = Number.NaN, top5Accuracy = Number.NaN } = results?.test ?? {};
    expect(top5Accuracy).toBeGreaterThanOrEqual(accuracy);
    const { classes, counts } = confusionSchema.parse(
      JSON.parse(readFileSync(join(out, 'confusion.json'), 'utf8')),
    );
    expect(classes).toHaveLength(10);
    expect(counts.map((row) => row.reduce((a, b) => a + b))).toEqual(new Array(10).fill(200));
    const right = counts.reduce((sum, row, label) => sum + row[label]!, 0);
    expect(right / 2000).toBeCloseTo(accuracy, 6);

    const rates = (await readTrainJournal(out)).map(({ learningRate }) => learningRate);
    expect(rates).toEqual([0.1, 0.1 * 0.5 ** 0.9]);
    const source = await compileSource({ run: out });
    expect(source.request).toMatchObject({
      name: 'imagenet',
      cells: 1,
      image: { channels: 1, height: 32, width: 32 },
    });
    expect(await report([out])).toContain('<section id="confusions">');
  });

  it('trains on pictures as ImageNet is trained on, and its model says how they are made ready', {
    timeout: 60_000,
  }, async () => {
    const folder = join(scratch, 'pictures');
    for (const [part, count] of [
      ['train', 24],
      ['val', 6],
    ] as const)
      await makePhotos(join(folder, part), { count, classes: 3, width: 60, height: 45 });
    const out = join(scratch, 'photos');
    const settings = {
      ...few,
      data: folder,
      channels: 4,
      epochs: 1,
      auxiliary: false,
      workers: 0,
      augmentation: { size: 32, resize: 36 },
    } as const;
    const { results } = await train({ genotype, preset: 'imagenet', settings, threads: 1, out });
    // Of three classes every label is among the five largest logits.
    expect(Object.keys(results?.test ?? {})).toEqual(['loss', 'accuracy']);
    expect(results?.testExamples).toBe(6);
    const { facts } = requireImageSource(await openExportSource(out, { toolVersion: '0' }));
    expect(facts).toMatchObject({
      classes: ['class-000', 'class-001', 'class-002'],
      preprocessing: { kind: 'centre', resize: 36, crop: 32 },
      normalisation: { mean: [0.485, 0.456, 0.406] },
    });
  });
});
