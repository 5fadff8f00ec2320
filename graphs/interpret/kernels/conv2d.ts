// Convolution and its two backward operations. All three are sums over the same set of triples
//
//   y[n,o,p,q]    w[o,c,i,j]    x[n, c + group(o) C/G, p s - pad + i d, q s - pad + j d]
//
// with both pixels inside their images; each operation takes two of the factors and sums into the third.
import type { ConvolutionAttributes } from '../../ir.js';
import { windowExtent } from '../../shapes.js';
import { addScaledRow, addTo, at, extent, type Row, rowProduct, type Tensor, zeroTensor } from '../tensor.js';
import { type Kernel, operand } from './kernel.js';

/** A row of triples: `count` neighbouring output pixels share the weight `w`. */
type VisitRow = (w: number, y: Row, x: Row, count: number) => void;

interface Extents {
  readonly x: readonly number[];
  readonly w: readonly number[];
  readonly y: readonly number[];
}

/** Output positions [first, end) at which the tap at `offset` lies inside the image. */
function tapRange(size: number, outputs: number, offset: number, stride: number): [number, number] {
  const first = Math.max(0, Math.ceil(-offset / stride));
  const end = Math.min(outputs, Math.floor((size - 1 - offset) / stride) + 1);
  return [first, end];
}

function forEachRow({ x, w, y }: Extents, attributes: ConvolutionAttributes, visit: VisitRow): void {
  const [images = 0, channels = 0, height = 0, width = 0] = x;
  const [outputs = 0, groupChannels = 0, kernelHeight = 0, kernelWidth = 0] = w;
  const [, , rows = 0, columns = 0] = y;
  const { strides, pads, dilations, groups } = attributes;
  const groupOutputs = outputs / groups;
  for (let o = 0; o < outputs; o++) {
    const firstChannel = Math.floor(o / groupOutputs) * groupChannels;
    for (let c = 0; c < groupChannels; c++) {
      for (let i = 0; i < kernelHeight; i++) {
        const down = i * dilations[0] - pads[0];
        const [firstRow, endRow] = tapRange(height, rows, down, strides[0]);
        for (let j = 0; j < kernelWidth; j++) {
          const right = j * dilations[1] - pads[1];
          const [firstColumn, endColumn] = tapRange(width, columns, right, strides[1]);
          if (endColumn <= firstColumn) continue;
          const weight = ((o * groupChannels + c) * kernelHeight + i) * kernelWidth + j;
          for (let n = 0; n < images; n++) {
            const xMap = (n * channels + firstChannel + c) * height;
            const yMap = (n * outputs + o) * rows;
            for (let p = firstRow; p < endRow; p++) {
              const yRow = { start: (yMap + p) * columns + firstColumn, stride: 1 };
              const xStart = (xMap + p * strides[0] + down) * width + firstColumn * strides[1] + right;
              visit(weight, yRow, { start: xStart, stride: strides[1] }, endColumn - firstColumn);
            }
          }
        }
      }
    }
  }
}

export const conv2d: Kernel<'conv2d'> = (inputs, attributes) => {
  const x = operand(inputs, 0);
  const w = operand(inputs, 1);
  const bias = inputs[2];
  const { strides, pads, dilations } = attributes;
  const y = zeroTensor([
    extent(x, 0),
    extent(w, 0),
    windowExtent(extent(x, 2), extent(w, 2), strides[0], pads[0], pads[2], dilations[0]),
    windowExtent(extent(x, 3), extent(w, 3), strides[1], pads[1], pads[3], dilations[1]),
  ]);
  if (bias !== undefined) addBias(y, bias);
  forEachRow({ x: x.shape, w: w.shape, y: y.shape }, attributes, (weight, yRow, xRow, count) => {
    addScaledRow(y.data, yRow, at(w.data, weight), x.data, xRow, count);
  });
  return [y];
};

function addBias(y: Tensor, bias: Tensor): void {
  const channels = extent(y, 1);
  const pixels = extent(y, 2) * extent(y, 3);
  for (let map = 0; map < extent(y, 0) * channels; map++)
    y.data.fill(at(bias.data, map % channels), map * pixels, (map + 1) * pixels);
}

export const conv2dInputGrad: Kernel<'conv2dInputGrad'> = (inputs, attributes) => {
  const dy = operand(inputs, 0);
  const w = operand(inputs, 1);
  const dx = zeroTensor([extent(dy, 0), extent(w, 1) * attributes.groups, ...attributes.inputExtent]);
  forEachRow({ x: dx.shape, w: w.shape, y: dy.shape }, attributes, (weight, yRow, xRow, count) => {
    addScaledRow(dx.data, xRow, at(w.data, weight), dy.data, yRow, count);
  });
  return [dx];
};

export const conv2dWeightGrad: Kernel<'conv2dWeightGrad'> = (inputs, attributes) => {
  const x = operand(inputs, 0);
  const dy = operand(inputs, 1);
  const dw = zeroTensor([extent(dy, 1), extent(x, 1) / attributes.groups, ...attributes.kernel]);
  forEachRow({ x: x.shape, w: dw.shape, y: dy.shape }, attributes, (weight, yRow, xRow, count) => {
    addTo(dw.data, weight, rowProduct(dy.data, yRow, x.data, xRow, count));
  });
  return [dw];
};
