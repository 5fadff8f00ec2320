// Convolutions. TensorFlow's 'SAME' pads unevenly at a stride, so all padding is explicit.
import { GenonnxError } from '../../graphs/errors.js';
import type { Node, Pair, Value } from '../../graphs/ir.js';
import { halvesEvenly, reductionOf } from '../../graphs/operations/factorized-reduce.js';
import { fixed } from '../../graphs/shapes.js';
import { type Attributes, int, ints, text, texts, type } from './graph-def.js';
import { denseKernel, depthwiseKernel } from './layout.js';
import { type Lowering, type Rule, valueAt } from './lowering.js';
import { type Extents, type Geometry, type Pads, planWindow, unpadded } from './window-plan.js';

export const conv2d: Rule<'conv2d'> = (node, low) => {
  const { attributes, inputs, path } = node;
  const kernel = kernelOf(node, low);
  const { padFirst, readEvery, geometry, keepEvery } = planWindow(attributes, extentsOf(node));
  const padded = zeroPadded(low, path, low.name(valueAt(inputs, 0)), padFirst);
  const operands = [subsampled(low, path, padded, readEvery), kernel.name];
  const [, , bias] = inputs;
  const convolved =
    bias === undefined
      ? low.writer.node(path, kernel.op, operands, convolutionAttributes(geometry))
      : low.writer.node(path, kernel.biasedOp, [...operands, low.name(bias)], {
          ...convolutionAttributes(geometry),
          num_args: int(1),
          fused_ops: texts(['BiasAdd']),
        });
  return subsampled(low, path, convolved, keepEvery);
};

export function convolutionAttributes({ strides, pads, dilations }: Geometry): Attributes {
  const [top, left, bottom, right] = pads;
  const padding: Attributes = pads.every((pad) => pad === 0)
    ? { padding: text('VALID') }
    : { padding: text('EXPLICIT'), explicit_paddings: ints([0, 0, top, bottom, left, right, 0, 0]) };
  return {
    data_format: text('NHWC'),
    strides: ints([1, ...strides, 1]),
    dilations: ints([1, ...dilations, 1]),
    ...padding,
  };
}

interface Kernel {
  readonly name: string;
  readonly op: string;
  /** The operation that adds a bias too. */
  readonly biasedOp: string;
}

/** @throws GenonnxError `graph` for groups that are neither one nor as many as channels. */
function kernelOf(node: Node<'conv2d'>, low: Lowering): Kernel {
  const { attributes, inputs, path } = node;
  const { groups } = attributes;
  const channels = fixed(valueAt(inputs, 0).shape[1], path);
  const known = low.known(valueAt(inputs, 1), node);
  if (groups === 1) {
    const name = low.rearranged(known, 'dense', denseKernel);
    return { name, op: 'Conv2D', biasedOp: '_FusedConv2D' };
  }
  if (groups === channels) {
    const name = low.rearranged(known, 'depthwise', (data) => depthwiseKernel(data, channels));
    return { name, op: 'DepthwiseConv2dNative', biasedOp: 'FusedDepthwiseConv2dNative' };
  }
  throw new GenonnxError('graph', 'TensorFlow.js cannot run this conv2d: its groups have several channels.', {
    where: path,
    expected: `one group, or ${channels} groups for ${channels} channels`,
    found: `${groups} groups`,
    cure: 'Export this model to ONNX.',
  });
}

function extentsOf({ inputs, outputs, path }: Node<'conv2d'>): Extents {
  const extent = ({ shape }: Value): Pair => [fixed(shape[2], path), fixed(shape[3], path)];
  return {
    input: extent(valueAt(inputs, 0)),
    kernel: extent(valueAt(inputs, 1)),
    output: extent(valueAt(outputs, 0)),
  };
}

function zeroPadded({ writer }: Lowering, path: string, x: string, pads: Pads): string {
  if (pads === unpadded) return x;
  const [top, left, bottom, right] = pads;
  return writer.preparation(path, 'Pad', [x, writer.ints([0, 0, top, bottom, left, right, 0, 0], [4, 2])]);
}

/** Every n-th row and every m-th column, from the first on. */
export function subsampled({ writer }: Lowering, path: string, x: string, every: Pair): string {
  if (every[0] === 1 && every[1] === 1) return x;
  const [ignored, steps] = [writer.ints([0, 0, 0, 0]), writer.ints([1, ...every, 1])];
  // The masks say that all axes are taken from their beginnings to their ends.
  const whole = { Index: type('DT_INT32'), begin_mask: int(0b1111), end_mask: int(0b1111) };
  return writer.preparation(path, 'StridedSlice', [x, ignored, ignored, steps], whole);
}

/** Two 1x1 convolutions, the second on the input moved up and to the left by the shift. */
export const factorizedReduce: Rule<'factorizedReduce'> = (node, low) => {
  const { attributes, inputs, path } = node;
  const { writer } = low;
  const { stride } = reductionOf(attributes);
  const geometry: Geometry = { strides: [stride, stride], pads: unpadded, dilations: [1, 1] };
  const half = (source: string, weight: Value): string => {
    const kernel = low.rearranged(low.known(weight, node), 'dense', denseKernel);
    return writer.node(path, 'Conv2D', [source, kernel], convolutionAttributes(geometry));
  };
  const shifted = moved(node, low);
  const halves = [half(low.name(valueAt(inputs, 0)), valueAt(inputs, 1)), half(shifted, valueAt(inputs, 2))];
  return writer.node(path, 'ConcatV2', [...halves, writer.ints([3], [])], { N: int(2) });
};

/** Without the first rows and columns; behind the last ones are zeros, but for even maps that are halved: nobody reads them. */
function moved({ attributes, inputs, path }: Node<'factorizedReduce'>, low: Lowering): string {
  const x = valueAt(inputs, 0);
  const { shift } = reductionOf(attributes);
  const extent = [fixed(x.shape[2], path), fixed(x.shape[3], path)] as const;
  const beyond: Pads = halvesEvenly(attributes, extent) ? unpadded : [0, 0, shift, shift];
  const source = zeroPadded(low, path, low.name(x), beyond);
  const corner = [low.writer.ints([0, shift, shift, 0]), low.writer.ints([-1, -1, -1, -1])];
  return low.writer.preparation(path, 'Slice', [source, ...corner], { Index: type('DT_INT32') });
}
