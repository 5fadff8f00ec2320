// The step of the ImageNet recipe on TensorFlow.js against PyTorch.
import { afterAll, describe, it } from 'vitest';
import { stateLayout } from '../../../../src/networks/step.js';
import { imagenetStep } from '../../../support/imagenet-step.js';
import { backends, engineOf } from './backends.js';

describe.each(backends)('the ImageNet step on $name, against PyTorch', { timeout: 300_000 }, ({ loaded }) => {
  const engine = engineOf(loaded);
  afterAll(() => engine.dispose());

  it('agrees', async () => {
    const { step, state, feeds, check } = imagenetStep();
    const vectors = await engine.createState(stateLayout(step.state));
    for (const [name, data] of Object.entries(state)) await vectors.write(name, data);
    const prepared = await engine.prepare(step.program, vectors);
    const outputs = await prepared.run(feeds);
    check({
      ...outputs,
      'parameters.next': { data: await vectors.read('parameters') },
      'statistics.next': { data: await vectors.read('statistics') },
    });
    await prepared.dispose();
  });
});
