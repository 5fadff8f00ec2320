// Operations that move elements, in standard ONNX.
import { fixedShape } from '../../shapes.js';
import { int } from '../emitter.js';
import type { PortableRule } from '../lowering.js';
import { inputName, valueAt, Writer } from './writer.js';

export const constant: PortableRule<'constant'> = ({ attributes: { data, shape, dtype } }, { emit }) => {
  if (dtype === 'float32') return [emit.float32(data, shape)];
  const bytes =
    dtype === 'bool' ? Uint8Array.from(data) : new Uint8Array(BigInt64Array.from(data, BigInt).buffer);
  return [emit.parts.constant('const/values', dtype, shape, bytes)];
};

/** One extent that is not known is left to be calculated; where there are several, the shape is put together. */
export const reshape: PortableRule<'reshape'> = (node, low) => {
  const w = new Writer(low, node.path);
  const { shape } = node.attributes;
  const x = inputName(low, node.inputs, 0);
  const open = shape.filter((size) => typeof size !== 'number');
  if (open.length < 2) return [w.reshape(x, shape, node.outputs[0]?.dtype)];
  return [w.one('Reshape', [x, w.extents(shape)], {}, node.outputs[0])];
};

export const transpose: PortableRule<'transpose'> = (node, low) => [
  new Writer(low, node.path).transpose(
    inputName(low, node.inputs, 0),
    node.attributes.permutation,
    node.outputs[0],
  ),
];

export const slice: PortableRule<'slice'> = (node, low) => {
  const { axis, start, end } = node.attributes;
  return [
    new Writer(low, node.path).slice(
      inputName(low, node.inputs, 0),
      [axis],
      [start],
      [end],
      undefined,
      node.outputs[0],
    ),
  ];
};

export const pad: PortableRule<'pad'> = (node, low) => {
  const { axis, before, after } = node.attributes;
  const at = (size: number): number[] => valueAt(node.inputs, 0).shape.map((_, i) => (i === axis ? size : 0));
  const name = inputName(low, node.inputs, 0);
  return [new Writer(low, node.path).pad(name, at(before), at(after), undefined, node.outputs[0])];
};

export const concat: PortableRule<'concat'> = (node, low) => [
  new Writer(low, node.path).one(
    'Concat',
    node.inputs.map((value) => low.plain(value)),
    { axis: int(node.attributes.axis) },
    node.outputs[0],
  ),
];

export const split: PortableRule<'split'> = (node, low) => {
  const { axis, sizes } = node.attributes;
  const inputs = [inputName(low, node.inputs, 0), low.emit.int64(sizes)];
  return low.emit.node(
    node.path,
    'Split',
    inputs,
    { axis: int(axis) },
    { outputs: sizes.length, types: node.outputs },
  );
};

/** An extent of 1 leaves a dimension as it is: so a symbolic one that the input has is kept. */
export const expand: PortableRule<'expand'> = (node, low) => {
  const w = new Writer(low, node.path);
  const { shape } = node.attributes;
  const from = valueAt(node.inputs, 0).shape;
  const added = shape.length - from.length;
  const sizes = shape.map((size, axis) => (size === from[axis - added] ? 1 : size));
  return [w.one('Expand', [inputName(low, node.inputs, 0), w.extents(sizes)], {}, node.outputs[0])];
};

export const gather: PortableRule<'gather'> = (node, low) => [
  new Writer(low, node.path).one(
    'Gather',
    node.inputs.map((value) => low.plain(value)),
    { axis: int(0) },
    node.outputs[0],
  ),
];

/** Rows are added to a tensor of zeros. */
export const gatherGrad: PortableRule<'gatherGrad'> = (node, low) => {
  const { emit } = low;
  const { shape } = valueAt(node.outputs, 0);
  const zeros = emit.one(node.path, 'ConstantOfShape', [emit.int64(fixedShape(shape, node.path))]);
  const [dy, indices] = [inputName(low, node.inputs, 0), inputName(low, node.inputs, 1)];
  return [new Writer(low, node.path).addRows(zeros, indices, dy)];
};

/** Without axes, ONNX would sum over all. */
export const reduceSum: PortableRule<'reduceSum'> = (node, low) => {
  const { axes, keepDims } = node.attributes;
  if (axes.length === 0) return [inputName(low, node.inputs, 0)];
  return [
    new Writer(low, node.path).reduceSum(inputName(low, node.inputs, 0), axes, keepDims, node.outputs[0]),
  ];
};

/** Gemm multiplies matrices, transposed or not. */
export const matMul: PortableRule<'matMul'> = (node, low) => {
  const { transposeA, transposeB } = node.attributes;
  const names = node.inputs.map((value) => low.plain(value));
  const attributes = { transA: int(transposeA ? 1 : 0), transB: int(transposeB ? 1 : 0) };
  return [new Writer(low, node.path).one('Gemm', names, attributes, node.outputs[0])];
};
