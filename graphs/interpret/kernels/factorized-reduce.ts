// FactorizedReduce: output channels of the first weight read pixels at the stride, those of the second the same moved by the
// shift. Like the convolution's, its three operations sum over the same triples of an output pixel, a weight and an input pixel.
import type { ReductionAttributes } from '../../ir.js';
import { reductionOf } from '../../operations/factorized-reduce.js';
import { addTo, at, extent, type Tensor, zeroTensor } from '../tensor.js';
import { type Kernel, operand } from './kernel.js';

type Visit = (y: number, half: 0 | 1, weight: number, x: number) => void;

/** Calls `visit` for each pair of an output element and a weight, with the input element that they meet, where there is one. */
function forEachTriple(
  x: readonly number[],
  y: readonly number[],
  firstOutputs: number,
  attributes: ReductionAttributes,
  visit: Visit,
): void {
  const [images = 0, channels = 0, height = 0, width = 0] = x;
  const [, outputs = 0, rows = 0, columns = 0] = y;
  const { stride, shift } = reductionOf(attributes);
  for (let n = 0; n < images; n++) {
    for (let o = 0; o < outputs; o++) {
      const half = o < firstOutputs ? 0 : 1;
      const ownOutput = half === 0 ? o : o - firstOutputs;
      const first = half * shift;
      for (let c = 0; c < channels; c++) {
        for (let p = 0; p < rows && stride * p + first < height; p++) {
          const yRow = ((n * outputs + o) * rows + p) * columns;
          const xRow = ((n * channels + c) * height + stride * p + first) * width + first;
          for (let q = 0; q < columns && stride * q + first < width; q++)
            visit(yRow + q, half, ownOutput * channels + c, xRow + stride * q);
        }
      }
    }
  }
}

export const factorizedReduce: Kernel<'factorizedReduce'> = (inputs, attributes) => {
  const x = operand(inputs, 0);
  const weights = [operand(inputs, 1), operand(inputs, 2)] as const;
  const outputs = extent(weights[0], 0) + extent(weights[1], 0);
  const { stride } = reductionOf(attributes);
  const rest = [2, 3].map((axis) => Math.ceil(extent(x, axis) / stride));
  const y = zeroTensor([extent(x, 0), outputs, ...rest]);
  forEachTriple(x.shape, y.shape, extent(weights[0], 0), attributes, (to, half, weight, from) =>
    addTo(y.data, to, at(weights[half].data, weight) * at(x.data, from)),
  );
  return [y];
};

export const factorizedReduceInputGrad: Kernel<'factorizedReduceInputGrad'> = (inputs, attributes) => {
  const dy = operand(inputs, 0);
  const weights = [operand(inputs, 1), operand(inputs, 2)] as const;
  const inputExtent = attributes.inputExtent ?? [2 * extent(dy, 2), 2 * extent(dy, 3)];
  const dx = zeroTensor([extent(dy, 0), extent(weights[0], 1), ...inputExtent]);
  forEachTriple(dx.shape, dy.shape, extent(weights[0], 0), attributes, (from, half, weight, to) =>
    addTo(dx.data, to, at(weights[half].data, weight) * at(dy.data, from)),
  );
  return [dx];
};

export const factorizedReduceWeightGrad: Kernel<'factorizedReduceWeightGrad'> = (inputs, attributes) => {
  const x = operand(inputs, 0);
  const dy = operand(inputs, 1);
  const outputs = extent(dy, 1) / 2;
  const gradient = (): Tensor => zeroTensor([outputs, extent(x, 1), 1, 1]);
  const gradients = [gradient(), gradient()] as const;
  forEachTriple(x.shape, dy.shape, outputs, attributes, (y, half, weight, from) =>
    addTo(gradients[half].data, weight, at(dy.data, y) * at(x.data, from)),
  );
  return gradients;
};
