// How far a model of lower precision departs from the float32 model of the same graph, on seeded images.
import { type BoundGraph, fedInputs } from '../../graphs/bound-graph.js';
import { type Tensor, tensor } from '../../graphs/interpret/interpret.js';
import type { Precision } from '../../graphs/onnx/emitter.js';
import { GenonnxError } from '../errors.js';
import { openStream } from '../random.js';
import { topOneAgreement, worstElement } from './compare.js';
import { compileModel } from './compile-model.js';
import { createSession, runSession, tensorsOf } from './ort-session.js';

export interface PrecisionDeparture {
  readonly images: number;
  /** Of the logits, relative to the largest of them. */
  readonly largestRelativeDifference: number;
  /** Share of images whose largest logit is the same. */
  readonly topOneAgreement: number;
}

const imagesTried = 8;

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
  const feeds = await tensorsOf({ images: { data, dims: shape } });
  const logits = async (of: Precision): Promise<Tensor> => {
    const { bytes } = compileModel(bound, { metadata: {}, precision: of });
    const where = `the ${of} model`;
    const session = await createSession(bytes, where);
    const { logits: found } = await runSession(session, feeds, where);
    await session.release();
    if (found?.data instanceof Float32Array) return tensor(found.dims, found.data);
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
