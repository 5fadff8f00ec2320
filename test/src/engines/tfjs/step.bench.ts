// How much the evaluation adds to the kernels of TensorFlow.js, and how much memory a step takes: a supernet step on
// whatever backend is there.
//
//   npx vitest bench --run test/src/engines/tfjs/step.bench.ts
//   STEP_NETWORK=4x8x32x28 STEP_OPEN=8 npx vitest bench --run test/src/engines/tfjs/step.bench.ts
//
// STEP_NETWORK is cells x channels x batch x extent; STEP_OPEN says that every n-th candidate is open.

import process from 'node:process';
import { bench } from 'vitest';
import { optimizers } from '../../../../graphs/optimizers/index.js';
import type { HostTensor } from '../../../../src/engines/engine.js';
import { createTfjsEngine } from '../../../../src/engines/tfjs/engine.js';
import { type LoadedTfjs, loadTfjs } from '../../../../src/engines/tfjs/load.js';
import { writeState } from '../../../../src/engines/transfer.js';
import { initialState } from '../../../../src/networks/initial-state.js';
import { jointStep } from '../../../../src/networks/search-programs.js';
import { stateLayout } from '../../../../src/networks/step.js';
import { openStream } from '../../../../src/random.js';
import { DARTS_SPACE } from '../../../../src/spaces/convolutional.js';
import { entryCount } from '../../../../src/spaces/search-space.js';
import { imageSupernet } from '../../../../src/tasks/classification/supernet.js';
import { random } from '../../../support/tensors.js';
import { withKernels } from './backends.js';

const [cells = 3, initChannels = 4, batch = 4, extent = 16] = (process.env.STEP_NETWORK ?? '3x4x4x16')
  .split('x')
  .map(Number);
const every = Number(process.env.STEP_OPEN ?? 1);

/** The loaded TensorFlow.js, with a clock around its kernels and the largest number of bytes seen after one. */
interface Watch {
  kernelMs: number;
  kernels: number;
  peakBytes: number;
  /** Whether the bytes are looked at, which takes time. */
  weighs: boolean;
}

function watched({ tf, found }: LoadedTfjs): { loaded: LoadedTfjs; watch: Watch } {
  const watch: Watch = { kernelMs: 0, kernels: 0, peakBytes: 0, weighs: true };
  const clocked = withKernels(tf, (run) => (...call) => {
    const started = performance.now();
    const result = run(...call);
    watch.kernelMs += performance.now() - started;
    watch.kernels += 1;
    if (watch.weighs) watch.peakBytes = Math.max(watch.peakBytes, tf.memory().numBytes);
    return result;
  });
  return { loaded: { tf: clocked, found }, watch };
}

const { loaded, watch } = watched(await loadTfjs());
const engine = createTfjsEngine(loaded);
const network = {
  space: DARTS_SPACE,
  cells,
  initChannels,
  classes: 10,
  batch,
  image: { channels: 3, height: extent, width: extent },
};
const step = jointStep(
  imageSupernet(network),
  optimizers.sgd({ momentum: 0.9, weightDecay: 3e-4, clipNorm: 5 }),
  'active',
);
const layout = stateLayout(step.state);
const state = await engine.createState(layout);
await writeState(state, layout, initialState(step.state, openStream(7, 'weights')));
const prepared = await engine.prepare(step.program, state);
const entries = entryCount(DARTS_SPACE);
const gates = Uint8Array.from({ length: entries }, (_, i) => Number(i % every === 0));

function feeds(): Record<string, HostTensor> {
  const shape = [batch, 3, extent, extent];
  return {
    images: { shape, data: Float32Array.from(random(shape).data) },
    labels: { shape: [batch], data: BigInt64Array.from({ length: batch }, (_, i) => BigInt(i % 10)) },
    weights: { shape: [batch], data: new Float32Array(batch).fill(1 / batch) },
    code: { shape: [entries], data: Float32Array.from(gates, (open) => open / 8) },
    forwardGates: { shape: [entries], data: gates.slice() },
    backwardGates: { shape: [entries], data: gates.slice() },
    learningRate: { shape: [1], data: Float32Array.of(0.025) },
  };
}

for (let i = 0; i < 2; i++) await prepared.run(feeds());
watch.weighs = false;
const ratios: number[] = [];
for (let i = 0; i < 5; i++) {
  const fed = feeds();
  watch.kernelMs = watch.kernels = 0;
  const started = performance.now();
  await prepared.run(fed);
  const wallMs = performance.now() - started;
  ratios.push(wallMs / watch.kernelMs);
  console.log(
    `${watch.kernels} kernels in ${watch.kernelMs.toFixed(0)} ms, the step in ${wallMs.toFixed(0)} ms`,
  );
}
ratios.sort((a, b) => a - b);
console.log(
  `${engine.description}: the step takes ${ratios[2]?.toFixed(3)} times its kernels, ` +
    `and at most ${(watch.peakBytes / 2 ** 20).toFixed(1)} MiB`,
);

bench('a step', async () => void (await prepared.run(feeds())), {
  iterations: 1,
  time: 0,
  warmupIterations: 0,
  warmupTime: 0,
});
