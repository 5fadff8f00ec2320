// What is known of a table while it is made: its plan fills up, row by row.
import { appendFileSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { LiveRuns } from '../../../src/live/runs.js';
import { acquireLock } from '../../../src/runs/lock.js';
import { madeTable } from '../../support/made-table.js';
import { networks, rowOf } from '../../support/one-table.js';

let folder = '';
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'genonnx-live-')));
});
afterEach(() => rmSync(folder, { recursive: true }));

it('fills up by networks and seeds', async () => {
  const add = madeTable(join(folder, 'table'));
  const runs = new LiveRuns([folder]);
  const look = async () => {
    await runs.refresh();
    return [...runs.tables.values()][0];
  };
  const lock = acquireLock(join(folder, 'table', 'run.lock'));
  expect(await look()).toMatchObject({
    title: 'a table',
    state: 'running',
    metric: { name: 'accuracy' },
    networks: networks.length,
    trainings: 2 * networks.length,
    seconds: null,
    best: [],
  });
  expect(runs.runs.size).toBe(0);
  const places = [0, 5, networks.length - 1];
  for (const place of places) add(rowOf(networks[place]?.architecture ?? '', 1));
  const failed = { architecture: networks[1]?.architecture ?? '', seed: 1, failure: 'no number\nat step 3' };
  add(failed);
  // A line that is not whole yet.
  appendFileSync(join(folder, 'table', 'journal.jsonl'), '{"architecture":');
  const some = await look();
  expect(some?.scores.map((of) => of.flatMap((score, place) => (score === null ? [] : [place])))).toEqual([
    places,
    [],
  ]);
  expect(some?.failed).toEqual([[1], []]);
  expect(some?.failures).toEqual([failed]);
  expect(some?.seconds).toBe(2);
  // The last network has the most separable convolutions.
  expect(some?.best.map(({ architecture }) => architecture)[0]).toBe(networks.at(-1)?.architecture);
  expect(some?.best[0]?.tests).toEqual([some?.scores[0]?.at(-1), null]);
  expect(await look()).toBe(some);

  // One that failed is tried again; nothing is counted twice.
  writeFileSync(join(folder, 'table', 'journal.jsonl'), '');
  await look();
  add(failed);
  await look();
  for (const seed of [1, 2]) for (const { architecture } of networks) add(rowOf(architecture, seed));
  lock.release();
  const whole = await look();
  expect(whole).toMatchObject({ state: 'done', failed: [[], []], failures: [] });
  expect(whole?.scores.flat()).not.toContain(null);
});

it('says how many trainings a sample comes to', async () => {
  const add = madeTable(join(folder, 'table'));
  writeFileSync(join(folder, 'table', 'plan.json'), JSON.stringify({ trainings: 1, jobs: 3 }));
  add(rowOf(networks[0]?.architecture ?? '', 1));
  const runs = new LiveRuns([folder]);
  await runs.refresh();
  expect([...runs.tables.values()]).toMatchObject([{ trainings: 1, jobs: 3, state: 'done' }]);
});
