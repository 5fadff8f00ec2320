// Convolutions in standard ONNX.
//
// The weight's gradient is a convolution too, with images and channels exchanged:
//   dw[o,c,i,j] = sum_{n,p,q} dy[n,o,p,q] x[n,c, p s - pad + i d, q s - pad + j d]
// is the convolution of x^T [C,N,H,W] with the kernels dy^T [O,N,P,Q], at stride d and dilation s. Depthwise, each image
// and channel is a group of its own, [1, N C, H, W] with N C kernels, and the result is summed over the images. Where the
// forward stride did not divide evenly, the result has more taps than the kernel, and the rest is cut off.
import type { ConvolutionAttributes } from '../../ir.js';
import { fixed, fixedShape } from '../../shapes.js';
import { type Attributes, int, ints } from '../emitter.js';
import type { PortableRule } from '../lowering.js';
import { inputName, valueAt, Writer } from './writer.js';

export function convolutionAttributes(
  geometry: ConvolutionAttributes,
  kernel: readonly number[],
): Attributes {
  return {
    kernel_shape: ints(kernel),
    strides: ints(geometry.strides),
    pads: ints(geometry.pads),
    dilations: ints(geometry.dilations),
    group: int(geometry.groups),
  };
}

export const conv2d: PortableRule<'conv2d'> = (node, low) => {
  const kernel = fixedShape(valueAt(node.inputs, 1).shape.slice(2), node.path);
  const names = node.inputs.map((value) => low.plain(value));
  return [
    new Writer(low, node.path).one(
      'Conv',
      names,
      convolutionAttributes(node.attributes, kernel),
      node.outputs[0],
    ),
  ];
};

export const conv2dInputGrad: PortableRule<'conv2dInputGrad'> = (node, low) => {
  const { strides, pads, dilations, inputExtent } = node.attributes;
  const dy = valueAt(node.inputs, 0);
  const kernel = fixedShape(valueAt(node.inputs, 1).shape.slice(2), node.path);
  // ConvTranspose gives (P - 1) s + d (k - 1) + 1 - pads + output_padding.
  const outputPadding = [0, 1].map((axis) => {
    const size = fixed(dy.shape[2 + axis], node.path);
    const reach = (dilations[axis] ?? 1) * ((kernel[axis] ?? 1) - 1) + 1;
    const padded = (pads[axis] ?? 0) + (pads[axis + 2] ?? 0);
    return (inputExtent[axis] ?? 0) - ((size - 1) * (strides[axis] ?? 1) + reach - padded);
  });
  const attributes = {
    ...convolutionAttributes(node.attributes, kernel),
    output_padding: ints(outputPadding),
  };
  const names = node.inputs.map((value) => low.plain(value));
  return [new Writer(low, node.path).one('ConvTranspose', names, attributes)];
};

export const conv2dWeightGrad: PortableRule<'conv2dWeightGrad'> = (node, low) => {
  const { strides, pads, dilations, groups, kernel } = node.attributes;
  const w = new Writer(low, node.path);
  const [x, dy] = [valueAt(node.inputs, 0), valueAt(node.inputs, 1)];
  const [images, channels, height, width] = fixedShape(x.shape, node.path) as [
    number,
    number,
    number,
    number,
  ];
  const [, outputs, rows, columns] = fixedShape(dy.shape, node.path) as [number, number, number, number];
  const exchanged: ConvolutionAttributes = { strides: dilations, dilations: strides, pads, groups: 1 };
  const extents = [height, width].map((size, axis) => {
    const reach = (strides[axis] ?? 1) * (((axis === 0 ? rows : columns) ?? 1) - 1) + 1;
    return (
      Math.floor((size + (pads[axis] ?? 0) + (pads[axis + 2] ?? 0) - reach) / (dilations[axis] ?? 1)) + 1
    );
  });
  const crop = (taps: string): string =>
    extents[0] === kernel[0] && extents[1] === kernel[1] ? taps : w.slice(taps, [2, 3], [0, 0], kernel);
  if (groups === 1) {
    const [a, b] = [low.plain(x), low.plain(dy)].map((name) => w.transpose(name, [1, 0, 2, 3]));
    const taps = w.one('Conv', [a ?? '', b ?? ''], convolutionAttributes(exchanged, [rows, columns]));
    return [w.transpose(crop(taps), [1, 0, 2, 3])];
  }
  // One group for each image, channel and output channel of the channel's group.
  const perGroup = outputs / groups;
  const inputsPerGroup = channels / groups;
  const pairs = groups * inputsPerGroup * perGroup;
  const spread = (name: string, shape: readonly number[], expanded: readonly number[]): string =>
    w.one('Expand', [w.reshape(name, shape), low.emit.int64(expanded)]);
  const a = spread(
    low.plain(x),
    [images, groups, 1, inputsPerGroup, height, width],
    [images, groups, perGroup, inputsPerGroup, height, width],
  );
  const b = spread(
    low.plain(dy),
    [images, groups, perGroup, 1, rows, columns],
    [images, groups, perGroup, inputsPerGroup, rows, columns],
  );
  const taps = w.one(
    'Conv',
    [w.reshape(a, [1, images * pairs, height, width]), w.reshape(b, [images * pairs, 1, rows, columns])],
    convolutionAttributes({ ...exchanged, groups: images * pairs }, [rows, columns]),
  );
  const byImage = w.reshape(crop(taps), [images, outputs, inputsPerGroup, ...kernel]);
  return [w.reduceSum(byImage, [0])];
};

export const factorizedReduce: PortableRule<'factorizedReduce'> = (node, low) => {
  const w = new Writer(low, node.path);
  const [x, first, second, y] = [
    valueAt(node.inputs, 0),
    valueAt(node.inputs, 1),
    valueAt(node.inputs, 2),
    valueAt(node.outputs, 0),
  ];
  const [height, width] = fixedShape(x.shape.slice(2), node.path) as [number, number];
  const shiftedType = { ...x, shape: [...x.shape.slice(0, 2), height - 1, width - 1] };
  const shifted = w.slice(low.plain(x), [2, 3], [1, 1], [height, width], undefined, shiftedType);
  const half = (input: string, weight: typeof first): string =>
    w.one('Conv', [input, low.plain(weight)], convolutionAttributes(pointwiseByTwo, [1, 1]), {
      ...y,
      shape: [y.shape[0] ?? 1, weight.shape[0] ?? 1, ...y.shape.slice(2)],
    });
  return [w.one('Concat', [half(low.plain(x), first), half(shifted, second)], { axis: int(1) }, y)];
};

const pointwiseByTwo: ConvolutionAttributes = {
  strides: [2, 2],
  pads: [0, 0, 0, 0],
  dilations: [1, 1],
  groups: 1,
};

export const factorizedReduceInputGrad: PortableRule<'factorizedReduceInputGrad'> = (node, low) => {
  const w = new Writer(low, node.path);
  const [dy, first, second] = [valueAt(node.inputs, 0), valueAt(node.inputs, 1), valueAt(node.inputs, 2)];
  const [a, b] = [fixed(first.shape[0], node.path), fixed(second.shape[0], node.path)];
  const [top, bottom] = low.emit.node(
    node.path,
    'Split',
    [low.plain(dy), low.emit.int64([a, b])],
    { axis: int(1) },
    { outputs: 2 },
  );
  // Each pixel of a half goes to one pixel of the input: the upper left of its 2x2 block, or the lower right.
  const spread = (half: string | undefined, weight: typeof first, pads: readonly number[]): string => {
    const attributes = { ...convolutionAttributes(pointwiseByTwo, [1, 1]), output_padding: ints([1, 1]) };
    const even = w.one('ConvTranspose', [half ?? '', low.plain(weight)], attributes);
    if (pads.every((pad) => pad === 0)) return even;
    const extent = fixedShape(valueAt(node.outputs, 0).shape.slice(2), node.path);
    return w.slice(w.pad(even, [0, 0, 1, 1], [0, 0, 0, 0]), [2, 3], [0, 0], extent);
  };
  return [w.add(spread(top, first, [0]), spread(bottom, second, [1]))];
};

export const factorizedReduceWeightGrad: PortableRule<'factorizedReduceWeightGrad'> = (node, low) => {
  const w = new Writer(low, node.path);
  const x = inputName(low, node.inputs, 0);
  const [images, channels, height, width] = fixedShape(valueAt(node.inputs, 0).shape, node.path) as [
    number,
    number,
    number,
    number,
  ];
  const outputs = fixed(valueAt(node.inputs, 1).shape[1], node.path);
  const pixels = (height / 2) * (width / 2);
  const cotangent = w.reshape(inputName(low, node.inputs, 1), [images, outputs, pixels]);
  return [0, 1].map((offset) => {
    const rows = w.slice(cotangent, [1], [(offset * outputs) / 2], [((offset + 1) * outputs) / 2]);
    const shifted = w.slice(x, [2, 3], [offset, offset], [height, width], [2, 2]);
    const columns = w.transpose(w.reshape(shifted, [images, channels, pixels]), [0, 2, 1]);
    return w.reshape(w.reduceSum(w.one('MatMul', [rows, columns]), [0]), [outputs / 2, channels, 1, 1]);
  });
};
