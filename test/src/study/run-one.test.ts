// Runs of a study that are started one by one, as jobs of a cluster are, come to what a whole study comes to.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createRunFolder, type RunFolder } from '../../../src/runs/run-folder.js';
import type { StartChild } from '../../../src/study/child-process.js';
import { collectRuns, requireRun, runOne } from '../../../src/study/run-one.js';
import { runStudy } from '../../../src/study/run-study.js';
import { fakeCommand, options, study, subject, withoutTimes } from '../../support/study-command.js';
import { scratch } from '../runs/helpers.js';

const common = { study, subject, options, signal: new AbortController().signal, line: () => {} };
const tools = { genonnx: '0' };
const freshFolder = (): Promise<RunFolder> => createRunFolder(join(scratch(), 'study'), {});
const one = ({ path }: RunFolder, index: number, startChild: StartChild) =>
  runOne({ ...common, folder: path, startChild }, index);

/** The searches first: the draws are matched to what they find. */
const searchesFirst = [3, 4, 5, 0, 1, 2];

describe('runOne', () => {
  it('gives the runs of a whole study, in whatever order they come', async () => {
    const whole = await freshFolder();
    const expected = await runStudy({ ...common, ...fakeCommand(), folder: whole, tools });
    const folder = await freshFolder();
    for (const index of searchesFirst) {
      const { title, status } = await one(folder, index, fakeCommand().startChild);
      expect(status, title).toBe('finished');
    }
    const collected = await collectRuns({ folder, study, subject, tools });
    expect(withoutTimes(collected)).toEqual(withoutTimes(expected));
    const again = fakeCommand();
    expect((await one(folder, 4, again.startChild)).status).toBe('finished');
    expect(again.started).toEqual([]);
  });

  it('may go on side by side', async () => {
    const folder = await freshFolder();
    const { startChild } = fakeCommand();
    const ended = await Promise.all([3, 4, 5].map((index) => one(folder, index, startChild)));
    expect(ended.map(({ title }) => title)).toEqual([1, 2, 3].map((seed) => `DATA M=1, seed ${seed}`));
    const { runs } = await collectRuns({ folder, study, subject, tools });
    expect(runs.map(({ status }) => status)).toEqual([
      ...new Array(3).fill('unfinished'),
      ...new Array(3).fill('finished'),
    ]);
  });

  it('keeps why a run failed until it succeeds, and counts how often it was gone on with', async () => {
    const folder = await freshFolder();
    const { failure, ...ended } = await one(folder, 4, fakeCommand(() => 3).startChild);
    expect(ended).toMatchObject({ status: 'failed', title: 'DATA M=1, seed 2' });
    expect(failure).toEqual({ stage: 'search', exitCode: 3, lastLines: ['something', 'ended with 3'] });
    const failed = (await collectRuns({ folder, study, subject, tools })).runs[4];
    expect(failed).toMatchObject({ status: 'failed', failure });
    expect((await one(folder, 4, fakeCommand().startChild)).status).toBe('finished');
    const mended = (await collectRuns({ folder, study, subject, tools })).runs[4];
    expect(mended).toMatchObject({ status: 'finished', times: { continuations: 1 } });
    expect(mended?.failure).toBeUndefined();
    expect(existsSync(join(ended.folder, 'failure.json'))).toBe(false);
  });

  it('says which runs a draw waits for', async () => {
    const folder = await freshFolder();
    await one(folder, 4, fakeCommand().startChild);
    const { status, failure } = await one(folder, 0, fakeCommand().startChild);
    expect(status).toBe('failed');
    expect(failure?.lastLines).toEqual([
      'Its genotype is to match those of DATA M=1, which are not all there: run 3, 5 first.',
    ]);
  });

  it('is unfinished where it is interrupted', async () => {
    const folder = await freshFolder();
    const abort = new AbortController();
    const { startChild } = fakeCommand(() => {
      abort.abort();
      return 130;
    });
    const inputs = { ...common, folder: folder.path, startChild, signal: abort.signal };
    expect((await runOne(inputs, 3)).status).toBe('unfinished');
    expect((await collectRuns({ folder, study, subject, tools })).runs[3]?.status).toBe('unfinished');
  });

  it('refuses an index that the plan does not have', async () => {
    const folder = await freshFolder();
    await expect(one(folder, 6, fakeCommand().startChild)).rejects.toMatchObject({
      code: 'usage',
      details: { where: '`index`', expected: expect.stringContaining('0 to 5') },
    });
    expect(() => requireRun(study, 6)).toThrow(expect.objectContaining({ code: 'usage' }));
    expect(() => requireRun(study, 5)).not.toThrow();
  });
});
