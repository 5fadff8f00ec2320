import { describe, expect, it } from 'vitest';
import type { Engine } from '../../../src/engines/engine.js';
import { evaluate } from '../../../src/loop/programs.js';
import type { Arrays } from '../../../src/runs/snapshot.js';
import type { TrainingRecipe } from '../../../src/tasks/recipes.js';
import type { TrainingProblem } from '../../../src/tasks/training-problem.js';
import {
  runTraining,
  type TrainEpoch,
  type TrainResult,
  trainStateSchema,
} from '../../../src/train/train.js';
import { interpreterEngine } from '../../support/interpreter-engine.js';
import { lineProblem } from '../../support/line-problem.js';

const steps = 3;
const sgd = { learningRate: 0.4, finalLearningRate: 0, momentum: 0.5, weightDecay: 0, clipNorm: 100 };
const recipe: TrainingRecipe = {
  threads: 1,
  engine: 'ort',
  layout: 'portable',
  checkpointSeconds: 1e9,
  epochs: 4,
  seed: 5,
  schedule: 'cosine',
  weights: { optimizer: 'sgd', ...sgd },
};

interface Kept {
  state: unknown;
  arrays: Arrays;
}

/** Trains, and keeps what hooks are given. */
async function trained(
  problem: TrainingProblem,
  changes: Partial<TrainingRecipe> = {},
  {
    stopAfter = Number.POSITIVE_INFINITY,
    resumed,
    best,
  }: { stopAfter?: number; resumed?: Kept; best?: Kept } = {},
) {
  const records: TrainEpoch[] = [];
  const kept: { last?: Kept; best?: Kept; bestEpochs: number[] } = {
    ...(best === undefined ? {} : { best }),
    bestEpochs: [],
  };
  const rates: number[] = [];
  let taken = 0;
  const engine = interpreterEngine();
  const recording: Engine = {
    ...engine,
    async prepare(program, state) {
      const prepared = await engine.prepare(program, state);
      return {
        ...prepared,
        async run(feeds) {
          const rate = feeds.learningRate?.data[0];
          if (rate !== undefined) rates.push(Number(rate));
          const fetches = await prepared.run(feeds);
          // The state of every engine but the interpreter is float32, as checkpoints are.
          for (const name of Object.values(program.stateOutputs))
            await state.write(name, await state.read(name));
          return fetches;
        },
      };
    },
  };
  const result: TrainResult = await runTraining({
    recipe: { ...recipe, ...changes },
    problem,
    engine: recording,
    resumed:
      resumed === undefined
        ? undefined
        : {
            state: trainStateSchema.parse(JSON.parse(JSON.stringify(resumed.state))),
            arrays: resumed.arrays,
          },
    best: async () => kept.best?.arrays,
    hooks: {
      async epoch(record) {
        records.push(record);
      },
      async checkpoint(snapshot, isBest) {
        kept.last = snapshot;
        if (isBest) {
          kept.best = snapshot;
          kept.bestEpochs.push(records.length);
        }
      },
      progress() {
        taken += 1;
      },
      stopped: () => taken >= stopAfter,
    },
  });
  return { result, records, kept, rates };
}

const timeless = ({ seconds: _, examplesPerSecond: __, ...record }: TrainEpoch) => record;
function finished(result: TrainResult) {
  if (!result.finished) throw new Error('not finished');
  return result;
}

describe('runTraining', () => {
  it('learns, and says what held in each epoch', async () => {
    const { result, records, rates } = await trained(lineProblem(steps));
    expect(finished(result).test.error).toBeLessThan(0.3);
    expect(records.map(({ epoch }) => epoch)).toEqual([1, 2, 3, 4]);
    expect(records.map(({ conditions }) => conditions.halves)).toEqual([0, 0.5, 1, 1.5]);
    // 0.4 (1 + cos(pi e / 4)) / 2, the same in every step of an epoch.
    const cosine = [0, 1, 2, 3].map((epoch) => 0.2 * (1 + Math.cos((Math.PI * epoch) / 4)));
    records.forEach(({ learningRate }, epoch) => {
      expect(learningRate).toBeCloseTo(cosine[epoch]!, 12);
    });
    expect(rates).toEqual(cosine.flatMap((rate) => new Array<number>(steps).fill(Math.fround(rate))));
    expect(records[0]?.train.loss).toBeCloseTo(records[0]!.train.error! ** 2, 6);
  });

  it("takes each step at the schedule's rate times the batch's own factor", async () => {
    const problem = lineProblem(steps);
    const scaling: TrainingProblem = {
      ...problem,
      batches(saved) {
        const source = problem.batches(saved);
        const next = (epoch: number) => {
          const batch = source.next(epoch);
          return { ...batch, ...(batch.done === 1 ? {} : { rateScale: 2 * batch.done }) };
        };
        return { ...source, next };
      },
    };
    const { records, rates } = await trained(scaling, { schedule: 'constant', epochs: 2 });
    const epoch = [1 / 3, 2 / 3].map((done) => Math.fround(0.4 * 2 * done));
    expect(rates).toEqual([...epoch, Math.fround(0.4), ...epoch, Math.fround(0.4)]);
    expect(records.map(({ learningRate }) => learningRate)).toEqual([0.4, 0.4]);
  });

  it('keeps its rate where the schedule is constant', async () => {
    const { records } = await trained(lineProblem(1), { schedule: 'constant' });
    expect(records.every(({ learningRate }) => learningRate === 0.4)).toBe(true);
  });

  it('tests the state that was best on held-out points, lower being better here', async () => {
    // A rate at which it swings: later states are not always better.
    const { result, records, kept } = await trained(lineProblem(steps), {
      schedule: 'constant',
      epochs: 6,
      weights: { optimizer: 'sgd', ...sgd, learningRate: 0.9, momentum: 0.8 },
    });
    const errors = records.map(({ validation }) => validation!.error!);
    const firsts = errors.flatMap((value, i) => (value < Math.min(...errors.slice(0, i)) ? [i + 1] : []));
    expect(kept.bestEpochs).toEqual(firsts);
    expect(firsts.at(-1)).toBeLessThan(6);
    const { arrays, test } = finished(result);
    expect(arrays).toBe(kept.best!.arrays);

    const problem = lineProblem(steps);
    const engine = interpreterEngine();
    const state = await engine.createState({ parameters: 3, statistics: 0 });
    await state.write('parameters', Float32Array.from(arrays.parameters!.data));
    const program = await engine.prepare(problem.evaluation().program, state);
    expect(test).toEqual((await evaluate(program, problem.test, problem.measures)).scores());
  });

  it('takes the last state for the best where nothing is held out', async () => {
    const { records, kept } = await trained(lineProblem(1, false));
    expect(records.every((record) => !('validation' in record))).toBe(true);
    expect(kept.bestEpochs).toEqual([1, 2, 3, 4]);
  });

  it.each([1, 3, 4, 7, 11])('ends in the same state when it is stopped after %i steps', async (stopAfter) => {
    const whole = await trained(lineProblem(steps));
    const cut = await trained(lineProblem(steps), {}, { stopAfter });
    expect(cut.result).toEqual({ finished: false });
    const { last, best } = cut.kept;
    const rest = await trained(
      lineProblem(steps),
      {},
      { resumed: last!, ...(best === undefined ? {} : { best }) },
    );
    expect(rest.result).toEqual(whole.result);
    expect(rest.kept.last).toEqual(whole.kept.last);
    const records = [...cut.records, ...rest.records].map(timeless);
    expect(records).toEqual(whole.records.map(timeless));
  });
});
