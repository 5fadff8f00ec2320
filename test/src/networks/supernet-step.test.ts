import { describe, expect, it } from 'vitest';
import { interpret } from '../../../graphs/interpret/interpret.js';
import { createNodeOrtEngine } from '../../../src/engines/ort/node.js';
import { resolveLayout } from '../../../src/library/layout.js';
import { stateLayout } from '../../../src/networks/step.js';
import { engineFeeds, supernetStep } from '../../support/supernet-step.js';

// PyTorch computes in float32: its own rounding is what separates it from the float64 interpreter.
const tolerance = 2e-4;

describe('the supernet step, against PyTorch', () => {
  it.each(['soft', 'binary'] as const)('agrees in the float64 interpreter (%s)', (kind) => {
    const { step, feeds, check } = supernetStep(kind);
    check(interpret(step.program.graph, feeds), tolerance);
  });

  it('covers every parameter and statistic that PyTorch has', () => {
    const { step } = supernetStep('soft');
    expect(step.state.parameters.length + step.state.statistics.length).toBe(1266);
  });
});

describe.each([
  { name: 'portable ONNX', layout: async () => ({ kind: 'portable' }) as const },
  { name: 'blocked ONNX', layout: () => resolveLayout('blocked', () => {}) },
])('the supernet step in $name, against PyTorch', ({ layout }) => {
  it.each(['soft', 'binary'] as const)('agrees in ONNX Runtime (%s)', async (kind) => {
    const stepCase = supernetStep(kind);
    const { step, feeds, check } = stepCase;
    const engine = createNodeOrtEngine({ layout: await layout(), threads: 2, worker: false });
    const state = await engine.createState(stateLayout(step.state));
    await state.write('parameters', Float32Array.from(feeds.parameters?.data ?? []));
    await state.write('statistics', Float32Array.from(feeds.statistics?.data ?? []));
    const prepared = await engine.prepare(step.program, state);
    const outputs = await prepared.run(engineFeeds(stepCase));
    check(
      {
        ...outputs,
        'parameters.next': { data: await state.read('parameters') },
        'statistics.next': { data: await state.read('statistics') },
      },
      tolerance,
    );
    await engine.dispose();
  });
});
