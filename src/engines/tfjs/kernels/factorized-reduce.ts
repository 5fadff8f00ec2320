// FactorizedReduce on [N,H,W,C]: two matrix products, one of the pixels at even rows and columns and one of those at odd
// ones. Backward, a pixel's two gradients go to the upper left and the lower right of its block of four.
import type { Pair } from '../../../../graphs/ir.js';
import type { Arena } from '../arena.js';
import type { DeviceTensor } from '../tfjs.js';
import { perPixel, pixels } from './conv2d.js';
import { type Call, type Kernel, mapShape } from './kernel.js';

const starts = [0, 1] as const;

/** The weight at an input, [O,C,1,1], as a matrix. */
function matrixOf(call: Call, index: number): DeviceTensor {
  const [outputs, channels] = mapShape(call.shape(index));
  return call.t.reshape(call.plain(index), [outputs, channels]);
}

/** The pixels that one half reads. */
function read(t: Arena, x: DeviceTensor, start: 0 | 1): DeviceTensor {
  const from: Pair = [start, start];
  return t.everyPixel(x, from, [2, 2]);
}

export const factorizedReduce: Kernel<'factorizedReduce'> = (call) => {
  const { t } = call;
  const x = call.maps(0);
  const halves = starts.map((start) => {
    const w = matrixOf(call, 1 + start);
    const own = read(t, x, start);
    const half = perPixel(t, own, w.shape[0] ?? 1, (rows) => t.matMul(rows, w, false, true));
    t.drop(own);
    return half;
  });
  return [call.result('maps', t.concat(halves, 3))];
};

export const factorizedReduceInputGrad: Kernel<'factorizedReduceInputGrad'> = (call) => {
  const { t } = call;
  const weights = starts.map((start) => matrixOf(call, 1 + start));
  const halves = t.split(
    call.maps(0),
    weights.map((w) => w.shape[0] ?? 1),
    3,
  );
  const [images, channels, height, width] = mapShape(call.resultShape());
  // Two rows of a block, each as [N, H/2, 1, W/2, 2 C]: the pixel at the left or at the right of zeros.
  const rows = starts.map((start) => {
    const [dy, w] = [halves[start], weights[start]];
    if (dy === undefined || w === undefined) throw new RangeError('half');
    const dx = perPixel(t, dy, channels, (ownRows) => t.matMul(ownRows, w));
    const apart = t.reshape(dx, [images, height / 2, 1, width / 2, channels]);
    const filled = t.pad(apart, [
      [0, 0],
      [0, 0],
      [0, 0],
      [0, 0],
      start === 0 ? [0, channels] : [channels, 0],
    ]);
    t.drop(dx, apart);
    return filled;
  });
  const joined = t.concat(rows, 2);
  return [call.result('maps', t.reshape(joined, [images, height, width, channels]))];
};

export const factorizedReduceWeightGrad: Kernel<'factorizedReduceWeightGrad'> = (call) => {
  const { t } = call;
  const [x, dy] = [call.maps(0), call.maps(1)];
  const half = (dy.shape[3] ?? 2) / 2;
  const halves = t.split(dy, [half, half], 3);
  return starts.map((start) => {
    const own = halves[start];
    if (own === undefined) throw new RangeError('half');
    const dw = t.matMul(pixels(t, own), pixels(t, read(t, x, start)), true);
    return call.result('plain', t.reshape(dw, call.resultShape(start)), start);
  });
};
