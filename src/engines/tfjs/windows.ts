// How a window with any stride, padding and dilation is run by kernels that know strides only. Along each axis, with
// stride s, padding t and dilation d,
//   y[p] = sum_i w[i] x[s p - t + d i]
// lives on a grid of g = gcd(s, d): only every g-th element is read. That leaves the stride s/g and the dilation d/g. A
// dilation that is left takes d/g images apart, each of every (d/g)-th element, which a window without dilation covers one
// by one (space to batch, as TensorFlow itself does it); the stride is then taken from the result.
//
// All of this is a chain of linear steps before the window (`enter`) and after it (`leave`). The gradients run the chain's
// steps transposed, so that one plan serves the operation and both of its derivatives. Tensors are [N,H,W,C].
import type { Pair } from '../../../graphs/ir.js';
import type { Arena, Padding, Paddings } from './arena.js';
import type { DeviceTensor } from './tfjs.js';

/** A linear map between feature maps, and its transpose. */
export interface LinearStep {
  forward(t: Arena, x: DeviceTensor): DeviceTensor;
  transposed(t: Arena, y: DeviceTensor): DeviceTensor;
}

export interface WindowPlan {
  readonly enter: readonly LinearStep[];
  readonly leave: readonly LinearStep[];
  /** Of the window itself. */
  readonly strides: Pair;
  readonly pad: Padding;
  /** Height and width that the window runs over. */
  readonly extent: Pair;
}

export interface WindowGeometry {
  readonly strides: Pair;
  readonly pads: readonly [number, number, number, number];
  readonly dilations: Pair;
  readonly kernel: Pair;
  readonly input: Pair;
  readonly output: Pair;
}

/** Whether a kernel takes strides that differ between height and width. TensorFlow's depthwise ones do not. */
export type Strides = 'any' | 'equal';

/** What one axis needs, in this order. */
interface AxisPlan {
  readonly padFirst: readonly [number, number];
  readonly readEvery: number;
  readonly pad: readonly [number, number];
  readonly spread: number;
  readonly stride: number;
  readonly crop: number;
  readonly keepEvery: number;
  /** Extents where elements are left out, and of the window's input. */
  readonly extents: { readonly read: number; readonly window: number; readonly kept: number };
}

/** `strided`: whether the window itself may have a stride. */
function planAxis(g: WindowGeometry, axis: 0 | 1, strided: boolean): AxisPlan {
  const [size, taps, stride] = [g.input[axis], g.kernel[axis], g.strides[axis]];
  const [before, after] = [g.pads[axis], g.pads[axis === 0 ? 2 : 3]];
  // A single tap has no dilation of its own.
  const dilation = taps === 1 ? stride : g.dilations[axis];
  const readEvery = gcd(stride, dilation);
  const [strideLeft, spread] = [stride / readEvery, dilation / readEvery];
  // Zeros can be put around what is left where that keeps the grid.
  const padsFirst = before % readEvery !== 0;
  const total = Math.ceil((size + before + after) / readEvery);
  const read = padsFirst ? total : Math.ceil(size / readEvery);
  const start = padsFirst ? 0 : before / readEvery;
  const window = Math.ceil(total / spread) * spread;
  const keepEvery = spread > 1 || !strided ? strideLeft : 1;
  const results = spread * (Math.floor((window / spread - taps) / (strideLeft / keepEvery)) + 1);
  const kept = spread > 1 ? (g.output[axis] - 1) * keepEvery + 1 : results;
  return {
    padFirst: padsFirst ? [before, after] : [0, 0],
    readEvery,
    pad: [start, window - start - read],
    spread,
    stride: strideLeft / keepEvery,
    crop: results - kept,
    keepEvery,
    extents: { read: size + (padsFirst ? before + after : 0), window, kept },
  };
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}

export function planWindow(g: WindowGeometry, strides: Strides = 'any'): WindowPlan {
  if (isSame(g)) return { enter: [], leave: [], strides: [1, 1], pad: 'same', extent: g.input };
  let axes = [planAxis(g, 0, true), planAxis(g, 1, true)] as const;
  if (strides === 'equal' && axes[0].stride !== axes[1].stride)
    axes = [planAxis(g, 0, false), planAxis(g, 1, false)] as const;
  const pair = (of: (axis: AxisPlan) => number): Pair => [of(axes[0]), of(axes[1])];
  const both = (of: (axis: AxisPlan) => readonly [number, number]): Paddings =>
    axes.map((axis): [number, number] => [...of(axis)]);
  const spread = pair((axis) => axis.spread);
  const spreads = spread.some((by) => by > 1);
  const pads = both(({ pad }) => pad);
  return {
    enter: [
      padded(both(({ padFirst }) => padFirst)),
      every(
        pair(({ readEvery }) => readEvery),
        pair(({ extents }) => extents.read),
      ),
      spreads ? apart(spread, pads) : padded(pads),
    ].filter((step) => step !== undefined),
    leave: [
      spreads
        ? transposedStep(
            apart(
              spread,
              both(({ crop }) => [0, crop]),
            ),
          )
        : undefined,
      every(
        pair(({ keepEvery }) => keepEvery),
        pair(({ extents }) => extents.kept),
      ),
    ].filter((step) => step !== undefined),
    strides: pair(({ stride }) => stride),
    pad: 'valid',
    extent: pair(({ extents, spread: by }) => extents.window / by),
  };
}

/** Whether the kernels' own padding is the wanted one: they then need no padded copy. */
function isSame({ strides, dilations, pads, kernel }: WindowGeometry): boolean {
  return ([0, 1] as const).every((axis) => {
    const half = (kernel[axis] - 1) / 2;
    const undilated = dilations[axis] === 1 || kernel[axis] === 1;
    return strides[axis] === 1 && undilated && pads[axis] === half && pads[axis === 0 ? 2 : 3] === half;
  });
}

export function enter(t: Arena, { enter: steps }: WindowPlan, x: DeviceTensor): DeviceTensor {
  return chain(t, steps, x, (step, y) => step.forward(t, y));
}

export function leave(t: Arena, { leave: steps }: WindowPlan, y: DeviceTensor): DeviceTensor {
  return chain(t, steps, y, (step, x) => step.forward(t, x));
}

/** From the gradient at the window's input to that at the operation's. */
export function enterTransposed(t: Arena, { enter: steps }: WindowPlan, dx: DeviceTensor): DeviceTensor {
  return chain(t, steps.toReversed(), dx, (step, y) => step.transposed(t, y));
}

/** From the gradient at the operation's result to that at the window's. */
export function leaveTransposed(t: Arena, { leave: steps }: WindowPlan, dy: DeviceTensor): DeviceTensor {
  return chain(t, steps.toReversed(), dy, (step, x) => step.transposed(t, x));
}

/** Each result is dropped once the next is there. */
function chain(
  t: Arena,
  steps: readonly LinearStep[],
  from: DeviceTensor,
  apply: (step: LinearStep, x: DeviceTensor) => DeviceTensor,
): DeviceTensor {
  let last = from;
  for (const step of steps) {
    const next = apply(step, last);
    if (last !== from) t.drop(last);
    last = next;
  }
  return last;
}

function transposedStep({ forward, transposed }: LinearStep): LinearStep {
  return { forward: transposed, transposed: forward };
}

/** Zeros around the pixels; back, they are cut off. */
function padded(pads: Paddings): LinearStep | undefined {
  if (pads.every(([before, after]) => before === 0 && after === 0)) return undefined;
  const [[top, bottom] = [0, 0], [left, right] = [0, 0]] = pads;
  return {
    forward: (t, x) =>
      t.pad(x, [
        [0, 0],
        [top, bottom],
        [left, right],
        [0, 0],
      ]),
    transposed: (t, y) => {
      const [images = 1, height = 1, width = 1, channels = 1] = y.shape;
      return t.slice(y, [0, top, left, 0], [images, height - top - bottom, width - left - right, channels]);
    },
  };
}

/** Pixels on a grid; back, zeros are put between them. */
function every(steps: Pair, extent: Pair): LinearStep | undefined {
  if (steps[0] === 1 && steps[1] === 1) return undefined;
  return {
    forward: (t, x) => t.everyPixel(x, [0, 0], steps),
    transposed: (t, y) => insertZeros(t, y, steps, extent),
  };
}

/** [N,P,Q,C] -> [N,H,W,C] with each pixel at `steps` times its place. */
export function insertZeros(t: Arena, y: DeviceTensor, steps: Pair, extent: Pair): DeviceTensor {
  const [images = 1, rows = 1, columns = 1, channels = 1] = y.shape;
  const apart = t.reshape(y, [images, rows, 1, columns, channels]);
  // A row of pixels is [Q,C]: zeros behind each pixel's channels are the pixels between it and the next.
  const filled = t.pad(apart, [
    [0, 0],
    [0, 0],
    [0, steps[0] - 1],
    [0, 0],
    [0, (steps[1] - 1) * channels],
  ]);
  const [height, width] = [rows * steps[0], columns * steps[1]];
  const whole = t.reshape(filled, [images, height, width, channels]);
  t.drop(filled);
  if (height === extent[0] && width === extent[1]) return whole;
  // The grid's last steps may reach beyond the image, or end before it.
  const cut = t.slice(
    whole,
    [0, 0, 0, 0],
    [images, Math.min(height, extent[0]), Math.min(width, extent[1]), channels],
  );
  t.drop(whole);
  const [below, behind] = [Math.max(0, extent[0] - height), Math.max(0, extent[1] - width)];
  return below + behind === 0
    ? cut
    : t.pad(cut, [
        [0, 0],
        [0, below],
        [0, behind],
        [0, 0],
      ]);
}

/** Every `blocks`-th pixel becomes an image of its own; back, they are put together. */
function apart(blocks: Pair, pads: Paddings): LinearStep {
  return {
    forward: (t, x) => t.spaceToBatch(x, blocks, pads),
    transposed: (t, y) => t.batchToSpace(y, blocks, pads),
  };
}
