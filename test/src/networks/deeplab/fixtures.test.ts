// Segmentation networks and their training step against PyTorch, on every engine here.
import * as ort from 'onnxruntime-node';
import { afterAll, describe, expect, it } from 'vitest';
import { optimizers } from '../../../../graphs/optimizers/index.js';
import { totalSize } from '../../../../graphs/slots.js';
import { probeBlockSize } from '../../../../src/engines/ort/block-size.js';
import { createNodeOrtEngine } from '../../../../src/engines/ort/node.js';
import {
  pixelWeights,
  segmentationEvaluation,
  segmentationStep,
} from '../../../../src/networks/deeplab/programs.js';
import { interpreterEngine } from '../../../support/interpreter-engine.js';
import {
  asFloats,
  asIntegers,
  departure,
  fixtureSegmentation,
  flatVector,
  type Ran,
  readVisionFixture,
  runStep,
  unusedNames,
} from '../../../support/segmentation-fixtures.js';
import { defined } from '../../../support/tensors.js';
import { backends, engineOf } from '../../engines/tfjs/backends.js';

/** Blocks of another size than the processor's are none: there the portable layout is run once more. */
const block = await probeBlockSize(ort);
const engines = {
  interpreter: interpreterEngine(),
  'onnxruntime-node': createNodeOrtEngine({ layout: { kind: 'portable' }, threads: 2, worker: false }),
  'onnxruntime-node, blocked': createNodeOrtEngine({
    layout: block === undefined ? { kind: 'portable' } : { kind: 'blocked', block },
    threads: 2,
    worker: false,
  }),
  'TensorFlow.js': engineOf(defined(backends[0]).loaded),
};
afterAll(async () => {
  for (const engine of Object.values(engines)) await engine.dispose();
});
const every = ['interpreter', 'onnxruntime-node', 'onnxruntime-node, blocked', 'TensorFlow.js'] as const;

describe.each([
  ['segmentation-darts-v2-os16', ['interpreter', 'onnxruntime-node']],
  ['segmentation-data-m7-os16', every],
  ['segmentation-data-m7-os16-even', ['interpreter', 'onnxruntime-node']],
  ['segmentation-mixed-os8', every],
] as const)('%s', (name, on) => {
  const fixture = readVisionFixture(name);
  const network = fixtureSegmentation(fixture);
  const step = segmentationEvaluation(network);
  const tensor = (key: string) => defined(fixture.tensors.get(key));

  it('has the weights of PyTorch by their names', () => {
    expect(unusedNames(step, fixture, 'weights.')).toEqual([]);
  });

  it.each(on)('gives the logits and predictions of PyTorch on %s', { timeout: 60_000 }, async (engine) => {
    const { batch, image, classes } = network;
    const pixels = image.height * image.width;
    const shape = [batch, image.height, image.width];
    const { fetches } = await runStep(engines[engine], step, fixture, 'weights.', {
      images: asFloats(tensor('image')),
      labels: asIntegers(tensor('prediction')),
      weights: { shape, data: pixelWeights(tensor('prediction').data) },
    });
    const logits = defined(fetches.logits).data;
    const { difference, largest } = departure(logits, tensor('logits').data);
    expect(difference / largest).toBeLessThanOrEqual(2e-5);
    // Predictions may depart where the two best classes are as good as equal.
    tensor('prediction').data.forEach((predicted, i) => {
      const [n, pixel] = [Math.floor(i / pixels), i % pixels];
      const at = (k: number) => Number(logits[(n * classes + k) * pixels + pixel]);
      const best = Math.max(...Array.from({ length: classes }, (_, k) => at(k)));
      expect(best - at(predicted)).toBeLessThan(1e-4);
    });
  });
});

describe.each([
  ['segmentation-step', every],
  ['segmentation-step-clipped', ['interpreter', 'onnxruntime-node']],
] as const)('%s', (name, on) => {
  const fixture = readVisionFixture(name);
  const network = fixtureSegmentation(fixture);
  const tensor = (key: string) => defined(fixture.tensors.get(key));
  const setting = (key: string) => Number(defined(fixture.settings.get(key)));
  const clip = defined(fixture.settings.get('clip'));
  const sgd = optimizers.sgd({
    momentum: setting('momentum'),
    weightDecay: setting('weight_decay'),
    ...(clip === 'null' ? {} : { clipNorm: Number(clip) }),
  });
  const step = segmentationStep(network, sgd, { dropout: true, freezeNorm: false });
  const { parameters, statistics } = step.state;

  it('has the weights of PyTorch by their names', () => {
    expect(unusedNames(step, fixture, 'before.')).toEqual([]);
  });

  it.each(on)('is a step of PyTorch on %s', { timeout: 120_000 }, async (engine) => {
    const labels = tensor('labels');
    const ran = await runStep(engines[engine], step, fixture, 'before.', {
      images: asFloats(tensor('image')),
      labels: asIntegers(labels),
      weights: { shape: labels.shape, data: pixelWeights(labels.data) },
      dropoutMask: asFloats(tensor('dropout_mask')),
      learningRate: { shape: [1], data: Float32Array.of(setting('learning_rate')) },
    });
    compare(ran);
  });

  function compare({ fetches, after }: Ran): void {
    const number = (key: string) => Number(defined(fetches[key]).data[0]);
    const norm = defined(tensor('gradient_norm').data[0]);
    expect(Math.abs(number('loss') - defined(tensor('loss').data[0]))).toBeLessThanOrEqual(1e-5);
    expect(Math.abs(number('gradientNorm') / norm - 1)).toBeLessThanOrEqual(1e-4);
    for (const [vector, slots] of [
      ['parameters', parameters],
      ['statistics', statistics],
    ] as const) {
      const moved = defined(after[vector]);
      expect(moved).toHaveLength(totalSize(slots));
      const { difference } = departure(moved, flatVector(slots, fixture, 'after.'));
      expect(difference, vector).toBeLessThanOrEqual(1e-5);
    }
    // From velocity 0 the velocity after is the clipped gradient and the decay.
    const factor = clip === 'null' ? 1 : Math.min(1, Number(clip) / (norm + 1e-6));
    const velocity = defined(after.velocity);
    for (const { name: slot, offset, size } of parameters) {
      const before = tensor(`before.${slot}`).data;
      const expected = tensor(`gradient.${slot}`).data;
      const decayed = velocity.subarray(offset, offset + size);
      const gradient = decayed.map((v, i) => (v - setting('weight_decay') * defined(before[i])) / factor);
      const { difference, largest } = departure(gradient, expected);
      expect(difference, slot).toBeLessThanOrEqual(1e-3 * largest + 1e-6 * norm);
    }
  }
});
