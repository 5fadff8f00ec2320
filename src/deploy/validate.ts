// Does a model file compute what its network means? The float64 interpreter and onnxruntime-node get the same seeded
// images. Where they differ, the runtime is asked for every value, and the first operation whose result departs is named.
import { readFile } from 'node:fs/promises';
import * as ort from 'onnxruntime-node';
import { interpret, type Tensor, tensor } from '../../graphs/interpret/interpret.js';
import type { Node, Value } from '../../graphs/ir.js';
import { proto } from '../../graphs/onnx/proto.js';
import { GenonnxError } from '../errors.js';
import { openStream } from '../random.js';
import { matchWeights, type NamedWeights } from './model.js';
import { type OpenedModel, openModel } from './opened-model.js';

export interface ValidateRequest {
  /** Path of the model. */
  readonly model: string;
  /** Batch sizes to try. */
  readonly batches: readonly number[];
  readonly seed: number;
  /** What the weights should be, under PyTorch's names; those in the file when absent. */
  readonly weights?: NamedWeights;
}

/** A difference is tolerated up to `absolute` + `relative` times the largest magnitude of the expected tensor. */
export const tolerance = { absolute: 1e-5, relative: 1e-4 } as const;

export interface BatchComparison {
  readonly batch: number;
  readonly output: string;
  readonly largestDifference: number;
  /** In units of the tolerance: at most 1 is agreement. */
  readonly ofTolerance: number;
  /** Share of images whose largest logit is the same. */
  readonly topOneAgreement: number;
}

export interface Departure {
  /** Cell, node, edge and operation. */
  readonly path: string;
  readonly operation: string;
  readonly element: number;
  readonly expected: number;
  readonly found: number;
}

export interface Validation {
  readonly ok: boolean;
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
  const bytes = await readBytes(path);
  const opened = openModel(bytes, path);
  const reference = weights === undefined ? opened.data : matchWeights(opened.inference.weights, weights);
  const session = await load(bytes, path);
  const comparisons: BatchComparison[] = [];
  let departure: Departure | undefined;
  for (const batch of allowedBatches(opened, batches)) {
    const images = randomImages(opened, batch, seed);
    const feeds = feedsOf(opened, reference, images);
    const expected = interpret(opened.inference.graph, feeds);
    const found = await session.run({ images: toOrt(images) });
    for (const [output, tensorOf] of Object.entries(expected))
      comparisons.push(compare(batch, output, tensorOf, floats(found[output], output)));
    if (departure === undefined && comparisons.some(({ ofTolerance }) => ofTolerance > 1)) {
      departure = await firstDeparture(opened, feeds, images);
    }
  }
  await session.release();
  const ok = comparisons.every(({ ofTolerance }) => ofTolerance <= 1);
  return {
    ok,
    comparisons,
    ...(departure === undefined ? {} : { firstDeparture: departure }),
    summary: inWords(ok, comparisons, departure),
  };
}

async function readBytes(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new GenonnxError('file-missing', 'The model cannot be read.', {
      where: path,
      found: error instanceof Error ? error.message : String(error),
      cure: 'Check the path.',
    });
  }
}

async function load(bytes: Uint8Array, where: string): Promise<ort.InferenceSession> {
  try {
    return await ort.InferenceSession.create(bytes, { logSeverityLevel: 4 });
  } catch (error) {
    throw new GenonnxError('model-corrupt', 'ONNX Runtime does not load the model.', {
      where,
      found: error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error),
      cure: 'Compile the model again.',
    });
  }
}

/** A model with a fixed batch is only run with that. */
function allowedBatches({ network }: OpenedModel, wanted: readonly number[]): readonly number[] {
  return typeof network.batch === 'number' ? [network.batch] : wanted;
}

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

function toOrt({ shape, data }: Tensor): ort.Tensor {
  return new ort.Tensor('float32', Float32Array.from(data), shape);
}

function floats(value: ort.Tensor | undefined, name: string): Float32Array {
  if (value?.data instanceof Float32Array) return value.data;
  throw new GenonnxError('model-corrupt', `The model has no float output ${name}.`);
}

interface Worst {
  readonly element: number;
  readonly difference: number;
  readonly ofTolerance: number;
}

function worst(expected: Float64Array, found: Float32Array): Worst {
  let largest = 0;
  let element = 0;
  let difference = expected.length === found.length ? 0 : Number.POSITIVE_INFINITY;
  expected.forEach((value, i) => {
    largest = Math.max(largest, Math.abs(value));
    const departs = Math.abs(value - (found[i] ?? Number.NaN));
    // Written so that NaN counts as the worst.
    if (!(departs <= difference)) {
      difference = Number.isNaN(departs) ? Number.POSITIVE_INFINITY : departs;
      element = i;
    }
  });
  return {
    element,
    difference,
    ofTolerance: difference / (tolerance.absolute + tolerance.relative * largest),
  };
}

function compare(batch: number, output: string, expected: Tensor, found: Float32Array): BatchComparison {
  const { difference, ofTolerance } = worst(expected.data, found);
  const classes = expected.data.length / batch;
  let agreeing = 0;
  for (let i = 0; i < batch; i++) {
    const range = [i * classes, (i + 1) * classes] as const;
    if (largestAt(expected.data.subarray(...range)) === largestAt(found.subarray(...range))) agreeing += 1;
  }
  return { batch, output, largestDifference: difference, ofTolerance, topOneAgreement: agreeing / batch };
}

function largestAt(values: Float64Array | Float32Array): number {
  let best = 0;
  values.forEach((value, i) => {
    if (value > (values[best] ?? 0)) best = i;
  });
  return best;
}

/** Runs the model with every value as an output, next to the interpreter, operation by operation. */
async function firstDeparture(
  opened: OpenedModel,
  feeds: ReadonlyMap<Value, Tensor>,
  images: Tensor,
): Promise<Departure | undefined> {
  const { proto: model, inference, names } = opened;
  const graph = model.graph;
  if (!graph) return undefined;
  const own = new Set((graph.output ?? []).map(({ name }) => name));
  const made = new Set((graph.node ?? []).flatMap(({ output }) => output ?? []));
  const inner = [...new Set(names.values())].filter((name) => made.has(name) && !own.has(name));
  const all = proto.ModelProto.encode({
    ...model,
    graph: {
      ...graph,
      output: [
        ...(graph.output ?? []),
        ...inner.map((name) => ({ name, type: { tensorType: { elemType: 1 } } })),
      ],
    },
  }).finish();
  const session = await ort.InferenceSession.create(all, {
    graphOptimizationLevel: 'disabled',
    logSeverityLevel: 4,
  });
  const found = await session.run({ images: toOrt(images) });
  await session.release();
  let departure: Departure | undefined;
  const examine = (node: Node, results: readonly Tensor[]): void => {
    if (departure !== undefined) return;
    node.outputs.forEach((value, i) => {
      const actual = found[names.get(value) ?? '']?.data;
      const expected = results[i];
      if (expected === undefined || !(actual instanceof Float32Array) || departure !== undefined) return;
      const { element, ofTolerance } = worst(expected.data, actual);
      if (ofTolerance <= 1) return;
      departure = {
        path: node.path,
        operation: node.op,
        element,
        expected: expected.data[element] ?? Number.NaN,
        found: actual[element] ?? Number.NaN,
      };
    });
  };
  interpret(inference.graph, feeds, { onNode: examine });
  return departure;
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
