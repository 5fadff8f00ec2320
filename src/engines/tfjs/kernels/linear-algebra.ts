// Matrix product and reduction.
import { mapsAxes } from '../handle.js';
import type { Kernel } from './kernel.js';

export const matMul: Kernel<'matMul'> = (call, { transposeA, transposeB }) => [
  call.result('plain', call.t.matMul(call.plain(0), call.plain(1), transposeA, transposeB)),
];

/** A feature map need not be turned where all of its axes are summed over, or where none disappears. */
export const reduceSum: Kernel<'reduceSum'> = (call, { axes, keepDims }) => {
  const { t } = call;
  const rank = call.shape(0).length;
  const x = call.handle(0);
  if (axes.length === rank) {
    const total = t.sum(t.reshape(call.inForm(x, call.commonForm), [-1]), [0]);
    return [call.result('plain', t.reshape(total, call.resultShape()))];
  }
  if (call.commonForm === 'maps' && keepDims) {
    const inMaps = axes.map((axis) => mapsAxes[axis] ?? axis);
    return [call.result('maps', t.sum(call.maps(0), inMaps, true))];
  }
  return [call.result('plain', t.sum(call.plain(0), axes, keepDims))];
};
