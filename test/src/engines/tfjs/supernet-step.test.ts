// The supernet step on TensorFlow.js against PyTorch.
import { afterAll, describe, expect, it } from 'vitest';
import { stateLayout } from '../../../../src/networks/step.js';
import { engineFeeds, supernetStep } from '../../../support/supernet-step.js';
import { backends, engineOf } from './backends.js';

/** As for every other engine: PyTorch's own rounding. */
const tolerance = 2e-4;

describe.each(backends)('the supernet step on $name, against PyTorch', { timeout: 300_000 }, ({ loaded }) => {
  const engine = engineOf(loaded);
  afterAll(() => engine.dispose());

  it.each(['soft', 'binary'] as const)('agrees (%s)', async (kind) => {
    const stepCase = supernetStep(kind);
    const { step, feeds, check } = stepCase;
    const state = await engine.createState(stateLayout(step.state));
    await state.write('parameters', Float32Array.from(feeds.parameters?.data ?? []));
    await state.write('statistics', Float32Array.from(feeds.statistics?.data ?? []));
    const prepared = await engine.prepare(step.program, state);
    const outputs = await prepared.run(engineFeeds(stepCase));
    expect(Object.keys(outputs)).not.toContain('parameters.next');
    check(
      {
        ...outputs,
        'parameters.next': { data: await state.read('parameters') },
        'statistics.next': { data: await state.read('statistics') },
      },
      tolerance,
    );
    await prepared.dispose();
  });
});
