// Softmax cross entropy, of logits and of a linear layer, and its derivatives. Labels come from the host, and so do the tables
// that they choose classes by.
import type { DeviceTensor } from '../tfjs.js';
import { byClass } from './by-class.js';
import type { Call, Kernel } from './kernel.js';

/** Logits with a row for each label, f32[rows, K]: the pixels of maps lie in rows already. */
function logitRows(call: Call): DeviceTensor {
  const shape = call.shape(0);
  return shape.length === 4 ? call.t.reshape(call.maps(0), [-1, shape[1] ?? 1]) : call.plain(0);
}

/** t_nk = (1 - e) [k = label_n] + e / K. */
function targets(call: Call, labelSmoothing: number): DeviceTensor {
  const classes = call.shape(0)[1] ?? 1;
  return byClass(call, (label, k) => (k === label ? 1 - labelSmoothing : 0) + labelSmoothing / classes);
}

/** The examples' weights as a column. */
function weights(call: Call): DeviceTensor {
  return call.t.reshape(call.plain(2), [-1, 1]);
}

/** z - max z - log sum exp(z - max z). */
function logSoftmax({ t }: Call, z: DeviceTensor): DeviceTensor {
  const shifted = t.sub(z, t.max(z, 1));
  return t.sub(shifted, t.log(t.sum(t.exp(shifted), [1], true)));
}

export const softmaxCrossEntropy: Kernel<'softmaxCrossEntropy'> = (call, { labelSmoothing }) => {
  const { t } = call;
  const terms = t.mul(t.mul(targets(call, labelSmoothing), weights(call)), logSoftmax(call, logitRows(call)));
  return [call.result('plain', t.neg(t.sum(terms, [0, 1])))];
};

export const softmaxCrossEntropyGrad: Kernel<'softmaxCrossEntropyGrad'> = (call, { labelSmoothing }) => {
  const { t } = call;
  const departure = t.sub(t.exp(logSoftmax(call, logitRows(call))), targets(call, labelSmoothing));
  const rows = t.mul(t.mul(departure, weights(call)), call.plain(3));
  const [images = 1, classes = 1, height, width] = call.shape(0);
  if (height === undefined || width === undefined) return [call.result('plain', rows)];
  return [call.result('maps', t.reshape(rows, [images, height, width, classes]))];
};

/**
 * Piece by piece of the rows. With P the probabilities of a piece, e its labels as rows of one 1, and r its weights:
 * dx = r (P - e) W, dW = sum of ((P - e) r)^T x, db likewise.
 */
export const linearCrossEntropy: Kernel<'linearCrossEntropy'> = (call, { pieces }) => {
  const { t } = call;
  const [x, weight, bias] = [call.plain(0), call.plain(1), call.plain(2)];
  const labels = call.host(3).data;
  const column = t.reshape(call.plain(4), [-1, 1]);
  const [rows = 0, width = 0] = call.shape(0);
  const [classes = 0] = call.shape(1);
  const sums: {
    likelihood: DeviceTensor[];
    dx: DeviceTensor[];
    dweight: DeviceTensor[];
    dbias: DeviceTensor[];
  } = {
    likelihood: [],
    dx: [],
    dweight: [],
    dbias: [],
  };
  let start = 0;
  for (let p = 0; p < pieces; p++) {
    const count = Math.floor((rows + p) / pieces);
    const own = t.slice(x, [start, 0], [count, width]);
    const r = t.slice(column, [start, 0], [count, 1]);
    const ones = new Float32Array(count * classes);
    for (let i = 0; i < count; i++) ones[i * classes + (labels[start + i] ?? 0)] = 1;
    start += count;
    if (count === 0) continue;
    const e = t.upload(ones, [count, classes]);
    const logits = t.add(t.matMul(own, weight, false, true), bias);
    const logProbabilities = logSoftmax(call, logits);
    const weighted = t.mul(t.mul(e, logProbabilities), r);
    const departure = t.mul(t.sub(t.exp(logProbabilities), e), r);
    sums.likelihood.push(t.sum(weighted, [0, 1]));
    sums.dx.push(t.matMul(departure, weight));
    sums.dweight.push(t.matMul(departure, own, true));
    sums.dbias.push(t.sum(departure, [0]));
    t.drop(e, logits, logProbabilities, weighted, departure);
  }
  return [
    call.result('plain', t.neg(t.addAll(sums.likelihood))),
    call.result('plain', t.concat(sums.dx, 0), 1),
    call.result('plain', t.addAll(sums.dweight), 2),
    call.result('plain', t.addAll(sums.dbias), 3),
  ];
};
