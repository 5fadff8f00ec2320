import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { CheckpointStore, readBestCheckpoint, readLastCheckpoint } from '../../../src/runs/checkpoint.js';
import { refusal, scratch } from './helpers.js';

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

async function store(folder: string, epochs: number, best?: number): Promise<CheckpointStore> {
  const made = new CheckpointStore(folder);
  for (let epoch = 1; epoch <= epochs; epoch++)
    await made.write({ ...contents(epoch), best: epoch === best });
  return made;
}

const filesOf = (folder: string) => readdirSync(folder).sort();

describe('checkpoints', () => {
  it('come back bit for bit', async () => {
    const folder = join(scratch(), 'checkpoints');
    await store(folder, 1);
    expect(await readLastCheckpoint(folder, schema)).toEqual({ name: '000001', ...contents(1) });
    expect(await readBestCheckpoint(folder, schema)).toBeUndefined();
  });

  it('keep the last two and the best', async () => {
    const folder = join(scratch(), 'checkpoints');
    await store(folder, 6, 2);
    const names = ['000002', '000005', '000006'];
    expect(filesOf(folder)).toEqual([
      ...names.flatMap((n) => [`${n}.json`, `${n}.safetensors`]),
      'last.json',
    ]);
    expect((await readBestCheckpoint(folder, schema))?.state).toEqual({ epoch: 2 });
    const resumed = new CheckpointStore(folder);
    expect((await resumed.resume(schema))?.state).toEqual({ epoch: 6 });
    await resumed.write(contents(7));
    expect((await readBestCheckpoint(folder, schema))?.state).toEqual({ epoch: 2 });
    expect((await readLastCheckpoint(folder, schema))?.state).toEqual({ epoch: 7 });
  });

  it('survive a kill between any two file operations of a write, and cut files among them', async () => {
    const folder = scratch();
    const [before, after] = [join(folder, 'before'), join(folder, 'after')];
    await store(before, 2, 1);
    cpSync(before, after, { recursive: true });
    const next = new CheckpointStore(after);
    await next.resume(schema);
    await next.write(contents(3));
    // What the write adds, in its order; each may also lie there under its temporary name, cut short.
    const steps = ['000003.safetensors', '000003.json', 'last.json'];
    for (let done = 0; done <= steps.length; done++) {
      const killed = join(folder, `killed-${done}`);
      cpSync(before, killed, { recursive: true });
      for (const name of steps.slice(0, done)) cpSync(join(after, name), join(killed, name));
      const torn = steps[done];
      if (torn !== undefined) {
        const half = readFileSync(join(after, torn));
        writeFileSync(join(killed, `.${torn}.0123456789ab.tmp`), half.subarray(0, half.length / 2));
      }
      const resumed = new CheckpointStore(killed);
      const found = await resumed.resume(schema);
      expect(found).toMatchObject(contents(done === steps.length ? 3 : 2));
      for (let epoch = found!.state.epoch + 1; epoch <= 4; epoch++) await resumed.write(contents(epoch));
      expect((await readLastCheckpoint(killed, schema))?.state).toEqual({ epoch: 4 });
      expect((await readBestCheckpoint(killed, schema))?.state).toEqual({ epoch: 1 });
      expect(filesOf(killed).filter((name) => name.endsWith('.tmp'))).toEqual([]);
    }
  });

  it('fall back to the one before when the newest is damaged, at every length of its files', async () => {
    const folder = scratch();
    const whole = join(folder, 'whole');
    await store(whole, 2);
    for (const name of ['000002.json', '000002.safetensors']) {
      const bytes = readFileSync(join(whole, name));
      const path = join(whole, name);
      for (let length = 0; length < bytes.length - 1; length++) {
        writeFileSync(path, bytes.subarray(0, length));
        expect((await readLastCheckpoint(whole, schema))?.state).toEqual({ epoch: 1 });
      }
      writeFileSync(path, bytes);
    }
    rmSync(join(whole, 'last.json'));
    expect((await readLastCheckpoint(whole, schema))?.state).toEqual({ epoch: 2 });
  });

  it('notice a changed byte of the state', async () => {
    const folder = join(scratch(), 'checkpoints');
    await store(folder, 1);
    const path = join(folder, '000001.json');
    writeFileSync(path, readFileSync(path, 'utf8').replace('"epoch": 1', '"epoch": 9'));
    const error = await refusal('file-corrupt', () => readLastCheckpoint(folder, schema));
    expect(error.details.where).toBe(path);
  });

  it('are none before the first, and an error when all are lost', async () => {
    const folder = join(scratch(), 'checkpoints');
    expect(await readLastCheckpoint(folder, schema)).toBeUndefined();
    mkdirSync(folder);
    writeFileSync(join(folder, '000001.safetensors'), 'of a first checkpoint that was not finished');
    expect(await new CheckpointStore(folder).resume(schema)).toBeUndefined();
    await store(folder, 1);
    for (const name of filesOf(folder).filter((name) => name !== 'last.json')) rmSync(join(folder, name));
    await refusal('file-missing', () => readLastCheckpoint(folder, schema));
  });

  it('with a state of another kind are refused', async () => {
    const folder = join(scratch(), 'checkpoints');
    await store(folder, 1);
    await refusal('file-corrupt', () => readLastCheckpoint(folder, z.object({ step: z.number() })));
  });
});
