// A search of the size that the lab offers, on onnxruntime-web beside onnxruntime-node: every step is taken by both from the same state.
// Over many steps they part, since a ReLU or a maximum that falls on the other side of a tie changes a gradient by more than
// rounding (`lab-agreement.mjs`); within a step nothing else may.
import * as ortNode from 'onnxruntime-node';
import * as ortWeb from 'onnxruntime-web';
import { expect, it } from 'vitest';
import { loadDataset } from '../../datasets/index.js';
import { directChannel } from '../../src/engines/ort/channel.js';
import { createOrtEngine } from '../../src/engines/ort/engine.js';
import { OrtHost } from '../../src/engines/ort/host.js';
import type { OrtRuntime } from '../../src/engines/ort/runtime.js';
import { MemoryFiles } from '../../src/runs/memory-files.js';
import { createRun } from '../../src/runs/run-store.js';
import { searchInStore } from '../../src/search/search-run.js';
import { classification } from '../../src/tasks/classification/task.js';
import { pairedEngine, type Run } from '../support/paired-engine.js';

/** Of what a step calculates on its way forward: losses, logits, statistics of batches. */
const tolerance = 1e-5;
/** What the few gradients behind a tie may make of a weight, and how many weights there may be of them. */
const behindTies = { tolerance: 1e-3, share: 0.02 };
/** Of the gradient of the alphas, beside its largest entry: each entry is a sum over all images, with or without a tie. */
const gradientTolerance = 0.05;
const steps = 4;

it('takes each step as Node does, from the same state', { timeout: 300_000 }, async () => {
  ortWeb.env.wasm.numThreads = 1;
  const engineOn = (ort: OrtRuntime, fillsOutputs: boolean) =>
    createOrtEngine({
      channel: directChannel(new OrtHost(ort, { fillsOutputs })),
      runtime: 'onnxruntime',
      layout: { kind: 'portable' },
      threads: 1,
    });
  const given = { cells: 3, channels: 4, batch: 16, seed: 1, limit: 32 * (steps + 1), epochs: 1 };
  const recipe = classification.search.resolve({ preset: 'small', given, threads: 1 });
  const data = await loadDataset('fashion-mnist', { limit: given.limit });
  const runs: Run[] = [];
  const engine = pairedEngine(engineOn(ortNode, true), engineOn(ortWeb, false), (run) => runs.push(run));
  await searchInStore(
    await createRun(new MemoryFiles(), recipe),
    { recipe, problem: classification.search.problem(recipe, data), engine },
    // Of the alphas, then of the weights.
    { epoch() {}, progress() {}, stopped: () => runs.length === 2 * steps },
  );
  await engine.dispose();
  expect(runs.length).toBe(2 * steps);
  for (const run of runs) {
    for (const name of ['loss', 'correct', 'logits', 'statistics'])
      expect(Math.max(...differencesOf(run, name)), name).toBeLessThanOrEqual(tolerance);
    const weights = differencesOf(run, 'parameters');
    expect(Math.max(...weights)).toBeLessThanOrEqual(behindTies.tolerance);
    const departed = weights.filter((difference) => difference > tolerance).length;
    expect(departed / weights.length).toBeLessThanOrEqual(behindTies.share);
    const gradient = run.get('gradient.code');
    if (gradient === undefined) continue;
    const largest = Math.max(...Array.from(gradient.own, Math.abs));
    expect(Math.max(...differencesOf(run, 'gradient.code')) / largest).toBeLessThanOrEqual(gradientTolerance);
  }
  // Both have moved.
  const [first, last] = [runs[0], runs.at(-1)].map((run) => run?.get('parameters')?.own ?? []);
  expect(Array.from(first ?? [])).not.toEqual(Array.from(last ?? []));
});

/** Between both, number by number. */
function differencesOf(run: Run, name: string): number[] {
  const { own, other } = run.get(name) ?? { own: [Number.NaN], other: [] };
  expect(other.length, name).toBe(own.length);
  return Array.from(own, (value, at) => Math.abs(value - (other[at] ?? Number.NaN)));
}
