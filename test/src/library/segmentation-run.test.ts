// A segmentation from the library's functions: trained in a folder, reported, exported, and a backbone for another one.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeSafetensors } from '../../../graphs/safetensors.js';
import { exportModel } from '../../../src/library/export.js';
import { report } from '../../../src/library/report.js';
import { resumeTraining, type Training, train } from '../../../src/library/train.js';
import { tinyGenotype } from '../../support/segmentation-case.js';
import { bytesOf } from '../../support/static-server.js';

const scratch = mkdtempSync(join(tmpdir(), 'genonnx-segmentation-'));
const out = join(scratch, 'run');
const settings = {
  data: 'scenes',
  limit: 10,
  cells: 3,
  channels: 2,
  asppWidth: 4,
  batch: 4,
  epochs: 1,
  layout: 'portable',
  seed: 2,
} as const;
const given = { task: 'segmentation', genotype: tinyGenotype, threads: 1 } as const;
const notes: string[] = [];
let trained: Training;

beforeAll(async () => {
  trained = await train({ ...given, settings, out, onNote: (text) => notes.push(text) });
});
afterAll(() => rmSync(scratch, { recursive: true }));

describe('a segmentation in a folder', () => {
  it('says what it learnt from, and what any network has to beat', () => {
    expect(trained.results).toMatchObject({
      testExamples: 200,
      notes: { 'learnt from': '10 scenes', 'begun with': expect.stringContaining('another experiment') },
    });
    expect(trained.results?.figures.backgroundMeanIou).toBeCloseTo(0.0739, 3);
    expect(notes.join()).toContain('fresh weights');
  });

  it('is reported with pictures, truth and prediction, and IoU by class', async () => {
    const page = await report([out]);
    expect(page.match(/<img src="data:image\/png;base64,/g)).toHaveLength(18);
    expect(page).toContain('the background everywhere');
    for (const name of ['Ankle boot', 'T-shirt/top']) expect(page).toContain(`</i>${name}</td>`);
  });

  it('is exported as a page of its masks', async () => {
    const { files } = await exportModel(out, { to: 'ort-web', webgpu: false });
    const facts = files.find(({ path }) => path === 'model.json');
    expect(files.map(({ path }) => path)).toContain('segmenter.js');
    expect(JSON.parse(new TextDecoder().decode(bytesOf(facts?.content ?? '')))).toMatchObject({
      image: { channels: 1, height: 65, width: 65 },
      palette: expect.arrayContaining([[128, 0, 0]]),
      classes: expect.arrayContaining(['background', 'Bag']),
    });
  });

  it('is a backbone, which a run that goes on must find again', async () => {
    const next = join(scratch, 'next');
    const frozen = { ...settings, backbone: out, freezeNorm: true, weights: { learningRate: 0 } };
    const { results } = await train({ ...given, settings: frozen, out: next });
    expect(results?.notes?.['begun with']).toBe(`the backbone of ${out}`);
    const weightsIn = (folder: string) =>
      decodeSafetensors(readFileSync(join(folder, 'weights.safetensors')), folder).tensors;
    const [own, others] = [weightsIn(next), weightsIn(out)];
    for (const [name, tensor] of own) {
      // Nothing has moved: the backbone is the other's, and the head is fresh.
      if (name.startsWith('backbone.')) expect(tensor.data, name).toEqual(others.get(name)?.data);
    }
    expect(own.get('classifier.weight')?.data).not.toEqual(others.get('classifier.weight')?.data);
    rmSync(join(out, 'weights.safetensors'));
    await expect(resumeTraining(next, { settings: { epochs: 2 } })).rejects.toMatchObject({
      code: 'file-missing',
    });
  });
});
