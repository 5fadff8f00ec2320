// Measures the two peaks of a roofline with the runtime that runs the models: chains of matrix products, and of additions
// to tensors larger than the caches. Each chain is one ONNX model, made here.
import * as ort from 'onnxruntime-node';
import { Builder } from '../../graphs/builder.js';
import type { Value } from '../../graphs/ir.js';
import { lowerToOnnx } from '../../graphs/onnx/lower.js';
import { createSession } from '../deploy/ort-session.js';
import { GenonnxError } from '../errors.js';
import { type Roofline, sustainedRate, type TimedWork } from './roofline.js';

export interface RooflineOptions {
  readonly threads: number;
  /** The CPU where absent. */
  readonly executionProviders?: ort.InferenceSession.SessionOptions['executionProviders'];
  /** Rows and columns of the matrices; by default 1024, and fewer where a product of those takes too long. */
  readonly matrixSize?: number;
  /** Rows and columns of the tensor that is added to; by default 4096, 64 MiB: more than most caches hold. */
  readonly copySize?: number;
  /** Of each chain, at most; the fastest counts. */
  readonly runs?: number;
}

/** Operations in the two chains of which the difference is taken. */
const chainLengths = { short: 2, long: 8 } as const;

/**
 * float32, with the given number of threads.
 * @throws GenonnxError `engine` where no run of the longer chain took longer than one of the shorter: the sizes are too
 *   small for the device, or something else kept it busy.
 */
export async function measureRoofline(options: RooflineOptions): Promise<Roofline> {
  const { threads, copySize = 4096 } = options;
  const matrixSize = options.matrixSize ?? (await fittingSize(options));
  const flops = await rate('matrix products', (length) => matMulChain(matrixSize, length), options);
  const bytes = await rate('additions', (length) => additionChain(copySize, length), options);
  return { peakGflops: flops, peakGbytesPerSecond: bytes, threads };
}

/** Beyond this, a run of a chain measures patience: software that stands in for a GPU takes seconds a product. */
const longestRunMs = 500;

const [smallestSize, largestSize] = [128, 1024];

async function fittingSize(options: RooflineOptions): Promise<number> {
  const chain = matMulChain(smallestSize, chainLengths.long);
  return sizeWithin((await timed(chain, { ...options, runs: 2 })).timeMs);
}

/** The largest size of which the longer chain is done in time, by how long the smallest took: work grows with the cube. */
export function sizeWithin(smallestMs: number): number {
  let size = smallestSize;
  while (size < largestSize && smallestMs * ((2 * size) / smallestSize) ** 3 < longestRunMs) size *= 2;
  return size;
}

/** A model from `x` to `y` of one shape. */
export interface Chain {
  readonly model: Uint8Array;
  readonly shape: readonly [rows: number, columns: number];
  /** Operations, or bytes, of one run. */
  readonly work: number;
}

/** y = x W W ... W, with 2 n^3 operations a product. W is orthogonal, so that the numbers neither grow nor vanish. */
export function matMulChain(size: number, length: number): Chain {
  return chain([size, size], length * 2 * size ** 3, (b, x) => {
    const weight = b.input('weight', [size, size]);
    return { y: repeated(x, length, (y) => b.matMul(y, weight)), constants: [[weight, reflection(size)]] };
  });
}

/**
 * y = ((x 1^T) + 1 + 1 ... + 1) 1/n: each addition reads and writes all n x n numbers once. They are made of a column and
 * become a column again, so that nothing large crosses the runtime's border: that would take as long as the additions.
 */
export function additionChain(size: number, length: number): Chain {
  return chain([size, 1], length * 2 * 4 * size ** 2, (b, x) => {
    const [row, column] = [b.input('row', [1, size]), b.input('column', [size, 1])];
    const sum = repeated(b.matMul(x, row), length, (y) => b.add(y, b.scalar(1)));
    return {
      y: b.matMul(sum, column),
      constants: [
        [row, new Float32Array(size).fill(1)],
        [column, new Float32Array(size).fill(1 / size)],
      ],
    };
  });
}

interface Links {
  readonly y: Value;
  readonly constants: readonly (readonly [Value, Float32Array])[];
}

function chain(shape: Chain['shape'], work: number, link: (b: Builder, x: Value) => Links): Chain {
  const b = new Builder();
  const { y, constants } = link(b, b.input('x', shape));
  const { bytes } = lowerToOnnx(b.build([{ name: 'y', value: y }]), {
    layout: { kind: 'portable' },
    name: 'roofline',
    naming: 'readable',
    constants: new Map(constants.map(([value, data], i) => [value, { name: `constant${i}`, data }])),
  });
  return { model: bytes, shape, work };
}

function repeated(x: Value, length: number, step: (x: Value) => Value): Value {
  let y = x;
  for (let i = 0; i < length; i++) y = step(y);
  return y;
}

/** I - 2/n 1 1^T: symmetric, orthogonal, and without a zero that a kernel could skip (but for n = 2). */
function reflection(size: number): Float32Array {
  const data = new Float32Array(size * size).fill(-2 / size);
  for (let i = 0; i < size; i++) data[i * size + i] = 1 - 2 / size;
  return data;
}

async function rate(
  what: string,
  chainOf: (length: number) => Chain,
  options: RooflineOptions,
): Promise<number> {
  const short = await timed(chainOf(chainLengths.short), options);
  const long = await timed(chainOf(chainLengths.long), options);
  const found = sustainedRate(short, long);
  if (found !== undefined) return found;
  throw new GenonnxError('engine', 'The peak of this device could not be measured.', {
    where: what,
    expected: `more than ${short.timeMs.toFixed(2)} ms for ${chainLengths.long} of them`,
    found: `${long.timeMs.toFixed(2)} ms`,
    cure: 'Stop what else runs on this machine, or leave the roofline out.',
  });
}

function strict(providers: NonNullable<RooflineOptions['executionProviders']>) {
  return providers.includes('cpu') ? {} : { extra: { session: { disable_cpu_ep_fallback: '1' } } };
}

/** The fastest of the runs behind a first one. */
async function timed({ model, shape, work }: Chain, options: RooflineOptions): Promise<TimedWork> {
  const { threads, executionProviders, runs = 5 } = options;
  const session = await createSession(model, 'roofline', {
    intraOpNumThreads: threads,
    // As it was written: nothing may be merged or left out.
    graphOptimizationLevel: 'disabled',
    // Strict: the peak of the CPU is not that of a provider that leaves the operation to it.
    ...(executionProviders === undefined ? {} : { executionProviders, ...strict(executionProviders) }),
  });
  try {
    const size = shape[0] * shape[1];
    const feeds = { x: new ort.Tensor('float32', new Float32Array(size).fill(0.5), shape) };
    const fetches = { y: new ort.Tensor('float32', new Float32Array(size), shape) };
    await session.run(feeds, fetches);
    let timeMs = Number.POSITIVE_INFINITY;
    const begunAt = performance.now();
    for (let run = 0; run < runs && performance.now() - begunAt < runs * longestRunMs; run++) {
      const startedAt = performance.now();
      await session.run(feeds, fetches);
      timeMs = Math.min(timeMs, performance.now() - startedAt);
    }
    return { work, timeMs };
  } finally {
    await session.release();
  }
}
