// Bilinear interpolation in standard ONNX. Forward it is `Resize`; backward two matrix products with constants,
// dx = A_h^T dy A_w, which every execution provider has.
import type { Alignment } from '../../ir.js';
import { resizeMatrix } from '../../operations/resize.js';
import { text } from '../emitter.js';
import type { PortableRule } from '../lowering.js';
import { extentOf } from './geometry.js';
import { inputName, valueAt, Writer } from './writer.js';

/** ONNX reads beyond the edge what lies at the edge: at = max(at, 0), as PyTorch has it. */
const transformations: { readonly [A in Alignment]: string } = {
  'align-corners': 'align_corners',
  'half-pixel': 'half_pixel',
};

export const resize: PortableRule<'resize'> = (node, low) => {
  const w = new Writer(low, node.path);
  const y = valueAt(node.outputs, 0);
  const attributes = {
    mode: text('linear'),
    coordinate_transformation_mode: text(transformations[node.attributes.alignment]),
  };
  // Neither a region of interest nor scales: the sizes are given.
  return [w.one('Resize', [inputName(low, node.inputs, 0), '', '', w.extents(y.shape)], attributes, y)];
};

export const resizeGrad: PortableRule<'resizeGrad'> = (node, low) => {
  const w = new Writer(low, node.path);
  const { inputExtent, alignment } = node.attributes;
  const [rows, columns] = extentOf(valueAt(node.inputs, 0), node.path);
  const [height, width] = inputExtent;
  const down = resizeMatrix(height, rows, alignment);
  const transposed = Float64Array.from(
    { length: down.length },
    (_, i) => down[(i % rows) * height + Math.floor(i / rows)] ?? 0,
  );
  const across = low.emit.float32(resizeMatrix(width, columns, alignment), [columns, width]);
  const narrow = w.one('MatMul', [inputName(low, node.inputs, 0), across]);
  return [w.one('MatMul', [low.emit.float32(transposed, [height, rows]), narrow], {}, node.outputs[0])];
};
