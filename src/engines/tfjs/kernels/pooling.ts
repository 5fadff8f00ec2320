// Pooling on [N,H,W,C]. Padding neither wins a maximum nor counts in an average.
import type { OperationAttributes, Pair, PoolAttributes } from '../../../../graphs/ir.js';
import type { Arena, Paddings } from '../arena.js';
import type { DeviceTensor } from '../tfjs.js';
import { enterTransposed, insertZeros, leaveTransposed, planWindow } from '../windows.js';
import { type Kernel, mapShape } from './kernel.js';

/** Below any activation. */
const lowest = -3e38;

/** Whether the kernels' own padding is the wanted one. */
function isSame({ kernel, strides, pads }: PoolAttributes): boolean {
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

export const maxPool2d: Kernel<'maxPool2d'> = (call, attributes) => {
  const x = padded(call.t, call.maps(0), attributes, lowest);
  return [call.result('maps', call.t.maxPool(x, attributes.kernel, windowsOf(attributes)))];
};

export const maxPool2dGrad: Kernel<'maxPool2dGrad'> = (call, attributes) => {
  const { t } = call;
  const gradient = t.device.firstMaximumWins ? byKernel : byTaps;
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
  const { kernel, strides, pads } = attributes;
  const [images = 1, height = 1, width = 1, channels = 1] = x.shape;
  const [, rows = 1, columns = 1] = dy.shape;
  const input = t.pad(x, paddingsOf(pads), lowest);
  const extent: Pair = [height + pads[0] + pads[2], width + pads[1] + pads[3]];
  const output = t.maxPool(input, kernel, { strides, pad: 'valid' });
  const reach: Pair = [(rows - 1) * strides[0] + 1, (columns - 1) * strides[1] + 1];
  let remaining = dy;
  let total: DeviceTensor | undefined;
  for (let i = 0; i < kernel[0]; i++) {
    for (let j = 0; j < kernel[1]; j++) {
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
  // With the kernel's own padding, it counts the valid pixels only.
  const means = t.averagePool(padded(t, x, attributes, 0), attributes.kernel, windowsOf(attributes));
  if (!isPadded(attributes) || isSame(attributes)) return [call.result('maps', means)];
  const [, channels, height, width] = mapShape(call.shape(0));
  const [, , rows, columns] = mapShape(call.resultShape());
  const area = attributes.kernel[0] * attributes.kernel[1];
  const geometry = { ...attributes, inputExtent: [height, width] as const };
  const factors = inverseCounts(t, geometry, [rows, columns], channels, area);
  return [call.result('maps', t.mul(means, factors))];
};

/** dy / count, spread by the transpose of a depthwise convolution with ones. */
export const averagePool2dGrad: Kernel<'averagePool2dGrad'> = (call, attributes) => {
  const { t } = call;
  const { kernel, inputExtent } = attributes;
  const [images, channels, rows, columns] = mapShape(call.shape(0));
  const shares = t.mul(call.maps(0), inverseCounts(t, attributes, [rows, columns], channels, 1));
  const plan = planWindow(
    { ...attributes, dilations: [1, 1], input: inputExtent, output: [rows, columns] },
    'equal',
  );
  const ones = t.device.constant(`taps ${kernel.join()} ${channels}`, [...kernel, channels, 1], (data) =>
    data.fill(1),
  );
  const at = leaveTransposed(t, plan, shares);
  const dx = t.depthwiseInputGrad(at, ones, [images, ...plan.extent, channels], plan);
  return [call.result('maps', enterTransposed(t, plan, dx))];
};

/** scale / (number of pixels in the window that are not padding), f32[P,Q,C]: kernels broadcast images fastest. */
function inverseCounts(
  t: Arena,
  { kernel, strides, pads, inputExtent }: OperationAttributes['averagePool2dGrad'],
  [rows, columns]: Pair,
  channels: number,
  scale: number,
): DeviceTensor {
  const valid = (axis: 0 | 1, index: number): number => {
    const start = index * strides[axis] - pads[axis];
    return Math.min(start + kernel[axis], inputExtent[axis]) - Math.max(start, 0);
  };
  const key = `counts ${[kernel, strides, pads, inputExtent, rows, columns, channels, scale].join(' ')}`;
  return t.device.constant(key, [rows, columns, channels], (data) => {
    for (let p = 0; p < rows; p++)
      for (let q = 0; q < columns; q++) {
        const first = (p * columns + q) * channels;
        data.fill(scale / (valid(0, p) * valid(1, q)), first, first + channels);
      }
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
