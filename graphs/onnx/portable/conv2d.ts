// Convolutions in standard ONNX.
//
// The weight's gradient is a convolution too, with images and channels exchanged:
//   dw[o,c,i,j] = sum_{n,p,q} dy[n,o,p,q] x[n,c, p s - pad + i d, q s - pad + j d]
// is the convolution of x^T [C,N,H,W] with the kernels dy^T [O,N,P,Q], at stride d and dilation s. In groups, each image
// and each pair of an input and an output channel is a group of its own: [1, N pairs, H, W] with N pairs kernels
// [1,P,Q], and the result is summed over the images. Depthwise, the pairs are the channels. Where the forward stride did
// not divide evenly, the result has more taps than the kernel, and the rest is cut off.
import type { ConvolutionAttributes, Node } from '../../ir.js';
import { windowExtent } from '../../shapes.js';
import { ints } from '../emitter.js';
import type { Lowering, PortableRule } from '../lowering.js';
import { convolutionAttributes, extentOf, mapShape, outputPadding } from './geometry.js';
import { inputName, valueAt, Writer } from './writer.js';

export const conv2d: PortableRule<'conv2d'> = (node, low) => {
  const names = node.inputs.map((value) => low.plain(value));
  const kernel = extentOf(valueAt(node.inputs, 1), node.path);
  const attributes = convolutionAttributes(node.attributes, kernel);
  return [new Writer(low, node.path).one('Conv', names, attributes, node.outputs[0])];
};

export const conv2dInputGrad: PortableRule<'conv2dInputGrad'> = (node, low) => {
  const names = node.inputs.map((value) => low.plain(value));
  const kernel = extentOf(valueAt(node.inputs, 1), node.path);
  const from = extentOf(valueAt(node.inputs, 0), node.path);
  const attributes = {
    ...convolutionAttributes(node.attributes, kernel),
    output_padding: ints(outputPadding(node.attributes, kernel, from, node.attributes.inputExtent)),
  };
  return [new Writer(low, node.path).one('ConvTranspose', names, attributes)];
};

export const conv2dWeightGrad: PortableRule<'conv2dWeightGrad'> = (node, low) =>
  node.attributes.groups === 1 ? denseWeightGrad(node, low) : groupedWeightGrad(node, low);

function denseWeightGrad(node: Node<'conv2dWeightGrad'>, low: Lowering): string[] {
  const w = new Writer(low, node.path);
  const kernel = extentOf(valueAt(node.inputs, 1), node.path);
  const x = w.transpose(inputName(low, node.inputs, 0), [1, 0, 2, 3]);
  const dy = w.transpose(inputName(low, node.inputs, 1), [1, 0, 2, 3]);
  const taps = w.one('Conv', [x, dy], convolutionAttributes(exchanged(node.attributes, 1), kernel));
  return [w.transpose(cropTaps(w, taps, node), [1, 0, 2, 3])];
}

function groupedWeightGrad(node: Node<'conv2dWeightGrad'>, low: Lowering): string[] {
  const { groups } = node.attributes;
  const w = new Writer(low, node.path);
  const [images, channels, height, width] = mapShape(valueAt(node.inputs, 0), node.path);
  const [, outputs, rows, columns] = mapShape(valueAt(node.inputs, 1), node.path);
  const [inputsPerGroup, outputsPerGroup] = [channels / groups, outputs / groups];
  const pairs = images * outputs * inputsPerGroup;
  /** Repeats a map for each channel that it is paired with: [N, G, O/G, C/G, ...]. */
  const paired = (
    name: string,
    own: readonly [number, number],
    extent: readonly [number, number],
  ): string => {
    const single = w.reshape(name, [images, groups, ...own, ...extent]);
    if (own[0] === outputsPerGroup && own[1] === inputsPerGroup) return single;
    const shape = low.emit.int64([images, groups, outputsPerGroup, inputsPerGroup, ...extent]);
    return w.one('Expand', [single, shape]);
  };
  const x = paired(inputName(low, node.inputs, 0), [1, inputsPerGroup], [height, width]);
  const dy = paired(inputName(low, node.inputs, 1), [outputsPerGroup, 1], [rows, columns]);
  const taps = w.one(
    'Conv',
    [w.reshape(x, [1, pairs, height, width]), w.reshape(dy, [pairs, 1, rows, columns])],
    convolutionAttributes(exchanged(node.attributes, pairs), [rows, columns]),
  );
  const byImage = [images, outputs, inputsPerGroup, ...node.attributes.kernel];
  return [w.reduceSum(w.reshape(cropTaps(w, taps, node), byImage), [0])];
}

/** The geometry of the convolution that yields the weight's gradient. */
function exchanged(
  { strides, dilations, pads }: ConvolutionAttributes,
  groups: number,
): ConvolutionAttributes {
  return { strides: dilations, dilations: strides, pads, groups };
}

function cropTaps(w: Writer, taps: string, { attributes, inputs, path }: Node<'conv2dWeightGrad'>): string {
  const { strides, dilations, kernel } = attributes;
  const [top, left, bottom, right] = attributes.pads;
  const [height, width] = extentOf(valueAt(inputs, 0), path);
  const [rows, columns] = extentOf(valueAt(inputs, 1), path);
  const found = [
    windowExtent(height, rows, dilations[0], top, bottom, strides[0]),
    windowExtent(width, columns, dilations[1], left, right, strides[1]),
  ];
  if (found[0] === kernel[0] && found[1] === kernel[1]) return taps;
  return w.slice(taps, [2, 3], [0, 0], kernel);
}
