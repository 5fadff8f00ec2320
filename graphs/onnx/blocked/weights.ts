// Weights of convolutions as the runtime's blocked kernels want them, at run time:
//
//   depthwise  [lane blocks][kh][kw][B]            pointwise  [lane blocks out][lane blocks in][B in][B out]
//
// and sums over lanes, in which their gradients come, back in the graph's order. Lane p S + c is channel c of the p-th of P
// packed images: a depthwise weight stands there P times, a pointwise one is I_P (x) W, and lanes behind the channels are
// zeros. Written as "which element stands at this place", each of these is one Gather with constant indices. Where whole
// blocks are moved (P = 1, no zeros) and there are many elements, transposing is faster.
import { isPadded, lanes, type Packing } from './packing.js';
import type { Writer } from './rule.js';

/** Of more elements than these, a transpose is faster than a Gather; of fewer, one node is better than three. */
const mostGathered = 1024;

// -- depthwise

/** f32[C,1,k,k] as f32[P S,1,k,k]; `flipped` turns the kernel round. */
export function depthwiseWeight(
  w: Writer,
  weight: string,
  p: Packing,
  kernel: number,
  flipped: boolean,
): string {
  const { block, stored, channels } = p;
  const taps = kernel * kernel;
  const count = lanes(p);
  const shape = [count, 1, kernel, kernel];
  if (movesBlocks(p) && count * taps > mostGathered) {
    const rows = w.transpose(w.reshape(weight, [count / block, block, taps]), [0, 2, 1]);
    return w.reshape(flipped ? w.slice(rows, [-1], [-taps - 1], [1], [-1]) : rows, shape);
  }
  return w.arranged(weight, {
    key: `depthwise:${stored}:${block}:${flipped}`,
    size: channels * taps,
    shape,
    zeros: isPadded(p),
    source: (place) => {
      const tap = Math.floor(place / block) % taps;
      const channel = (Math.floor(place / (block * taps)) * block + (place % block)) % stored;
      return channel < channels ? channel * taps + (flipped ? taps - 1 - tap : tap) : undefined;
    },
  });
}

/** The gradient of such a weight, summed over images but not over packed ones, as f32[C,1,k,k]. */
export function depthwiseWeightOf(w: Writer, sums: string, p: Packing, kernel: number): string {
  const { block, stored, channels, packed } = p;
  const taps = kernel * kernel;
  const count = lanes(p);
  const elements = channels * taps;
  const shape = [channels, 1, kernel, kernel];
  if (movesBlocks(p) && count * taps > mostGathered) {
    return w.reshape(w.transpose(w.reshape(sums, [count / block, taps, block]), [0, 2, 1]), shape);
  }
  const ofImages = w.arranged(sums, {
    key: `of-depthwise:${stored}:${block}`,
    size: count * taps,
    shape: packed === 1 ? [elements] : [packed, elements],
    zeros: false,
    source: (place) => {
      const [image, element] = [Math.floor(place / elements), place % elements];
      const lane = image * stored + Math.floor(element / taps);
      return (Math.floor(lane / block) * taps + (element % taps)) * block + (lane % block);
    },
  });
  return w.reshape(packed === 1 ? ofImages : w.sumOfRows(ofImages, elements), shape);
}

// -- pointwise

/** A pointwise convolution of one map into another, both with `packed` images side by side. */
export interface Pointwise {
  readonly from: Packing;
  readonly to: Packing;
  readonly packed: number;
  /** Whether the weight's rows are the channels that are read: in the gradient of the input. */
  readonly transposed: boolean;
  /** Of the weight's rows, those that are given; the others are zero. All of them when absent. */
  readonly rows?: { readonly first: number; readonly count: number };
}

/** f32[O,I,1,1] in blocks, under any shape. */
export function pointwiseWeight(
  w: Writer,
  weight: string,
  { from, to, packed, transposed, rows }: Pointwise,
  shape: readonly number[],
): string {
  const { block } = from;
  const inner = (packed * from.stored) / block;
  const [height, width] = transposed ? [from.channels, to.channels] : [to.channels, from.channels];
  const wholeBlocks = packed === 1 && !isPadded(from) && !isPadded(to) && rows === undefined;
  if (wholeBlocks && height * width > mostGathered) {
    const [high, wide] = [height / block, width / block];
    const blocks = w.reshape(weight, [high, block, wide, block]);
    return w.reshape(w.transpose(blocks, transposed ? [2, 0, 1, 3] : [0, 2, 3, 1]), shape);
  }
  const { first, count } = rows ?? { first: 0, count: height };
  return w.arranged(weight, {
    key: `pointwise:${to.stored}:${from.stored}:${to.channels}:${packed}:${block}:${transposed}:${first}`,
    size: count * width,
    shape,
    zeros: !wholeBlocks,
    source: (place) => {
      const [written, read] = [place % block, Math.floor(place / block) % block];
      const blocks = Math.floor(place / (block * block));
      const target = Math.floor(blocks / inner) * block + written;
      const origin = (blocks % inner) * block + read;
      if (Math.floor(target / to.stored) !== Math.floor(origin / from.stored)) return undefined;
      const [output, input] = [target % to.stored, origin % from.stored];
      if (output >= to.channels || input >= from.channels) return undefined;
      const [row, column] = transposed ? [input, output] : [output, input];
      const given = row - first;
      return given >= 0 && given < count ? given * width + column : undefined;
    },
  });
}

/** From sums of products of lanes, f32[P O / B, P I / B, B, B], those of the same image and channels: f32[O,I]. */
export function pointwiseWeightOf(
  w: Writer,
  products: string,
  {
    outputs,
    inputs,
    packed,
  }: { readonly outputs: Packing; readonly inputs: Packing; readonly packed: number },
): string {
  const { block } = inputs;
  const inner = (packed * inputs.stored) / block;
  const elements = outputs.channels * inputs.channels;
  const ofImages = w.arranged(products, {
    key: `of-pointwise:${outputs.stored}:${inputs.stored}:${inputs.channels}:${block}`,
    size: packed * outputs.stored * packed * inputs.stored,
    shape: [packed, elements],
    zeros: false,
    source: (place) => {
      const [image, element] = [Math.floor(place / elements), place % elements];
      const target = image * outputs.stored + Math.floor(element / inputs.channels);
      const origin = image * inputs.stored + (element % inputs.channels);
      const blocks = Math.floor(target / block) * inner + Math.floor(origin / block);
      return (blocks * block + (target % block)) * block + (origin % block);
    },
  });
  return w.reshape(w.sumOfRows(ofImages, elements), [outputs.channels, inputs.channels]);
}

/** Whether blocks hold channels of one image, and no zeros. */
function movesBlocks(p: Packing): boolean {
  return p.packed === 1 && !isPadded(p);
}
