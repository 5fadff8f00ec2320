// DeepLab on ONNX Runtime, against the targets that it has:
//
//   forward, DATA_M7, 513x513, output stride 16   the form for processors at most 0.85 of the portable form, both at level `all`
//   training step, crop 129, batch 4, 8 cells     at most 3.2 times its forward pass in training mode with the loss;
//                                                 activations alive at most 1.3 times those that it saves
//
//   npx vitest bench --run test/src/networks/deeplab/step.bench.ts
//   STEP_THREADS=1 npx vitest bench --run test/src/networks/deeplab/step.bench.ts
//
// Both sides of a ratio take turns; the median of their ratios is printed, with the load of the machine.
import os from 'node:os';
import process from 'node:process';
import * as ort from 'onnxruntime-node';
import { bench } from 'vitest';
import { lowerModel } from '../../../../exporters/onnx.js';
import { liveBytes, savedBytes } from '../../../../graphs/live-bytes.js';
import { optimizers } from '../../../../graphs/optimizers/index.js';
import { totalSize } from '../../../../graphs/slots.js';
import { compile } from '../../../../src/deploy/compile.js';
import { probeBlockSize } from '../../../../src/engines/ort/block-size.js';
import { createNodeOrtEngine } from '../../../../src/engines/ort/node.js';
import { writeState } from '../../../../src/engines/transfer.js';
import { paperDeeplab } from '../../../../src/networks/deeplab/network.js';
import {
  dropoutShape,
  pixelWeights,
  segmentationForward,
  segmentationStep,
} from '../../../../src/networks/deeplab/programs.js';
import { initialState } from '../../../../src/networks/initial-state.js';
import { type Step, stateLayout } from '../../../../src/networks/step.js';
import { openStream } from '../../../../src/random.js';
import { zooEntry } from '../../../../src/spaces/zoo.js';

const threads = Number(process.env.STEP_THREADS ?? os.availableParallelism());
const { genotype } = zooEntry('DATA_M7');
const stream = openStream(1, 'noise');
const noise = (shape: readonly number[]): Float32Array =>
  Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => stream.normal());

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

async function milliseconds(run: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await run();
  return performance.now() - start;
}

/** Turns of both, and the median of the ratios of a to b. */
async function compared(
  name: string,
  target: number,
  a: () => Promise<unknown>,
  b: () => Promise<unknown>,
  rounds = 10,
): Promise<void> {
  for (const run of [a, b, a, b]) await run();
  const turns: { readonly a: number; readonly b: number }[] = [];
  for (let i = 0; i < rounds; i++) turns.push({ a: await milliseconds(a), b: await milliseconds(b) });
  const ratio = median(turns.map((turn) => turn.a / turn.b));
  const times = [median(turns.map((turn) => turn.a)), median(turns.map((turn) => turn.b))];
  process.stdout.write(
    `${name}: ${times.map((time) => `${time.toFixed(0)} ms`).join(' to ')}, ratio ${ratio.toFixed(3)} (at most ${target}), load ${os.loadavg()[0]?.toFixed(2)}\n`,
  );
}

const once = { iterations: 3, warmupIterations: 0, time: 0, warmupTime: 0 };

async function forwardPass(): Promise<void> {
  const images = noise([1, 3, 513, 513]);
  const session = async (optimization: 'none' | 'cpu'): Promise<() => Promise<unknown>> => {
    const { bound } = compile({ ...paperDeeplab, name: 'deeplab', genotype, batch: 1, optimization });
    const { bytes } = lowerModel(bound, { metadata: {} });
    const made = await ort.InferenceSession.create(bytes, {
      graphOptimizationLevel: 'all',
      intraOpNumThreads: threads,
      logSeverityLevel: 3,
    });
    return async () => made.run({ images: new ort.Tensor('float32', images, [1, 3, 513, 513]) });
  };
  const [portable, fast] = [await session('none'), await session('cpu')];
  await compared('forward, form for processors to portable', 0.85, fast, portable);
  bench('forward, portable', async () => void (await portable()), once);
  bench('forward, form for processors', async () => void (await fast()), once);
}

async function trainingStep(layout: Parameters<typeof createNodeOrtEngine>[0]['layout']): Promise<void> {
  const network = {
    ...paperDeeplab,
    genotype,
    cells: 8,
    initChannels: 16,
    image: { channels: 3, height: 129, width: 129 },
    batch: 4,
  };
  const { batch, image, classes } = network;
  const loss = { dropout: true, freezeNorm: false };
  const engine = createNodeOrtEngine({ layout, threads, worker: false });
  const name = layout.kind === 'blocked' ? `blocked ${layout.block}` : layout.kind;
  const pixels = [batch, image.height, image.width];
  const labels = Array.from({ length: batch * image.height * image.width }, () => stream.integer(classes));
  const shape = dropoutShape(network);
  const feeds = () => ({
    images: { shape: [batch, image.channels, image.height, image.width], data: Float32Array.from(given) },
    labels: { shape: pixels, data: BigInt64Array.from(labels, BigInt) },
    weights: { shape: pixels, data: pixelWeights(labels) },
    dropoutMask: { shape, data: new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(1) },
    learningRate: { shape: [1], data: Float32Array.of(0.001) },
  });
  const given = noise([batch, image.channels, image.height, image.width]);
  const prepared = async (step: Step): Promise<() => Promise<unknown>> => {
    const state = await engine.createState(stateLayout(step.state));
    await writeState(state, stateLayout(step.state), initialState(step.state, openStream(1, 'weights')));
    const program = await engine.prepare(step.program, state);
    return async () => program.run(feeds());
  };
  const step = segmentationStep(network, optimizers.sgd({ momentum: 0.9, weightDecay: 4e-5 }), loss);
  const forward = await prepared(segmentationForward(network, loss));
  await forward();
  const before = process.resourceUsage().maxRSS;
  const whole = await prepared(step);
  await whole();
  await whole();
  const grown = (process.resourceUsage().maxRSS - before) * 1024;
  const saved = savedBytes(step.program.graph, 'loss');
  const weightBytes = 4 * totalSize(step.state.parameters);
  // Without what is as large as the weights, whatever the batch: their gradient, and the optimizer's vectors.
  const live = liveBytes(step.program.graph, new Map(), new Map(), ({ shape }) => shape[0] === batch);
  const inMiB = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(0)} MiB`;
  process.stdout.write(
    `training step, ${name}: saved ${inMiB(saved)}, activations alive at most ${inMiB(live)} (${(live / saved).toFixed(2)}), vectors as large as the weights ${inMiB(weightBytes)} each, the process grew by ${inMiB(grown)}\n`,
  );
  await compared(`training step, ${name}, to its forward pass`, 3.2, whole, forward);
  bench(`training step, ${name}`, async () => void (await whole()), once);
  bench(`forward in training mode, ${name}`, async () => void (await forward()), once);
}

await trainingStep({ kind: 'portable' });
const block = await probeBlockSize(ort);
if (block !== undefined) await trainingStep({ kind: 'blocked', block });
await forwardPass();
