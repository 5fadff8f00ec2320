// Training steps on TensorFlow.js and on ONNX Runtime: three steps of a tiny supernet under every pattern of gates, and of
// a child network, give the same losses, gradients, parameters and statistics. A search that was begun on one engine goes
// on on the other. And memory: after fifty steps there is as much of it in use as after the first.

import { afterAll, describe, expect, it } from 'vitest';
import { optimizers } from '../../../../graphs/optimizers/index.js';
import type { Engine, EngineState, Fetches, HostTensor } from '../../../../src/engines/engine.js';
import { createNodeOrtEngine } from '../../../../src/engines/ort/node.js';
import { writeState } from '../../../../src/engines/transfer.js';
import { type ChildNetwork, childStep } from '../../../../src/networks/child-programs.js';
import { initialState } from '../../../../src/networks/initial-state.js';
import { jointStep } from '../../../../src/networks/search-programs.js';
import { type Step, stateLayout } from '../../../../src/networks/step.js';
import { openStream } from '../../../../src/random.js';
import { DARTS_SPACE } from '../../../../src/spaces/convolutional.js';
import { edgesOfNode, entryCount, sections } from '../../../../src/spaces/search-space.js';
import { zooEntry } from '../../../../src/spaces/zoo.js';
import { imageSupernet } from '../../../../src/tasks/classification/supernet.js';
import { expectClose } from '../../../support/supernet-step.js';
import { defined, random } from '../../../support/tensors.js';
import { backends, engineOf } from './backends.js';

const sgd = optimizers.sgd({ momentum: 0.9, weightDecay: 3e-4, clipNorm: 5 });
const network = {
  space: DARTS_SPACE,
  cells: 3,
  initChannels: 2,
  classes: 4,
  batch: 4,
  image: { channels: 1, height: 8, width: 8 },
};
const tolerance = 1e-4;

type Pattern = 'all' | 'edge:4' | 'node:4';

/** Code entries of both cell types: every candidate, four draws on each edge, or four candidates of each node. */
function codeOf(pattern: Pattern, seed: number): Float32Array {
  const stream = openStream(seed, 'gates');
  const code = new Float32Array(entryCount(DARTS_SPACE));
  for (const { cellType, start, end } of sections(DARTS_SPACE)) {
    const candidates = cellType.primitives.length;
    if (pattern === 'all') code.fill(1 / candidates, start, end);
    else
      for (let node = 0; node < cellType.nodes; node++) {
        const own = edgesOfNode(cellType, node);
        const drawn = pattern === 'edge:4' ? own.flatMap((edge) => [edge, edge, edge, edge]) : [0, 1, 2, 3];
        for (const [i, edge] of drawn.entries()) {
          const on = pattern === 'edge:4' ? edge : defined(own[stream.integer(own.length)]);
          const entry = start + on * candidates + stream.integer(candidates);
          code[entry] = (code[entry] ?? 0) + 0.25 + i / 64;
        }
      }
  }
  return code;
}

function imagesOf(image: typeof network.image, batch: number, seed: number): HostTensor {
  const shape = [batch, image.channels, image.height, image.width];
  return { shape, data: Float32Array.from(random(shape, seed).data) };
}

/** Fresh arrays each time: engines take them over. A third of what runs does so forward only. */
function searchFeeds(pattern: Pattern, seed: number): Record<string, HostTensor> {
  const { batch, image, classes } = network;
  const code = codeOf(pattern, seed);
  const vector = <T extends HostTensor['data']>(data: T): HostTensor => ({ shape: [data.length], data });
  return {
    images: imagesOf(image, batch, seed),
    labels: vector(BigInt64Array.from({ length: batch }, (_, i) => BigInt((i + seed) % classes))),
    weights: vector(new Float32Array(batch).fill(1 / batch)),
    code: vector(code),
    forwardGates: vector(Uint8Array.from(code, (entry) => Number(entry !== 0))),
    backwardGates: vector(Uint8Array.from(code, (entry, i) => Number(entry !== 0 && i % 3 !== 0))),
    learningRate: vector(Float32Array.of(0.025)),
  };
}

async function fresh(engine: Engine, { state: slots }: Step): Promise<EngineState> {
  const layout = stateLayout(slots);
  const state = await engine.createState(layout);
  await writeState(state, layout, initialState(slots, openStream(7, 'weights')));
  return state;
}

const names = ['parameters', 'velocity', 'statistics'] as const;

async function copyState(from: EngineState, to: EngineState): Promise<void> {
  for (const name of names) await to.write(name, await from.read(name));
}

function numbers(data: ArrayLike<number | bigint>): Float64Array {
  return Float64Array.from(Array.from(data), Number);
}

async function expectSame(
  [fetched, wanted]: readonly [Fetches, Fetches],
  [state, reference]: readonly [EngineState, EngineState],
  what: string,
): Promise<void> {
  expect(Object.keys(fetched).sort()).toEqual(Object.keys(wanted).sort());
  for (const [name, { data }] of Object.entries(wanted))
    expectClose(`${name}, ${what}`, numbers(defined(fetched[name]).data), numbers(data), tolerance);
  for (const name of names) {
    const [actual, expected] = [await state.read(name), await reference.read(name)];
    expectClose(`${name}, ${what}`, numbers(actual), numbers(expected), tolerance);
  }
}

describe.each(backends)('$name and ONNX Runtime', { timeout: 300_000 }, ({ loaded }) => {
  const engine = engineOf(loaded);
  const ort = createNodeOrtEngine({ layout: { kind: 'portable' }, threads: 1, worker: false });
  afterAll(() => Promise.all([engine.dispose(), ort.dispose()]));
  const memory = () => defined(loaded).tf.memory();

  it.each(['all', 'edge:4', 'node:4'] as const)('agree in three steps of a supernet, %s', async (pattern) => {
    const step = jointStep(imageSupernet(network), sgd, 'all', true);
    const [state, reference] = [await fresh(engine, step), await fresh(ort, step)];
    const prepared = await engine.prepare(step.program, state);
    const wanted = await ort.prepare(step.program, reference);
    for (let i = 0; i < 3; i++) {
      const seed = 10 * i + pattern.length;
      const fetched = [
        await prepared.run(searchFeeds(pattern, seed)),
        await wanted.run(searchFeeds(pattern, seed)),
      ] as const;
      await expectSame(fetched, [state, reference], `${pattern}, step ${i}`);
    }
    await prepared.dispose();
    await wanted.dispose();
  });

  it('agree in a step of a child network, with dropped paths and smoothed labels', async () => {
    const child: ChildNetwork = {
      name: 'cifar',
      genotype: zooEntry('DARTS_V2').genotype,
      cells: 3,
      initChannels: 4,
      classes: 4,
      batch: 4,
      image: network.image,
      auxiliary: false,
    };
    const step = childStep(child, sgd, { labelSmoothing: 0.1, auxiliaryWeight: 0, dropPath: true });
    const masks = defined(step.program.graph.inputs.find(({ path }) => path === 'dropMasks')).shape.map(
      Number,
    );
    const feeds = (): Record<string, HostTensor> => {
      const { code: _, forwardGates: __, backwardGates: ___, ...fed } = searchFeeds('all', 5);
      const kept = random(masks, 6).data.map((u) => (u > -0.4 ? 1 / 0.7 : 0));
      return { ...fed, dropMasks: { shape: masks, data: Float32Array.from(kept) } };
    };
    const [state, reference] = [await fresh(engine, step), await fresh(ort, step)];
    const prepared = await engine.prepare(step.program, state);
    const wanted = await ort.prepare(step.program, reference);
    for (let i = 0; i < 2; i++)
      await expectSame(
        [await prepared.run(feeds()), await wanted.run(feeds())],
        [state, reference],
        `child, step ${i}`,
      );
  });

  it('take each other’s state and go on with it', async () => {
    const step = jointStep(imageSupernet(network), sgd, 'active', true);
    const reference = await fresh(ort, step);
    const wanted = await ort.prepare(step.program, reference);
    await wanted.run(searchFeeds('node:4', 1));
    const state = await engine.createState(stateLayout(step.state));
    await copyState(reference, state);
    for (const name of names) expect(await state.read(name)).toEqual(await reference.read(name));
    const prepared = await engine.prepare(step.program, state);
    const second = [
      await prepared.run(searchFeeds('node:4', 2)),
      await wanted.run(searchFeeds('node:4', 2)),
    ] as const;
    await expectSame(second, [state, reference], 'on');
    await copyState(state, reference);
    const third = [
      await prepared.run(searchFeeds('node:4', 3)),
      await wanted.run(searchFeeds('node:4', 3)),
    ] as const;
    await expectSame(third, [state, reference], 'and back');
  });

  it('take no more memory after fifty steps than after the first', async () => {
    const small = { ...network, batch: 2 };
    const step = jointStep(imageSupernet(small), sgd, 'all');
    const state = await fresh(engine, step);
    const prepared = await engine.prepare(step.program, state);
    const run = (pattern: Pattern, seed: number): Promise<Fetches> => {
      const { images: _, labels, weights, ...rest } = searchFeeds(pattern, seed);
      return prepared.run({
        ...rest,
        images: imagesOf(small.image, small.batch, seed),
        labels: { shape: [2], data: defined(labels).data.slice(0, 2) },
        weights: { shape: [2], data: defined(weights).data.slice(0, 2) },
      });
    };
    await run('all', 0);
    const { numTensors, numBytes } = memory();
    for (let i = 1; i <= 50; i++) await run('node:4', i);
    expect(memory().numTensors).toBe(numTensors);
    expect(memory().numBytes).toBe(numBytes);
  });
});
