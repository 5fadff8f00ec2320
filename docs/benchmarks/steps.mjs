// What steps of trainings and searches take, all rows of docs/performance.md in one run; beside another checkout, with its own
// build, if one is named. The two take turns, one process after the other, so that slow minutes of a machine fall on both.
//
//   npm run build && node docs/benchmarks/steps.mjs [--against FOLDER] [--rounds N] [--rows PART] > docs/benchmarks/steps.json
//
// FOLDER is, for instance: git worktree add FOLDER COMMIT && cd FOLDER && npm ci && npm run build
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import os from 'node:os';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    against: { type: 'string' },
    rounds: { type: 'string', default: '3' },
    rows: { type: 'string', default: '' },
  },
});
const here = process.cwd();
const versions = values.against === undefined ? [here] : [resolve(values.against), here];

const small = '--cells 4 --channels 8 --batch 32 --image 28x28x1';
const large = '--cells 8 --channels 16 --batch 64 --image 32x32x3';
const child = 'bench train --genotype DARTS_V2';
const gates = (sizes, threads, runs) =>
  ['all', 'edge:4', 'node:4'].map((pattern) => ({
    command: `bench step ${sizes} --gates ${pattern} --threads ${threads} --runs ${runs}`,
  }));
const rows = [
  { command: `${child} --cells 5 --channels 8 --batch 64 --image 28x28x1 --runs 15` },
  { command: `${child} --cells 8 --channels 16 --batch 64 --runs 9` },
  { command: `${child} --cells 20 --channels 36 --batch 96 --auxiliary --runs 2` },
  { command: `${child} --network imagenet --batch 8 --runs 5` },
  ...gates(small, 2, 15),
  ...gates(small, 1, 15),
  ...gates(large, 2, 5),
].filter(({ command }) => command.includes(values.rows));

const taken = rows.map(({ command }) => ({ command, runs: versions.map(() => []) }));
for (let round = 0; round < Number(values.rounds); round++) {
  for (const { command, runs } of taken) {
    for (const [i, folder] of versions.entries()) {
      const args = [join(folder, 'bin/genonnx.mjs'), ...command.split(' '), '--json'];
      const timing = JSON.parse(execFileSync(process.execPath, args, { cwd: folder, encoding: 'utf8' }));
      runs[i].push(timing);
      process.stderr.write(
        `${command}: ${timing.medianMs.toFixed(0)} ms ${i < versions.length - 1 ? 'before' : ''}\n`,
      );
    }
  }
}

// What the processor does at most, behind the rounds, for each number of threads.
const { measureRoofline } = await import(join(here, 'dist/src/bench/measure-roofline.js'));
const rooflines = [];
for (const threads of [1, 2]) rooflines.push(await measureRoofline({ threads }));

/**
 * No step can be faster than its multiply-adds at the peak of matrix products, or than its results, each written once and read
 * once, at the peak of memory. Known where all candidates run.
 */
const allowedMs = ({ macs, resultBytes }, threads) => {
  const { peakGflops, peakGbytesPerSecond } = rooflines[threads - 1];
  return Math.max((2 * macs) / peakGflops, (2 * resultBytes) / peakGbytesPerSecond) / 1e6;
};

/** Medians over the rounds; ratios are taken round by round. */
const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
const figures = {
  stepMs: ({ medianMs }) => medianMs,
  startMs: ({ loweringMs, sessionMs }) => loweringMs + sessionMs,
  peakRssBytes: ({ peakRssBytes }) => peakRssBytes,
  nodes: ({ nodes }) => nodes,
};
const medians = (runs) =>
  Object.fromEntries(Object.entries(figures).map(([name, of]) => [name, median(runs.map(of))]));
const git = (folder) =>
  execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: folder, encoding: 'utf8' }).trim();
const require = createRequire(join(here, 'package.json'));
const { version: runtime } = require('onnxruntime-node/package.json');
const report = {
  machine: {
    processor: os.cpus()[0]?.model ?? 'unknown',
    cores: os.availableParallelism(),
    node: process.version,
    runtime,
  },
  rooflines,
  rounds: Number(values.rounds),
  commits: { now: git(here), ...(values.against === undefined ? {} : { before: git(versions[0]) }) },
  rows: taken.map(({ command, runs }) => {
    const now = runs.at(-1);
    const [before] = runs;
    const threads = Number(/--threads (\d)/.exec(command)?.[1] ?? 2);
    const runsAll = !command.includes('edge:') && !command.includes('node:');
    const ratios = Object.fromEntries(
      Object.entries(figures).map(([name, of]) => [
        name,
        median(now.map((timing, round) => of(timing) / of(before[round]))),
      ]),
    );
    return {
      command,
      now: medians(now),
      ...(runsAll ? { allowedMs: allowedMs(now[0], threads) } : {}),
      ...(values.against === undefined ? {} : { before: medians(before), ratios }),
    };
  }),
};
process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
