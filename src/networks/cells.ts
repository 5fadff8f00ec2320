// What the supernet and the evaluation network have in common: how cells are chained, where reductions lie, and how a
// cell's two inputs are brought to its channels.
import type { Builder } from '../../graphs/builder.js';
import type { Value } from '../../graphs/ir.js';
import { GenonnxError } from '../errors.js';
import { CELL_INPUTS, type ConvolutionalCell } from '../spaces/convolutional.js';
import { cellSamplings, type Sampling, usualSampling } from './atrous.js';
import { type Features, featuresOf } from './features.js';
import { factorizedReduce, reluConvNorm, requireEven } from './layers.js';
import type { NormMode } from './norm.js';
import { parameterName, step } from './paths.js';

/** Reduction cells lie at one and two thirds of the depth. */
export function cellType(index: number, cells: number): ConvolutionalCell {
  return index === Math.floor(cells / 3) || index === Math.floor((2 * cells) / 3) ? 'reduce' : 'normal';
}

/** How far each type of cell reduces height and width. */
const strides: { readonly [C in ConvolutionalCell]: 1 | 2 } = { normal: 1, reduce: 2 };

/** By how much a cell reduces height and width: that of the operations on its inputs. */
export function cellStride(type: ConvolutionalCell): 1 | 2 {
  return strides[type];
}

/** The stride of an operation on the state `input`. */
export function operationStride(type: ConvolutionalCell, input: number): 1 | 2 {
  return input < CELL_INPUTS ? cellStride(type) : 1;
}

/** @throws GenonnxError `channels` or `usage` for sizes no network can have. */
export function requireNetworkSize(cells: number, channels: number, classes: number): void {
  const bad = (code: 'channels' | 'usage', option: string, found: number): GenonnxError =>
    new GenonnxError(code, `\`${option}\` must be a positive whole number.`, {
      expected: 'a whole number of at least 1',
      found: String(found),
      cure: `Pass for example \`${option}\` 8.`,
    });
  if (!Number.isInteger(channels) || channels < 1) throw bad('channels', 'initChannels', channels);
  if (!Number.isInteger(cells) || cells < 1) throw bad('usage', 'cells', cells);
  if (!Number.isInteger(classes) || classes < 1) throw bad('usage', 'classes', classes);
}

export interface CellContext {
  readonly g: Builder;
  readonly index: number;
  readonly type: ConvolutionalCell;
  /** How operations on the cell's inputs read them. */
  readonly sampling: Sampling;
  /** Channels of each of the cell's nodes. */
  readonly channels: number;
  /** The outputs of cells k-2 and k-1, at this cell's channels. */
  readonly inputs: readonly [Features, Features];
}

export interface ChainOptions {
  readonly cells: number;
  readonly initChannels: number;
  readonly mode: NormMode;
  /** How many reductions lose their stride, the last ones first; none where it says nothing. */
  readonly lostStrides?: number;
  /** Whether odd maps may be halved, too (to one pixel more); a classifier's are even. */
  readonly extents?: Extents;
}

/** Extents of maps that are halved. */
export type Extents = 'even' | 'any';

/**
 * Chains cells from a stem. `build` makes one cell's output (the concatenation of its nodes); `afterCell` sees each.
 * @returns the last cell's output.
 * @throws GenonnxError `image-size` for a map that cannot be halved evenly, where only even ones may be.
 */
export function chainCells(
  g: Builder,
  stem: readonly [Value, Value],
  { cells, initChannels, mode, lostStrides = 0, extents = 'even' }: ChainOptions,
  build: (context: CellContext) => Value,
  afterCell: (index: number, output: Value) => void = () => {},
): Value {
  const types = Array.from({ length: cells }, (_, index) => cellType(index, cells));
  const samplings = cellSamplings(types.map(cellStride), lostStrides);
  let before: Features = featuresOf(g, stem[0]);
  let previous: Features = stem[0] === stem[1] ? before : featuresOf(g, stem[1]);
  let channels = initChannels;
  // A stem with two outputs, as ImageNet's, has halved between them.
  let reduction: Sampling | undefined = stem[0] === stem[1] ? undefined : usualSampling(2);
  types.forEach((type, index) => {
    const sampling = samplings[index] ?? usualSampling(1);
    channels *= cellStride(type);
    const output = g.within(step.cell(index), () => {
      const preprocess = (input: 0 | 1, x: Features, reduced: Sampling | undefined): Value => {
        const name = parameterName.preprocess(index, input);
        return g.within(step.preprocess(input), () =>
          reduced === undefined
            ? reluConvNorm(g, x, name, channels, mode)
            : factorizedReduce(g, x, name, channels, { ...mode, sampling: reduced }),
        );
      };
      const first = preprocess(0, before, reduction);
      const second = preprocess(1, previous, undefined);
      if (sampling.stride === 2 && extents === 'even') requireEven(second, step.cell(index));
      const inputs = [featuresOf(g, first), featuresOf(g, second)] as const;
      return build({ g, index, type, sampling, channels, inputs });
    });
    afterCell(index, output);
    before = previous;
    previous = featuresOf(g, output);
    reduction = cellStride(type) === 2 ? sampling : undefined;
  });
  return previous.raw;
}
