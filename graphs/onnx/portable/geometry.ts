// Shapes of feature maps as numbers, and what ONNX wants to know of a convolution or pooling.
import type { ConvolutionAttributes, Pair, Value } from '../../ir.js';
import { fixed, type WindowGeometry } from '../../shapes.js';
import { type Attributes, int, ints } from '../emitter.js';

/** [N, C, H, W] of a feature map, or [O, C/G, kh, kw] of a kernel. @throws GenonnxError `shape` when symbolic. */
export function mapShape({ shape }: Value, path: string): readonly [number, number, number, number] {
  return [fixed(shape[0], path), fixed(shape[1], path), fixed(shape[2], path), fixed(shape[3], path)];
}

/** Height and width; the batch may be symbolic. @throws GenonnxError `shape` when one of the two is. */
export function extentOf({ shape }: Value, path: string): Pair {
  return [fixed(shape[2], path), fixed(shape[3], path)];
}

export function convolutionAttributes(geometry: ConvolutionAttributes, kernel: Pair): Attributes {
  const { strides, pads, dilations, groups } = geometry;
  return {
    kernel_shape: ints(kernel),
    strides: ints(strides),
    pads: ints(pads),
    dilations: ints(dilations),
    group: int(groups),
  };
}

/**
 * The rows and columns that a transposed window lacks at the lower right when the forward stride did not divide evenly:
 * ConvTranspose by itself gives an extent of (P - 1) s + d (k - 1) + 1 - pads.
 */
export function outputPadding(
  { strides, pads, dilations = [1, 1] }: WindowGeometry,
  kernel: Pair,
  from: Pair,
  to: Pair,
): Pair {
  const [top, left, bottom, right] = pads;
  const reached = (axis: 0 | 1): number =>
    (from[axis] - 1) * strides[axis] + dilations[axis] * (kernel[axis] - 1) + 1;
  return [to[0] - reached(0) + top + bottom, to[1] - reached(1) + left + right];
}
