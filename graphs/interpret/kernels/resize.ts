// Bilinear interpolation. Along an axis, each pixel of the result is the sum of two pixels by their shares; the gradient goes
// back to them by the same.
import type { Alignment, Pair } from '../../ir.js';
import { interpolation } from '../../operations/resize.js';
import { addTo, at, extent, zeroTensor } from '../tensor.js';
import { type Kernel, operand } from './kernel.js';

/** Calls `visit` for each pair of a pixel of the result and one that it is made of, with the share. */
function forEachShare(
  maps: number,
  from: Pair,
  to: Pair,
  alignment: Alignment,
  visit: (y: number, x: number, share: number) => void,
): void {
  const rows = interpolation(from[0], to[0], alignment);
  const columns = interpolation(from[1], to[1], alignment);
  const ends = ({ before, after, share }: (typeof rows)[number]) =>
    [
      [before, 1 - share],
      [after, share],
    ] as const;
  for (let map = 0; map < maps; map++) {
    rows.forEach((row, p) => {
      columns.forEach((column, q) => {
        const y = (map * to[0] + p) * to[1] + q;
        for (const [u, down] of ends(row))
          for (const [v, across] of ends(column)) visit(y, (map * from[0] + u) * from[1] + v, down * across);
      });
    });
  }
}

export const resize: Kernel<'resize'> = (inputs, attributes) => {
  const x = operand(inputs, 0);
  const [images, channels, from] = [extent(x, 0), extent(x, 1), [extent(x, 2), extent(x, 3)] as const];
  const y = zeroTensor([images, channels, ...attributes.extent]);
  forEachShare(images * channels, from, attributes.extent, attributes.alignment, (to, source, share) =>
    addTo(y.data, to, share * at(x.data, source)),
  );
  return [y];
};

export const resizeGrad: Kernel<'resizeGrad'> = (inputs, { inputExtent, alignment }) => {
  const dy = operand(inputs, 0);
  const [images, channels, to] = [extent(dy, 0), extent(dy, 1), [extent(dy, 2), extent(dy, 3)] as const];
  const dx = zeroTensor([images, channels, ...inputExtent]);
  forEachShare(images * channels, inputExtent, to, alignment, (from, target, share) =>
    addTo(dx.data, target, share * at(dy.data, from)),
  );
  return [dx];
};
