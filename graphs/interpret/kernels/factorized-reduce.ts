// FactorizedReduce: output channels of the first weight read the even pixels, those of the second the odd ones. Like
// the convolution's, its three operations sum over the same triples of an output pixel, a weight and an input pixel.
import { addTo, at, extent, type Tensor, zeroTensor } from '../tensor.js';
import { type Kernel, operand } from './kernel.js';

type Visit = (y: number, half: 0 | 1, weight: number, x: number) => void;

/** Calls `visit` for each pair of an output element and a weight, with the input element that they meet. */
function forEachTriple(x: readonly number[], y: readonly number[], firstOutputs: number, visit: Visit): void {
  const [images = 0, channels = 0, height = 0, width = 0] = x;
  const [, outputs = 0, rows = 0, columns = 0] = y;
  for (let n = 0; n < images; n++) {
    for (let o = 0; o < outputs; o++) {
      const half = o < firstOutputs ? 0 : 1;
      const ownOutput = half === 0 ? o : o - firstOutputs;
      for (let c = 0; c < channels; c++) {
        for (let p = 0; p < rows; p++) {
          const yRow = ((n * outputs + o) * rows + p) * columns;
          const xRow = ((n * channels + c) * height + 2 * p + half) * width + half;
          for (let q = 0; q < columns; q++) visit(yRow + q, half, ownOutput * channels + c, xRow + 2 * q);
        }
      }
    }
  }
}

export const factorizedReduce: Kernel<'factorizedReduce'> = (inputs) => {
  const x = operand(inputs, 0);
  const weights = [operand(inputs, 1), operand(inputs, 2)] as const;
  const outputs = extent(weights[0], 0) + extent(weights[1], 0);
  const y = zeroTensor([extent(x, 0), outputs, extent(x, 2) / 2, extent(x, 3) / 2]);
  forEachTriple(x.shape, y.shape, extent(weights[0], 0), (to, half, weight, from) =>
    addTo(y.data, to, at(weights[half].data, weight) * at(x.data, from)),
  );
  return [y];
};

export const factorizedReduceInputGrad: Kernel<'factorizedReduceInputGrad'> = (inputs) => {
  const dy = operand(inputs, 0);
  const weights = [operand(inputs, 1), operand(inputs, 2)] as const;
  const dx = zeroTensor([extent(dy, 0), extent(weights[0], 1), 2 * extent(dy, 2), 2 * extent(dy, 3)]);
  forEachTriple(dx.shape, dy.shape, extent(weights[0], 0), (from, half, weight, to) =>
    addTo(dx.data, to, at(weights[half].data, weight) * at(dy.data, from)),
  );
  return [dx];
};

export const factorizedReduceWeightGrad: Kernel<'factorizedReduceWeightGrad'> = (inputs) => {
  const x = operand(inputs, 0);
  const dy = operand(inputs, 1);
  const outputs = extent(dy, 1) / 2;
  const gradient = (): Tensor => zeroTensor([outputs, extent(x, 1), 1, 1]);
  const gradients = [gradient(), gradient()] as const;
  forEachTriple(x.shape, dy.shape, outputs, (y, half, weight, from) =>
    addTo(gradients[half].data, weight, at(dy.data, y) * at(x.data, from)),
  );
  return gradients;
};
