// What a model answers on labelled images, and how far the answers of its quantized form are from them.
import { type Tensor, tensor } from '../../../graphs/interpret/interpret.js';
import type * as onnx from '../../../graphs/onnx/proto.js';
import { proto } from '../../../graphs/onnx/proto.js';
import { GenonnxError } from '../../errors.js';
import { createSession, runSession, tensorsOf } from '../ort-session.js';
import { compareLogits, type PrecisionDeparture } from '../precision-departure.js';
import { inputOf, type LabelledBatch } from './images.js';

export interface Answers {
  /** f32[images, classes]. */
  readonly logits: Tensor;
  /** Share of the images whose largest logit is that of their label. */
  readonly accuracy: number;
}

/** Runs a model on the CPU. @throws GenonnxError `model-corrupt` where the runtime refuses it. */
export async function answersOf(model: onnx.ModelProto, batches: Iterable<LabelledBatch>): Promise<Answers> {
  const where = 'the model';
  const input = inputOf(model).name ?? '';
  const outputs = (model.graph?.output ?? []).map(({ name }) => name ?? '');
  const output = outputs.find((name) => name === 'logits') ?? outputs[0] ?? '';
  const session = await createSession(proto.ModelProto.encode(model).finish(), where);
  const rows: Float32Array[] = [];
  let right = 0;
  try {
    for (const { images, labels } of batches) {
      const feeds = await tensorsOf({ [input]: images });
      const logits = (await runSession(session, feeds, where))[output];
      if (!(logits?.data instanceof Float32Array) || logits.dims[0] !== images.dims[0])
        throw noLogits(output);
      const classes = logits.data.length / (images.dims[0] ?? 1);
      for (const [i, label] of labels.entries()) {
        const row = logits.data.slice(i * classes, (i + 1) * classes);
        rows.push(row);
        if (row.indexOf(Math.max(...row)) === label) right += 1;
      }
    }
  } finally {
    await session.release();
  }
  const [first] = rows;
  if (first === undefined) throw noLogits(output);
  const logits = tensor([rows.length, first.length], Float64Array.from(rows.flatMap((row) => [...row])));
  return { logits, accuracy: right / rows.length };
}

export interface LogitDeparture extends PrecisionDeparture {
  /** Over all logits, relative to the mean square of the expected ones. */
  readonly relativeSquaredError: number;
}

export function departure({ logits: expected }: Answers, { logits: found }: Answers): LogitDeparture {
  let [error, square] = [0, 0];
  expected.data.forEach((value, i) => {
    error += (value - (found.data[i] ?? Number.NaN)) ** 2;
    square += value ** 2;
  });
  return { ...compareLogits(expected, found), relativeSquaredError: square === 0 ? error : error / square };
}

function noLogits(output: string): GenonnxError {
  return new GenonnxError('model-corrupt', 'The model yields no logits for the images.', {
    where: output,
    expected: 'f32[N, classes]',
    cure: 'Quantize a model that classifies images, or leave `dataset` out.',
  });
}
