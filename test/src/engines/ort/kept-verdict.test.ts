// The self-check's cache: one check for each processor, runtime and version, and nothing that happens to the file is an
// error.
import { chmod, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ModelRunner } from '../../../../graphs/onnx/self-check.js';
import { probeBlockSize } from '../../../../src/engines/ort/block-size.js';
import { type CheckedMachine, selfCheck, thisMachine } from '../../../../src/engines/ort/kept-verdict.js';
import { modelRunner } from '../../../../src/engines/ort/model-runner.js';
import { defined } from '../../../support/tensors.js';

const block = await probeBlockSize(ort);
const machine: CheckedMachine = { block: 16, processor: 'a processor', runtime: '1.0.0', genonnx: '0.1.0' };

let cacheFolder = '';
beforeEach(async () => {
  cacheFolder = await mkdtemp(join(tmpdir(), 'genonnx-self-check-'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(cacheFolder, { recursive: true, force: true });
});

/** A runtime without any kernel, which counts how often it is asked. */
function counting(): { run: ModelRunner; asked(): number } {
  let count = 0;
  return {
    run: async () => {
      count += 1;
      return {};
    },
    asked: () => count,
  };
}

describe('the verdict', () => {
  it.skipIf(block === undefined)('is favourable on this machine', async () => {
    const here = thisMachine(defined(block), { runtime: '1.0.0', genonnx: '0.1.0' });
    expect(await selfCheck(here, modelRunner(ort), { cacheFolder })).toEqual({ ok: true, failures: [] });
  });

  it('is kept, infinities and all', async () => {
    const { run, asked } = counting();
    const first = await selfCheck(machine, run, { cacheFolder });
    expect(first.ok).toBe(false);
    expect(first.failures[0]?.difference).toBe(Number.POSITIVE_INFINITY);
    expect(await selfCheck(machine, run, { cacheFolder })).toEqual(first);
    expect(asked()).toBe(1);
  });

  it.each<[string, Partial<CheckedMachine>]>([
    ['processor', { processor: 'another' }],
    ['runtime', { runtime: '1.0.1' }],
    ['version of genonnx', { genonnx: '0.2.0' }],
    ['block size', { block: 8 }],
  ])('is asked for again for another %s', async (_, change) => {
    const { run, asked } = counting();
    await selfCheck(machine, run, { cacheFolder });
    await selfCheck({ ...machine, ...change }, run, { cacheFolder });
    expect(asked()).toBe(2);
    expect(await readdir(cacheFolder)).toHaveLength(2);
  });

  it.each(['', '{', '{"machine": {}}', '[]'])('is asked for again when the file holds %j', async (text) => {
    const { run, asked } = counting();
    const verdict = await selfCheck(machine, run, { cacheFolder });
    const [file] = await readdir(cacheFolder);
    await writeFile(join(cacheFolder, defined(file)), text);
    expect(await selfCheck(machine, run, { cacheFolder })).toEqual(verdict);
    expect(asked()).toBe(2);
  });

  it('is given without a cache where none can be written', async () => {
    const { run, asked } = counting();
    const occupied = join(cacheFolder, 'file');
    await writeFile(occupied, '');
    await selfCheck(machine, run, { cacheFolder: join(occupied, 'folder') });
    await chmod(cacheFolder, 0o500);
    await selfCheck(machine, run, { cacheFolder: join(cacheFolder, 'folder') });
    await chmod(cacheFolder, 0o700);
    expect(asked()).toBe(2);
  });
});
