import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { optimizers } from '../../../graphs/optimizers/index.js';
import type { Engine, HostTensor } from '../../../src/engines/engine.js';
import type { BatchSourceState } from '../../../src/loop/batch-source.js';
import { type DrawnSource, madeAhead } from '../../../src/loop/made-ahead.js';
import { evaluate } from '../../../src/loop/programs.js';
import { initialState } from '../../../src/networks/initial-state.js';
import { stalls } from '../../../src/optimizers/phases.js';
import { openStream } from '../../../src/random.js';
import type { Arrays } from '../../../src/runs/snapshot.js';
import type { TrainingRecipe } from '../../../src/tasks/recipes.js';
import type { TrainingProblem } from '../../../src/tasks/training-problem.js';
import {
  type KeptState,
  runTraining,
  type TrainEpoch,
  type TrainResult,
  trainStateSchema,
} from '../../../src/train/train.js';
import { allOf } from '../../support/batches.js';
import { interpreterEngine } from '../../support/interpreter-engine.js';
import { lineProblem } from '../../support/line-problem.js';
import { refusal } from '../runs/helpers.js';

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

/** As it comes back from a file. */
function readBack({ state, arrays }: Kept): KeptState {
  return { state: trainStateSchema.parse(JSON.parse(JSON.stringify(state))), arrays };
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
  const kept: { last?: Kept; best?: Kept; bestEpochs: number[]; all: Kept[]; isBest: boolean[] } = {
    ...(best === undefined ? {} : { best }),
    bestEpochs: [],
    all: [],
    isBest: [],
  };
  const rates: number[] = [];
  const fed: Fed[] = [];
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
          if (rate !== undefined)
            fed.push({ x: numbersOf(feeds.x), y: numbersOf(feeds.y), rate: Number(rate) });
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
    resumed: resumed && readBack(resumed),
    best: async () => kept.best && readBack(kept.best),
    hooks: {
      async epoch(record) {
        records.push(record);
      },
      async checkpoint(snapshot, isBest) {
        kept.last = snapshot;
        kept.all.push(snapshot);
        kept.isBest.push(isBest);
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
  return { result, records, kept, rates, fed };
}

/** Points of a batch, and the rate of its step. */
interface Fed {
  readonly x: readonly number[];
  readonly y: readonly number[];
  readonly rate: number;
}

function numbersOf(tensor: HostTensor | undefined): number[] {
  return Array.from(tensor?.data ?? [], Number);
}

const timeless = ({ seconds: _, examplesPerSecond: __, dataWaitShare: ___, ...record }: TrainEpoch) => record;
function finished(result: TrainResult) {
  if (!result.finished) throw new Error('not finished');
  return result;
}

/** Too fast to settle: the held-out loss swings. */
const stalling = {
  optimizer: 'asgd' as const,
  learningRate: 1.2,
  finalLearningRate: 0,
  weightDecay: 0.01,
  clipNorm: 1,
  patience: 1,
};

/** Mean squares of points off a line of slope w[0], w[1] and shift w[2], and the gradient of that. */
function squares(w: readonly number[], { x, y }: Pick<Fed, 'x' | 'y'>) {
  const off = y.map((value, i) => w[0]! * x[2 * i]! + w[1]! * x[2 * i + 1]! + w[2]! - value);
  const mean = (of: (i: number) => number) => off.reduce((sum, _, i) => sum + of(i) / off.length, 0);
  return {
    loss: mean((i) => off[i]! ** 2),
    gradient: [(i: number) => x[2 * i]!, (i: number) => x[2 * i + 1]!, () => 1].map((by) =>
      mean((i) => 2 * off[i]! * by(i)),
    ),
  };
}

describe('a training by SGD and then its average', () => {
  const changes = { schedule: 'constant', weights: stalling, epochs: 9 } as const;

  it('averages from the epoch after its validation stalls, and evaluates, keeps and ships the average', async () => {
    const problem = lineProblem(steps);
    const { result, records, kept, fed } = await trained(problem, changes);
    const losses = records.map(({ validation }) => validation!.loss!);
    const stalled = losses.findIndex((loss, i) => stalls(losses.slice(0, i), loss, 1));
    const phase = (i: number) => (i <= stalled ? 'sgd' : 'asgd');
    expect(stalled).toBeGreaterThan(1);
    expect(records.map(({ optimizer }) => optimizer)).toEqual(records.map((_, i) => phase(i)));

    // The same by hand, from the fresh weights and the points that were fed.
    const held = (await allOf(problem.validation!)).map(({ feeds }) => ({
      x: numbersOf(feeds.x),
      y: numbersOf(feeds.y),
    }));
    const { state } = problem.step(optimizers.sgd({ momentum: 0, weightDecay: 0 }));
    let w = [...initialState(state, openStream(recipe.seed, 'weights')).parameters.data];
    let average: number[] = [];
    let [eta, taken] = [1.2, 0];
    fed.forEach(({ rate, ...points }, i) => {
      const epoch = Math.floor(i / steps);
      const { gradient } = squares(w, points);
      const k = Math.min(1, 1 / (Math.hypot(...gradient) + 1e-6));
      const moved = w.map((value, j) => value - eta * (k * gradient[j]! + 0.01 * value));
      if (phase(epoch) === 'asgd') {
        taken += 1;
        average = taken <= 2 ? moved : average.map((a, j) => a + (moved[j]! - a) / (taken - 1));
      }
      w = moved;
      eta = rate;
      if ((i + 1) % steps !== 0) return;
      const evaluated = phase(epoch) === 'asgd' ? average : w;
      const loss = held.reduce((sum, batch) => sum + squares(evaluated, batch).loss / held.length, 0);
      expect(losses[epoch]).toBeCloseTo(loss, 5);
    });
    expect(kept.last?.arrays.parameters?.data[0]).toBeCloseTo(w[0]!, 5);
    expect(kept.last?.arrays.average?.data[0]).toBeCloseTo(average[0]!, 5);

    // The best epoch was one of the average: that is what the result's parameters are.
    expect(kept.bestEpochs.at(-1)).toBeGreaterThan(stalled + 1);
    const { arrays } = finished(result);
    expect(arrays.parameters).toEqual(kept.best!.arrays.average);
    expect(arrays.parameters).not.toEqual(kept.best!.arrays.parameters);
    const parameters = Array.from(arrays.parameters!.data);
    const tested = (await allOf(problem.test)).map(({ feeds }) =>
      squares(parameters, { x: numbersOf(feeds.x), y: numbersOf(feeds.y) }),
    );
    const loss = tested.reduce((sum, batch) => sum + batch.loss / tested.length, 0);
    expect(finished(result).test.loss).toBeCloseTo(loss, 6);
  });

  it('keeps no average while SGD is at work, and says what it waits for', async () => {
    const { kept } = await trained(lineProblem(steps), { ...changes, epochs: 2 });
    expect(Object.keys(kept.last!.arrays)).toEqual(['parameters', 'statistics']);
    expect(trainStateSchema.parse(kept.last!.state).phase).toMatchObject({ index: 0, losses: { length: 2 } });
  });

  it('averages from the first step where there is nothing to wait for', async () => {
    const { patience: _, ...weights } = stalling;
    const { records, kept, result } = await trained(lineProblem(steps), { ...changes, weights, epochs: 2 });
    expect(records.every((record) => !('optimizer' in record))).toBe(true);
    expect(trainStateSchema.parse(kept.last!.state)).not.toHaveProperty('phase');
    expect(finished(result).arrays.parameters).toEqual(kept.best!.arrays.average);
  });

  it('never averages what nothing is held out for', async () => {
    const { records } = await trained(lineProblem(1, false), { ...changes, epochs: 4 });
    expect(records.map(({ optimizer }) => optimizer)).toEqual(['sgd', 'sgd', 'sgd', 'sgd']);
  });
});

describe('a training whose loss is no number any more', () => {
  /** Poison in these steps of each epoch from the second on. */
  function poisoned(...at: readonly number[]): TrainingProblem {
    const problem = lineProblem(steps);
    return {
      ...problem,
      batches(saved) {
        const source = problem.batches(saved);
        const next = async (epoch: number) => {
          const batch = await source.next(epoch);
          if (epoch === 0 || !at.includes(Math.round(batch.done * steps) - 1)) return batch;
          const x = { shape: [4, 2], data: new Float32Array(8).fill(Number.NaN) };
          return { ...batch, feeds: { ...batch.feeds, x } };
        };
        return { ...source, next };
      },
    };
  }
  const restoring = { restore: { most: 3 }, checkpointSeconds: 0 } as const;

  it('goes back to the best state and on with the next batch, and counts it', async () => {
    const { result, records, kept } = await trained(poisoned(1), restoring);
    expect(records.map(({ restored }) => restored)).toEqual([0, 1, 2, 3]);
    expect(finished(result).restored).toBe(3);
    // After each step: 2 and 1 of the first epoch, of which the last is the best so far, then that of the poison.
    const [best, poison] = [kept.all[2]!, kept.all[4]!];
    expect(poison.arrays).toEqual(best.arrays);
    expect(kept.all[3]!.arrays).not.toEqual(best.arrays);
    expect(kept.all[5]!.arrays).not.toEqual(best.arrays);
    // The batches go on, and the poison counts for nothing.
    const clean = await trained(lineProblem(steps), { checkpointSeconds: 0 });
    expect(readBack(poison).state.batches).toEqual(readBack(clean.kept.all[4]!).state.batches);
    expect(readBack(poison).state.meter.examples).toBe(4);
    expect(records.every(({ train }) => Number.isFinite(train.loss))).toBe(true);
  });

  it('goes back to the optimizer of that state, and to what it waited for', async () => {
    const changes = { ...restoring, schedule: 'constant', weights: stalling, epochs: 9 } as const;
    const { kept } = await trained(poisoned(0), { ...changes, restore: { most: 8 } });
    for (const [i, snapshot] of kept.all.entries()) {
      const { step, epoch, phase } = readBack(snapshot).state;
      if (epoch === 0 || step !== 1) continue;
      const bestThen = kept.all.slice(0, i).findLast((_, j) => kept.isBest[j])!;
      expect(snapshot.arrays).toEqual(bestThen.arrays);
      expect(phase).toEqual(readBack(bestThen).state.phase);
    }
  });

  it('gives up after so many times, saying so', async () => {
    const error = await refusal('diverged', () => trained(poisoned(0, 1), { restore: { most: 3 } }));
    expect(error.details.where).toMatch(/^epoch 3, step 2/);
    expect(error.details.found).toContain('3 times before, the best state was restored');
  });

  it('ends at once where nothing may be restored, or nothing is there to restore', async () => {
    const unasked = await refusal('diverged', () => trained(poisoned(1)));
    expect(unasked.details.where).toMatch(/^epoch 2, step 2/);
    expect(unasked.details.found).not.toContain('restored');
    const hopeless = { optimizer: 'sgd', ...sgd, learningRate: 1e30, clipNorm: 1e30 } as const;
    const early = await refusal('diverged', () =>
      trained(lineProblem(9), { ...restoring, weights: hopeless }),
    );
    expect(early.details.where).toMatch(/^epoch 1,/);
  });

  it.each([1, 3, 4, 5, 6, 8, 11])(
    'ends in the same state when it is stopped after %i steps',
    async (stopAfter) => {
      const changes = { restore: { most: 3 } };
      const whole = await trained(poisoned(1), changes);
      const cut = await trained(poisoned(1), changes, { stopAfter });
      const { last, best } = cut.kept;
      const rest = await trained(poisoned(1), changes, {
        resumed: last!,
        ...(best === undefined ? {} : { best }),
      });
      expect(rest.result).toEqual(whole.result);
      expect(rest.kept.last).toEqual(whole.kept.last);
      expect([...cut.records, ...rest.records].map(timeless)).toEqual(whole.records.map(timeless));
    },
  );
});

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
        const next = async (epoch: number) => {
          const batch = await source.next(epoch);
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

  const kinds: readonly [string, Partial<TrainingRecipe>][] = [
    ['SGD', {}],
    ['SGD and then its average', { schedule: 'constant', weights: stalling, epochs: 5 }],
  ];
  it.each(
    kinds.flatMap(([name, changes]) =>
      [1, 3, 4, 7, 9, 10, 11].map((after) => [name, after, changes] as const),
    ),
  )('ends in the same state when %s is stopped after %i steps', async (_, stopAfter, changes) => {
    const whole = await trained(lineProblem(steps), changes);
    const cut = await trained(lineProblem(steps), changes, { stopAfter });
    expect(cut.result).toEqual({ finished: false });
    const { last, best } = cut.kept;
    const rest = await trained(lineProblem(steps), changes, {
      resumed: last!,
      ...(best === undefined ? {} : { best }),
    });
    expect(rest.result).toEqual(whole.result);
    expect(rest.kept.last).toEqual(whole.kept.last);
    const records = [...cut.records, ...rest.records].map(timeless);
    expect(records).toEqual(whole.records.map(timeless));
  });
});

describe('a training whose batches are made ahead', () => {
  /** The same batches, on their way for as long as `msOf` says of each draw. */
  function ahead(problem: TrainingProblem, depth: number, msOf: (draw: number) => number): TrainingProblem {
    let drawn = 0;
    const open = (saved: BatchSourceState | undefined): DrawnSource => {
      const source = problem.batches(saved);
      return {
        draw(epoch) {
          const batch = source.next(epoch);
          if (batch instanceof Promise) throw new Error('made at once');
          drawn += 1;
          return { done: batch.done, made: setTimeout(msOf(drawn), batch) };
        },
        state: () => source.state(),
      };
    };
    return { ...problem, batches: (saved) => madeAhead(open, depth, saved) };
  }

  it('is the same training, stopped anywhere and gone on with however far ahead', async () => {
    const whole = await trained(lineProblem(steps));
    const half = await trained(
      ahead(lineProblem(steps), 3, (draw) => draw % 4),
      {},
      { stopAfter: 5 },
    );
    const rest = ahead(lineProblem(steps), 1, (draw) => (5 * draw) % 3);
    const second = await trained(rest, {}, { resumed: half.kept.last!, best: half.kept.best! });
    expect([...half.records, ...second.records].map(timeless)).toEqual(whole.records.map(timeless));
    expect(finished(second.result).arrays).toEqual(finished(whole.result).arrays);
  });

  it('says which share of its seconds steps waited for their batches', async () => {
    const quick = await trained(lineProblem(steps), { epochs: 1 });
    const slow = await trained(
      ahead(lineProblem(steps), 0, () => 30),
      { epochs: 1 },
    );
    const [at, waited] = [slow.records[0]!.seconds, slow.records[0]!.dataWaitShare!];
    expect(quick.records[0]!.dataWaitShare!).toBeLessThan(waited);
    expect(waited * at).toBeGreaterThan(0.08);
    expect(waited).toBeLessThan(1);
  });
});
