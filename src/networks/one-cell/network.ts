// Networks of a single searched cell: a stem, stages of cells with a fixed reduction between two of them, and a head,
//
//   stem: 3x3 -> BN (where images are made four times smaller, of the means of 2x2 pixels) -> [cells] -> FactorizedReduce -> [cells] -> ... -> BN -> ReLU -> pool -> linear.
//
// Every cell is the same, reads the one before it as it is, and keeps its channels and its extent; a reduction doubles the
// channels. Reductions mix nothing but channels, so that whatever sees more than a pixel beyond the stem is the cell.
import type { Builder } from '../../../graphs/builder.js';
import type { Value } from '../../../graphs/ir.js';
import { type Features, featuresOf } from '../features.js';
import { convolution, factorizedReduce, linear } from '../layers.js';
import { convolutionNorm, type NormMode, plainNorm } from '../norm.js';
import { step } from '../paths.js';

/** By how much the stem makes images smaller. */
export const STEM_STRIDES = [1, 2, 4] as const;
export type StemStride = (typeof STEM_STRIDES)[number];

export interface OneCellSizes {
  /** Of cells; between two stages the extent is halved. */
  readonly stages: number;
  /** Cells of each stage. */
  readonly cells: number;
  /** Of the first stage. */
  readonly initChannels: number;
  readonly classes: number;
  /** Of the stem. */
  readonly stemStride: StemStride;
}

export interface OneCellFrame extends OneCellSizes {
  /** Of stem, reductions and head. */
  readonly mode: NormMode;
  /** Builds cell `index`, counted over all stages. */
  readonly cell: (index: number, input: Features) => Value;
}

/** f32[N,C,H,W] -> f32[N,classes]. @throws GenonnxError `channels` where they cannot be halved. */
export function oneCellNetwork(
  g: Builder,
  images: Value,
  { stages, cells, initChannels, classes, stemStride, mode, cell }: OneCellFrame,
): Value {
  let state = g.within('stem', () => stem(g, images, initChannels, stemStride, mode));
  let channels = initChannels;
  for (let stage = 0; stage < stages; stage++) {
    if (stage > 0) {
      channels *= 2;
      const name = `reductions.${stage - 1}`;
      state = g.within(name, () => factorizedReduce(g, featuresOf(g, state), name, channels, mode));
    }
    for (let own = 0; own < cells; own++) {
      const index = stage * cells + own;
      state = g.within(step.cell(index), () => cell(index, featuresOf(g, state)));
    }
  }
  return g.within('head', () => {
    const last = g.relu(plainNorm(g, state, { ...mode, name: 'head.0', channels }));
    return linear(g, g.globalAveragePool(last), 'classifier', classes);
  });
}

function stem(g: Builder, images: Value, channels: number, stride: StemStride, mode: NormMode): Value {
  const seen = stride === 4 ? g.averagePool2d(images, { kernel: 2, stride: 2, padding: 0 }) : images;
  return convolutionNorm(
    g,
    (bias) => {
      const by = stride === 1 ? 1 : 2;
      return convolution(
        g,
        seen,
        { name: 'stem.0', outputs: channels, kernel: 3, stride: by, padding: 1 },
        bias,
      );
    },
    { ...mode, name: 'stem.1', channels },
  );
}
