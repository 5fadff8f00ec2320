// Bilinear interpolation on [N,H,W,C]. There is a kernel for it; backward it is two matrix products with constants,
// dx = A_h^T dy A_w, of the pixels of each row and of the rows of each image.
import type { Alignment } from '../../../../graphs/ir.js';
import { resizeMatrix } from '../../../../graphs/operations/resize.js';
import type { Arena } from '../arena.js';
import type { DeviceTensor } from '../tfjs.js';
import { type Kernel, mapShape } from './kernel.js';

export const resize: Kernel<'resize'> = (call, { extent, alignment }) => [
  call.result('maps', call.t.resizeBilinear(call.maps(0), extent, alignment)),
];

export const resizeGrad: Kernel<'resizeGrad'> = (call, { inputExtent, alignment }) => {
  const { t } = call;
  const [images, channels, rows, columns] = mapShape(call.shape(0));
  const [height, width] = inputExtent;
  const across = matrixOf(t, width, columns, alignment);
  const narrow = t.matMul(across, t.reshape(call.maps(0), [images * rows, columns, channels]), true);
  const down = matrixOf(t, height, rows, alignment);
  const low = t.matMul(down, t.reshape(narrow, [images, rows, width * channels]), true);
  return [call.result('maps', t.reshape(low, [images, height, width, channels]))];
};

/** f32[1, to, from]. */
function matrixOf(t: Arena, from: number, to: number, alignment: Alignment): DeviceTensor {
  return t.device.constant(`resize ${from} ${to} ${alignment}`, [1, to, from], (data) =>
    data.set(resizeMatrix(from, to, alignment)),
  );
}
