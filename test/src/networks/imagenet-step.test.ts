// The step of the ImageNet recipe against PyTorch: label smoothing on both heads, drop path, clipping, decay, running statistics.
import { describe, expect, it } from 'vitest';
import { createNodeOrtEngine } from '../../../src/engines/ort/node.js';
import { resolveLayout } from '../../../src/library/layout.js';
import { stateLayout } from '../../../src/networks/step.js';
import { imagenetStep, imagenetTensors } from '../../support/imagenet-step.js';

describe('the ImageNet step, against PyTorch', () => {
  it('covers every parameter and statistic that PyTorch has', () => {
    const { parameters, statistics } = imagenetStep().step.state;
    expect(parameters.length + statistics.length).toBe(imagenetTensors());
  });

  it.each([
    { name: 'portable', layout: async () => ({ kind: 'portable' }) as const },
    { name: 'blocked', layout: () => resolveLayout('blocked', () => {}) },
  ])('agrees in ONNX Runtime, in the $name form', async ({ layout }) => {
    const { step, state, feeds, check } = imagenetStep();
    const engine = createNodeOrtEngine({ layout: await layout(), threads: 1, worker: false });
    const vectors = await engine.createState(stateLayout(step.state));
    for (const [name, data] of Object.entries(state)) await vectors.write(name, data);
    const prepared = await engine.prepare(step.program, vectors);
    const outputs = await prepared.run(feeds);
    check({
      ...outputs,
      'parameters.next': { data: await vectors.read('parameters') },
      'statistics.next': { data: await vectors.read('statistics') },
    });
    await engine.dispose();
  });
});
