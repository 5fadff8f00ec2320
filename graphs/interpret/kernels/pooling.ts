// Pooling. A window is cut to the image before anything is done with it, so padding neither wins nor counts.
import type { PoolAttributes } from '../../ir.js';
import { windowExtent } from '../../shapes.js';
import { addTo, at, extent, type Tensor, zeroTensor } from '../tensor.js';
import { type Kernel, operand } from './kernel.js';

interface Window {
  /** Element of the output. */
  readonly output: number;
  /** Elements of the input, in row-major order. */
  readonly inputs: readonly number[];
}

function outputShape(x: Tensor, { kernel, strides, pads, dilations = [1, 1] }: PoolAttributes): number[] {
  return [
    extent(x, 0),
    extent(x, 1),
    windowExtent(extent(x, 2), kernel[0], strides[0], pads[0], pads[2], dilations[0]),
    windowExtent(extent(x, 3), kernel[1], strides[1], pads[1], pads[3], dilations[1]),
  ];
}

/** Positions of a window's pixels along an axis, those in the padding left out. */
function taps(start: number, kernel: number, dilation: number, size: number): number[] {
  return Array.from({ length: kernel }, (_, i) => start + i * dilation).filter((at) => at >= 0 && at < size);
}

function forEachWindow(
  x: readonly number[],
  y: readonly number[],
  { kernel, strides, pads, dilations = [1, 1] }: PoolAttributes,
  visit: (window: Window) => void,
): void {
  const [images = 0, channels = 0, height = 0, width = 0] = x;
  const [, , rows = 0, columns = 0] = y;
  for (let map = 0; map < images * channels; map++) {
    for (let p = 0; p < rows; p++) {
      const down = taps(p * strides[0] - pads[0], kernel[0], dilations[0], height);
      for (let q = 0; q < columns; q++) {
        const across = taps(q * strides[1] - pads[1], kernel[1], dilations[1], width);
        const inputs = down.flatMap((u) => across.map((v) => (map * height + u) * width + v));
        visit({ output: (map * rows + p) * columns + q, inputs });
      }
    }
  }
}

/** The first of the largest elements. */
function firstMaximum(data: Float64Array, candidates: readonly number[]): number {
  let [best = -1] = candidates;
  for (const candidate of candidates) if (at(data, candidate) > at(data, best)) best = candidate;
  return best;
}

export const maxPool2d: Kernel<'maxPool2d'> = (inputs, attributes) => {
  const x = operand(inputs, 0);
  const y = zeroTensor(outputShape(x, attributes));
  forEachWindow(x.shape, y.shape, attributes, (window) => {
    y.data[window.output] = at(x.data, firstMaximum(x.data, window.inputs));
  });
  return [y];
};

export const maxPool2dGrad: Kernel<'maxPool2dGrad'> = (inputs, attributes) => {
  const x = operand(inputs, 0);
  const dy = operand(inputs, 1);
  const dx = zeroTensor(x.shape);
  forEachWindow(x.shape, dy.shape, attributes, (window) =>
    addTo(dx.data, firstMaximum(x.data, window.inputs), at(dy.data, window.output)),
  );
  return [dx];
};

export const averagePool2d: Kernel<'averagePool2d'> = (inputs, attributes) => {
  const x = operand(inputs, 0);
  const y = zeroTensor(outputShape(x, attributes));
  forEachWindow(x.shape, y.shape, attributes, (window) => {
    const sum = window.inputs.reduce((total, element) => total + at(x.data, element), 0);
    y.data[window.output] = sum / window.inputs.length;
  });
  return [y];
};

export const averagePool2dGrad: Kernel<'averagePool2dGrad'> = (inputs, attributes) => {
  const dy = operand(inputs, 0);
  const dx = zeroTensor([extent(dy, 0), extent(dy, 1), ...attributes.inputExtent]);
  forEachWindow(dx.shape, dy.shape, attributes, (window) => {
    const share = at(dy.data, window.output) / window.inputs.length;
    for (const element of window.inputs) addTo(dx.data, element, share);
  });
  return [dx];
};

export const globalAveragePool: Kernel<'globalAveragePool'> = (inputs) => {
  const x = operand(inputs, 0);
  const y = zeroTensor([extent(x, 0), extent(x, 1)]);
  const pixels = extent(x, 2) * extent(x, 3);
  for (let i = 0; i < x.data.length; i++) addTo(y.data, Math.floor(i / pixels), at(x.data, i) / pixels);
  return [y];
};

export const globalAveragePoolGrad: Kernel<'globalAveragePoolGrad'> = (inputs, { inputExtent }) => {
  const dy = operand(inputs, 0);
  const dx = zeroTensor([extent(dy, 0), extent(dy, 1), ...inputExtent]);
  const pixels = inputExtent[0] * inputExtent[1];
  for (let i = 0; i < dx.data.length; i++) dx.data[i] = at(dy.data, Math.floor(i / pixels)) / pixels;
  return [dx];
};
