// The ONNX Runtime engine, on the calling thread and in its worker: state between runs, errors, and a main thread that
// stays responsive. The worker is the built one of dist/.
import { existsSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import * as ort from 'onnxruntime-node';
import { afterEach, describe, expect, it } from 'vitest';
import { Builder } from '../../../../graphs/builder.js';
import { tensor } from '../../../../graphs/interpret/interpret.js';
import type { Engine, Feeds } from '../../../../src/engines/engine.js';
import { directChannel, threadChannel } from '../../../../src/engines/ort/channel.js';
import { OrtHost } from '../../../../src/engines/ort/host.js';
import { createNodeOrtEngine, startThread } from '../../../../src/engines/ort/node.js';
import { GenonnxError } from '../../../../src/errors.js';
import { defined, expectClose, random } from '../../../support/tensors.js';
import { floats, interpretStep, movingAverage, reading, slow } from './programs.js';

const built = existsSync(new URL('../../../../dist/src/engines/ort/worker.js', import.meta.url));
const size = 5;
const layout = { theta: size, count: 1 };
const tolerance = { absolute: 1e-6, relative: 1e-6 };

const engines: Engine[] = [];
function engineOn(worker: boolean): Engine {
  const engine = createNodeOrtEngine({ layout: { kind: 'portable' }, threads: 1, worker });
  engines.push(engine);
  return engine;
}
afterEach(async () => {
  for (const engine of engines.splice(0)) await engine.dispose();
});

/** Fresh arrays each time: the engine takes them over. */
function feedsOf(step: number): Feeds {
  const x = random([size], step + 1).data;
  return {
    x: { shape: [size], data: Float32Array.from(x) },
    rate: { shape: [1], data: Float32Array.of(0.25) },
  };
}

async function rejection(work: Promise<unknown>): Promise<GenonnxError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof GenonnxError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe.each([
  ['the calling thread', false],
  ['a worker thread', true],
])('on %s', (_, worker) => {
  const test = it.skipIf(worker && !built);

  test('state moves from run to run, as the interpreter has it', async () => {
    const program = movingAverage(size);
    const engine = engineOn(worker);
    const state = await engine.createState(layout);
    const start = Float32Array.from(random([size], 9).data);
    await state.write('theta', start);
    const prepared = await engine.prepare(program, state);
    let expected: Parameters<typeof interpretStep>[1] = { theta: floats(start), count: tensor([1], [0]) };
    for (let step = 0; step < 3; step++) {
      const feeds = feedsOf(step);
      const tensors = Object.entries(feeds).map(([name, { data }]) => [name, floats(data)] as const);
      const wanted = interpretStep(program, expected, Object.fromEntries(tensors));
      const fetched = await prepared.run(feeds);
      expect(Object.keys(fetched).sort()).toEqual(['sum', 'x.again']);
      for (const [name, { shape, data }] of Object.entries(fetched))
        expectClose(tensor(shape, floats(data).data), defined(wanted.outputs[name]), tolerance, name);
      expected = wanted.state;
      for (const [name, values] of Object.entries(expected))
        expectClose(floats(await state.read(name)), values, tolerance, `${name} after step ${step}`);
    }
    expect(await state.read('count')).toEqual(Float32Array.of(3));
  });

  test('what was read or fetched does not change in later runs', async () => {
    const engine = engineOn(worker);
    const state = await engine.createState(layout);
    const prepared = await engine.prepare(movingAverage(size), state);
    await prepared.run(feedsOf(0));
    const fetched = await prepared.run(feedsOf(1));
    const read = await state.read('theta');
    const copies = [Float32Array.from(read), Array.from(defined(fetched.sum).data, Number)];
    for (let step = 2; step < 5; step++) await prepared.run(feedsOf(step));
    expect([read, Array.from(defined(fetched.sum).data, Number)]).toEqual(copies);
  });

  test('programs share a state, and states are apart', async () => {
    const engine = engineOn(worker);
    const [state, other] = [await engine.createState(layout), await engine.createState(layout)];
    const average = await engine.prepare(movingAverage(size), state);
    const reader = await engine.prepare(reading(size), state);
    const otherReader = await engine.prepare(reading(size), other);
    await average.run(feedsOf(0));
    const theta = await state.read('theta');
    expect((await reader.run({})).doubled?.data).toEqual(theta.map((weight) => 2 * weight));
    expect((await otherReader.run({})).doubled?.data).toEqual(new Float32Array(size));
  });

  test('a run that fails leaves the state as it was', async () => {
    const engine = engineOn(worker);
    const state = await engine.createState(layout);
    const prepared = await engine.prepare(movingAverage(size), state);
    await prepared.run(feedsOf(0));
    const before = await state.read('theta');
    const { x } = feedsOf(1);
    const error = await rejection(prepared.run({ x: defined(x) }));
    expect(error.code).toBe('engine');
    expect(error.message).toContain('rate');
    expect(await state.read('theta')).toEqual(before);
    expect(await state.read('count')).toEqual(Float32Array.of(1));
  });

  test('wrong sizes and names of state are typed errors', async () => {
    const state = await engineOn(worker).createState(layout);
    const wrongSize = await rejection(state.write('theta', new Float32Array(size + 1)));
    expect(wrongSize).toMatchObject({ code: 'engine', exitCode: 3 });
    expect(wrongSize.details.found).toContain('theta holds 5 values, not 6');
    expect((await rejection(state.write('nothing', new Float32Array(1)))).details.found).toContain('nothing');
    expect((await rejection(state.read('nothing'))).code).toBe('engine');
    expect(await state.read('theta')).toEqual(new Float32Array(size));
  });

  test('a program that was disposed of, or whose feeds do not fit, is a typed error', async () => {
    const engine = engineOn(worker);
    const state = await engine.createState(layout);
    const prepared = await engine.prepare(movingAverage(size), state);
    const { rate } = feedsOf(0);
    const wrong = { x: { shape: [size + 1], data: new Float32Array(size + 1) }, rate: defined(rate) };
    expect((await rejection(prepared.run(wrong))).code).toBe('engine');
    await prepared.dispose();
    expect((await rejection(prepared.run(feedsOf(0)))).code).toBe('engine');
    await prepared.dispose();
    expect(await state.read('count')).toEqual(new Float32Array(1));
  });

  test('a model that is none is a typed error that says what to do', async () => {
    const channel = worker
      ? threadChannel(startThread())
      : directChannel(new OrtHost(ort, { fillsOutputs: true }));
    const state = await channel.ask({ kind: 'createState', layout });
    if (typeof state !== 'number') throw new TypeError('createState');
    const session = {
      model: Uint8Array.of(1, 2, 3),
      threads: 1,
      stateInputs: {},
      stateOutputs: {},
      fetches: [],
    };
    const error = await rejection(channel.ask({ kind: 'load', state, session }));
    expect(error).toMatchObject({ code: 'engine', exitCode: 3 });
    expect(error.details.cure).toContain('genonnx doctor');
    await channel.close();
  });
});

describe('an engine', () => {
  it('refuses the state of another kind of engine', async () => {
    const foreign = { read: async () => new Float32Array(), write: async () => {} };
    expect((await rejection(engineOn(false).prepare(reading(size), foreign))).code).toBe('engine');
  });

  it('says what it runs on', () => {
    expect(engineOn(false).description).toBe('onnxruntime-node, CPU, portable layout, 1 thread');
    const blocked = createNodeOrtEngine({
      layout: { kind: 'blocked', block: 16 },
      threads: 2,
      worker: false,
    });
    expect(blocked.description).toBe('onnxruntime-node, CPU, blocked layout (16), 2 threads');
  });

  it('reports how long preparing a program took and how many nodes it has', async () => {
    const engine = engineOn(false);
    const prepared = await engine.prepare(reading(size), await engine.createState(layout));
    expect(prepared.nodes).toBe(1);
    expect(prepared.loweringMs).toBeGreaterThan(0);
    expect(prepared.sessionMs).toBeGreaterThan(0);
  });

  it('takes labels and truth values as they are', async () => {
    const g = new Builder();
    const gates = g.input('gates', [3], 'bool');
    const logits = g.input('logits', [3, 2]);
    const labels = g.input('labels', [3], 'int64');
    const graph = g.build([
      { name: 'closed', value: g.one('not', [gates], {}) },
      {
        name: 'correct',
        value: g.one('correctCount', [logits, labels, g.input('weights', [3])], { top: 1 }),
      },
    ]);
    const engine = engineOn(false);
    const program = { name: 'types', graph, stateInputs: {}, stateOutputs: {} };
    const prepared = await engine.prepare(program, await engine.createState({}));
    const { closed, correct } = await prepared.run({
      gates: { shape: [3], data: Uint8Array.of(1, 0, 1) },
      logits: { shape: [3, 2], data: Float32Array.of(1, 0, 0, 1, 5, 5) },
      labels: { shape: [3], data: BigInt64Array.of(0n, 1n, 1n) },
      weights: { shape: [3], data: Float32Array.of(1, 2, 4) },
    });
    expect(closed?.data).toEqual(Uint8Array.of(0, 1, 0));
    expect(correct?.data).toEqual(Float32Array.of(3));
  });
});

describe.skipIf(!built)('the worker thread', () => {
  it('gives bit for bit what the calling thread gives', async () => {
    const results = [];
    for (const worker of [false, true]) {
      const engine = engineOn(worker);
      const state = await engine.createState(layout);
      const prepared = await engine.prepare(movingAverage(size), state);
      for (let step = 0; step < 3; step++) await prepared.run(feedsOf(step));
      results.push({ theta: await state.read('theta'), fetched: await prepared.run(feedsOf(3)) });
    }
    expect(results[1]).toEqual(results[0]);
  });

  it('lets timers of the main thread tick during a long run', async () => {
    const engine = engineOn(true);
    const prepared = await engine.prepare(slow(256, 400), await engine.createState({}));
    const x = () => ({ x: { shape: [256, 256], data: new Float32Array(256 * 256).fill(1) } });
    let running = true;
    let ticks = 0;
    const timer = setInterval(() => {
      if (running) ticks += 1;
    }, 1);
    const { y } = await prepared.run(x());
    running = false;
    clearInterval(timer);
    expect(y?.data).toEqual(Float32Array.of(256 * 256));
    expect(ticks).toBeGreaterThan(5);
  });

  it('ends what is under way before it is disposed of: native code cannot be stopped', async () => {
    const engine = engineOn(true);
    const prepared = await engine.prepare(slow(256, 100), await engine.createState({}));
    const run = prepared.run({ x: { shape: [256, 256], data: new Float32Array(256 * 256).fill(1) } });
    // The request is on its way.
    await nextTurn();
    await engine.dispose();
    expect((await run).y?.data).toEqual(Float32Array.of(256 * 256));
  });

  it('takes fed arrays over', async () => {
    const engine = engineOn(true);
    const prepared = await engine.prepare(movingAverage(size), await engine.createState(layout));
    const feeds = feedsOf(0);
    await prepared.run(feeds);
    expect(feeds.x?.data).toHaveLength(0);
  });
});

describe.each([
  ['the calling thread', false],
  ['a worker thread', true],
])('requests that overlap, on %s', (_, worker) => {
  const test = it.skipIf(worker && !built);

  test('are carried out one after the other, so that no update is lost', async () => {
    const engine = engineOn(worker);
    const state = await engine.createState(layout);
    const prepared = await engine.prepare(movingAverage(size), state);
    await Promise.all([0, 1, 2, 3].map((step) => prepared.run(feedsOf(step))));
    expect([...(await state.read('count'))]).toEqual([4]);
  });

  test('are refused once the engine is disposed of', async () => {
    const engine = engineOn(worker);
    const state = await engine.createState(layout);
    const prepared = await engine.prepare(movingAverage(size), state);
    await engine.dispose();
    expect((await rejection(prepared.run(feedsOf(0)))).code).toBe('engine');
  });
});
