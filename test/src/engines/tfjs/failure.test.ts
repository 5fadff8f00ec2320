// How much memory a step is said to need, against what one takes; and which batch would fit.

import { describe, expect, it } from 'vitest';
import type { Node } from '../../../../graphs/ir.js';
import { liveBytes } from '../../../../graphs/live-bytes.js';
import { optimizers } from '../../../../graphs/optimizers/index.js';
import { createTfjsEngine } from '../../../../src/engines/tfjs/engine.js';
import { kernelFailure, largestBatch } from '../../../../src/engines/tfjs/failure.js';
import { jointStep } from '../../../../src/networks/search-programs.js';
import { stateLayout } from '../../../../src/networks/step.js';
import { DARTS_SPACE } from '../../../../src/spaces/convolutional.js';
import { entryCount } from '../../../../src/spaces/search-space.js';
import { imageSupernet } from '../../../../src/tasks/classification/supernet.js';
import { defined, random } from '../../../support/tensors.js';
import { backends, withKernels } from './backends.js';

describe('the estimate', () => {
  it('is near what a supernet step takes', async () => {
    const { tf, found } = defined(backends[0]?.loaded);
    let peak = 0;
    const seen = withKernels(tf, (run) => (...call) => {
      const result = run(...call);
      peak = Math.max(peak, tf.memory().numBytes);
      return result;
    });
    const engine = createTfjsEngine({ tf: seen, found });
    const before = tf.memory().numBytes;
    const network = {
      space: DARTS_SPACE,
      cells: 3,
      initChannels: 4,
      classes: 4,
      batch: 4,
      image: { channels: 1, height: 12, width: 12 },
    };
    const step = jointStep(
      imageSupernet(network),
      optimizers.sgd({ momentum: 0.9, weightDecay: 3e-4 }),
      'active',
    );
    const { graph } = step.program;
    const prepared = await engine.prepare(step.program, await engine.createState(stateLayout(step.state)));
    const size = entryCount(DARTS_SPACE);
    const open = (): Uint8Array => Uint8Array.from({ length: size }, (_, i) => Number(i % 7 === 0));
    await prepared.run({
      images: { shape: [4, 1, 12, 12], data: Float32Array.from(random([4, 1, 12, 12]).data) },
      labels: { shape: [4], data: BigInt64Array.of(0n, 1n, 2n, 3n) },
      weights: { shape: [4], data: new Float32Array(4).fill(0.25) },
      code: { shape: [size], data: new Float32Array(size).fill(0.5) },
      forwardGates: { shape: [size], data: open() },
      backwardGates: { shape: [size], data: open() },
      learningRate: { shape: [1], data: Float32Array.of(0.01) },
    });
    const gates = new Map(
      graph.inputs.filter(({ dtype }) => dtype === 'bool').map((value) => [value, open()]),
    );
    const estimated = liveBytes(graph, gates);
    expect(peak - before).toBeGreaterThan(0.8 * estimated);
    expect(peak - before).toBeLessThan(1.25 * estimated);
    await engine.dispose();
  });
});

describe('the batch that should fit', () => {
  const size = { neededBytes: 1100, heldBytes: 600, stateBytes: 100, batch: 64 };

  it('is what was held, divided by what an image needs', () => {
    expect(largestBatch(size)).toBe(32);
    expect(largestBatch({ ...size, heldBytes: 349 })).toBe(15);
  });

  it('is not said where it cannot be known, or would be none or all', () => {
    expect(largestBatch({ ...size, batch: undefined })).toBeUndefined();
    expect(largestBatch({ ...size, neededBytes: 100 })).toBeUndefined();
    expect(largestBatch({ ...size, heldBytes: 101 })).toBeUndefined();
    expect(largestBatch({ ...size, heldBytes: 5000 })).toBeUndefined();
  });

  it('is part of the cure', () => {
    const node: Node = { op: 'relu', inputs: [], outputs: [], attributes: {}, path: 'cells.1' };
    const { details } = kernelFailure(node, new Error('ResourceExhausted: OOM'), size);
    expect(details.cure).toContain('about 32 of 64 images should fit');
    expect(details.where).toBe('cells.1');
    const unknown = kernelFailure(node, 'out of memory', { ...size, batch: undefined });
    expect(unknown.details.cure).toContain('smaller `batch`');
  });
});
