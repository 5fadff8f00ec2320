// How far a model of lower precision departs from the float32 model of the same graph, on seeded images or words.
import { type BoundGraph, fedInputs } from '../../graphs/bound-graph.js';
import { type Tensor, tensor } from '../../graphs/interpret/interpret.js';
import type { Precision } from '../../graphs/onnx/emitter.js';
import { GenonnxError } from '../errors.js';
import type { LanguageModel } from '../networks/recurrent/inference.js';
import { openStream } from '../random.js';
import { logitRows, topOneAgreement, worstElement } from './compare.js';
import { compileModel } from './compile-model.js';
import { languageInputs, randomFeeds } from './sides/inputs.js';
import { openSession, typedFeeds } from './sides/runtimes.js';

export interface PrecisionDeparture {
  /** Images, words, or pixels. */
  readonly images: number;
  /** Of the logits, relative to the largest of them. */
  readonly largestRelativeDifference: number;
  /** Share of them whose largest logit is the same. */
  readonly topOneAgreement: number;
}

/** A text of so many words: what is rounded in one step is carried into the next. */
const wordsTried = 32;
const imagesTried = 8;

type Feeds = Parameters<typeof typedFeeds>[0];

/** Runs both models in onnxruntime-node. @throws GenonnxError `model-corrupt` where it refuses one. */
export async function precisionDeparture(
  bound: BoundGraph,
  precision: Precision,
): Promise<PrecisionDeparture> {
  const [images] = fedInputs(bound);
  const [batch, ...rest] = images?.shape ?? [];
  const shape = [typeof batch === 'number' ? batch : imagesTried, ...rest.map(Number)];
  const stream = openStream(1, 'precision');
  const data = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => stream.normal());
  return await departureOn(bound, precision, new Map([['images', tensor(shape, data)]]));
}

/** The same, of a language model on a text of random words. @throws GenonnxError `model-corrupt`. */
export async function languageDeparture(
  bound: BoundGraph,
  precision: Precision,
  model: LanguageModel,
): Promise<PrecisionDeparture> {
  const inputs = languageInputs(model);
  const batch = typeof model.batch === 'number' ? model.batch : 1;
  const feeds = randomFeeds(inputs, { batch, length: wordsTried }, 1);
  return await departureOn(bound, precision, typedFeeds(feeds, inputs));
}

async function departureOn(
  bound: BoundGraph,
  precision: Precision,
  feeds: Feeds,
): Promise<PrecisionDeparture> {
  const logits = async (of: Precision): Promise<Tensor> => {
    const model = compileModel(bound, { metadata: {}, precision: of }).bytes;
    const where = `the ${of} model`;
    const session = await openSession({ kind: 'node', model, where, optimized: true });
    const found = (await session.run(feeds)).get('logits');
    await session.release();
    if (found !== undefined) return logitRows(found);
    throw new GenonnxError('model-corrupt', 'The model has no logits.', { where });
  };
  return compareLogits(await logits('float32'), await logits(precision));
}

/** f32[images, classes] of both. */
export function compareLogits(expected: Tensor, found: Tensor): PrecisionDeparture {
  return {
    images: expected.shape[0] ?? 0,
    largestRelativeDifference: worstElement(expected, found, { absolute: 0, relative: 1 }).ofTolerance,
    topOneAgreement: topOneAgreement(expected, found) ?? 0,
  };
}
