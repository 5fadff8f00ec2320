// How TensorFlow.js runs a convolution that has a stride and a dilation: it refuses both in one. Both move on a grid, so
// along each axis, with stride s, padding t and dilation d,
//   y[p] = sum_i w[i] x[s p - t + d i]
// reads only every g-th element, g = gcd(s, d), where g divides t:
//   x'[j] = x[g j],  y[p] = sum_i w[i] x'[(s/g) p - t/g + (d/g) i]
// with zeros outside in both. For stride 2 and dilation 2, the only such pair in a network, that is a plain convolution
// of a quarter of the pixels. Where g does not divide t, zeros are put around the input first; where a stride and a
// dilation are left, the convolution runs at stride 1 and every (s/g)-th result is kept.
import type { ConvolutionAttributes, Pair } from '../../graphs/ir.js';

export type Pads = ConvolutionAttributes['pads'];
export type Geometry = Pick<ConvolutionAttributes, 'strides' | 'pads' | 'dilations'>;

/** Height and width of the input, the kernel and the output. */
export interface Extents {
  readonly input: Pair;
  readonly kernel: Pair;
  readonly output: Pair;
}

/** In this order; [0, 0, 0, 0] and [1, 1] are nothing to do. */
export interface WindowPlan {
  readonly padFirst: Pads;
  readonly readEvery: Pair;
  /** Of the convolution: its strides are 1, or its dilations are. */
  readonly geometry: Geometry;
  readonly keepEvery: Pair;
}

export const unpadded: Pads = [0, 0, 0, 0];

export function planWindow(geometry: Geometry, extents: Extents): WindowPlan {
  const { strides, pads, dilations } = geometry;
  if (!isMixed(strides, dilations))
    return { padFirst: unpadded, readEvery: [1, 1], geometry, keepEvery: [1, 1] };
  const readEvery: Pair = [gcd(strides[0], dilations[0]), gcd(strides[1], dilations[1])];
  const stridesLeft = divided(strides, readEvery);
  const dilationsLeft = divided(dilations, readEvery);
  const divides = pads[0] % readEvery[0] === 0 && pads[1] % readEvery[1] === 0;
  const starts = divided([pads[0], pads[1]], readEvery);
  /** What the last window reads beyond the elements that were kept. */
  const beyond = (axis: 0 | 1): number => {
    const reach =
      (extents.output[axis] - 1) * stridesLeft[axis] + dilationsLeft[axis] * (extents.kernel[axis] - 1) + 1;
    return Math.max(0, reach - starts[axis] - Math.ceil(extents.input[axis] / readEvery[axis]));
  };
  const left = isMixed(stridesLeft, dilationsLeft);
  return {
    padFirst: divides ? unpadded : pads,
    readEvery,
    geometry: {
      strides: left ? [1, 1] : stridesLeft,
      pads: divides ? [...starts, beyond(0), beyond(1)] : unpadded,
      dilations: dilationsLeft,
    },
    keepEvery: left ? stridesLeft : [1, 1],
  };
}

function isMixed(strides: Pair, dilations: Pair): boolean {
  return strides.some((stride) => stride > 1) && dilations.some((dilation) => dilation > 1);
}

function divided(values: Pair, by: Pair): Pair {
  return [values[0] / by[0], values[1] / by[1]];
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}
