// Convolutions and pooling. Along each axis, for size s, window k, dilation d, stride t, and pads a before and b after:
//   out = floor((s + a + b - d (k - 1) - 1) / t) + 1,
// or its ceiling where a node asks for that, but no window may begin behind the padded beginning and the image.
// Source: https://onnx.ai/onnx/operators/ (Conv, ConvTranspose, MaxPool, AveragePool).
import { windowExtent } from '../../shapes.js';
import { type Known, NotKnown } from './known.js';
import { type Operation, type ShapeRule, type ShapeRules, sizeOf } from './rule.js';

function windowed(op: Operation, spatial: readonly number[], kernel: readonly number[]): number[] {
  const padding = op.text('auto_pad', 'NOTSET');
  const isCeiling = op.int('ceil_mode', 0) === 1;
  return spatial.map((size, axis) => {
    const stride = op.ints('strides')?.[axis] ?? 1;
    const dilation = op.ints('dilations')?.[axis] ?? 1;
    const window = kernel[axis] ?? 1;
    if (padding.startsWith('SAME')) return Math.ceil(size / stride);
    const pads = padding === 'VALID' ? [] : (op.ints('pads') ?? []);
    const [before, after] = [pads[axis] ?? 0, pads[axis + spatial.length] ?? 0];
    if (!isCeiling) return positive(windowExtent(size, window, stride, before, after, dilation));
    const rounded = windowExtent(size, window, stride, before, after + stride - 1, dilation);
    return positive((rounded - 1) * stride >= size + before ? rounded - 1 : rounded);
  });
}

function positive(extent: number): number {
  if (Number.isSafeInteger(extent) && extent >= 1) return extent;
  throw new NotKnown('its window is larger than the image');
}

function convolution(x: number, weight: number): ShapeRule {
  return (op) => {
    const [batch = 1, , ...spatial] = op.shape(x);
    const [outputs = 1, , ...kernel] = op.shape(weight);
    return [{ shape: [batch, outputs, ...windowed(op, spatial, kernel)] }];
  };
}

const transposed: ShapeRule = (op) => {
  const [batch = 1, , ...spatial] = op.shape(0);
  const [, outputs = 1, ...kernel] = op.shape(1);
  const isSame = op.text('auto_pad', 'NOTSET').startsWith('SAME');
  const extents = spatial.map((size, axis) => {
    const stride = op.ints('strides')?.[axis] ?? 1;
    const reach = (op.ints('dilations')?.[axis] ?? 1) * ((kernel[axis] ?? 1) - 1) + 1;
    const whole = stride * (size - 1) + (op.ints('output_padding')?.[axis] ?? 0) + reach;
    const asked = op.ints('output_shape')?.[axis];
    // Padding takes away, and never adds.
    if (asked !== undefined || isSame) return positive(asked ?? Math.min(size * stride, whole));
    const pads = op.text('auto_pad', 'NOTSET') === 'VALID' ? [] : (op.ints('pads') ?? []);
    return positive(whole - (pads[axis] ?? 0) - (pads[axis + spatial.length] ?? 0));
  });
  return [{ shape: [batch, outputs * op.int('group', 1), ...extents] }];
};

const pooling: ShapeRule = (op) => {
  const [batch = 1, channels = 1, ...spatial] = op.shape(0);
  const output: Known = {
    shape: [batch, channels, ...windowed(op, spatial, op.ints('kernel_shape') ?? [])],
  };
  // MaxPool may say where the largest lay.
  return [output, output];
};

const globalPooling: ShapeRule = (op) => {
  const [batch = 1, channels = 1, ...spatial] = op.shape(0);
  return [{ shape: [batch, channels, ...spatial.map(() => 1)] }];
};

export const windowRules: ShapeRules = {
  Conv: convolution(0, 1),
  ConvInteger: convolution(0, 1),
  QLinearConv: convolution(0, 3),
  'com.microsoft.FusedConv': convolution(0, 1),
  ConvTranspose: transposed,
  MaxPool: pooling,
  AveragePool: pooling,
  LpPool: pooling,
  'com.microsoft.QLinearAveragePool': pooling,
  GlobalAveragePool: globalPooling,
  GlobalMaxPool: globalPooling,
  GlobalLpPool: globalPooling,
  'com.microsoft.QLinearGlobalAveragePool': globalPooling,
};

/** Multiply-adds of a node, by operator: one for each output and each weight that it sees. */
export const windowCosts: Readonly<Record<string, (op: Operation, outputs: readonly Known[]) => number>> = {
  Conv: perOutput(1),
  ConvInteger: perOutput(1),
  QLinearConv: perOutput(3),
  'com.microsoft.FusedConv': perOutput(1),
  ConvTranspose: (op) => sizeOf(op.shape(0)) * sizeOf(op.shape(1), 1),
};

function perOutput(weight: number) {
  return (op: Operation, [output]: readonly Known[]): number =>
    sizeOf(output?.shape ?? []) * sizeOf(op.shape(weight), 1);
}
