// The report of what is not finished yet: what it would be made of now, and nothing is touched.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadDataset } from '../../../datasets/index.js';
import { taskSettings } from '../../../src/cli/run-settings.js';
import { report } from '../../../src/library/report.js';
import { collectStudy } from '../../../src/library/study.js';
import { acquireLock } from '../../../src/runs/lock.js';
import { madeStudy } from '../../support/made-runs.js';
import { madeTable } from '../../support/made-table.js';
import { networks, rowOf } from '../../support/one-table.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'genonnx-report-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const everything = () => readdirSync(folder, { recursive: true }).map(String).sort();

const { checksums } = await loadDataset('fashion-mnist', {});

describe('the report of a study', () => {
  it('is what collecting it would write, while it goes on', async () => {
    madeStudy(folder, checksums);
    const before = everything();
    const lock = acquireLock(join(folder, 'run.lock'));
    const text = await report([folder]);
    lock.release();
    expect(everything()).toEqual(before);
    await collectStudy({ folder, optionsOf: (task) => taskSettings[task] });
    expect(text).toBe(readFileSync(join(folder, 'report.html'), 'utf8'));
    expect(text).toContain('Two methods');
  });

  it('is refused where the data are others', async () => {
    madeStudy(folder);
    await expect(report([folder])).rejects.toThrow('not those that this was made of');
  });
});

it('is of a table as far as it has come, without failures', async () => {
  const add = madeTable(folder, checksums);
  expect(await report([folder])).toContain('The table is not finished: these are the 0 networks');
  for (const { architecture } of networks.slice(0, 3))
    for (const seed of [1, 2]) add(rowOf(architecture, seed));
  add({ architecture: networks[4]?.architecture ?? '', seed: 1, failure: 'no number' });
  expect(await report([folder])).toContain('The table is not finished: these are the 3 networks');
});
