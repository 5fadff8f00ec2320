// Softmax cross entropy, of logits and of a linear layer, and its derivatives.
import { addTo, at, extent, type Tensor, zeroTensor } from '../tensor.js';
import { add } from './elementwise.js';
import { type Kernel, operand } from './kernel.js';
import { matMul, reduceSum } from './linear-algebra.js';

/** log softmax(z)_k = z_k - max z - log sum exp(z - max z), row by row of f32[rows, K]. */
function logSoftmax(logits: Tensor): Float64Array {
  const classes = extent(logits, 1);
  const result = new Float64Array(logits.data.length);
  for (let row = 0; row < result.length; row += classes) {
    const z = logits.data.subarray(row, row + classes);
    const largest = z.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
    const logSum = Math.log(z.reduce((sum, value) => sum + Math.exp(value - largest), 0));
    result.set(
      z.map((value) => value - largest - logSum),
      row,
    );
  }
  return result;
}

/** t_nk = (1 - e) [k = label_n] + e / K. */
function target(label: number, k: number, classes: number, labelSmoothing: number): number {
  return (k === label ? 1 - labelSmoothing : 0) + labelSmoothing / classes;
}

/** Where in maps f32[N,K,...] the entry of a row and a class lies, rows being images and places in them. */
function placeOf({ shape, data }: Tensor): (entry: number) => number {
  const [, classes = 1] = shape;
  const places = data.length / ((shape[0] ?? 1) * classes);
  return (entry) => {
    const [row, k] = [Math.floor(entry / classes), entry % classes];
    return (Math.floor(row / places) * classes + k) * places + (row % places);
  };
}

/** f32[N,K,...] as f32[rows, K]. */
function rowsOf(logits: Tensor): Tensor {
  const classes = extent(logits, 1);
  const place = placeOf(logits);
  const data = logits.data.map((_, entry) => at(logits.data, place(entry)));
  return { shape: [data.length / classes, classes], data };
}

export const softmaxCrossEntropy: Kernel<'softmaxCrossEntropy'> = (inputs, { labelSmoothing }) => {
  const logits = rowsOf(operand(inputs, 0));
  const labels = operand(inputs, 1);
  const weights = operand(inputs, 2);
  const classes = extent(logits, 1);
  const loss = zeroTensor([]);
  logSoftmax(logits).forEach((logProbability, i) => {
    const row = Math.floor(i / classes);
    const t = target(at(labels.data, row), i % classes, classes, labelSmoothing);
    if (t !== 0) addTo(loss.data, 0, -at(weights.data, row) * t * logProbability);
  });
  return [loss];
};

export const softmaxCrossEntropyGrad: Kernel<'softmaxCrossEntropyGrad'> = (inputs, { labelSmoothing }) => {
  const maps = operand(inputs, 0);
  const logits = rowsOf(maps);
  const labels = operand(inputs, 1);
  const weights = operand(inputs, 2);
  const dloss = at(operand(inputs, 3).data, 0);
  const classes = extent(logits, 1);
  const place = placeOf(maps);
  const data = new Float64Array(maps.data.length);
  logSoftmax(logits).forEach((logProbability, i) => {
    const row = Math.floor(i / classes);
    const t = target(at(labels.data, row), i % classes, classes, labelSmoothing);
    data[place(i)] = dloss * at(weights.data, row) * (Math.exp(logProbability) - t);
  });
  return [{ shape: maps.shape, data }];
};

/** All rows at once: pieces are a matter of memory. */
export const linearCrossEntropy: Kernel<'linearCrossEntropy'> = (inputs, _attributes, context) => {
  const [x, weight, bias] = [operand(inputs, 0), operand(inputs, 1), operand(inputs, 2)];
  const [labels, weights] = [operand(inputs, 3), operand(inputs, 4)];
  const product = (a: Tensor, b: Tensor, transposeA: boolean, transposeB: boolean): Tensor =>
    operand(matMul([a, b], { transposeA, transposeB }, context), 0);
  const logits = operand(add([product(x, weight, false, true), bias]), 0);
  const smoothing = { labelSmoothing: 0 };
  const loss = softmaxCrossEntropy([logits, labels, weights], smoothing, context);
  const one: Tensor = { shape: [], data: Float64Array.of(1) };
  const dlogits = operand(softmaxCrossEntropyGrad([logits, labels, weights, one], smoothing, context), 0);
  return [
    ...loss,
    product(dlogits, weight, false, false),
    product(dlogits, x, true, false),
    ...reduceSum([dlogits], { axes: [0], keepDims: false }, context),
  ];
};
