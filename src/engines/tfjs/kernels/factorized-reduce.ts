// FactorizedReduce on [N,H,W,C]: two matrix products, one of the pixels at the stride and one of those behind them by the shift
// (where even maps are halved: of the pixels at even rows and columns, and at odd ones). Backward, a pixel's two gradients go
// back to where its pixels were read.
import type { Pair, ReductionAttributes } from '../../../../graphs/ir.js';
import { halvesEvenly, reductionOf } from '../../../../graphs/operations/factorized-reduce.js';
import type { Arena } from '../arena.js';
import type { DeviceTensor } from '../tfjs.js';
import { insertZeros } from '../windows.js';
import { perPixel, pixels } from './conv2d.js';
import { type Call, type Kernel, mapShape } from './kernel.js';

const starts = [0, 1] as const;

/** The weight at an input, [O,C,1,1], as a matrix. */
function matrixOf(call: Call, index: number): DeviceTensor {
  const [outputs, channels] = mapShape(call.shape(index));
  return call.t.reshape(call.plain(index), [outputs, channels]);
}

/** The pixels that one half reads, zeros where they lie beyond the end. */
function read(t: Arena, x: DeviceTensor, half: 0 | 1, attributes: ReductionAttributes): DeviceTensor {
  const { stride, shift } = reductionOf(attributes);
  const steps: Pair = [stride, stride];
  if (half === 0) return t.everyPixel(x, [0, 0], steps);
  if (halvesEvenly(attributes, [x.shape[1] ?? 1, x.shape[2] ?? 1])) return t.everyPixel(x, [1, 1], steps);
  const longer = t.pad(x, [
    [0, 0],
    [0, shift],
    [0, shift],
    [0, 0],
  ]);
  const seen = t.everyPixel(longer, [shift, shift], steps);
  t.drop(longer);
  return seen;
}

export const factorizedReduce: Kernel<'factorizedReduce'> = (call, attributes) => {
  const { t } = call;
  const x = call.maps(0);
  const halves = starts.map((start) => {
    const w = matrixOf(call, 1 + start);
    const own = read(t, x, start, attributes);
    const half = perPixel(t, own, w.shape[0] ?? 1, (rows) => t.matMul(rows, w, false, true));
    t.drop(own);
    return half;
  });
  return [call.result('maps', t.concat(halves, 3))];
};

export const factorizedReduceInputGrad: Kernel<'factorizedReduceInputGrad'> = (call, attributes) => {
  const { t } = call;
  const weights = starts.map((start) => matrixOf(call, 1 + start));
  const halves = t.split(
    call.maps(0),
    weights.map((w) => w.shape[0] ?? 1),
    3,
  );
  const [images, channels, height, width] = mapShape(call.resultShape());
  const gradients = starts.map((start) => {
    const [dy, w] = [halves[start], weights[start]];
    if (dy === undefined || w === undefined) throw new RangeError('half');
    return perPixel(t, dy, channels, (ownRows) => t.matMul(ownRows, w));
  });
  if (!halvesEvenly(attributes, [height, width])) {
    const { stride, shift } = reductionOf(attributes);
    const [own, behind] = gradients.map((dx) => insertZeros(t, dx, [stride, stride], [height, width]));
    if (own === undefined || behind === undefined) throw new RangeError('half');
    const moved = t.pad(behind, [
      [0, 0],
      [shift, 0],
      [shift, 0],
      [0, 0],
    ]);
    return [call.result('maps', t.add(own, t.slice(moved, [0, 0, 0, 0], own.shape)))];
  }
  // Two rows of a block, each as [N, H/2, 1, W/2, 2 C]: the pixel at the left or at the right of zeros.
  const rows = gradients.map((dx, start) => {
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

export const factorizedReduceWeightGrad: Kernel<'factorizedReduceWeightGrad'> = (call, attributes) => {
  const { t } = call;
  const [x, dy] = [call.maps(0), call.maps(1)];
  const half = (dy.shape[3] ?? 2) / 2;
  const halves = t.split(dy, [half, half], 3);
  return starts.map((start) => {
    const own = halves[start];
    if (own === undefined) throw new RangeError('half');
    const dw = t.matMul(pixels(t, own), pixels(t, read(t, x, start, attributes)), true);
    return call.result('plain', t.reshape(dw, call.resultShape(start)), start);
  });
};
