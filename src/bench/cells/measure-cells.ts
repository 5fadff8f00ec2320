// Measures the models of a plan on onnxruntime-node's CPU provider, all in one process, in interleaved rounds: what slows the
// machine for a while hits all of them alike. Names of models go in and latencies by these names come out, round by round.
//
// The threads of a session go on spinning for some 35 ms after a run, waiting for the next one. Sessions take turns here,
// so each first runs for longer than that, uncounted, until those of the one before it sleep.
//
// Inside of a network an operation finds its weights where all the weights of the others have been read since it last ran:
// not in the nearest caches. Before every run of a small model, so much other data is read (here, on the thread that
// runs the model: it empties its core's caches and the shared ones, and the nearest of other cores only in part).
import process from 'node:process';
import * as ort from 'onnxruntime-node';
import { createSession, runSession } from '../../deploy/ort-session.js';
import { openStream } from '../../random.js';
import { type WarmUpLimits, warmUp } from '../warm-up.js';
import type { Measured } from './measured.js';
import type { PlannedModel } from './plan.js';

export interface MeasureOptions {
  readonly threads: number;
  /** At most; each model is visited once a round. */
  readonly rounds: number;
  /** Least counted runs of a visit. */
  readonly runs: number;
  /** No further round begins after so many seconds of rounds, once there are `leastRounds`. */
  readonly seconds: number;
  readonly onProgress?: (done: number, note: string) => void;
}

export const leastRounds = 3;

/** Uncounted at the start of each visit. */
const leadInMs = 45;
/** A visit goes on for so long or so many runs, whichever is less, if that is more than the least number of runs. */
const visitMs = 40;
const mostRuns = 30;
/** There are many models, and each visit begins with a lead-in. */
const warmUpLimits: WarmUpLimits = { runs: 200, timeMs: 1000 };

/** @throws GenonnxError `model-corrupt` where the runtime refuses a model. */
export async function measureModels(
  models: readonly PlannedModel[],
  { threads, rounds, runs, seconds, onProgress = () => {} }: MeasureOptions,
): Promise<Measured> {
  const readers = new Map(models.map(({ readBytes }) => [readBytes, reader(readBytes)]));
  const opened: Opened[] = [];
  for (const [index, model] of models.entries()) {
    onProgress(index / models.length / (rounds + 1), 'warming up');
    const one = await open(model, threads, readers.get(model.readBytes));
    await warmUp(one.once, warmUpLimits);
    opened.push(one);
  }
  const roundsMs: Record<string, number[][]> = Object.fromEntries(models.map(({ name }) => [name, []]));
  const startedAt = performance.now();
  for (let round = 0; round < rounds; round++) {
    if (round >= leastRounds && performance.now() - startedAt > 1000 * seconds) break;
    // Back and forth, so that none has the same one before it every time.
    const order = round % 2 === 0 ? opened : opened.toReversed();
    for (const [index, one] of order.entries()) {
      onProgress((1 + round + index / opened.length) / (rounds + 1), `round ${round + 1} of ${rounds}`);
      roundsMs[one.name]?.push(await visit(one, runs));
    }
  }
  for (const { session } of opened) await session.release();
  const version = ort.env.versions.node ?? ort.env.versions.common;
  return { runtime: { name: 'onnxruntime-node', version, host: process.version }, roundsMs };
}

interface Opened {
  readonly name: string;
  readonly session: ort.InferenceSession;
  /** One run, in milliseconds. */
  readonly once: () => Promise<number>;
}

async function open(
  { name, compile }: PlannedModel,
  threads: number,
  readOther: () => void = () => {},
): Promise<Opened> {
  const { bytes, inputs } = compile();
  const session = await createSession(bytes, name, { intraOpNumThreads: threads });
  const stream = openStream(1, 'bench-cells-inputs');
  const feeds = Object.fromEntries(
    [...inputs].map(([input, shape]) => {
      const length = shape.reduce((a, b) => a * b, 1);
      const data = Float32Array.from({ length }, () => stream.normal());
      return [input, new ort.Tensor('float32', data, shape)];
    }),
  );
  const once = async (): Promise<number> => {
    readOther();
    const before = performance.now();
    await runSession(session, feeds, name);
    return performance.now() - before;
  };
  return { name, session, once };
}

const lineBytes = 64;

/** Reads so many bytes. */
function reader(bytes: number): () => void {
  // Written once: memory that nobody has written to is all one page.
  const numbers = new Float64Array(Math.ceil(bytes / 8) + 1).fill(1);
  return () => {
    let sum = 0;
    for (let i = 1; i < numbers.length; i += lineBytes / 8) sum += numbers[i] ?? 0;
    // Nothing may find out that the sum is not needed.
    numbers[0] = sum;
  };
}

async function visit({ once }: Opened, runs: number): Promise<number[]> {
  const arrivedAt = performance.now();
  while (performance.now() - arrivedAt < leadInMs) await once();
  const latenciesMs: number[] = [];
  const startedAt = performance.now();
  while (
    latenciesMs.length < runs ||
    (performance.now() - startedAt < visitMs && latenciesMs.length < mostRuns)
  )
    latenciesMs.push(await once());
  return latenciesMs;
}
