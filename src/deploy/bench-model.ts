// Latency of a model on ONNX Runtime's CPU provider, with the runtime's default optimizations. The first run and the
// session's creation are timed apart; runs before the median has settled are not counted.
import * as ort from 'onnxruntime-node';
import { decodeModel } from '../../graphs/onnx/model.js';
import { GenonnxError } from '../errors.js';
import { quantiles } from '../quantiles.js';
import { openStream } from '../random.js';
import { readModelFile } from './model-file.js';
import { metadataIn } from './opened-model.js';
import { createSession, firstLine } from './ort-session.js';

export interface BenchModelRequest {
  readonly model: string;
  readonly batch: number;
  readonly threads: number;
  /** Counted runs. */
  readonly runs: number;
}

export interface ModelTiming {
  readonly model: string;
  readonly batch: number;
  readonly threads: number;
  readonly runs: number;
  /** Runs that were not counted, the first included. */
  readonly warmUpRuns: number;
  readonly sessionMs: number;
  readonly firstRunMs: number;
  readonly p10Ms: number;
  readonly medianMs: number;
  readonly p90Ms: number;
  readonly imagesPerSecond: number;
  /** As the model's metadata says; null where it does not. */
  readonly parameters: number | null;
  readonly macs: number | null;
}

/** Warm-up goes on in rounds of this many runs until two medians differ by less than `settled`, or until a limit. */
const round = 10;
const settled = 0.05;
const mostRounds = 10;
/** After this long no further warm-up run begins: a large batch has settled by then. */
const mostWarmUpMs = 5000;

/** @throws GenonnxError `file-missing`, `model-corrupt`; `usage` for a batch that the model does not take. */
export async function benchModel({
  model: path,
  batch,
  threads,
  runs,
}: BenchModelRequest): Promise<ModelTiming> {
  const bytes = await readModelFile(path);
  const metadata = metadataIn(decodeModel(bytes, path));
  const startedAt = performance.now();
  const session = await createSession(path, path, { intraOpNumThreads: threads });
  const sessionMs = performance.now() - startedAt;
  const feeds = randomFeeds(session, batch);
  const once = async (): Promise<number> => {
    const before = performance.now();
    await session.run(feeds);
    return performance.now() - before;
  };
  const firstRunMs = await tried(once, batch);
  const warmUpRuns = await warmUp(once);
  const timesMs: number[] = [];
  for (let run = 0; run < runs; run++) timesMs.push(await once());
  const quantile = quantiles(timesMs);
  await session.release();
  const figure = (key: string): number | null => {
    const value = Number(metadata.get(key) ?? Number.NaN);
    return Number.isFinite(value) ? value : null;
  };
  return {
    model: path,
    batch,
    threads,
    runs,
    warmUpRuns: warmUpRuns + 1,
    sessionMs,
    firstRunMs,
    p10Ms: quantile(0.1),
    medianMs: quantile(0.5),
    p90Ms: quantile(0.9),
    imagesPerSecond: (1000 * batch) / quantile(0.5),
    parameters: figure('parameters'),
    macs: figure('macs'),
  };
}

/** Runs until the median has settled, and returns how many runs that took. */
async function warmUp(once: () => Promise<number>): Promise<number> {
  const startedAt = performance.now();
  let runs = 0;
  let before = Number.NaN;
  for (let rounds = 0; rounds < mostRounds; rounds++) {
    const timesMs: number[] = [];
    while (timesMs.length < round && performance.now() - startedAt < mostWarmUpMs) timesMs.push(await once());
    runs += timesMs.length;
    const median = quantiles(timesMs)(0.5);
    if (timesMs.length < round || Math.abs(median - before) / before < settled) break;
    before = median;
  }
  return runs;
}

/** 512 MiB of float32, some 890 images of ImageNet's size: more would be measuring memory. */
const mostElements = 2 ** 27;

/** Normal noise for every float input; its open dimension is the batch. */
function randomFeeds(session: ort.InferenceSession, batch: number): Record<string, ort.Tensor> {
  const stream = openStream(1, 'bench');
  return Object.fromEntries(
    session.inputMetadata.map((input) => {
      if (!input.isTensor || input.type !== 'float32') {
        throw new GenonnxError('usage', 'Only float32 inputs can be filled with noise.', {
          where: input.name,
        });
      }
      const shape = input.shape.map((size) => (typeof size === 'number' ? size : batch));
      const count = shape.reduce((a, b) => a * b, 1);
      if (count > mostElements) {
        throw new GenonnxError('usage', 'This batch is absurdly large.', {
          where: `--batch ${batch}`,
          expected: `at most ${mostElements.toLocaleString('en')} numbers of input`,
          found: count.toLocaleString('en'),
          cure: 'Choose a smaller --batch.',
        });
      }
      return [
        input.name,
        new ort.Tensor(
          'float32',
          Float32Array.from({ length: count }, () => stream.normal()),
          shape,
        ),
      ];
    }),
  );
}

async function tried(once: () => Promise<number>, batch: number): Promise<number> {
  try {
    return await once();
  } catch (error) {
    throw new GenonnxError('usage', 'The model does not run with this batch.', {
      where: `--batch ${batch}`,
      found: firstLine(error),
    });
  }
}
