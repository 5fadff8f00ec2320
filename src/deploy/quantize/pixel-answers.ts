// How far the answers of a quantized segmentation network are from those of the float one, pixel by pixel. Logits of a picture are
// many: both models run on a batch, and only sums are kept. Masks are not asked for: the float model's answers are what is compared with.
import type * as onnx from '../../../graphs/onnx/proto.js';
import { proto } from '../../../graphs/onnx/proto.js';
import { GenonnxError } from '../../errors.js';
import { createSession, runSession, tensorsOf } from '../ort-session.js';
import type { LogitDeparture } from './answers.js';
import { inputOf, type LabelledBatch } from './images.js';

/** @throws GenonnxError `model-corrupt` where the runtime refuses one, or there are no logits of pixels. */
export async function pixelDeparture(
  before: onnx.ModelProto,
  after: onnx.ModelProto,
  batches: Iterable<LabelledBatch>,
): Promise<LogitDeparture> {
  const input = inputOf(before).name ?? '';
  const open = (model: onnx.ModelProto, where: string) =>
    createSession(proto.ModelProto.encode(model).finish(), where);
  const [float, quantized] = [await open(before, 'the model'), await open(after, 'the quantized model')];
  let [images, pixels, agreeing] = [0, 0, 0];
  let [largest, apart, error, square] = [0, 0, 0, 0];
  try {
    for (const { images: batch, labels } of batches) {
      const feeds = await tensorsOf({ [input]: batch });
      const expected = (await runSession(float, feeds, 'the model')).logits;
      const found = (await runSession(quantized, feeds, 'the quantized model')).logits;
      if (!(expected?.data instanceof Float32Array) || !(found?.data instanceof Float32Array))
        throw noLogits();
      const [, classes = 0, height = 0, width = 0] = expected.dims;
      const places = height * width;
      const [a, b] = [expected.data, found.data];
      // Images behind the labelled ones only fill the batch up.
      for (let image = 0; image < labels.length; image++) {
        for (let pixel = 0; pixel < places; pixel++) {
          const first = image * classes * places + pixel;
          let [bestA, bestB] = [0, 0];
          for (let k = 0; k < classes; k++) {
            const [wanted, got] = [a[first + k * places] ?? 0, b[first + k * places] ?? 0];
            if (wanted > (a[first + bestA * places] ?? 0)) bestA = k;
            if (got > (b[first + bestB * places] ?? 0)) bestB = k;
            largest = Math.max(largest, Math.abs(wanted));
            apart = Math.max(apart, Math.abs(wanted - got));
            error += (wanted - got) ** 2;
            square += wanted ** 2;
          }
          if (bestA === bestB) agreeing += 1;
        }
      }
      images += labels.length;
      pixels += labels.length * places;
    }
  } finally {
    await float.release();
    await quantized.release();
  }
  if (pixels === 0) throw noLogits();
  return {
    images,
    largestRelativeDifference: largest === 0 ? apart : apart / largest,
    topOneAgreement: agreeing / pixels,
    relativeSquaredError: square === 0 ? error : error / square,
  };
}

function noLogits(): GenonnxError {
  return new GenonnxError('model-corrupt', 'The model yields no logits for the pixels.', {
    where: 'logits',
    expected: 'f32[N, classes, H, W]',
    cure: 'Compile the model again.',
  });
}
