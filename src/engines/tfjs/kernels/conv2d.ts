// Convolution and its two backward operations on [N,H,W,C]. Weights come in PyTorch's order [O, C/G, kh, kw].
//
// 1x1 convolutions are matrix products of pixels with the weight as it is: nothing is turned, and the weight's gradient
// comes out in its own order. Depthwise ones (as many groups as channels) have kernels of their own; other groups run one
// by one, on their channels. Strides and dilations are taken apart by `windows.ts`.
import type { ConvolutionAttributes, Pair } from '../../../../graphs/ir.js';
import type { Arena } from '../arena.js';
import type { DeviceTensor } from '../tfjs.js';
import { enter, enterTransposed, leave, leaveTransposed, planWindow, type WindowPlan } from '../windows.js';
import { type Kernel, mapShape } from './kernel.js';

type Shape4 = readonly [number, number, number, number];

interface Setting {
  readonly plan: WindowPlan;
  readonly groups: number;
  readonly depthwise: boolean;
  readonly pointwise: boolean;
  /** [O, C/G, kh, kw]. */
  readonly weight: Shape4;
  /** Shape of the window's input in memory, given its images. */
  readonly inputShape: (images: number) => number[];
}

function settingOf(
  x: Shape4,
  weight: Shape4,
  y: Shape4,
  { groups, ...geometry }: ConvolutionAttributes,
): Setting {
  const kernel: Pair = [weight[2], weight[3]];
  const [, channels, height, width] = x;
  const depthwise = groups === channels && groups > 1;
  const windows = { ...geometry, kernel, input: [height, width], output: [y[2], y[3]] } as const;
  const plan = planWindow(windows, depthwise ? 'equal' : 'any');
  return {
    plan,
    groups,
    depthwise,
    pointwise:
      groups === 1 && kernel[0] === 1 && kernel[1] === 1 && plan.strides[0] === 1 && plan.strides[1] === 1,
    weight,
    inputShape: (images) => [images, ...plan.extent, channels],
  };
}

export const conv2d: Kernel<'conv2d'> = (call, attributes) => {
  const { t } = call;
  const weight = mapShape(call.shape(1));
  const setting = settingOf(mapShape(call.shape(0)), weight, mapShape(call.resultShape()), attributes);
  const x = enter(t, setting.plan, call.maps(0));
  const y = leave(t, setting.plan, forward(t, setting, x, call.plain(1)));
  return [call.result('maps', call.has(2) ? t.add(y, call.plain(2)) : y)];
};

export const conv2dInputGrad: Kernel<'conv2dInputGrad'> = (call, attributes) => {
  const { t } = call;
  const dy = mapShape(call.shape(0));
  const setting = settingOf(mapShape(call.resultShape()), mapShape(call.shape(1)), dy, attributes);
  const at = leaveTransposed(t, setting.plan, call.maps(0));
  const dx = inputGrad(t, setting, at, call.plain(1));
  return [call.result('maps', enterTransposed(t, setting.plan, dx))];
};

export const conv2dWeightGrad: Kernel<'conv2dWeightGrad'> = (call, attributes) => {
  const { t } = call;
  const shape = mapShape(call.resultShape());
  const setting = settingOf(mapShape(call.shape(0)), shape, mapShape(call.shape(1)), attributes);
  const x = enter(t, setting.plan, call.maps(0));
  const dy = leaveTransposed(t, setting.plan, call.maps(1));
  return [call.result('plain', weightGrad(t, setting, x, dy))];
};

// -- the window itself, one way and back

function forward(t: Arena, setting: Setting, x: DeviceTensor, w: DeviceTensor): DeviceTensor {
  const { plan, pointwise, depthwise, groups } = setting;
  if (pointwise)
    return perPixel(t, x, setting.weight[0], (rows) => t.matMul(rows, matrix(t, setting, w), false, true));
  if (depthwise) return t.depthwise(x, depthwiseFilter(t, setting, w), plan);
  if (groups === 1) return t.conv2d(x, denseFilter(t, w), plan);
  const weights = t.split(w, equalParts(setting.weight[0], groups), 0);
  const parts = channelsOf(t, x, groups).map((part, i) =>
    t.conv2d(part, denseFilter(t, at(weights, i)), plan),
  );
  return t.concat(parts, 3);
}

function inputGrad(t: Arena, setting: Setting, dy: DeviceTensor, w: DeviceTensor): DeviceTensor {
  const { plan, pointwise, depthwise, groups, weight } = setting;
  const shape = setting.inputShape(dy.shape[0] ?? 1);
  if (pointwise) return perPixel(t, dy, weight[1], (rows) => t.matMul(rows, matrix(t, setting, w)));
  if (depthwise) return t.depthwiseInputGrad(dy, depthwiseFilter(t, setting, w), shape, plan);
  if (groups === 1) return t.conv2dInputGrad(dy, denseFilter(t, w), shape, plan);
  const weights = t.split(w, equalParts(weight[0], groups), 0);
  const part = [...shape.slice(0, 3), weight[1]];
  const parts = channelsOf(t, dy, groups).map((own, i) =>
    t.conv2dInputGrad(own, denseFilter(t, at(weights, i)), part, plan),
  );
  return t.concat(parts, 3);
}

function weightGrad(t: Arena, setting: Setting, x: DeviceTensor, dy: DeviceTensor): DeviceTensor {
  const { plan, pointwise, depthwise, groups, weight } = setting;
  const [outputs, inputs, height, width] = weight;
  if (pointwise) return t.reshape(t.matMul(pixels(t, dy), pixels(t, x), true), weight);
  if (depthwise) {
    const dw = t.depthwiseFilterGrad(x, dy, [height, width, groups, outputs / groups], plan);
    return t.reshape(t.transpose(dw, [2, 3, 0, 1]), weight);
  }
  const shape = [height, width, inputs, outputs / groups];
  const turned = (own: DeviceTensor, ofOutputs: DeviceTensor): DeviceTensor =>
    t.transpose(t.conv2dFilterGrad(own, ofOutputs, shape, plan), [3, 2, 0, 1]);
  if (groups === 1) return turned(x, dy);
  const cotangents = channelsOf(t, dy, groups);
  return t.concat(
    channelsOf(t, x, groups).map((own, i) => turned(own, at(cotangents, i))),
    0,
  );
}

// -- how kernels want things

/** [N,H,W,C] -> [N H W, C]. */
export function pixels(t: Arena, x: DeviceTensor): DeviceTensor {
  return t.reshape(x, [-1, x.shape[3] ?? 1]);
}

/** Applies a matrix to each pixel's channels. */
export function perPixel(
  t: Arena,
  x: DeviceTensor,
  channels: number,
  product: (rows: DeviceTensor) => DeviceTensor,
): DeviceTensor {
  return t.reshape(product(pixels(t, x)), [...x.shape.slice(0, 3), channels]);
}

function matrix(t: Arena, { weight }: Setting, w: DeviceTensor): DeviceTensor {
  return t.reshape(w, [weight[0], weight[1]]);
}

/** [O,C,kh,kw] -> [kh,kw,C,O]. */
function denseFilter(t: Arena, w: DeviceTensor): DeviceTensor {
  return t.transpose(w, [2, 3, 1, 0]);
}

/** [C M, 1, kh, kw] -> [kh,kw,C,M]. */
function depthwiseFilter(t: Arena, { groups, weight }: Setting, w: DeviceTensor): DeviceTensor {
  const [outputs, , height, width] = weight;
  return t.transpose(t.reshape(w, [groups, outputs / groups, height, width]), [2, 3, 0, 1]);
}

function channelsOf(t: Arena, x: DeviceTensor, groups: number): DeviceTensor[] {
  return t.split(x, equalParts(x.shape[3] ?? 1, groups), 3);
}

function equalParts(size: number, parts: number): number[] {
  return new Array<number>(parts).fill(size / parts);
}

function at(tensors: readonly DeviceTensor[], index: number): DeviceTensor {
  const found = tensors[index];
  if (found === undefined) throw new RangeError(`part ${index} of ${tensors.length}`);
  return found;
}
