// Batches and codes as an engine takes them, and its scalar results back.
import type { Batch } from '../data/batches.js';
import type { Extent } from '../data/render.js';
import type { Feeds, Fetches, PreparedProgram } from '../engines/engine.js';
import { GenonnxError } from '../errors.js';
import type { Sample } from '../estimators/estimator.js';

/** Images, labels and weights of a batch. */
export function batchFeeds(batch: Batch, channels: number, { height, width }: Extent): Feeds {
  const images = batch.labels.length;
  return {
    images: { shape: [images, channels, height, width], data: batch.images },
    labels: { shape: [images], data: batch.labels },
    weights: { shape: [images], data: batch.weights },
  };
}

export type CodeOf = Pick<Sample, 'code' | 'forwardGates' | 'backwardGates'>;

/** Code and gates of both cell types, the normal cell's first. */
export function codeFeeds(normal: CodeOf, reduce: CodeOf): Feeds {
  const join = (a: Uint8Array, b: Uint8Array) => {
    const data = Uint8Array.from([...a, ...b]);
    return { shape: [data.length], data };
  };
  const code = Float32Array.from([...normal.code, ...reduce.code]);
  return {
    code: { shape: [code.length], data: code },
    forwardGates: join(normal.forwardGates, reduce.forwardGates),
    backwardGates: join(normal.backwardGates, reduce.backwardGates),
  };
}

export function rateFeed(learningRate: number): Feeds {
  return { learningRate: { shape: [1], data: Float32Array.of(learningRate) } };
}

/** A result of one number. */
export function scalarOf(fetches: Fetches, name: string): number {
  const value = fetches[name]?.data[0];
  if (value === undefined) throw new GenonnxError('engine', `The engine gave no ${name}.`);
  return Number(value);
}

/** Runs a step; where it diverges, `when` is put before where it did. @throws GenonnxError `diverged`, `engine`. */
export async function runStep(program: PreparedProgram, feeds: Feeds, when: string): Promise<Fetches> {
  try {
    return await program.run(feeds);
  } catch (error) {
    if (!(error instanceof GenonnxError) || error.code !== 'diverged') throw error;
    const { where } = error.details;
    const details = { ...error.details, where: where === undefined ? when : `${when}: ${where}` };
    throw new GenonnxError('diverged', 'The loss is not finite any more.', details, { cause: error });
  }
}

/** Sums of loss and accuracy over examples. */
export class Meter {
  constructor(
    private loss = 0,
    private correct = 0,
    private count = 0,
  ) {}

  static from([loss = 0, correct = 0, count = 0]: readonly number[]): Meter {
    return new Meter(loss, correct, count);
  }

  /** Adds one batch's mean loss and accuracy. */
  add(fetches: Fetches, count: number): void {
    this.loss += scalarOf(fetches, 'loss') * count;
    this.correct += scalarOf(fetches, 'correct') * count;
    this.count += count;
  }

  get meanLoss(): number {
    return this.loss / this.count;
  }
  get accuracy(): number {
    return this.correct / this.count;
  }
  /** The sums, for a checkpoint. */
  get sums(): number[] {
    return [this.loss, this.correct, this.count];
  }
}
