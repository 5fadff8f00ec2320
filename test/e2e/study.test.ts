import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { type StudyResults, studyResultsSchema } from '../../src/study/results.js';
import { freshFolder, genonnx } from './command.js';

// Tiny, but whole: a method and the baseline, two seeds, a checkpoint after every step.
const study = `name: Tiny
data: fashion-mnist
limit: 96
seeds: [1, 2]
methods:
  - {name: DATA M=2, method: egs, samples: 2}
  - {method: random, match: parameters}
search: {epochs: 2, batch: 8, channels: 4, cells: 1, checkpoint-seconds: 0}
train: {epochs: 2, batch: 8, channels: 4, cells: 3, checkpoint-seconds: 0}
`;

function studyFile(folder: string, text = study): string {
  const file = join(folder, 'study.yaml');
  writeFileSync(file, text);
  return file;
}

const resultsOf = (folder: string): StudyResults =>
  studyResultsSchema.parse(JSON.parse(readFileSync(join(folder, 'study.json'), 'utf8')));
const withoutTimes = (results: StudyResults): unknown =>
  JSON.parse(JSON.stringify(results, (key, value) => (key === 'times' ? undefined : value)));

/** Waits until there are checkpoints of a run of `stage` somewhere in the study. */
async function untilBegun(out: string, stage: 'search' | 'child'): Promise<void> {
  const runs = join(out, 'runs');
  for (;;) {
    const folders = existsSync(runs) ? readdirSync(runs, { recursive: true }).map(String) : [];
    if (folders.some((path) => path.endsWith(join(stage, 'checkpoints', 'last.json')))) return;
    await wait(50);
  }
}

/** The files in which the runs of the study hold their locks. */
function locksIn(out: string): string[] {
  return readdirSync(out, { recursive: true })
    .map(String)
    .filter((path) => path.endsWith('run.lock'));
}

describe('runs of a study that jobs of a cluster start', () => {
  it('make its folder together, and are collected', { timeout: 120_000 }, async () => {
    const folder = freshFolder();
    const file = studyFile(
      folder,
      `name: Jobs
data: fashion-mnist
limit: 96
seeds: [1, 2]
methods:
  - {method: random}
train: {epochs: 1, batch: 8, channels: 4, cells: 1}
`,
    );
    const out = join(folder, 'shared');
    const job = (index: number) => genonnx(['study', file, '--out', out, '--index', String(index)]);
    const [first, second, beyond] = await Promise.all([job(0), job(1), job(2)]);
    expect(first.exitCode, String(first.stderr)).toBe(0);
    expect(second.exitCode, String(second.stderr)).toBe(0);
    expect(beyond.exitCode).toBe(2);
    expect(String(beyond.stderr)).toContain('0 to 1: 2 runs, each method with every seed');
    expect(existsSync(join(out, 'study.json'))).toBe(false);
    const unmade = join(folder, 'unmade');
    expect((await genonnx(['study', file, '--out', unmade, '--index', '2'])).exitCode).toBe(2);
    expect(existsSync(unmade)).toBe(false);
    const collected = await genonnx(['study', '--collect', '--out', out]);
    expect(collected.exitCode, String(collected.stderr)).toBe(0);
    expect(resultsOf(out).runs.map(({ seed, status }) => [seed, status])).toEqual([
      [1, 'finished'],
      [2, 'finished'],
    ]);
    expect(locksIn(out)).toEqual([]);
  });
});

describe('a study', () => {
  it('that is killed and interrupted ends as one that is not', { timeout: 400_000 }, async () => {
    const folder = freshFolder();
    const file = studyFile(folder);
    const [whole, cut] = [join(folder, 'whole'), join(folder, 'cut')];
    const reference = await genonnx(['study', file, '--out', whole, '--json']);
    expect(reference.exitCode, String(reference.stderr)).toBe(0);
    expect(JSON.parse(String(reference.stdout))).toEqual(resultsOf(whole));
    expect(readFileSync(join(whole, 'report.html'), 'utf8')).toContain('<section id="runs">');

    const killed = genonnx(['study', file, '--out', cut]);
    await untilBegun(cut, 'search');
    killed.kill('SIGKILL');
    await killed;
    // Its searches notice, write their checkpoints and end by themselves.
    for (let tries = 0; tries < 200; tries++) {
      if (locksIn(cut).every((path) => path === 'run.lock')) break;
      await wait(50);
    }
    expect(locksIn(cut)).toEqual(['run.lock']);

    const interrupted = genonnx(['study', '--resume', cut]);
    await untilBegun(cut, 'child');
    interrupted.kill('SIGINT');
    const ended = await interrupted;
    expect(ended.exitCode, String(ended.stderr)).toBe(130);
    expect(ended.stderr).toContain(`genonnx study --resume ${cut}`);
    expect(locksIn(cut)).toEqual([]);
    expect(resultsOf(cut).runs.some(({ status }) => status === 'unfinished')).toBe(true);
    expect(resultsOf(cut).runs.some(({ status }) => status === 'failed')).toBe(false);

    const resumed = await genonnx(['study', file, '--out', cut]);
    expect(resumed.exitCode, String(resumed.stderr)).toBe(0);
    expect(resumed.stdout).toContain('DATA M=2');
    expect(withoutTimes(resultsOf(cut))).toEqual(withoutTimes(resultsOf(whole)));
    const { runs } = resultsOf(cut);
    expect(runs.map(({ times }) => times.continuations > 0)).toContain(true);
    for (const { folder: run } of runs) {
      const model = (study: string) => readFileSync(join(study, run, 'child', 'model.onnx'));
      expect(model(cut).equals(model(whole)), run).toBe(true);
    }
  });

  it('goes on when a run fails, says which, and exits with 1', { timeout: 200_000 }, async () => {
    const folder = freshFolder();
    const out = join(folder, 'out');
    const diverging = study
      .replace('samples: 2}', 'samples: 2}\n  - {name: wild, method: egs, lr: 1e30}')
      .replace('seeds: [1, 2]', 'seeds: [1]');
    const failed = await genonnx(['study', studyFile(folder, diverging), '--out', out]);
    expect(failed.exitCode, String(failed.stderr)).toBe(1);
    expect(failed.stderr).toContain('error: wild, seed 1: search ended with exit code 2 (runs/wild/seed-1)');
    const [first, wild, random] = resultsOf(out).runs;
    expect(wild?.status).toBe('failed');
    expect(wild?.failure?.lastLines.join('\n')).toContain('error:');
    expect([first?.status, random?.status]).toEqual(['finished', 'finished']);
    expect(readFileSync(join(out, 'runs', 'wild', 'seed-1', 'search.log'), 'utf8')).toContain('error:');
    expect(failed.stdout).toContain('failed');

    // The failed run is tried again and fails again; nothing else is done.
    const again = await genonnx(['study', '--resume', out]);
    expect(again.exitCode).toBe(1);
    expect(again.stderr).not.toContain('training:');
    const other = await genonnx(['study', studyFile(folder, study), '--out', out]);
    expect(other.exitCode).toBe(2);
    expect(other.stderr).toContain('another configuration');
  });

  it('refuses what it cannot run, before it makes a folder', { timeout: 60_000 }, async () => {
    const folder = freshFolder();
    const out = join(folder, 'out');
    const wrong = await genonnx([
      'study',
      studyFile(folder, study.replace('samples', 'sampels')),
      '--out',
      out,
    ]);
    expect(wrong.exitCode).toBe(2);
    expect(wrong.stderr).toContain('study.yaml:6, methods.0.sampels');
    const noData = study.replace('fashion-mnist', './no-such-folder');
    const missing = await genonnx(['study', studyFile(folder, noData), '--out', out]);
    expect(missing.exitCode).toBe(2);
    expect(missing.stderr).toContain('no-such-folder');
    const tooSmall = study.replace('cells: 3,', 'cells: 3, pad-to: 30,');
    const image = await genonnx(['study', studyFile(folder, tooSmall), '--out', out]);
    expect(image.exitCode).toBe(2);
    const nothing = await genonnx(['study', '--out', out]);
    expect(nothing.exitCode).toBe(2);
    expect(nothing.stderr).toContain('genonnx study FILE.yaml --out FOLDER');
    expect(existsSync(out)).toBe(false);
  });
});
