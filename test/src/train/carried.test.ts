// Trainings whose steps hand something on: a filter with a hidden state, trained on windows of one sequence.
import { afterAll, describe, expect, it } from 'vitest';
import type { Engine } from '../../../src/engines/engine.js';
import { createNodeOrtEngine } from '../../../src/engines/ort/node.js';
import { phasesOf } from '../../../src/optimizers/phases.js';
import { defaultWeights, type WeightSettings } from '../../../src/optimizers/weight-settings.js';
import { MemoryFiles } from '../../../src/runs/memory-files.js';
import { createRun } from '../../../src/runs/run-store.js';
import type { TrainingRecipe } from '../../../src/tasks/recipes.js';
import { TrainingPrograms } from '../../../src/train/programs.js';
import { type TrainEpoch, trainStateSchema } from '../../../src/train/train.js';
import { trainInStore } from '../../../src/train/train-run.js';
import { watching, wholeAndKilled } from '../../support/killed-runs.js';
import { columns, inWindows, recurrenceTraining, sequence } from '../../support/recurrence-problem.js';

const engine: Engine = createNodeOrtEngine({ layout: { kind: 'portable' }, threads: 1, worker: false });
afterAll(() => engine.dispose());

const { momentum: _, ...plain } = defaultWeights.sgd;
const weights: WeightSettings = { ...plain, momentum: 0, learningRate: 0.5, weightDecay: 0 };
const recipe: TrainingRecipe = {
  threads: 1,
  engine: 'ort',
  layout: 'portable',
  checkpointSeconds: 0,
  epochs: 6,
  seed: 5,
  schedule: 'constant',
  weights,
};

async function trained(
  problem: ReturnType<typeof recurrenceTraining>,
  changes: Partial<TrainingRecipe> = {},
) {
  const records: TrainEpoch[] = [];
  const store = await createRun(new MemoryFiles(), {});
  const own = { ...recipe, ...changes };
  const results = await trainInStore(store, { recipe: own, problem, engine }, watching(records));
  const last = (await store.checkpoints.resume(trainStateSchema))!;
  return { records, results: results!, last };
}

describe('a filter that is trained by windows', () => {
  it('takes each step from the state before it, at its own rate, and begins each epoch at zero', async () => {
    const problem = recurrenceTraining();
    const { last } = await trained(problem, { epochs: 2 });
    const source = problem.batches(undefined);
    const fresh = await TrainingPrograms.open(
      { engine, problem, phases: phasesOf(weights), seed: recipe.seed },
      undefined,
    );
    let [decay, gain] = Array.from((await fresh.standing()).arrays.parameters!.data);
    let hidden = new Array<number>(columns.training).fill(0);
    const lengths: number[] = [];
    for (let epoch = 0; epoch < 2; ) {
      const { feeds, rateScale, done } = await source.next(epoch);
      const [x, y] = [feeds.x!, feeds.y!].map(({ data }) => Array.from(data, Number));
      if (feeds.carry!.data[0] === 0) hidden = hidden.map(() => 0);
      // The derivatives of h_t by both parameters, which know nothing of the windows before.
      let [byDecay, byGain] = [hidden.map(() => 0), hidden.map(() => 0)];
      const gradient = [0, 0];
      const [length] = feeds.x!.shape;
      lengths.push(length!);
      for (let t = 0; t < length!; t++) {
        const row = x!.slice(t * hidden.length, (t + 1) * hidden.length);
        [byDecay, byGain] = [
          byDecay.map((d, i) => hidden[i]! + decay! * d),
          byGain.map((d, i) => row[i]! + decay! * d),
        ];
        hidden = hidden.map((h, i) => decay! * h + gain! * row[i]!);
        hidden.forEach((h, i) => {
          const off = (2 * (h - y![t * hidden.length + i]!)) / (length! * hidden.length);
          gradient[0]! += off * byDecay[i]!;
          gradient[1]! += off * byGain[i]!;
        });
      }
      decay! -= 0.5 * rateScale! * gradient[0]!;
      gain! -= 0.5 * rateScale! * gradient[1]!;
      if (done === 1) epoch += 1;
    }
    expect(new Set(lengths).size).toBeGreaterThan(2);
    const { parameters, ...carried } = last.arrays;
    expect(parameters!.data[0]).toBeCloseTo(decay!, 5);
    expect(parameters!.data[1]).toBeCloseTo(gain!, 5);
    hidden.forEach((h, i) => {
      expect(carried.hidden!.data[i]).toBeCloseTo(h, 5);
    });
    expect(carried.hidden!.data).toHaveLength(columns.training);
    expect(carried['hidden.validation']!.data).toHaveLength(columns.validation);
  });

  it('learns the filter, which it tests with columns of another number', async () => {
    const { records, results } = await trained(recurrenceTraining(), { epochs: 12 });
    expect(records.at(-1)!.validation!.rootMeanSquare).toBeLessThan(0.05);
    expect(results.test.rootMeanSquare).toBeLessThan(0.05);
    expect(records[0]!.validation!.rootMeanSquare).toBeGreaterThan(0.1);
  });

  it('comes to the same on held-out values, however they are cut into windows', async () => {
    const problem = recurrenceTraining();
    const programs = await TrainingPrograms.open(
      { engine, problem, phases: phasesOf(weights), seed: recipe.seed },
      undefined,
    );
    const held = sequence('validation', 10, columns.validation);
    const whole = await programs.evaluate(inWindows(held, 10));
    for (const length of [1, 3, 4]) {
      const cut = await programs.evaluate(inWindows(held, length));
      expect(cut.loss).toBeCloseTo(whole.loss!, 6);
    }
    // Without what is carried it would be another loss.
    const alone = inWindows(held, 3).map(({ examples, feeds }) => ({
      examples,
      feeds: { ...feeds, carry: { shape: [1], data: Float32Array.of(0) } },
    }));
    expect(Math.abs((await programs.evaluate(alone)).loss! - whole.loss!)).toBeGreaterThan(1e-4);
  });

  const averaged = { ...plain, optimizer: 'asgd', learningRate: 1.6, weightDecay: 0, patience: 1 } as const;
  it.each<[string, Partial<TrainingRecipe>, readonly string[]]>([
    ['SGD', {}, []],
    ['SGD and then its average', { epochs: 8, weights: averaged }, ['average', 'eta', 'steps']],
    [
      'what diverges and is restored',
      { weights: { ...weights, learningRate: 2.6, clipNorm: 1e30 }, epochs: 4, restore: { most: 30 } },
      [],
    ],
  ])('ends with the same bytes when it is killed, with %s', async (_, changes, slots) => {
    const changed = { ...recipe, ...changes };
    const problem = recurrenceTraining();
    const { whole, cut } = await wholeAndKilled<TrainEpoch>([3, 9, 7], (store, hooks) =>
      trainInStore(store, { recipe: changed, problem, engine }, hooks),
    );
    expect(cut).toEqual(whole);
    for (const vector of ['hidden', 'hidden.validation', ...slots])
      expect(whole.arrays).toContain(`"${vector}"`);
    const optimizers = whole['journal.jsonl']!.match(/"optimizer":"\w+"/g) ?? [];
    expect(new Set(optimizers).size).toBe(slots.length === 0 ? 0 : 2);
    const { restored } = JSON.parse(whole['results.json']!);
    if (changes.restore === undefined) expect(restored).toBeUndefined();
    else expect(restored).toBeGreaterThan(0);
  });
});
