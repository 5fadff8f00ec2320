// Operators that move elements, pick or repeat them, and those that calculate with shapes.
// Source: https://onnx.ai/onnx/operators/; where an operator set moved something from an attribute to an input, both are read.
import { broadcast } from '../../shapes.js';
import { type Known, knownTensor, mostValues, NotKnown } from './known.js';
import { axesOf, axisOf, type Operation, type ShapeRule, type ShapeRules, sizeOf } from './rule.js';

/** The same elements in another shape. */
function reshaped(shapeOf: (op: Operation, shape: readonly number[]) => readonly number[]): ShapeRule {
  return (op) => {
    const { shape, values } = op.known(0);
    const output = shapeOf(op, shape);
    if (sizeOf(output) !== sizeOf(shape)) throw new NotKnown(`it makes [${output}] of [${shape}]`);
    return [{ shape: output, values }];
  };
}

const reshape = reshaped((op, shape) => {
  const asked = op.ints('shape') ?? op.values(1);
  const keepsZero = op.int('allowzero', 0) === 1;
  const extents = asked.map((extent, axis) => (extent === 0 && !keepsZero ? (shape[axis] ?? 0) : extent));
  const rest = sizeOf(extents.filter((extent) => extent !== -1));
  return extents.map((extent) => (extent === -1 ? sizeOf(shape) / rest : extent));
});

const flatten = reshaped((op, shape) => {
  const axis = op.int('axis', 1);
  const at = axis === shape.length ? axis : axisOf(axis, shape.length);
  return [sizeOf(shape, 0, at), sizeOf(shape, at)];
});

const squeeze = reshaped((op, shape) => {
  const axes = op.intsOrInput('axes', 1);
  const gone = axes === undefined ? undefined : axesOf(axes, shape.length);
  return shape.filter((extent, axis) => !(gone?.includes(axis) ?? extent === 1));
});

const unsqueeze = reshaped((op, shape) => {
  const axes = op.intsOrInput('axes', 1) ?? [];
  const rank = shape.length + axes.length;
  const fresh = axesOf(axes, rank);
  const old = shape.values();
  return Array.from({ length: rank }, (_, axis) => (fresh.includes(axis) ? 1 : (old.next().value ?? 1)));
});

const transpose: ShapeRule = (op) => {
  const shape = op.shape(0);
  const order = op.ints('perm') ?? shape.map((_, axis) => shape.length - 1 - axis);
  return [{ shape: axesOf(order, shape.length).map((axis) => shape[axis] ?? 1) }];
};

function concatenation(parts: (op: Operation) => readonly Known[]): ShapeRule {
  return (op) => {
    const inputs = parts(op);
    const [first = { shape: [] }] = inputs;
    const axis = axisOf(op.int('axis', 1), first.shape.length);
    const extent = inputs.reduce((sum, { shape }) => sum + (shape[axis] ?? 0), 0);
    const shape = first.shape.with(axis, extent);
    if (shape.length !== 1 || extent > mostValues) return [{ shape }];
    const values = inputs.map((input) => input.values);
    return [{ shape, values: values.includes(undefined) ? undefined : values.flatMap((each) => each ?? []) }];
  };
}

const split: ShapeRule = (op) => {
  const shape = op.shape(0);
  const axis = axisOf(op.int('axis', 0), shape.length);
  const extent = shape[axis] ?? 0;
  const even = Math.ceil(extent / op.outputCount);
  const parts =
    op.intsOrInput('split', 1) ??
    Array.from({ length: op.outputCount }, (_, i) => Math.max(Math.min(even, extent - i * even), 0));
  return parts.map((part) => ({ shape: shape.with(axis, part) }));
};

const slice: ShapeRule = (op) => {
  const { shape, values } = op.known(0);
  const starts = op.intsOrInput('starts', 1) ?? [];
  const ends = op.intsOrInput('ends', 2) ?? [];
  const axes = axesOf(op.intsOrInput('axes', 3) ?? starts.map((_, axis) => axis), shape.length);
  const steps = op.has(4) ? op.values(4) : [];
  const output = [...shape];
  let picked = shape.length === 1 ? values : undefined;
  axes.forEach((axis, i) => {
    const size = shape[axis] ?? 0;
    const step = steps[i] ?? 1;
    if (step === 0) throw new NotKnown('its step is 0');
    const [least, most] = step > 0 ? [0, size] : [-1, size - 1];
    const within = (index: number): number =>
      Math.min(Math.max(index < 0 ? index + size : index, step > 0 ? least : Math.max(least, 0)), most);
    const start = within(starts[i] ?? 0);
    const end = (ends[i] ?? 0) < -size ? least : within(ends[i] ?? 0);
    output[axis] = Math.max(Math.ceil((end - start) / step), 0);
    picked = picked && Array.from({ length: output[axis] ?? 0 }, (_, n) => picked?.[start + n * step] ?? 0);
  });
  return [{ shape: output, values: picked }];
};

const pad: ShapeRule = (op) => {
  const shape = op.shape(0);
  const pads = op.intsOrInput('pads', 1) ?? [];
  const axes = axesOf(op.has(3) ? op.values(3) : shape.map((_, axis) => axis), shape.length);
  const output = [...shape];
  axes.forEach((axis, i) => {
    output[axis] = (shape[axis] ?? 0) + (pads[i] ?? 0) + (pads[i + axes.length] ?? 0);
  });
  return [{ shape: output }];
};

const gather: ShapeRule = (op) => {
  const { shape, values } = op.known(0);
  const indices = op.known(1);
  const axis = axisOf(op.int('axis', 0), shape.length);
  const output = [...shape.slice(0, axis), ...indices.shape, ...shape.slice(axis + 1)];
  if (shape.length !== 1 || values === undefined || indices.values === undefined) return [{ shape: output }];
  return [{ shape: output, values: indices.values.map((index) => values.at(index) ?? 0) }];
};

const gatherElements: ShapeRule = (op) => [{ shape: op.shape(1) }];

const resize: ShapeRule = (op) => {
  const shape = op.shape(0);
  // Since opset 11 there is a region of interest before the scales, and sizes behind them.
  const at = op.node.opType === 'Upsample' || op.opset < 11 ? 1 : 2;
  const axes = axesOf(op.ints('axes') ?? shape.map((_, axis) => axis), shape.length);
  const isGiven = op.has(3) && sizeOf(op.shape(3)) > 0;
  const sizes = isGiven ? op.values(3) : undefined;
  const scales = isGiven ? [] : (floatsOf(op, 'scales') ?? op.known(at).reals);
  if (scales === undefined) throw new NotKnown('its scales are calculated while it runs');
  if (op.text('keep_aspect_ratio_policy', 'stretch') !== 'stretch')
    throw new NotKnown('it keeps the aspect ratio');
  const output = [...shape];
  axes.forEach((axis, i) => {
    output[axis] = sizes?.[i] ?? Math.floor((shape[axis] ?? 0) * (scales[i] ?? 1));
  });
  return [{ shape: output }];
};

function floatsOf(op: Operation, name: string): readonly number[] | undefined {
  const found = op.floats(name);
  return found === undefined || found.length === 0 ? undefined : found;
}

const tile: ShapeRule = (op) => {
  const repeats = op.values(1);
  return [{ shape: op.shape(0).map((extent, axis) => extent * (repeats[axis] ?? 1)) }];
};

const expand: ShapeRule = (op) => [
  { shape: broadcast(op.shape(0), op.values(1), 'an expansion').map(Number) },
];

/** Blocks of pixels to channels, or back. */
function blocks(scale: (block: number) => readonly [channels: number, extent: number]): ShapeRule {
  return (op) => {
    const [batch = 1, channels = 1, height = 1, width = 1] = op.shape(0);
    const [more, extent] = scale(op.int('blocksize', 1));
    return [{ shape: [batch, channels * more, height * extent, width * extent] }];
  };
}

const reduction: ShapeRule = (op) => {
  const shape = op.shape(0);
  const given = op.intsOrInput('axes', 1) ?? [];
  const isIdentity = given.length === 0 && op.int('noop_with_empty_axes', 0) === 1;
  if (isIdentity) return [{ shape }];
  return [{ shape: reducedShape(op, given.length === 0 ? undefined : given) }];
};

function reducedShape(op: Operation, given: readonly number[] | undefined): number[] {
  const shape = op.shape(0);
  const axes = given === undefined ? shape.map((_, axis) => axis) : axesOf(given, shape.length);
  if (op.int('keepdims', 1) === 1) return shape.map((extent, axis) => (axes.includes(axis) ? 1 : extent));
  return shape.filter((_, axis) => !axes.includes(axis));
}

const extreme: ShapeRule = (op) => [{ shape: reducedShape(op, [op.int('axis', 0)]) }];

const topK: ShapeRule = (op) => {
  const shape = op.shape(0);
  const axis = axisOf(op.int('axis', -1), shape.length);
  const [count] = op.has(1) ? op.values(1) : [op.int('k', 1)];
  const output = { shape: shape.with(axis, count ?? 1) };
  return [output, output];
};

const constant: ShapeRule = (op) => {
  const tensor = op.tensor('value');
  if (tensor !== undefined) return [knownTensor(tensor)];
  const list = op.ints('value_ints');
  if (list !== undefined && list.length > 0) return [{ shape: [list.length], values: list }];
  const reals = op.floats('value_floats');
  if (reals !== undefined && reals.length > 0) return [{ shape: [reals.length], reals }];
  return [{ shape: [], values: [op.int('value_int', 0)] }];
};

const constantOfShape: ShapeRule = (op) => {
  const shape = op.values(0);
  const size = sizeOf(shape);
  const tensor = op.tensor('value');
  const [value] = tensor === undefined ? [] : (knownTensor(tensor).values ?? []);
  const isSmall = value !== undefined && size <= mostValues;
  return [{ shape, values: isSmall ? Array.from({ length: size }, () => value) : undefined }];
};

const shapeOf: ShapeRule = (op) => {
  const shape = op.shape(0);
  const values = shape.slice(op.int('start', 0), op.int('end', shape.length));
  return [{ shape: [values.length], values }];
};

const range: ShapeRule = (op) => {
  const [start = 0, end = 0, step = 1] = [0, 1, 2].map((index) => op.values(index)[0]);
  const size = Math.max(Math.ceil((end - start) / step), 0);
  if (!Number.isSafeInteger(size)) throw new NotKnown('its step is 0');
  const isSmall = size <= mostValues;
  const values = isSmall ? Array.from({ length: size }, (_, i) => start + i * step) : undefined;
  return [{ shape: [size], values }];
};

const reductions = ['L1', 'L2', 'LogSum', 'LogSumExp', 'Max', 'Mean', 'Min', 'Prod', 'Sum', 'SumSquare'];

export const layoutRules: ShapeRules = {
  ...Object.fromEntries(reductions.map((name) => [`Reduce${name}`, reduction])),
  ArgMax: extreme,
  ArgMin: extreme,
  Concat: concatenation((op) => op.inputs.map((_, index) => op.known(index))),
  // Behind a scale and a zero point of the output, each input with its own.
  'com.microsoft.QLinearConcat': concatenation((op) =>
    op.inputs.flatMap((_, index) => (index >= 2 && (index - 2) % 3 === 0 ? [op.known(index)] : [])),
  ),
  Constant: constant,
  ConstantOfShape: constantOfShape,
  DepthToSpace: blocks((block) => [1 / block ** 2, block]),
  Expand: expand,
  Flatten: flatten,
  Gather: gather,
  GatherElements: gatherElements,
  Pad: pad,
  Range: range,
  Reshape: reshape,
  Resize: resize,
  Shape: shapeOf,
  Size: (op) => [{ shape: [], values: [sizeOf(op.shape(0))] }],
  Slice: slice,
  SpaceToDepth: blocks((block) => [block ** 2, 1 / block]),
  Split: split,
  Squeeze: squeeze,
  Tile: tile,
  TopK: topK,
  Transpose: transpose,
  Unsqueeze: unsqueeze,
  Upsample: resize,
};
