// What holds of segmentation steps without a fixture: frozen batch norms, images without any class, dropout.
import * as ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { Builder } from '../../../../graphs/builder.js';
import { differentiate } from '../../../../graphs/differentiate.js';
import { interpret, tensor } from '../../../../graphs/interpret/interpret.js';
import { optimizers } from '../../../../graphs/optimizers/index.js';
import type { Engine, Feeds } from '../../../../src/engines/engine.js';
import { probeBlockSize } from '../../../../src/engines/ort/block-size.js';
import { createNodeOrtEngine } from '../../../../src/engines/ort/node.js';
import { writeState } from '../../../../src/engines/transfer.js';
import {
  dropoutShape,
  pixelCrossEntropy,
  pixelWeights,
  type SegmentationLoss,
  type SegmentationNetwork,
  segmentationEvaluation,
  segmentationForward,
  segmentationStep,
} from '../../../../src/networks/deeplab/programs.js';
import { initialState } from '../../../../src/networks/initial-state.js';
import { type Step, stateLayout } from '../../../../src/networks/step.js';
import { openStream } from '../../../../src/random.js';
import { zooEntry } from '../../../../src/spaces/zoo.js';
import { interpreterEngine } from '../../../support/interpreter-engine.js';
import { departure, fixtureSegmentation, readVisionFixture } from '../../../support/segmentation-fixtures.js';
import { defined, random } from '../../../support/tensors.js';

const network: SegmentationNetwork = {
  genotype: zooEntry('DARTS_V2').genotype,
  cells: 3,
  initChannels: 2,
  classes: 3,
  batch: 2,
  image: { channels: 3, height: 21, width: 32 },
  outputStride: 16,
  asppWidth: 4,
  rates: [1, 2, 3],
  alignment: 'align-corners',
};
const frozen: SegmentationLoss = { dropout: false, freezeNorm: true };
const sgd = optimizers.sgd({ momentum: 0.9, weightDecay: 0 });

function feedsOf({ batch, image, classes }: SegmentationNetwork, label?: number): Feeds {
  const shape = [batch, image.height, image.width];
  const stream = openStream(1, 'labels');
  const pixels = batch * image.height * image.width;
  const labels = Array.from(
    { length: pixels },
    (_, i) => label ?? (i % 7 === 0 ? 255 : stream.integer(classes)),
  );
  const images = random([batch, image.channels, image.height, image.width], 3);
  return {
    images: { shape: images.shape, data: Float32Array.from(images.data) },
    labels: { shape, data: BigInt64Array.from(labels, BigInt) },
    weights: { shape, data: pixelWeights(labels) },
    learningRate: { shape: [1], data: Float32Array.of(0.1) },
  };
}

async function run(step: Step, feeds: Feeds, engine: Engine = interpreterEngine()) {
  const layout = stateLayout(step.state);
  const state = await engine.createState(layout);
  const before = initialState(step.state, openStream(2, 'weights'));
  const statistics = openStream(3, 'statistics');
  // About those that fresh weights have: fresh statistics would let every activation die away.
  for (const { name, offset, size } of step.state.statistics)
    for (let i = offset; i < offset + size; i++)
      before.statistics.data[i] = (name.endsWith('var') ? 0.05 : -0.02) * (0.5 + statistics.uniform());
  await writeState(state, layout, before);
  const fetches = await (await engine.prepare(step.program, state)).run(feeds);
  const after = { parameters: await state.read('parameters'), statistics: await state.read('statistics') };
  return { loss: Number(fetches.loss?.data[0]), fetches, before, after };
}

describe('a step with frozen batch norms', () => {
  it('has the loss of evaluation, moves the weights, and leaves the statistics as they are', async () => {
    const feeds = feedsOf(network);
    const step = segmentationStep(network, sgd, frozen);
    const { loss, before, after } = await run(step, feeds);
    const evaluated = await run(segmentationEvaluation(network), feeds);
    expect(loss).toBeCloseTo(evaluated.loss, 6);
    expect(evaluated.fetches.logits?.shape).toEqual([2, 3, 21, 32]);
    expect(after.statistics).toEqual(before.statistics.data);
    const moved = step.state.parameters.filter(({ offset, size }) => {
      const range = [offset, offset + size] as const;
      return after.parameters.subarray(...range).join() !== before.parameters.data.subarray(...range).join();
    });
    // Scales and shifts among them.
    expect(moved.length).toBeGreaterThan(0.9 * step.state.parameters.length);
  });

  it('learns from one image at a time', async () => {
    const single = { ...network, batch: 1 };
    const { loss } = await run(segmentationStep(single, sgd, frozen), feedsOf(single));
    expect(loss).toBeGreaterThan(0);
  });
});

describe('the loss', () => {
  it('is 0 without any class, and moves no weight', async () => {
    const { loss, before, after } = await run(segmentationStep(network, sgd, frozen), feedsOf(network, 255));
    expect(loss).toBe(0);
    expect(after.parameters).toEqual(before.parameters.data);
  });

  it('is the mean over the pixels of a class, and none else has a gradient', () => {
    const g = new Builder();
    const logits = g.input('logits', [1, 3, 2, 2]);
    const [labels, weights] = [g.input('labels', [1, 2, 2], 'int64'), g.input('weights', [1, 2, 2])];
    const loss = pixelCrossEntropy(g, logits, labels, weights);
    const [gradient] = differentiate(g, loss, [logits]);
    const graph = g.build([
      { name: 'loss', value: loss },
      { name: 'gradient', value: defined(gradient) },
    ]);
    const classes = [0, 2, 255, 1];
    const found = interpret(graph, {
      logits: tensor([1, 3, 2, 2], new Array<number>(12).fill(0.5)),
      labels: tensor([1, 2, 2], classes),
      weights: tensor([1, 2, 2], pixelWeights(classes)),
    });
    expect(found.loss?.data[0]).toBeCloseTo(Math.log(3), 6);
    const pixel = (at: number) => [0, 1, 2].map((k) => found.gradient?.data[4 * k + at] ?? Number.NaN);
    expect(pixel(2).map(Math.abs)).toEqual([0, 0, 0]);
    pixel(1).forEach((share, k) => {
      expect(share).toBeCloseTo((1 / 3 - (k === 2 ? 1 : 0)) / 3, 6);
    });
  });
});

describe('dropout', () => {
  it('takes its mask from outside, of the extent of the features', async () => {
    const shape = dropoutShape(network);
    expect(shape).toEqual([2, 4, 2, 2]);
    const dropping = segmentationForward(network, { dropout: true, freezeNorm: true });
    const masked = (value: number) =>
      run(dropping, { ...feedsOf(network), dropoutMask: { shape, data: new Float32Array(32).fill(value) } });
    const whole = await run(segmentationForward(network, frozen), feedsOf(network));
    expect((await masked(1)).loss).toBeCloseTo(whole.loss, 6);
    expect((await masked(0)).loss).not.toBeCloseTo(whole.loss, 3);
  });
});

describe('a step in blocked layout', () => {
  /** Every operation, at every rate, on odd maps whose channels fill the blocks. */
  const blockedNetwork: SegmentationNetwork = {
    ...fixtureSegmentation(readVisionFixture('segmentation-mixed-os8')),
    initChannels: 16,
    batch: 2,
    image: { channels: 3, height: 37, width: 48 },
  };

  it('is the same as in the portable one', { timeout: 60_000 }, async (context) => {
    const block = await probeBlockSize(ort);
    if (block === undefined) return context.skip('ONNX Runtime has no blocked kernels on this processor');
    const step = segmentationStep(blockedNetwork, sgd, { dropout: false, freezeNorm: false });
    const [portable, blocked] = [
      createNodeOrtEngine({ layout: { kind: 'portable' }, threads: 2, worker: false }),
      createNodeOrtEngine({ layout: { kind: 'blocked', block }, threads: 2, worker: false }),
    ];
    const [expected, found] = [
      await run(step, feedsOf(blockedNetwork), portable),
      await run(step, feedsOf(blockedNetwork), blocked),
    ];
    for (const engine of [portable, blocked]) await engine.dispose();
    expect(found.loss).toBeCloseTo(expected.loss, 5);
    for (const vector of ['parameters', 'statistics'] as const) {
      const moved = departure(found.after[vector], expected.after[vector]);
      expect(moved.difference / moved.largest, vector).toBeLessThanOrEqual(1e-5);
    }
    const steps = departure(expected.after.parameters, expected.before.parameters.data);
    expect(steps.difference).toBeGreaterThan(1e-4);
  });
});
