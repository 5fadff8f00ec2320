// Bilinear interpolation: TensorFlow's own, which knows both alignments.
import { bool } from './graph-def.js';
import { type Rule, valueAt } from './lowering.js';

export const resize: Rule<'resize'> = ({ attributes: { extent, alignment }, inputs, path }, low) => {
  const { writer } = low;
  return writer.node(path, 'ResizeBilinear', [low.name(valueAt(inputs, 0)), writer.ints(extent)], {
    align_corners: bool(alignment === 'align-corners'),
    half_pixel_centers: bool(alignment === 'half-pixel'),
  });
};
