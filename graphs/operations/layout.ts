// Operations that move elements and calculate nothing. Each one's VJP is another of them.
import { broadcast, elementCount, fixed, sameShape, shapeError, shapeText, times } from '../shapes.js';
import { type Expansion, input, type OperationRule, type VjpRule } from './rule.js';

export const constant: OperationRule<'constant'> = {
  infer(_inputs, { shape, dtype, data }) {
    if (elementCount(shape) !== data.length)
      throw shapeError('constant', `${elementCount(shape)} values`, String(data.length));
    return [{ shape, dtype }];
  },
};

export const reshape: OperationRule<'reshape'> = {
  infer(inputs, { shape }) {
    const { shape: from, dtype } = input(inputs, 0);
    if (times(...from) !== times(...shape))
      throw shapeError('reshape', `a shape as large as ${shapeText(from)}`, shapeText(shape));
    return [{ shape, dtype }];
  },
};

export const transpose: OperationRule<'transpose'> = {
  infer(inputs, { permutation }) {
    const { shape, dtype } = input(inputs, 0);
    return [{ shape: permutation.map((axis) => shape[axis] ?? 1), dtype }];
  },
};

/** x[..., start:end, ...] along one axis. */
export const slice: OperationRule<'slice'> = {
  infer(inputs, { axis, start, end }) {
    const { shape, dtype } = input(inputs, 0);
    if (start < 0 || end <= start || end > fixed(shape[axis], 'slice')) {
      throw shapeError('slice', `a range within axis ${axis} of ${shapeText(shape)}`, `${start}:${end}`);
    }
    return [{ shape: shape.map((size, i) => (i === axis ? end - start : size)), dtype }];
  },
};

/** Zeros before and after along one axis. */
export const pad: OperationRule<'pad'> = {
  infer(inputs, { axis, before, after }) {
    const { shape, dtype } = input(inputs, 0);
    return [
      { shape: shape.map((size, i) => (i === axis ? fixed(size, 'pad') + before + after : size)), dtype },
    ];
  },
};

export const concat: OperationRule<'concat'> = {
  infer(inputs, { axis }) {
    const { shape, dtype } = input(inputs, 0);
    let total = 0;
    for (const part of inputs) {
      const others = part.shape.map((size, i) => (i === axis ? 0 : size));
      if (
        !sameShape(
          others,
          shape.map((size, i) => (i === axis ? 0 : size)),
        )
      ) {
        throw shapeError(
          'concat',
          `shapes equal to ${shapeText(shape)} but for axis ${axis}`,
          shapeText(part.shape),
        );
      }
      total += fixed(part.shape[axis], 'concat');
    }
    return [{ shape: shape.map((size, i) => (i === axis ? total : size)), dtype }];
  },
};

export const split: OperationRule<'split'> = {
  infer(inputs, { axis, sizes }) {
    const { shape, dtype } = input(inputs, 0);
    const total = sizes.reduce((a, b) => a + b, 0);
    if (total !== shape[axis]) throw shapeError('split', `sizes that sum to ${shape[axis]}`, String(total));
    return sizes.map((size) => ({ shape: shape.map((old, i) => (i === axis ? size : old)), dtype }));
  },
};

/** Broadcasts to a larger shape. */
export const expand: OperationRule<'expand'> = {
  infer(inputs, { shape }) {
    const { shape: from, dtype } = input(inputs, 0);
    if (!sameShape(broadcast(from, shape, 'expand'), shape)) {
      throw shapeError('expand', `a shape that ${shapeText(from)} broadcasts to`, shapeText(shape));
    }
    return [{ shape, dtype }];
  },
};

type Layout = 'reshape' | 'transpose' | 'slice' | 'pad' | 'concat' | 'split' | 'expand';

export const layoutVjps: { readonly [K in Layout]: VjpRule<K> } = {
  reshape: (node, { g, cotangents: [dy] }) => (dy ? [g.reshape(dy, node.inputs[0]?.shape ?? [])] : []),
  transpose: (node, { g, cotangents: [dy] }) => {
    const { permutation } = node.attributes;
    const inverse = permutation.map((_, axis) => permutation.indexOf(axis));
    return dy ? [g.one('transpose', [dy], { permutation: inverse })] : [];
  },
  slice: (node, { g, cotangents: [dy] }) => {
    const { axis, start, end } = node.attributes;
    const size = fixed(node.inputs[0]?.shape[axis], node.path);
    return dy ? [g.one('pad', [dy], { axis, before: start, after: size - end })] : [];
  },
  pad: (node, { g, cotangents: [dy] }) => {
    const { axis, before } = node.attributes;
    const size = fixed(node.inputs[0]?.shape[axis], node.path);
    return dy ? [g.one('slice', [dy], { axis, start: before, end: before + size })] : [];
  },
  concat: (node, { g, cotangents: [dy] }) => {
    const { axis } = node.attributes;
    const sizes = node.inputs.map((part) => fixed(part.shape[axis], node.path));
    return dy ? g.split(dy, axis, sizes) : [];
  },
  split: (node, { g, cotangents }) => [
    g.concat(
      node.outputs.map((part, i) => cotangents[i] ?? g.zeros(part.shape)),
      node.attributes.axis,
    ),
  ],
  // Undoing the broadcast is the driver's work.
  expand: (_node, { cotangents: [dy] }) => [dy],
};

/** A slice for each part. */
export const splitExpansion: Expansion<'split'> = (g, { inputs, attributes: { axis, sizes } }) => {
  let end = 0;
  return sizes.map((size) => {
    const start = end;
    end += size;
    return g.one('slice', [input(inputs, 0)], { axis, start, end });
  });
};
