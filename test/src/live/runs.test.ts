// What is known of folders: the states of runs, and how far a study has come.
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LiveRuns } from '../../../src/live/runs.js';
import { acquireLock } from '../../../src/runs/lock.js';
import { madeSearch, madeStudy, madeTraining } from '../../support/made-runs.js';

let folder = '';
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'genonnx-live-')));
});
afterEach(() => rmSync(folder, { recursive: true }));

async function infosIn(path = folder) {
  const runs = new LiveRuns([path]);
  await runs.refresh();
  return Object.fromEntries([...runs.runs.values()].map(({ info }) => [info.name, info]));
}

describe('the state of a run', () => {
  it('is what its lock, its results and its failure say', async () => {
    for (const name of ['running', 'stopped', 'killed', 'failed'])
      madeTraining(join(folder, name), { epochs: 4, done: 2 });
    madeTraining(join(folder, 'done'), { epochs: 4, finished: true });
    madeSearch(join(folder, 'found'), { epochs: 4, finished: true });
    const lock = acquireLock(join(folder, 'running', 'run.lock'));
    const gone = { pid: 2 ** 22 + 1, host: hostname(), token: 'abc' };
    writeFileSync(join(folder, 'killed', 'run.lock'), JSON.stringify(gone));
    const failure = { message: 'no number', at: new Date(0).toISOString() };
    writeFileSync(join(folder, 'failed', 'failure.json'), JSON.stringify(failure));
    const infos = await infosIn();
    for (const name of ['running', 'stopped', 'killed', 'failed', 'done'])
      expect(infos[name]?.state, name).toBe(name);
    expect(infos.found?.state).toBe('done');
    expect(infos.failed?.failure?.message).toBe('no number');
    expect(infos.done?.results?.test).toEqual({ loss: 0.41, accuracy: 0.861 });
    lock.release();
  });

  it('says what the run is, and what it is judged by', async () => {
    madeSearch(join(folder, 'a', 'b'), { epochs: 4, seed: 7 });
    const { 'a/b': info } = await infosIn();
    expect(info).toMatchObject({ kind: 'search', task: 'classification', epochs: 4, examples: 'images' });
    expect(info?.metrics[0]).toMatchObject({ name: 'accuracy', form: 'share', better: 'higher' });
    expect(info?.settings).toMatchObject({ seed: '7', method: 'egs', 'weights.momentum': '0.9' });
    expect(info?.search?.cellTypes.map(({ name }) => name)).toEqual(['normal', 'reduce']);
    // A folder that is a run itself goes by its own name.
    expect(Object.keys(await infosIn(join(folder, 'a', 'b')))).toEqual(['b']);
  });

  it('passes over what is no run, and a folder that is not there yet', async () => {
    writeFileSync(join(folder, 'config.json'), '{"kind":"search"}');
    expect(await infosIn()).toEqual({});
    expect(await infosIn(join(folder, 'later'))).toEqual({});
  });
});

describe('a study', () => {
  it('fills up its plan', async () => {
    madeStudy(join(folder, 'study'));
    const child = acquireLock(join(folder, 'study', 'runs', 'data-m-4', 'seed-2', 'child', 'run.lock'));
    const runs = new LiveRuns([folder]);
    await runs.refresh();
    const [study] = [...runs.studies.values()];
    expect(study).toMatchObject({ title: 'Two methods', seeds: [1, 2, 3], metric: { name: 'accuracy' } });
    expect(study?.methods.map(({ name, runs }) => [name, ...runs.map(({ stage }) => stage)])).toEqual([
      ['DATA M=4', 'finished', 'training', 'stopped'],
      ['random', 'failed', 'waiting', 'waiting'],
    ]);
    const [first] = study?.methods[0]?.runs ?? [];
    expect(first?.test).toBe(0.861);
    expect(runs.runs.get(first?.child ?? '')?.info.name).toBe('study/runs/data-m-4/seed-1/child');
    expect(study?.methods[1]?.runs[0]?.failure).toBe('error: The loss is no number any more.');
    child.release();
  });
});
