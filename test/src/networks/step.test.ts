// Steps with an optimizer that nothing but this file knows: its state is described, kept by an engine, and goes on after a
// stop as if there had been none.
import { describe, expect, it } from 'vitest';
import { Builder } from '../../../graphs/builder.js';
import { optimizers } from '../../../graphs/optimizers/index.js';
import type { Optimizer } from '../../../graphs/optimizers/optimizer.js';
import { totalSize } from '../../../graphs/slots.js';
import type { Engine, EngineState, Feeds } from '../../../src/engines/engine.js';
import { createNodeOrtEngine } from '../../../src/engines/ort/node.js';
import { readState, writeState } from '../../../src/engines/transfer.js';
import { initialState } from '../../../src/networks/initial-state.js';
import { buildStep, type Step, stateLayout, stateWith } from '../../../src/networks/step.js';
import { openStream } from '../../../src/random.js';
import { defined, random } from '../../support/tensors.js';
import { refusal } from '../runs/helpers.js';

/** Moves by the gradient's average over all steps: theta' = theta - lr s / n, s the sum and n the number of gradients. */
function averaging(sum = 'gradientSum'): Optimizer {
  return {
    name: 'averaging',
    slots: { [sum]: 'parameters', steps: 1 },
    update(g, { parameters, gradient, learningRate, slots }) {
      const total = g.add(defined(slots[sum]), gradient);
      const steps = g.add(defined(slots.steps), g.scalar(1));
      return {
        parameters: g.sub(parameters, g.mul(g.div(total, steps), learningRate)),
        slots: { [sum]: total, steps },
        reports: [{ name: 'stepsTaken', value: steps }],
      };
    },
  };
}

/** A linear regression: the mean of (W x - y)^2, with a running mean of its inputs. */
function regression(optimizer?: Optimizer): Step {
  const g = new Builder();
  const [x, y] = [g.input('x', [4, 3]), g.input('y', [4, 2])];
  const weight = g.parameter('weight', [2, 3], { kind: 'uniform', bound: 0.5 });
  const mean = g.statistic('mean', [3], { kind: 'constant', value: 0 });
  const difference = g.sub(g.matMul(x, weight, false, true), y);
  const squares = g.reduceSum(g.mul(difference, difference), [0, 1]);
  g.updateStatistic(mean, g.mul(g.reduceSum(x, [0]), g.scalar(1 / 4)));
  const traced = { g, loss: g.mul(squares, g.scalar(1 / 8)), reports: [] };
  return buildStep(traced, {
    name: 'regression',
    movesStatistics: true,
    ...(optimizer === undefined ? {} : { optimizer }),
  });
}

function batch(seed: number): Feeds {
  const vector = (shape: number[], own: number) => ({
    shape,
    data: Float32Array.from(random(shape, own).data),
  });
  return {
    x: vector([4, 3], seed),
    y: vector([4, 2], seed + 100),
    learningRate: { shape: [1], data: Float32Array.of(0.1) },
  };
}

async function begun(engine: Engine, { state }: Step): Promise<EngineState> {
  const made = await engine.createState(stateLayout(state));
  await writeState(made, stateLayout(state), initialState(state, openStream(1, 'weights')));
  return made;
}

async function run(engine: Engine, { program }: Step, state: EngineState, seeds: readonly number[]) {
  const prepared = await engine.prepare(program, state);
  const reports: number[] = [];
  for (const seed of seeds) {
    const { stepsTaken } = await prepared.run(batch(seed));
    reports.push(Number(stepsTaken?.data[0]));
  }
  await prepared.dispose();
  return reports;
}

describe('a step with an optimizer of its own', () => {
  const step = regression(averaging());
  const layout = stateLayout(step.state);

  it('describes its state: sizes, and how each vector begins', () => {
    expect(layout).toEqual({ parameters: 6, statistics: 3, gradientSum: 6, steps: 1 });
    const fresh = initialState(step.state, openStream(1, 'weights'));
    expect(Object.keys(fresh)).toEqual(Object.keys(layout));
    expect(fresh.parameters.data.every((weight) => weight !== 0)).toBe(true);
    expect([...defined(fresh.gradientSum).data, ...defined(fresh.steps).data]).toEqual(new Array(7).fill(0));
    expect(step.state.steps?.map(({ path }) => path)).toEqual(['averaging/steps']);
  });

  it('reads and writes that state, and nothing else of it', () => {
    const { stateInputs, stateOutputs, graph } = step.program;
    const names = ['parameters', 'gradientSum', 'steps'];
    expect(stateInputs).toEqual(Object.fromEntries([...names, 'statistics'].map((name) => [name, name])));
    expect(stateOutputs).toEqual(
      Object.fromEntries([...names, 'statistics'].map((name) => [`${name}.next`, name])),
    );
    expect(graph.outputs.map(({ name }) => name)).toContain('stepsTaken');
  });

  it('goes on after a stop, on another engine of the kind, to the very same bits', async () => {
    const open = () => createNodeOrtEngine({ layout: { kind: 'portable' }, threads: 1, worker: false });
    const [whole, first, second] = [open(), open(), open()];
    const uninterrupted = await begun(whole, step);
    expect(await run(whole, step, uninterrupted, [1, 2, 3, 4])).toEqual([1, 2, 3, 4]);

    const stopped = await begun(first, step);
    await run(first, step, stopped, [1, 2]);
    const saved = await readState(stopped, layout);
    const resumed = await second.createState(layout);
    await writeState(resumed, layout, saved);
    expect(await run(second, step, resumed, [3, 4])).toEqual([3, 4]);
    expect(await readState(resumed, layout)).toEqual(await readState(uninterrupted, layout));
    expect(await readState(resumed, layout)).not.toEqual(saved);
    for (const engine of [whole, first, second]) await engine.dispose();
  });

  it('is refused where a slot has the name of an input, or of the parameters', async () => {
    for (const name of ['x', 'parameters', 'statistics']) {
      const { details } = await refusal('graph', () => regression(averaging(name)));
      expect(details).toMatchObject({ where: 'averaging', found: name });
    }
  });
});

describe('a step that carries something', () => {
  /** h' = h + x, and the loss (h' - y)^2. */
  function counting(stream?: string, shape: readonly number[] = [1]): Step {
    const g = new Builder();
    const before = g.input('sum', shape);
    const after = g.add(before, g.input('x', [1]));
    const off = g.sub(after, g.parameter('target', [1], { kind: 'constant', value: 1 }));
    const traced = {
      g,
      loss: g.reduceSum(g.mul(off, off), [0, 1].slice(0, off.shape.length)),
      reports: [],
      carried: [{ before, after: shape.length === 1 ? after : g.reshape(after, [1]) }],
    };
    return buildStep(traced, {
      name: 'counting',
      movesStatistics: false,
      optimizer: optimizers.sgd({ momentum: 0.9, weightDecay: 0 }),
      ...(stream === undefined ? {} : { stream }),
    });
  }
  const feeds = (x: number, learningRate = 0): Feeds => ({
    x: { shape: [1], data: Float32Array.of(x) },
    learningRate: { shape: [1], data: Float32Array.of(learningRate) },
  });

  it('hands it on to the next one of its stream, and to no other', async () => {
    const engine = createNodeOrtEngine({ layout: { kind: 'portable' }, threads: 1, worker: false });
    const [own, other] = [counting(), counting('other')];
    const all = { ...own.state, ...other.state };
    expect(stateLayout(all)).toEqual({
      parameters: 1,
      statistics: 0,
      sum: 1,
      'sum.other': 1,
      velocity: 1,
    });
    expect(other.program.stateInputs).toMatchObject({ parameters: 'parameters', sum: 'sum.other' });
    const state = await engine.createState(stateLayout(all));
    const [first, second] = [
      await engine.prepare(own.program, state),
      await engine.prepare(other.program, state),
    ];
    for (const x of [1, 2]) await first.run(feeds(x));
    await second.run(feeds(10));
    expect(await state.read('sum')).toEqual(Float32Array.of(3));
    expect(await state.read('sum.other')).toEqual(Float32Array.of(10));
    // Where the loss is no number, what is carried stays as it was, too.
    await first.run(feeds(Number.NaN));
    expect(await state.read('sum')).toEqual(Float32Array.of(3));
    await engine.dispose();
  });

  it('is refused where that changes its shape', async () => {
    const { details } = await refusal('graph', () => counting(undefined, [1, 1]));
    expect(details).toMatchObject({ where: 'sum', expected: '[1, 1]', found: '[1]' });
  });
});

describe('the state', () => {
  it('of a step without an optimizer is that of the network alone', () => {
    const { state, program } = regression();
    expect(Object.keys(state)).toEqual(['parameters', 'statistics']);
    expect(program.graph.inputs.map(({ path }) => path)).not.toContain('learningRate');
    expect(Object.keys(program.stateOutputs)).toEqual(['statistics.next']);
  });

  it('of a network is known before its step is traced', () => {
    const { state } = regression();
    for (const optimizer of [averaging(), optimizers.sgd({ momentum: 0.9, weightDecay: 0 })])
      expect(stateWith(optimizer, state)).toEqual(regression(optimizer).state);
    expect(totalSize(defined(stateWith(averaging(), state).gradientSum))).toBe(6);
  });
});
