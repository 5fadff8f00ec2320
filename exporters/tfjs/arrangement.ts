// Operations that move elements, and constants.
import { GenonnxError } from '../../graphs/errors.js';
import { fixed } from '../../graphs/shapes.js';
import { int, type, typeOf } from './graph-def.js';
import { cut, sameInBoth, storedAxis, storedOrder, toNchw, toNhwc } from './layout.js';
import { type Rule, valueAt } from './lowering.js';

/** Written as a weight where it is used. */
export const constant: Rule<'constant'> = ({ attributes: { data, shape, dtype }, path }) => {
  if (dtype === 'float32') return { name: path === '' ? 'constant' : `${path}/constant`, shape, data };
  throw new GenonnxError('graph', 'TensorFlow.js models hold float32 constants only.', {
    where: path,
    expected: 'float32',
    found: dtype,
  });
};

/**
 * Elements keep the order that they have in NCHW. A feature map of one pixel or one channel has it as it lies; any other
 * is transposed before, and a result of rank 4 after.
 */
export const reshape: Rule<'reshape'> = ({ attributes: { shape }, inputs, path }, low) => {
  const { writer } = low;
  const x = valueAt(inputs, 0);
  const of = { T: type(typeOf(x.dtype)) };
  const open = shape.map((size) => (typeof size === 'number' ? size : -1));
  const ordered =
    x.shape.length !== 4 || sameInBoth(x.shape)
      ? low.name(x)
      : writer.node(path, 'Transpose', [low.name(x), writer.ints(toNchw)]);
  if (open.length !== 4 || sameInBoth(shape))
    return writer.node(path, 'Reshape', [ordered, writer.ints(storedOrder(open))], of);
  const logical = writer.node(path, 'Reshape', [ordered, writer.ints(open)]);
  return writer.node(path, 'Transpose', [logical, writer.ints(toNhwc)]);
};

export const concat: Rule<'concat'> = ({ attributes, inputs, path }, low) => {
  const axis = storedAxis(attributes.axis, valueAt(inputs, 0).shape.length);
  const names = inputs.map((value) => low.name(value));
  return low.writer.node(path, 'ConcatV2', [...names, low.writer.ints([axis], [])], { N: int(names.length) });
};

/** A part of a weight is cut here, once; of what is calculated, a size of -1 takes an axis to its end. */
export const slice: Rule<'slice'> = ({ attributes: { axis, start, end }, inputs, path }, low) => {
  const { writer } = low;
  const x = valueAt(inputs, 0);
  const data = low.dataOf(x);
  if (data !== undefined) return { name: `${data.name}/${start}`, ...cut(data, axis, start, end) };
  const along = (value: number, elsewhere: number): string =>
    writer.ints(storedOrder(x.shape.map((_, i) => (i === axis ? value : elsewhere))));
  const range = [along(start, 0), along(end - start, -1)];
  return writer.node(path, 'Slice', [low.name(x), ...range], { Index: type('DT_INT32') });
};

/** Rows along the first axis, which lies first in both layouts. */
export const gather: Rule<'gather'> = ({ inputs, path }, low) => {
  const names = inputs.map((value) => low.name(value));
  const integers = type('DT_INT32');
  return low.writer.node(path, 'GatherV2', [...names, low.writer.ints([0], [])], {
    Tparams: type('DT_FLOAT'),
    Tindices: integers,
    Taxis: integers,
  });
};

export const pad: Rule<'pad'> = ({ attributes: { axis, before, after }, inputs, path }, low) => {
  const { writer } = low;
  const x = valueAt(inputs, 0);
  const paddings = storedOrder(x.shape.map((_, i) => (i === axis ? [before, after] : [0, 0])));
  return writer.node(path, 'Pad', [low.name(x), writer.ints(paddings.flat(), [paddings.length, 2])]);
};

/**
 * Repeated along the axes that broadcast; an open one is one that the input has.
 * @throws GenonnxError `graph` for a map of something of lower rank.
 */
export const expand: Rule<'expand'> = ({ attributes: { shape }, inputs, path }, low) => {
  const { writer } = low;
  const x = valueAt(inputs, 0);
  const isAdding = x.shape.length < shape.length;
  if (isAdding && shape.length === 4) {
    throw new GenonnxError('graph', 'TensorFlow.js cannot run this expand: it makes a map of what is none.', {
      where: path,
      expected: 'a value of rank 4',
      found: `rank ${x.shape.length}`,
      cure: 'Export this model to ONNX.',
    });
  }
  const from = [...new Array<number>(shape.length - x.shape.length).fill(1), ...x.shape];
  const open = from.map((size) => (typeof size === 'number' ? size : -1));
  const operand = isAdding ? writer.node(path, 'Reshape', [low.name(x), writer.ints(open)]) : low.name(x);
  const times = shape.map((size, axis) => (size === from[axis] ? 1 : fixed(size, path)));
  return writer.node(path, 'Tile', [operand, writer.ints(storedOrder(times))]);
};
