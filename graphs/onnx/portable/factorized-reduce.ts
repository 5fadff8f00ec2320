// FactorizedReduce in standard ONNX: two 1x1 convolutions, the second on the input without its first rows and columns, behind
// which zeros are put where the second one reads beyond the end. Backward, each pixel of a half goes to one pixel of the input:
// where even maps are halved, the upper left of its 2x2 block, or the lower right. The weights' gradients are matrix products
// over the pixels that each half read.
import type { ReductionAttributes, Value } from '../../ir.js';
import { halvesEvenly, reductionOf } from '../../operations/factorized-reduce.js';
import { fixed } from '../../shapes.js';
import { type Attributes, int, ints } from '../emitter.js';
import type { PortableRule } from '../lowering.js';
import { convolutionAttributes, extentOf, mapShape, outputPadding } from './geometry.js';
import { inputName, valueAt, Writer } from './writer.js';

function pointwise(attributes: ReductionAttributes): Attributes {
  const { stride } = reductionOf(attributes);
  const geometry = { strides: [stride, stride], pads: [0, 0, 0, 0], dilations: [1, 1], groups: 1 } as const;
  return convolutionAttributes(geometry, [1, 1]);
}

/** The map moved up and to the left by the shift; where even maps are halved, without what nobody reads behind its end. */
function moved(w: Writer, x: Value, attributes: ReductionAttributes): string {
  const { shift } = reductionOf(attributes);
  const [height, width] = extentOf(x, w.path);
  const typed = (rows: number, columns: number): Value => ({
    ...x,
    shape: [...x.shape.slice(0, 2), rows, columns],
  });
  if (halvesEvenly(attributes, [height, width])) {
    const type = typed(height - 1, width - 1);
    return w.slice(w.low.plain(x), [2, 3], [1, 1], [height, width], undefined, type);
  }
  const [below, behind] = [height + shift, width + shift];
  const longer = w.pad(w.low.plain(x), [0, 0, 0, 0], [0, 0, shift, shift], undefined, typed(below, behind));
  return w.slice(longer, [2, 3], [shift, shift], [below, behind], undefined, typed(height, width));
}

export const factorizedReduce: PortableRule<'factorizedReduce'> = (node, low) => {
  const w = new Writer(low, node.path);
  const [x, y] = [valueAt(node.inputs, 0), valueAt(node.outputs, 0)];
  const attributes = pointwise(node.attributes);
  const half = (input: string, weight: Value): string => {
    const shape = y.shape.map((size, axis) => (axis === 1 ? fixed(weight.shape[0], node.path) : size));
    return w.one('Conv', [input, low.plain(weight)], attributes, { ...y, shape });
  };
  const shifted = moved(w, x, node.attributes);
  const halves = [half(low.plain(x), valueAt(node.inputs, 1)), half(shifted, valueAt(node.inputs, 2))];
  return [w.one('Concat', halves, { axis: int(1) }, y)];
};

export const factorizedReduceInputGrad: PortableRule<'factorizedReduceInputGrad'> = (node, low) => {
  const w = new Writer(low, node.path);
  const weights = [valueAt(node.inputs, 1), valueAt(node.inputs, 2)];
  const sizes = weights.map(({ shape }) => fixed(shape[0], node.path));
  const { stride, shift } = reductionOf(node.attributes);
  const halves = low.emit.node(
    node.path,
    'Split',
    [inputName(low, node.inputs, 0), low.emit.int64(sizes)],
    { axis: int(1) },
    { outputs: 2 },
  );
  const [height, width] = extentOf(valueAt(node.outputs, 0), node.path);
  const rest = outputPadding(
    { strides: [stride, stride], pads: [0, 0, 0, 0] },
    [1, 1],
    extentOf(valueAt(node.inputs, 0), node.path),
    [height, width],
  );
  const attributes = { ...pointwise(node.attributes), output_padding: ints(rest) };
  const [upperLeft = '', onUpperLeft = ''] = weights.map((weight, i) =>
    w.one('ConvTranspose', [halves[i] ?? '', low.plain(weight)], attributes),
  );
  const below = w.pad(onUpperLeft, [0, 0, shift, shift], [0, 0, 0, 0]);
  return [w.add(upperLeft, w.slice(below, [2, 3], [0, 0], [height, width]))];
};

export const factorizedReduceWeightGrad: PortableRule<'factorizedReduceWeightGrad'> = (node, low) => {
  const w = new Writer(low, node.path);
  const [images, channels, height, width] = mapShape(valueAt(node.inputs, 0), node.path);
  const [, outputs, rows, columns] = mapShape(valueAt(node.inputs, 1), node.path);
  const pixels = rows * columns;
  const half = outputs / 2;
  const { stride, shift } = reductionOf(node.attributes);
  const evenly = halvesEvenly(node.attributes, [height, width]);
  const x = inputName(low, node.inputs, 0);
  const dy = w.reshape(inputName(low, node.inputs, 1), [images, outputs, pixels]);
  return [0, 1].map((second) => {
    const cotangent = w.slice(dy, [1], [second * half], [(second + 1) * half]);
    const source = second === 1 && !evenly ? moved(w, valueAt(node.inputs, 0), node.attributes) : x;
    const start = second === 1 && evenly ? shift : 0;
    const read = w.slice(source, [2, 3], [start, start], [height, width], [stride, stride]);
    const byPixel = w.transpose(w.reshape(read, [images, channels, pixels]), [0, 2, 1]);
    const products = w.reduceSum(w.one('MatMul', [cotangent, byPixel]), [0]);
    return w.reshape(products, [half, channels, 1, 1]);
  });
};
