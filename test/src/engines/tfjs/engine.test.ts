// The TensorFlow.js engine: state between runs, from one engine to the other, memory, errors, and what happens to a step
// whose kernel fails.
import { afterEach, describe, expect, it } from 'vitest';
import { Builder } from '../../../../graphs/builder.js';
import { tensor } from '../../../../graphs/interpret/interpret.js';
import type { Program } from '../../../../graphs/program.js';
import { prepareChecked } from '../../../../src/engines/checked.js';
import type { Engine, Feeds } from '../../../../src/engines/engine.js';
import { createNodeOrtEngine } from '../../../../src/engines/ort/node.js';
import { createTfjsEngine, openTfjsEngine } from '../../../../src/engines/tfjs/engine.js';
import type { LoadedTfjs } from '../../../../src/engines/tfjs/load.js';
import { GenonnxError } from '../../../../src/errors.js';
import { defined, expectClose, random } from '../../../support/tensors.js';
import { floats, interpretStep, movingAverage, reading } from '../ort/programs.js';
import { backends, whyNotNative, withKernels } from './backends.js';

const loaded = defined(backends[0]?.loaded);
const { tf } = loaded;
const size = 5;
const layout = { theta: size, count: 1 };
const tolerance = { absolute: 1e-6, relative: 1e-6 };

const engines: Engine[] = [];
function opened(engine: Engine): Engine {
  engines.push(engine);
  return engine;
}
const engineOn = (from: LoadedTfjs = loaded): Engine => opened(createTfjsEngine(from));
afterEach(async () => {
  for (const engine of engines.splice(0)) await engine.dispose();
});

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

describe('the backend that is tested', () => {
  it.skipIf(whyNotNative !== undefined)(
    `is TensorFlow itself${whyNotNative === undefined ? '' : ` (skipped: ${whyNotNative})`}`,
    () => {
      expect(tf.getBackend()).toBe('tensorflow');
    },
  );

  it('says what it runs on', async () => {
    expect((await openTfjsEngine({ packages: [loaded.found.package] })).description).toBe(
      loaded.found.description,
    );
  });

  it('takes the first of equal maxima by its own kernel', async () => {
    const { Device } = await import('../../../../src/engines/tfjs/device.js');
    expect(new Device(tf).firstMaximumWins).toBe(true);
  });
});

describe('state', () => {
  it('moves from run to run, as the interpreter has it', async () => {
    const program = movingAverage(size);
    const engine = engineOn();
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

  it('that was read, and fetches, do not change in later runs; arrays that were written stay the caller’s', async () => {
    const engine = engineOn();
    const state = await engine.createState(layout);
    const written = new Float32Array(size).fill(3);
    await state.write('theta', written);
    written.fill(7);
    expect(await state.read('theta')).toEqual(new Float32Array(size).fill(3));
    const prepared = await engine.prepare(movingAverage(size), state);
    const fetched = await prepared.run(feedsOf(1));
    const read = await state.read('theta');
    const copies = [Float32Array.from(read), Array.from(defined(fetched.sum).data, Number)];
    for (let step = 2; step < 5; step++) await prepared.run(feedsOf(step));
    expect([read, Array.from(defined(fetched.sum).data, Number)]).toEqual(copies);
  });

  it('is shared by programs, and states are apart', async () => {
    const engine = engineOn();
    const [state, other] = [await engine.createState(layout), await engine.createState(layout)];
    const average = await engine.prepare(movingAverage(size), state);
    const reader = await engine.prepare(reading(size), state);
    const otherReader = await engine.prepare(reading(size), other);
    await average.run(feedsOf(0));
    const theta = await state.read('theta');
    expect((await reader.run({})).doubled?.data).toEqual(theta.map((weight) => 2 * weight));
    expect((await otherReader.run({})).doubled?.data).toEqual(new Float32Array(size));
  });

  it('goes from ONNX Runtime to TensorFlow.js and back', async () => {
    const ort = opened(createNodeOrtEngine({ layout: { kind: 'portable' }, threads: 1, worker: false }));
    const order = [ort, engineOn(), ort];
    const program = movingAverage(size);
    const alone = await ort.createState(layout);
    const reference = await ort.prepare(program, alone);
    let carried: Record<string, Float32Array> = { theta: new Float32Array(size), count: new Float32Array(1) };
    for (const [step, engine] of order.entries()) {
      const state = await engine.createState(layout);
      for (const [name, data] of Object.entries(carried)) await state.write(name, data);
      await (await engine.prepare(program, state)).run(feedsOf(step));
      await reference.run(feedsOf(step));
      carried = { theta: await state.read('theta'), count: await state.read('count') };
      expectClose(floats(defined(carried.theta)), floats(await alone.read('theta')), tolerance);
      expect(carried.count).toEqual(await alone.read('count'));
    }
  });

  it('is moved by requests that overlap one after the other', async () => {
    const engine = engineOn();
    const state = await engine.createState(layout);
    const prepared = await engine.prepare(movingAverage(size), state);
    await Promise.all([0, 1, 2, 3].map((step) => prepared.run(feedsOf(step))));
    expect(await state.read('count')).toEqual(Float32Array.of(4));
  });

  it('may be swapped between two names by a program', async () => {
    const g = new Builder();
    const [a, b] = [g.input('a', [2]), g.input('b', [2])];
    const graph = g.build([
      { name: 'a.next', value: b },
      { name: 'b.next', value: a },
      { name: 'again', value: a },
    ]);
    const engine = engineOn();
    const state = await engine.createState({ a: 2, b: 2 });
    await state.write('a', Float32Array.of(1, 2));
    const prepared = await engine.prepare(
      {
        name: 'swap',
        graph,
        stateInputs: { a: 'a', b: 'b' },
        stateOutputs: { 'a.next': 'a', 'b.next': 'b' },
      },
      state,
    );
    const { again } = await prepared.run({});
    expect(again?.data).toEqual(Float32Array.of(1, 2));
    expect([await state.read('a'), await state.read('b')]).toEqual([
      new Float32Array(2),
      Float32Array.of(1, 2),
    ]);
  });
});

describe('memory', () => {
  it('is given back: by runs, by programs, by the engine', async () => {
    const before = tf.memory().numTensors;
    const engine = engineOn();
    const state = await engine.createState(layout);
    const prepared = await engine.prepare(movingAverage(size), state);
    await prepared.run(feedsOf(0));
    const first = tf.memory().numTensors;
    for (let step = 1; step < 10; step++) await prepared.run(feedsOf(step));
    expect(tf.memory().numTensors).toBe(first);
    await engine.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('is given back when a feed is wrong or a kernel fails', async () => {
    const engine = engineOn();
    const prepared = await engine.prepare(movingAverage(size), await engine.createState(layout));
    await prepared.run(feedsOf(0));
    const first = tf.memory().numTensors;
    await rejection(prepared.run({ x: defined(feedsOf(0).x) }));
    expect(tf.memory().numTensors).toBe(first);
  });
});

describe('what does not fit', () => {
  it('is a typed error that leaves the state as it was', async () => {
    const engine = engineOn();
    const state = await engine.createState(layout);
    const prepared = await engine.prepare(movingAverage(size), state);
    await prepared.run(feedsOf(0));
    const before = await state.read('theta');
    const { x, rate } = feedsOf(1);
    const missing = await rejection(prepared.run({ x: defined(x) }));
    expect(missing).toMatchObject({ code: 'engine', exitCode: 3 });
    expect(missing.message).toContain('rate');
    const long = { shape: [size + 1], data: new Float32Array(size + 1) };
    expect((await rejection(prepared.run({ x: long, rate: defined(rate) }))).message).toContain(
      'x float32[5]',
    );
    const whole = { shape: [size], data: new BigInt64Array(size) };
    expect((await rejection(prepared.run({ x: whole, rate: defined(rate) }))).message).toContain(
      'BigInt64Array',
    );
    expect(await state.read('theta')).toEqual(before);
    expect(await state.read('count')).toEqual(Float32Array.of(1));
  });

  it('wrong sizes and names of state', async () => {
    const state = await engineOn().createState(layout);
    const wrongSize = await rejection(state.write('theta', new Float32Array(size + 1)));
    expect(wrongSize.details.found).toContain('theta holds 5 values, not 6');
    expect((await rejection(state.write('nothing', new Float32Array(1)))).details.found).toBe('nothing');
    expect((await rejection(state.read('nothing'))).code).toBe('engine');
    expect(await state.read('theta')).toEqual(new Float32Array(size));
  });

  it('programs and engines that were disposed of, and states of another engine', async () => {
    const engine = engineOn();
    const state = await engine.createState(layout);
    const prepared = await engine.prepare(movingAverage(size), state);
    await prepared.dispose();
    await prepared.dispose();
    expect((await rejection(prepared.run(feedsOf(0)))).code).toBe('engine');
    expect(await state.read('count')).toEqual(new Float32Array(1));
    expect((await rejection(engineOn().prepare(reading(size), state))).message).toContain('another engine');
    await engine.dispose();
    expect((await rejection(state.read('count'))).message).toContain('disposed');
    expect((await rejection(engine.prepare(reading(size), state))).message).toContain('disposed');
    expect((await rejection(engine.createState(layout))).message).toContain('disposed');
  });
});

describe('a kernel that fails', () => {
  /** The loaded TensorFlow.js, but for a kernel that throws once it is armed. */
  function failing(kernel: string, message: string): { loaded: LoadedTfjs; arm(): void } {
    let armed = false;
    const faulty = withKernels(tf, (run) => (name, inputs, attributes) => {
      if (armed && name === kernel) throw new Error(message);
      return run(name, inputs, attributes);
    });
    return {
      loaded: { tf: faulty, found: loaded.found },
      arm: () => {
        armed = true;
      },
    };
  }

  /** A step with images, whose convolution's filter gradient is calculated inside of a region. */
  function convolutionStep() {
    const g = new Builder();
    const images = g.input('images', [8, 3, 6, 6]);
    const gates = g.input('gates', [1], 'bool');
    const theta = g.input('theta', [36]);
    const y = g.within('cells.0/node1', () =>
      g.region({ gates, backwardGates: gates, gateIndex: 0 }, [images, theta], (body, [x, w]) =>
        body.relu(body.conv2d(defined(x), body.reshape(defined(w), [4, 3, 1, 3]), { padding: 1 })),
      ),
    );
    const total = g.reduceSum(y, [0, 1, 2, 3]);
    const graph = g.build([{ name: 'theta.next', value: g.add(theta, total) }]);
    return {
      name: 'convolution',
      graph,
      stateInputs: { theta: 'theta' },
      stateOutputs: { 'theta.next': 'theta' },
    };
  }
  const feeds = (): Feeds => ({
    images: { shape: [8, 3, 6, 6], data: new Float32Array(8 * 3 * 36).fill(0.5) },
    gates: { shape: [1], data: Uint8Array.of(1) },
  });

  it('is an error that names operation, place and bytes, and leaves state and memory as they were', async () => {
    const { loaded: faulty, arm } = failing('Conv2D', 'OOM when allocating tensor with shape[8,6,6,4]\nmore');
    const engine = engineOn(faulty);
    const state = await engine.createState({ theta: 36 });
    await state.write('theta', new Float32Array(36).fill(0.25));
    const prepared = await engine.prepare(convolutionStep(), state);
    await prepared.run(feeds());
    const before = await state.read('theta');
    const held = tf.memory();
    arm();
    const error = await rejection(prepared.run(feeds()));
    expect(error).toMatchObject({ code: 'engine', exitCode: 3 });
    expect(error.message).toContain('conv2d');
    expect(error.details.where).toContain('cells.0/node1');
    expect(error.details.expected).toMatch(/about [\d.]+ MiB to fit; [\d.]+ MiB were held/);
    expect(error.details.found).toBe('OOM when allocating tensor with shape[8,6,6,4]');
    expect(error.details.cure).toContain('`batch`');
    expect(await state.read('theta')).toEqual(before);
    expect(tf.memory().numTensors).toBe(held.numTensors);
    expect(tf.memory().numBytes).toBe(held.numBytes);
    expect((await rejection(prepared.run(feeds()))).code).toBe('engine');
  });

  it('that is no matter of memory asks for the doctor', async () => {
    const { loaded: faulty, arm } = failing('Relu', 'not supported');
    const engine = engineOn(faulty);
    const prepared = await engine.prepare(convolutionStep(), await engine.createState({ theta: 36 }));
    arm();
    const error = await rejection(prepared.run(feeds()));
    expect(error.message).toContain('relu');
    expect(error.details.cure).toContain('genonnx doctor');
  });
});

describe('a step whose loss is no number', () => {
  /** w' = w + x; loss = the sum of sqrt(w) + x, over a feature map. */
  function roots(): Program {
    const shape = [1, 2, 2, 1];
    const g = new Builder();
    const w = g.input('w', [4]);
    const x = g.input('x', shape);
    const pooled = g.within('pool', () => g.averagePool2d(x, { kernel: 1, stride: 1, padding: 0 }));
    const root = g.within('cells.0/node1', () => g.sqrt(g.reshape(w, shape)));
    const loss = g.within('loss', () => g.reduceSum(g.add(root, pooled), [0, 1, 2, 3]));
    const graph = g.build([
      { name: 'loss', value: loss },
      { name: 'w.next', value: g.add(w, g.reshape(x, [4])) },
    ]);
    return { name: 'roots', graph, stateInputs: { w: 'w' }, stateOutputs: { 'w.next': 'w' }, guard: 'loss' };
  }
  const fed = (...data: number[]): Feeds => ({ x: { shape: [1, 2, 2, 1], data: Float32Array.from(data) } });

  it('leaves the state as it was, and the operation is named', async () => {
    const engine = engineOn();
    const state = await engine.createState({ w: 4 });
    await state.write('w', new Float32Array(4).fill(1));
    const prepared = await prepareChecked(engine, roots(), state);
    await prepared.run(fed(1, -3, 0, 2));
    const before = await state.read('w');
    expect(before).toEqual(Float32Array.of(2, -2, 1, 3));
    const held = tf.memory().numTensors;
    const error = await rejection(prepared.run(fed(0, 0, 0, 0)));
    expect(error.code).toBe('diverged');
    expect(error.details.where).toBe('cells.0/node1');
    expect(error.details.found).toMatch(/NaN; sqrt was the first/);
    expect(await state.read('w')).toEqual(before);
    expect(tf.memory().numTensors).toBeLessThanOrEqual(held);
  });
});

describe('labels and truth values', () => {
  it('are taken and given as they are', async () => {
    const g = new Builder();
    const gates = g.input('gates', [3], 'bool');
    const logits = g.input('logits', [3, 2]);
    const labels = g.input('labels', [3], 'int64');
    const graph = g.build([
      { name: 'closed', value: g.one('not', [gates], {}) },
      { name: 'labels', value: labels },
      { name: 'labels again', value: labels },
      {
        name: 'correct',
        value: g.one('correctCount', [logits, labels, g.input('weights', [3])], { top: 1 }),
      },
    ]);
    const engine = engineOn();
    const program = { name: 'types', graph, stateInputs: {}, stateOutputs: {} };
    const prepared = await engine.prepare(program, await engine.createState({}));
    const fetched = await prepared.run({
      gates: { shape: [3], data: Uint8Array.of(1, 0, 1) },
      logits: { shape: [3, 2], data: Float32Array.of(1, 0, 0, 1, 5, 5) },
      labels: { shape: [3], data: BigInt64Array.of(0n, 1n, 1n) },
      weights: { shape: [3], data: Float32Array.of(1, 2, 4) },
    });
    expect(fetched.closed?.data).toEqual(Uint8Array.of(0, 1, 0));
    expect(fetched.labels?.data).toEqual(BigInt64Array.of(0n, 1n, 1n));
    expect(fetched['labels again']?.data).toEqual(fetched.labels?.data);
    expect(fetched.correct?.data).toEqual(Float32Array.of(3));
  });
});
