// Searches whose steps hand something on: between two filters with a hidden state, by windows of two sequences. What the steps
// of the weights carry is not what those of the alphas do.
import { afterAll, describe, expect, it } from 'vitest';
import type { Engine, Feeds } from '../../../src/engines/engine.js';
import { createNodeOrtEngine } from '../../../src/engines/ort/node.js';
import type { FedBatch } from '../../../src/loop/batch-source.js';
import { defaultWeights } from '../../../src/optimizers/weight-settings.js';
import { MemoryFiles } from '../../../src/runs/memory-files.js';
import { createRun } from '../../../src/runs/run-store.js';
import { type SearchEpoch, searchStateSchema } from '../../../src/search/search.js';
import { searchInStore } from '../../../src/search/search-run.js';
import type { SearchRecipe } from '../../../src/tasks/recipes.js';
import { watching, wholeAndKilled } from '../../support/killed-runs.js';
import { columns, recurrenceSearch } from '../../support/recurrence-problem.js';

const ort: Engine = createNodeOrtEngine({ layout: { kind: 'portable' }, threads: 1, worker: false });
afterAll(() => ort.dispose());

const recipe: SearchRecipe = {
  threads: 1,
  engine: 'ort',
  layout: 'portable',
  checkpointSeconds: 0,
  epochs: 3,
  seed: 5,
  weights: { ...defaultWeights.sgd, momentum: 0, weightDecay: 0, learningRate: 0.3 },
  schedule: 'constant',
  method: 'darts',
  mode: 'alternating',
  samples: 1,
  scope: 'edge',
  parameterisation: 'softmax',
  normalise: 'none',
  route: 'all',
  temperature: { start: 1, end: 1, epochs: 3 },
  trainFraction: 0.5,
  warmupEpochs: 0,
  alphas: { learningRate: 0.1, beta1: 0.5, beta2: 0.999, weightDecay: 0 },
  penalties: { entropy: 0, operations: 0, budget: 0 },
  stopOnSkips: false,
};

/** Searches in memory; gives the epochs, what was fed to steps that learn, and the last checkpoint. */
async function searched(changes: Partial<SearchRecipe> = {}, problem = recurrenceSearch()) {
  const records: SearchEpoch[] = [];
  const rates: number[] = [];
  const recording: Engine = {
    ...ort,
    async prepare(program, state) {
      const prepared = await ort.prepare(program, state);
      const run = (feeds: Feeds) => {
        rates.push(...Array.from(feeds.learningRate?.data ?? [], Number));
        return prepared.run(feeds);
      };
      return { ...prepared, run };
    },
  };
  const store = await createRun(new MemoryFiles(), {});
  const inputs = { recipe: { ...recipe, ...changes }, problem, engine: recording };
  const { alphas } = await searchInStore(store, inputs, watching(records));
  const last = (await store.checkpoints.resume(searchStateSchema))!;
  return { alphas, records, rates, last };
}

describe('a search by windows', () => {
  it("takes the weights' steps at the constant rate times the factor of each window", async () => {
    const { records, rates } = await searched({ epochs: 2 });
    expect(records.map(({ learningRate }) => learningRate)).toEqual([0.3, 0.3]);
    const source = recurrenceSearch().weightBatches(undefined);
    const expected: number[] = [];
    for (const _ of rates) expected.push(Math.fround(0.3 * (await source.next(0)).rateScale!));
    expect(rates).toEqual(expected);
    expect(new Set(rates).size).toBeGreaterThan(2);
  });

  it.each(['darts', 'darts-2nd'] as const)('carries two states apart, with %s', async (method) => {
    // Nothing learns, so that every state follows from the windows alone.
    const still = { learningRate: 0, finalLearningRate: 0 };
    const { last } = await searched({
      method,
      epochs: 2,
      weights: { ...recipe.weights, ...still },
      alphas: { ...recipe.alphas, learningRate: 0 },
    });
    const [slow, quick] = Array.from(last.arrays.parameters!.data);
    const odds = Array.from(last.arrays.alphas!.data, Math.exp);
    const shares = odds.map((odd) => odd / (odds[0]! + odds[1]!));
    const problem = recurrenceSearch();
    const [weights, alphas] = [problem.weightBatches(undefined), problem.alphaBatches(undefined)];
    const states = [weights, alphas].map(() => new Array<number>(columns.training).fill(0));
    for (let epoch = 0; epoch < 2; ) {
      const { done, feeds } = await weights.next(epoch);
      for (const [of, window] of [feeds, (await alphas.next(epoch)).feeds].entries()) {
        if (window.carry!.data[0] === 0) states[of]!.fill(0);
        const [length] = window.x!.shape;
        for (let t = 0; t < length!; t++)
          states[of] = states[of]!.map((h, i) => {
            const x = Number(window.x!.data[t * columns.training + i]);
            return shares[0]! * (0.9 * h + slow! * x) + shares[1]! * (0.1 * h + quick! * x);
          });
      }
      if (done === 1) epoch += 1;
    }
    states.forEach((state, of) => {
      const found = last.arrays[of === 0 ? 'hidden' : 'hidden.alphas']!.data;
      state.forEach((h, i) => {
        expect(found[i]).toBeCloseTo(h, 5);
      });
    });
    expect(Math.abs(states[0]![0]! - states[1]![0]!)).toBeGreaterThan(1e-3);
  });

  it('goes on where the derived genotype overflows inside the supernet, and says so', async () => {
    const problem = recurrenceSearch();
    const far: FedBatch[] = [];
    for await (const { feeds, ...batch } of problem.heldOut) {
      const { shape, data } = feeds.y!;
      far.push({
        ...batch,
        feeds: { ...feeds, y: { shape, data: new Float32Array(data.length).fill(1e30) } },
      });
    }
    const { records } = await searched({ epochs: 2 }, { ...problem, heldOut: far });
    expect(records.map(({ child }) => child)).toEqual([null, null]);
    for (const { warnings } of records)
      expect(warnings).toEqual(['the derived genotype has no finite loss inside the supernet']);
    const [usual] = (await searched({ epochs: 1 })).records;
    expect(usual).toMatchObject({ child: { loss: expect.any(Number) }, warnings: [] });
  });

  it.each<[string, Partial<SearchRecipe>]>([
    ['of second order, clipped', { method: 'darts-2nd', clipsUnrolled: true }],
    ['of first order', { method: 'egs', samples: 2 }],
    ['on one batch', { mode: 'joint', method: 'snas' }],
  ])('%s ends with the same bytes when it is killed', async (_, changes) => {
    const { whole, cut } = await wholeAndKilled<SearchEpoch>([3, 6, 4], (store, hooks) =>
      searchInStore(
        store,
        { recipe: { ...recipe, ...changes }, problem: recurrenceSearch(), engine: ort },
        hooks,
      ),
    );
    expect(cut).toEqual(whole);
    for (const vector of ['hidden', 'hidden.alphas', 'hidden.evaluation'])
      expect(whole.arrays).toContain(`"${vector}"`);
  });
});
