// Does a model file compute what its network means? The float64 interpreter and onnxruntime-node get the same seeded
// images. Where they differ, the first operation whose result departs is named.
import * as ort from 'onnxruntime-node';
import { interpret, type Tensor, tensor } from '../../graphs/interpret/interpret.js';
import type { Value } from '../../graphs/ir.js';
import { GenonnxError } from '../errors.js';
import { openStream } from '../random.js';
import { tolerance, topOneAgreement, worstElement } from './compare.js';
import { type Departure, firstDeparture } from './departure.js';
import { matchWeights, type NamedWeights } from './model.js';
import { readModelFile } from './model-file.js';
import { type OpenedModel, openModel } from './opened-model.js';
import { createSession, runSession } from './ort-session.js';

export interface ValidateRequest {
  /** Path of the model. */
  readonly model: string;
  /** Batch sizes to try; a model with a fixed batch is only run with that. */
  readonly batches: readonly number[];
  readonly seed: number;
  /** What the weights should be, under PyTorch's names; those in the file when absent. */
  readonly weights?: NamedWeights;
}

export interface BatchComparison {
  readonly batch: number;
  readonly output: string;
  /** Absolute. */
  readonly largestDifference: number;
  /** In units of the tolerance: at most 1 is agreement. */
  readonly ofTolerance: number;
  /** Share of images whose largest logit is the same. */
  readonly topOneAgreement: number;
}

export interface Validation {
  readonly ok: boolean;
  readonly tolerance: typeof tolerance;
  readonly comparisons: readonly BatchComparison[];
  readonly firstDeparture?: Departure;
  /** In words. */
  readonly summary: string;
}

/** @throws GenonnxError `file-missing`, `model-corrupt`, `weights-mismatch`. */
export async function validateModel({
  model: path,
  batches,
  seed,
  weights,
}: ValidateRequest): Promise<Validation> {
  const bytes = await readModelFile(path);
  const opened = openModel(bytes, path);
  const { batch: own } = opened.network;
  const reference = weights === undefined ? opened.data : matchWeights(opened.inference.weights, weights);
  const session = await createSession(bytes, path);
  const comparisons: BatchComparison[] = [];
  let departure: Departure | undefined;
  for (const batch of typeof own === 'number' ? [own] : batches) {
    const images = randomImages(opened, batch, seed);
    const feeds = feedsOf(opened, reference, images);
    const input = new ort.Tensor('float32', Float32Array.from(images.data), images.shape);
    const found = await runSession(session, { images: input }, path);
    for (const [output, expected] of Object.entries(interpret(opened.inference.graph, feeds)))
      comparisons.push(compare(batch, output, expected, floats(found[output], output)));
    if (departure === undefined && comparisons.some(({ ofTolerance }) => ofTolerance > 1))
      departure = await firstDeparture(opened, feeds, input);
  }
  await session.release();
  const ok = comparisons.every(({ ofTolerance }) => ofTolerance <= 1);
  return {
    ok,
    tolerance,
    comparisons,
    ...(departure === undefined ? {} : { firstDeparture: departure }),
    summary: inWords(ok, comparisons, departure),
  };
}

/** Standard normal images. */
function randomImages({ network: { image } }: OpenedModel, batch: number, seed: number): Tensor {
  const stream = openStream(seed, `images-${batch}`);
  const shape = [batch, image.channels, image.height, image.width];
  const count = batch * image.channels * image.height * image.width;
  // Rounded to float32, so that both sides see the same numbers.
  return tensor(
    shape,
    Float32Array.from({ length: count }, () => stream.normal()),
  );
}

function feedsOf(
  { inference }: OpenedModel,
  data: readonly Float32Array[],
  images: Tensor,
): Map<Value, Tensor> {
  const feeds = new Map<Value, Tensor>();
  inference.weights.forEach(({ value, shape }, i) => {
    feeds.set(value, tensor(shape, data[i] ?? []));
  });
  for (const input of inference.graph.inputs) if (input.path === 'images') feeds.set(input, images);
  return feeds;
}

function floats(value: ort.OnnxValue | undefined, name: string): Float32Array {
  if (value instanceof ort.Tensor && value.data instanceof Float32Array) return value.data;
  throw new GenonnxError('model-corrupt', 'The model lacks an output of its own network.', {
    expected: `${name}, float32`,
    found: value instanceof ort.Tensor ? value.type : 'nothing',
    cure: 'Compile the model again.',
  });
}

function compare(batch: number, output: string, expected: Tensor, found: Float32Array): BatchComparison {
  const { difference, ofTolerance } = worstElement(expected.data, found);
  return {
    batch,
    output,
    largestDifference: difference,
    ofTolerance,
    topOneAgreement: topOneAgreement(expected, found),
  };
}

function inWords(
  ok: boolean,
  comparisons: readonly BatchComparison[],
  departure: Departure | undefined,
): string {
  const largest = Math.max(...comparisons.map(({ ofTolerance }) => ofTolerance));
  const batches = [...new Set(comparisons.map(({ batch }) => batch))].join(', ');
  const limit = `${tolerance.absolute} + ${tolerance.relative} of the largest value`;
  if (ok)
    return `onnxruntime-node agrees with the float64 interpreter (batches ${batches}): at most ${(largest * 100).toFixed(2)} % of the tolerance, ${limit}.`;
  const first =
    departure === undefined
      ? 'no single operation departs with optimizations off'
      : `the first operation to depart is ${departure.operation} at ${departure.path}: element ${departure.element} is ${departure.found}, not ${departure.expected}`;
  return `onnxruntime-node departs from the float64 interpreter by ${largest.toFixed(1)} times the tolerance, ${limit}; ${first}.`;
}
