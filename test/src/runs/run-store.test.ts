// The contract of a run, wherever its files lie.
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { differences } from '../../../src/runs/differences.js';
import { createRun, openRun, runFailureSchema } from '../../../src/runs/run-store.js';
import { places, refusal } from './helpers.js';

const config = {
  seed: 1,
  weights: { learningRate: 0.025, momentum: 0.9 },
  ranks: [1, 2],
  createdAt: 'today',
  limit: undefined,
};

describe.each(places)('a run in %s', (_, { make }) => {
  it('is made with its configuration and opened again', async () => {
    const files = make();
    const run = await createRun(files, config);
    await run.journal.append({ epoch: 1 });
    await run.writeJson('genotype.json', { normal: [] });
    await run.write('model.onnx', Uint8Array.of(1, 2));
    await run.close();
    expect((await files.list('')).sort()).toEqual([
      'config.json',
      'genotype.json',
      'journal.jsonl',
      'model.onnx',
    ]);
    const { limit: _, ...resolved } = config;
    const again = await openRun(files, { ...config, createdAt: 'tomorrow' });
    expect(again.config).toEqual(resolved);
    expect(again.journal.length).toBe(run.journal.length);
    expect(await again.journal.read(z.object({ epoch: z.number() }))).toEqual([{ epoch: 1 }]);
    expect([...((await again.read('model.onnx')) ?? [])]).toEqual([1, 2]);
    expect(new TextDecoder().decode(await again.read('genotype.json'))).toBe('{\n  "normal": []\n}\n');
    expect(await again.read('none')).toBeUndefined();
    await again.close();
  });

  it('goes on from its checkpoint, with the journal of that moment', async () => {
    const files = make();
    const state = z.object({ epoch: z.number() });
    const run = await createRun(files, config);
    await run.journal.append({ epoch: 1 });
    await run.checkpoints.write({ arrays: {}, state: { epoch: 1 }, journalBytes: run.journal.length });
    await run.journal.append({ epoch: 2 });
    await run.close();
    const again = await openRun(files);
    const resumed = await again.checkpoints.resume(state);
    await again.journal.truncate(resumed?.journalBytes ?? 0);
    expect(await again.journal.read(state)).toEqual([{ epoch: 1 }]);
    await again.close();
  });

  it('is begun anew where one ended before its first checkpoint, and only there', async () => {
    const own = { kind: 'train', tools: { genonnx: '0' } };
    const files = make();
    const first = await createRun(files, own);
    await first.journal.append({ epoch: 1 });
    await first.close();
    const second = await createRun(files, { ...own, seed: 2 });
    expect(second.config).toEqual({ ...own, seed: 2 });
    expect(second.journal.length).toBe(0);
    await second.checkpoints.write({ arrays: {}, state: {}, journalBytes: 0 });
    await second.close();
    await refusal('output-exists', () => createRun(files, own));

    const foreign = make();
    await foreign.write('config.json', '{"kind":"train"}');
    await refusal('output-exists', () => createRun(foreign, own));
    await foreign.write('config.json', 'no JSON');
    await refusal('output-exists', () => createRun(foreign, own));
    const beside = make();
    await (await createRun(beside, own)).close();
    await beside.write('notes.txt', 'mine');
    await refusal('output-exists', () => createRun(beside, own));
  });

  it('leaves nothing where it is abandoned, unless it has a checkpoint', async () => {
    const files = make();
    const run = await createRun(files, config);
    await run.journal.append({ epoch: 1 });
    await run.abandon();
    expect(await files.list('')).toEqual([]);
    const kept = await createRun(files, config);
    await kept.checkpoints.write({ arrays: {}, state: {}, journalBytes: 0 });
    await kept.abandon();
    expect(await files.list('')).toContain('config.json');
    await (await openRun(files)).close();
  });

  it('says why it failed, until it goes on', async () => {
    const files = make();
    const run = await createRun(files, config);
    await run.checkpoints.write({ arrays: {}, state: {}, journalBytes: 0 });
    await run.abandon(new Error('the loss is no number'));
    const failure = JSON.parse(new TextDecoder().decode(await files.read('failure.json')));
    expect(runFailureSchema.parse(failure).message).toBe('the loss is no number');
    const again = await openRun(files);
    expect(await files.list('')).not.toContain('failure.json');
    await again.close(new Error('another'));
    expect(await files.list('')).toContain('failure.json');
  });

  it('says what differs from another configuration', async () => {
    const files = make();
    await (await createRun(files, config)).close();
    const other = { ...config, weights: { learningRate: 0.1, momentum: 0.9 }, ranks: [1, 3], padTo: 32 };
    const { details } = await refusal('resume-mismatch', () => openRun(files, other));
    expect(details.expected).toBe('weights.learningRate = 0.1, ranks.1 = 3, padTo = 32');
    expect(details.found).toBe('weights.learningRate = 0.025, ranks.1 = 2, padTo = (none)');
    const run = await openRun(files, other, { volatile: ['weights', 'ranks', 'padTo'] });
    await run.close();
    expect(differences({ a: [1] }, { a: [1, 2] })).toEqual([{ path: 'a', expected: [1], found: [1, 2] }]);
  });

  it('is not made where something is, and is open once', async () => {
    const files = make();
    await files.write('precious', '');
    const error = await refusal('output-exists', () => createRun(files, config));
    expect(error.details.found).toContain('precious');
    expect(await files.list('')).toEqual(['precious']);
    await files.remove('precious');
    const run = await createRun(files, config);
    await refusal('run-locked', () => openRun(files));
    await refusal('output-exists', () => createRun(files, config));
    await run.close();
    await (await openRun(files)).close();
  });

  it('is refused when it is none, or damaged', async () => {
    const files = make();
    await refusal('file-missing', () => openRun(files));
    await files.write('config.json', '{"seed":');
    await refusal('file-corrupt', () => openRun(files));
  });
});
