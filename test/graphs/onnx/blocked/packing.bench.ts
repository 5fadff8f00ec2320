// What a lane costs beside its pointwise convolutions: the constant of `packing.ts`.
//
//   npx vitest bench --run test/graphs/onnx/blocked/packing.bench.ts
//
// A separable convolution with its batch norm, forward and backward, is timed at channels that fill whole blocks. A lane of C
// others then takes a + b C, and the constant is a / b.
import process from 'node:process';
import * as ort from 'onnxruntime-node';
import { bench } from 'vitest';
import { Builder } from '../../../../graphs/builder.js';
import { differentiate } from '../../../../graphs/differentiate.js';
import { lowerToOnnx } from '../../../../graphs/onnx/lower.js';
import { fixedShape } from '../../../../graphs/shapes.js';
import { probeBlockSize } from '../../../../src/engines/ort/block-size.js';
import { sessionOptions } from '../../../../src/engines/ort/host.js';
import { quantiles } from '../../../../src/quantiles.js';
import { random } from '../../../support/tensors.js';

const threads = Number(process.env.STEP_THREADS ?? 1);
const rounds = 15;
/** Elements of every map, whatever its channels. */
const elements = 2 ** 20;
const extent = 16;

type Runner = () => Promise<number>;

/** Milliseconds of one run. */
async function separable(channels: number, block: number): Promise<Runner> {
  const images = Math.round(elements / (channels * extent * extent));
  const g = new Builder();
  const x = g.input('x', [images, channels, extent, extent]);
  const [depthwise, pointwise] = [
    g.input('depthwise', [channels, 1, 3, 3]),
    g.input('pointwise', [channels, channels, 1, 1]),
  ];
  const same = { strides: [1, 1], pads: [1, 1, 1, 1], dilations: [1, 1], groups: channels } as const;
  const rectified = g.relu(x);
  const filtered = g.one('conv2d', [rectified, depthwise], same);
  const mixed = g.one('conv2d', [filtered, pointwise], { ...same, pads: [0, 0, 0, 0], groups: 1 });
  const [normal = mixed] = g.apply('batchNorm', [mixed], { epsilon: 1e-5, affine: 'none' });
  const loss = g.reduceSum(g.mul(normal, x), [0, 1, 2, 3]);
  const gradients = differentiate(g, loss, [x, depthwise, pointwise]);
  const graph = g.build(gradients.map((value, i) => ({ name: `gradient${i}`, value })));
  const { bytes } = lowerToOnnx(graph, {
    layout: { kind: 'blocked', block },
    name: 'separable',
    naming: 'short',
    nodeOrder: 'runtime',
  });
  const session = await ort.InferenceSession.create(bytes, { ...sessionOptions, intraOpNumThreads: threads });
  const feeds = Object.fromEntries(
    graph.inputs.map(({ path, shape }, i) => {
      const sizes = fixedShape(shape, path);
      return [path, new ort.Tensor('float32', Float32Array.from(random(sizes, i).data), sizes)];
    }),
  );
  return async () => {
    const start = performance.now();
    await session.run(feeds);
    return performance.now() - start;
  };
}

/** Least squares of y = a + b x. */
function line(points: readonly { readonly x: number; readonly y: number }[]): { a: number; b: number } {
  const mean = (of: (point: { x: number; y: number }) => number): number =>
    points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const [x, y] = [mean((point) => point.x), mean((point) => point.y)];
  const b = mean((point) => (point.x - x) * (point.y - y)) / mean((point) => (point.x - x) ** 2);
  return { a: y - b * x, b };
}

const block = await probeBlockSize(ort);
if (block !== undefined) {
  const widths = [1, 2, 3, 4, 6, 8, 12].map((blocks) => blocks * block);
  const runners = await Promise.all(
    widths.map(async (channels) => ({ channels, run: await separable(channels, block) })),
  );
  const times = new Map(widths.map((channels) => [channels, [] as number[]]));
  // Turns of all, so that what slows the machine slows each of them.
  for (let round = 0; round < rounds + 2; round++)
    for (const { channels, run } of runners) {
      const ms = await run();
      if (round >= 2) times.get(channels)?.push(ms);
    }
  const points = [...times].map(([x, all]) => ({ x, y: (quantiles(all)(0.5) / elements) * 1e6 }));
  const { a, b } = line(points);
  process.stdout.write(
    `${points.map(({ x, y }) => `${x} channels ${y.toFixed(2)} ns a lane`).join(', ')}\n` +
      `a lane: ${a.toFixed(3)} ns, and ${b.toFixed(4)} ns for each lane that it meets: laneCost ${(a / b).toFixed(0)}\n`,
  );
  for (const { channels, run } of runners)
    bench(`${channels} channels`, async () => void (await run()), {
      iterations: 3,
      warmupIterations: 0,
      time: 0,
      warmupTime: 0,
    });
}
