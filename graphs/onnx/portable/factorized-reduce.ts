// FactorizedReduce in standard ONNX: two 1x1 convolutions of stride 2, the second on the input without its first row and
// column. Backward, each pixel of a half goes to one pixel of the input: the upper left of its 2x2 block, or the lower
// right. The weights' gradients are matrix products over the pixels that each half read.
import type { ConvolutionAttributes, Value } from '../../ir.js';
import { fixed } from '../../shapes.js';
import { int, ints } from '../emitter.js';
import type { PortableRule } from '../lowering.js';
import { convolutionAttributes, extentOf, mapShape } from './geometry.js';
import { inputName, valueAt, Writer } from './writer.js';

const everySecond: ConvolutionAttributes = {
  strides: [2, 2],
  pads: [0, 0, 0, 0],
  dilations: [1, 1],
  groups: 1,
};
const pointwiseByTwo = convolutionAttributes(everySecond, [1, 1]);

export const factorizedReduce: PortableRule<'factorizedReduce'> = (node, low) => {
  const w = new Writer(low, node.path);
  const [x, y] = [valueAt(node.inputs, 0), valueAt(node.outputs, 0)];
  const [height, width] = extentOf(x, node.path);
  const half = (input: string, weight: Value): string => {
    const shape = y.shape.map((size, axis) => (axis === 1 ? fixed(weight.shape[0], node.path) : size));
    return w.one('Conv', [input, low.plain(weight)], pointwiseByTwo, { ...y, shape });
  };
  const shiftedType = { ...x, shape: [...x.shape.slice(0, 2), height - 1, width - 1] };
  const shifted = w.slice(low.plain(x), [2, 3], [1, 1], [height, width], undefined, shiftedType);
  const halves = [half(low.plain(x), valueAt(node.inputs, 1)), half(shifted, valueAt(node.inputs, 2))];
  return [w.one('Concat', halves, { axis: int(1) }, y)];
};

export const factorizedReduceInputGrad: PortableRule<'factorizedReduceInputGrad'> = (node, low) => {
  const w = new Writer(low, node.path);
  const weights = [valueAt(node.inputs, 1), valueAt(node.inputs, 2)];
  const sizes = weights.map(({ shape }) => fixed(shape[0], node.path));
  const halves = low.emit.node(
    node.path,
    'Split',
    [inputName(low, node.inputs, 0), low.emit.int64(sizes)],
    { axis: int(1) },
    { outputs: 2 },
  );
  const attributes = { ...pointwiseByTwo, output_padding: ints([1, 1]) };
  const [upperLeft = '', onUpperLeft = ''] = weights.map((weight, i) =>
    w.one('ConvTranspose', [halves[i] ?? '', low.plain(weight)], attributes),
  );
  const [height, width] = extentOf(valueAt(node.outputs, 0), node.path);
  const moved = w.pad(onUpperLeft, [0, 0, 1, 1], [0, 0, 0, 0]);
  return [w.add(upperLeft, w.slice(moved, [2, 3], [0, 0], [height, width]))];
};

export const factorizedReduceWeightGrad: PortableRule<'factorizedReduceWeightGrad'> = (node, low) => {
  const w = new Writer(low, node.path);
  const [images, channels, height, width] = mapShape(valueAt(node.inputs, 0), node.path);
  const [, outputs, rows, columns] = mapShape(valueAt(node.inputs, 1), node.path);
  const pixels = rows * columns;
  const half = outputs / 2;
  const x = inputName(low, node.inputs, 0);
  const dy = w.reshape(inputName(low, node.inputs, 1), [images, outputs, pixels]);
  return [0, 1].map((offset) => {
    const cotangent = w.slice(dy, [1], [offset * half], [(offset + 1) * half]);
    const read = w.slice(x, [2, 3], [offset, offset], [height, width], [2, 2]);
    const byPixel = w.transpose(w.reshape(read, [images, channels, pixels]), [0, 2, 1]);
    const products = w.reduceSum(w.one('MatMul', [cotangent, byPixel]), [0]);
    return w.reshape(products, [half, channels, 1, 1]);
  });
};
