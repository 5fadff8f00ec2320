// How far a model of lower precision departs from the float32 model of the same graph, on seeded images.
import * as ort from 'onnxruntime-node';
import type { BoundGraph } from '../../graphs/bound-graph.js';
import { fedInputs } from '../../graphs/bound-graph.js';
import type { Precision } from '../../graphs/onnx/emitter.js';
import { openStream } from '../random.js';
import { compileModel } from './model.js';
import { createSession, runSession } from './ort-session.js';

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
  const feeds = { images: new ort.Tensor('float32', data, shape) };
  const logits = async (of: Precision): Promise<Float32Array> => {
    const { bytes } = compileModel(bound, { metadata: {}, precision: of });
    const where = `the ${of} model`;
    const session = await createSession(bytes, where);
    const { logits: found } = await runSession(session, feeds, where);
    await session.release();
    return found instanceof ort.Tensor && found.data instanceof Float32Array
      ? found.data
      : new Float32Array(0);
  };
  return compareLogits(await logits('float32'), await logits(precision), shape[0] ?? 1);
}

/** f32[images x classes] of both. */
export function compareLogits(
  expected: Float32Array,
  found: Float32Array,
  images: number,
): PrecisionDeparture {
  const classes = expected.length / images;
  let [largest, difference, agreeing] = [0, 0, 0];
  expected.forEach((value, i) => {
    largest = Math.max(largest, Math.abs(value));
    difference = Math.max(difference, Math.abs(value - (found[i] ?? Number.NaN)));
  });
  for (let image = 0; image < images; image++) {
    const row = [image * classes, (image + 1) * classes] as const;
    if (largestAt(expected.subarray(...row)) === largestAt(found.subarray(...row))) agreeing += 1;
  }
  return {
    images,
    largestRelativeDifference: difference / largest,
    topOneAgreement: agreeing / images,
  };
}

function largestAt(values: Float32Array): number {
  return values.reduce(
    (best, value, i) => (value > (values[best] ?? Number.NEGATIVE_INFINITY) ? i : best),
    0,
  );
}
