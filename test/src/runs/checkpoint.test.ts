import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { CheckpointStore } from '../../../src/runs/checkpoint.js';
import { FolderFiles } from '../../../src/runs/folder-files.js';
import type { NamedFiles } from '../../../src/runs/named-files.js';
import { places, refusal } from './helpers.js';

const schema = z.object({ epoch: z.number() });

function contents(epoch: number) {
  return {
    arrays: {
      weights: { shape: [2], data: Float32Array.of(epoch, 0.1) },
      alphas: { shape: [1, 2], data: Float64Array.of(epoch / 3, 1e-300) },
    },
    state: { epoch },
    journalBytes: epoch * 10,
  };
}

async function store(files: NamedFiles, epochs: number, best?: number): Promise<void> {
  const made = storeOf(files);
  for (let epoch = 1; epoch <= epochs; epoch++)
    await made.write({ ...contents(epoch), best: epoch === best });
}

const storeOf = (files: NamedFiles) => new CheckpointStore(files, 'checkpoints');
const lastOf = (files: NamedFiles) => storeOf(files).resume(schema);
const bestOf = (files: NamedFiles) => storeOf(files).best(schema);
const namesIn = async (files: NamedFiles) => (await files.list('checkpoints')).sort();

async function bytesOf(files: NamedFiles, name: string): Promise<Uint8Array> {
  const bytes = await files.read(`checkpoints/${name}`);
  if (bytes === undefined) throw new Error(`no ${name}`);
  return bytes;
}

describe.each(places)('checkpoints in %s', (_, { make, copy }) => {
  it('come back bit for bit', async () => {
    const files = make();
    await store(files, 1);
    expect(await lastOf(files)).toEqual({ name: '000001', ...contents(1) });
    expect(await bestOf(files)).toBeUndefined();
  });

  it('keep the last two and the best', async () => {
    const files = make();
    await store(files, 6, 2);
    const names = ['000002', '000005', '000006'];
    expect(await namesIn(files)).toEqual([
      ...names.flatMap((n) => [`${n}.json`, `${n}.safetensors`]),
      'last.json',
    ]);
    expect((await bestOf(files))?.state).toEqual({ epoch: 2 });
    const resumed = storeOf(files);
    expect((await resumed.resume(schema))?.state).toEqual({ epoch: 6 });
    await resumed.write(contents(7));
    expect((await bestOf(files))?.state).toEqual({ epoch: 2 });
    expect((await lastOf(files))?.state).toEqual({ epoch: 7 });
  });

  it('survive a kill between any two file operations of a write, and cut files among them', async () => {
    const before = make();
    await store(before, 2, 1);
    const after = await copy(before);
    const next = storeOf(after);
    await next.resume(schema);
    await next.write(contents(3));
    // What the write adds, in its order; in a folder each may also lie there under its temporary name, cut short.
    const steps = ['000003.safetensors', '000003.json', 'last.json'];
    for (let done = 0; done <= steps.length; done++) {
      const killed = await copy(before);
      for (const name of steps.slice(0, done))
        await killed.write(`checkpoints/${name}`, await bytesOf(after, name));
      const torn = steps[done];
      if (torn !== undefined && killed instanceof FolderFiles) {
        const half = await bytesOf(after, torn);
        const path = join(killed.path, 'checkpoints', `.${torn}.0123456789ab.tmp`);
        writeFileSync(path, half.subarray(0, half.length / 2));
      }
      const resumed = storeOf(killed);
      const found = await resumed.resume(schema);
      expect(found).toMatchObject(contents(done === steps.length ? 3 : 2));
      for (let epoch = found!.state.epoch + 1; epoch <= 4; epoch++) await resumed.write(contents(epoch));
      expect((await lastOf(killed))?.state).toEqual({ epoch: 4 });
      expect((await bestOf(killed))?.state).toEqual({ epoch: 1 });
      expect((await namesIn(killed)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
    }
  });

  it('fall back to the one before when the newest is damaged, at every length of its files', async () => {
    const files = make();
    await store(files, 2);
    for (const name of ['000002.json', '000002.safetensors']) {
      const bytes = await bytesOf(files, name);
      await files.write(`checkpoints/${name}`, bytes.subarray(0, bytes.length - 2));
      for (let length = bytes.length - 2; length >= 0; length--) {
        await files.truncate(`checkpoints/${name}`, length);
        expect((await lastOf(files))?.state).toEqual({ epoch: 1 });
      }
      await files.write(`checkpoints/${name}`, bytes);
    }
    await files.remove('checkpoints/last.json');
    expect((await lastOf(files))?.state).toEqual({ epoch: 2 });
  });

  it('notice a changed byte of the state', async () => {
    const files = make();
    await store(files, 1);
    const text = new TextDecoder().decode(await bytesOf(files, '000001.json'));
    await files.write('checkpoints/000001.json', text.replace('"epoch": 1', '"epoch": 9'));
    const error = await refusal('file-corrupt', () => lastOf(files));
    expect(error.details.where).toBe(files.where('checkpoints/000001.json'));
  });

  it('are none before the first, and an error when all are lost', async () => {
    const files = make();
    expect(await lastOf(files)).toBeUndefined();
    await files.write('checkpoints/000001.safetensors', 'of a first checkpoint that was not finished');
    expect(await lastOf(files)).toBeUndefined();
    await store(files, 1);
    for (const name of await namesIn(files))
      if (name !== 'last.json') await files.remove(`checkpoints/${name}`);
    await refusal('file-missing', () => lastOf(files));
  });

  it('with a state of another kind are refused', async () => {
    const files = make();
    await store(files, 1);
    await refusal('file-corrupt', () => storeOf(files).resume(z.object({ step: z.number() })));
  });
});

describe('a checkpoint', () => {
  it('is the same files, byte for byte, wherever it lies', async () => {
    const [folder, memory] = places.map(([, { make }]) => make());
    for (const files of [folder!, memory!]) await store(files, 3, 2);
    expect(await namesIn(memory!)).toEqual(await namesIn(folder!));
    for (const name of await namesIn(folder!))
      expect(Buffer.compare(await bytesOf(memory!, name), await bytesOf(folder!, name)), name).toBe(0);
  });
});
