// Pooling on [N,H,W,C]. Padding neither wins a maximum nor counts in an average. The kernels know no dilation: a dilated maximum
// is taken in images of every d-th pixel, a dilated average is a depthwise convolution with ones, over the count.
import type { Pair, PoolAttributes } from '../../../../graphs/ir.js';
import { inverseCounts } from '../../../../graphs/operations/pooling.js';
import { windowExtent } from '../../../../graphs/shapes.js';
import type { Arena, Paddings } from '../arena.js';
import type { DeviceTensor } from '../tfjs.js';
import {
  enter,
  enterTransposed,
  insertZeros,
  leave,
  leaveTransposed,
  planWindow,
  type WindowPlan,
} from '../windows.js';
import { type Kernel, mapShape } from './kernel.js';

/** Below any activation. */
const lowest = -3e38;

/** Whether the kernels' own padding is the wanted one. */
function isSame({ kernel, strides, pads, dilations = [1, 1] }: PoolAttributes): boolean {
  if (dilations[0] > 1 || dilations[1] > 1) return false;
  const [top, left, bottom, right] = pads;
  const [half, across] = [(kernel[0] - 1) / 2, (kernel[1] - 1) / 2];
  const centred = top === half && bottom === half && left === across && right === across;
  return centred && strides[0] === 1 && strides[1] === 1;
}

function paddingsOf([top, left, bottom, right]: PoolAttributes['pads']): Paddings {
  return [
    [0, 0],
    [top, bottom],
    [left, right],
    [0, 0],
  ];
}

function isPadded({ pads }: PoolAttributes): boolean {
  return pads.some((size) => size > 0);
}

/** The input with its padding, where the kernel does not pad by itself. */
function padded(t: Arena, x: DeviceTensor, attributes: PoolAttributes, value: number): DeviceTensor {
  return isPadded(attributes) && !isSame(attributes) ? t.pad(x, paddingsOf(attributes.pads), value) : x;
}

function windowsOf(attributes: PoolAttributes): { strides: Pair; pad: 'same' | 'valid' } {
  return { strides: attributes.strides, pad: isSame(attributes) ? 'same' : 'valid' };
}

function isDilated({ dilations = [1, 1] }: PoolAttributes): boolean {
  return dilations.some((dilation) => dilation > 1);
}

/** The largest of each window of a map that has its padding. */
function largest(t: Arena, x: DeviceTensor, attributes: PoolAttributes): DeviceTensor {
  const { kernel, strides, dilations = [1, 1] } = attributes;
  if (!isDilated(attributes)) return t.maxPool(x, kernel, windowsOf(attributes));
  const input: Pair = [x.shape[1] ?? 1, x.shape[2] ?? 1];
  const output: Pair = [
    windowExtent(input[0], kernel[0], strides[0], 0, 0, dilations[0]),
    windowExtent(input[1], kernel[1], strides[1], 0, 0, dilations[1]),
  ];
  const geometry = { kernel, strides, pads: [0, 0, 0, 0], dilations, input, output } as const;
  // What is put around the images to make them equal is read by windows only that are cut off.
  const plan = planWindow(geometry);
  return leave(t, plan, t.maxPool(enter(t, plan, x), kernel, plan));
}

export const maxPool2d: Kernel<'maxPool2d'> = (call, attributes) => {
  const x = padded(call.t, call.maps(0), attributes, lowest);
  return [call.result('maps', largest(call.t, x, attributes))];
};

export const maxPool2dGrad: Kernel<'maxPool2dGrad'> = (call, attributes) => {
  const { t } = call;
  const gradient = t.device.firstMaximumWins && !isDilated(attributes) ? byKernel : byTaps;
  return [call.result('maps', gradient(t, call.maps(0), call.maps(1), attributes))];
};

function byKernel(t: Arena, x: DeviceTensor, dy: DeviceTensor, attributes: PoolAttributes): DeviceTensor {
  const windows = windowsOf(attributes);
  const input = padded(t, x, attributes, lowest);
  const output = t.maxPool(input, attributes.kernel, windows);
  const dx = t.maxPoolGrad(dy, input, output, attributes.kernel, windows);
  return input === x ? dx : cut(t, dx, x, attributes);
}

/** The pixels of `x` out of a tensor with its padding. */
function cut(t: Arena, whole: DeviceTensor, x: DeviceTensor, { pads }: PoolAttributes): DeviceTensor {
  return t.slice(whole, [0, pads[0], pads[1], 0], x.shape);
}

/**
 * Tap by tap in row-major order: the windows whose maximum a tap attains and that no earlier tap has taken hand their
 * gradient to it. What is left of the gradient is what no tap has taken yet.
 */
export function byTaps(
  t: Arena,
  x: DeviceTensor,
  dy: DeviceTensor,
  attributes: PoolAttributes,
): DeviceTensor {
  const { kernel, strides, pads, dilations = [1, 1] } = attributes;
  const [images = 1, height = 1, width = 1, channels = 1] = x.shape;
  const [, rows = 1, columns = 1] = dy.shape;
  const input = t.pad(x, paddingsOf(pads), lowest);
  const extent: Pair = [height + pads[0] + pads[2], width + pads[1] + pads[3]];
  const output = isDilated(attributes)
    ? largest(t, input, attributes)
    : t.maxPool(input, kernel, { strides, pad: 'valid' });
  const reach: Pair = [(rows - 1) * strides[0] + 1, (columns - 1) * strides[1] + 1];
  let remaining = dy;
  let total: DeviceTensor | undefined;
  for (let i = 0; i < kernel[0] * dilations[0]; i += dilations[0]) {
    for (let j = 0; j < kernel[1] * dilations[1]; j += dilations[1]) {
      const seen = t.slice(input, [0, i, j, 0], [images, ...reach, channels]);
      const tap = t.everyPixel(seen, [0, 0], strides);
      const share = t.mul(remaining, t.compared('Equal', tap, output));
      const left = t.sub(remaining, share);
      t.drop(seen, tap, remaining);
      remaining = left;
      const spread = insertZeros(t, share, strides, reach);
      const [below, behind] = [extent[0] - i - reach[0], extent[1] - j - reach[1]];
      const placed = t.pad(spread, [
        [0, 0],
        [i, below],
        [j, behind],
        [0, 0],
      ]);
      const sum = total === undefined ? placed : t.add(total, placed);
      t.drop(share, spread);
      if (total !== undefined) t.drop(total, placed);
      total = sum;
    }
  }
  if (total === undefined) throw new RangeError('a window without taps');
  return cut(t, total, x, attributes);
}

export const averagePool2d: Kernel<'averagePool2d'> = (call, attributes) => {
  const { t } = call;
  const x = call.maps(0);
  const [, channels, height, width] = mapShape(call.shape(0));
  const [, , rows, columns] = mapShape(call.resultShape());
  const [input, output]: [Pair, Pair] = [
    [height, width],
    [rows, columns],
  ];
  if (isDilated(attributes)) {
    const plan = planOf(attributes, input, output);
    const sums = leave(t, plan, t.depthwise(enter(t, plan, x), onesOf(t, attributes, channels), plan));
    return [call.result('maps', t.mul(sums, sharesOf(t, attributes, input, output, channels, 1)))];
  }
  // With the kernel's own padding, it counts the valid pixels only.
  const means = t.averagePool(padded(t, x, attributes, 0), attributes.kernel, windowsOf(attributes));
  if (!isPadded(attributes) || isSame(attributes)) return [call.result('maps', means)];
  const area = attributes.kernel[0] * attributes.kernel[1];
  return [call.result('maps', t.mul(means, sharesOf(t, attributes, input, output, channels, area)))];
};

/** dy / count, spread by the transpose of a depthwise convolution with ones. */
export const averagePool2dGrad: Kernel<'averagePool2dGrad'> = (call, attributes) => {
  const { t } = call;
  const { inputExtent } = attributes;
  const [images, channels, rows, columns] = mapShape(call.shape(0));
  const output: Pair = [rows, columns];
  const shares = t.mul(call.maps(0), sharesOf(t, attributes, inputExtent, output, channels, 1));
  const plan = planOf(attributes, inputExtent, output);
  const ones = onesOf(t, attributes, channels);
  const at = leaveTransposed(t, plan, shares);
  const dx = t.depthwiseInputGrad(at, ones, [at.shape[0] ?? images, ...plan.extent, channels], plan);
  return [call.result('maps', enterTransposed(t, plan, dx))];
};

/** Of a depthwise convolution over the windows. */
function planOf(attributes: PoolAttributes, input: Pair, output: Pair): WindowPlan {
  return planWindow({ dilations: [1, 1], ...attributes, input, output }, 'equal');
}

function onesOf(t: Arena, { kernel }: PoolAttributes, channels: number): DeviceTensor {
  return t.device.constant(`taps ${kernel.join()} ${channels}`, [...kernel, channels, 1], (data) =>
    data.fill(1),
  );
}

/** scale / (number of pixels in the window that are not padding), f32[P,Q,C]: kernels broadcast images fastest. */
function sharesOf(
  t: Arena,
  attributes: PoolAttributes,
  input: Pair,
  output: Pair,
  channels: number,
  scale: number,
): DeviceTensor {
  const { kernel, strides, pads, dilations = [1, 1] } = attributes;
  const key = `counts ${[kernel, strides, pads, dilations, input, output, channels, scale].join(' ')}`;
  return t.device.constant(key, [...output, channels], (data) => {
    inverseCounts(attributes, input, output).forEach((share, pixel) => {
      data.fill(scale * share, pixel * channels, (pixel + 1) * channels);
    });
  });
}

export const globalAveragePool: Kernel<'globalAveragePool'> = (call) => {
  const { t } = call;
  const [, , height, width] = mapShape(call.shape(0));
  const means = t.averagePool(call.maps(0), [height, width], { strides: [1, 1], pad: 'valid' });
  return [call.result('plain', t.reshape(means, call.resultShape()))];
};

export const globalAveragePoolGrad: Kernel<'globalAveragePoolGrad'> = (call) => {
  const { t } = call;
  const [images, channels, height, width] = mapShape(call.resultShape());
  const share = t.mul(call.plain(0), t.device.scalar(1 / (height * width)));
  const pixel = t.reshape(share, [images, 1, 1, channels]);
  return [call.result('maps', t.tile(pixel, [1, height, width, 1]))];
};
