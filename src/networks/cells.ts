// What the supernet and the evaluation network have in common: how cells are chained, where reductions lie, and how a
// cell's two inputs are brought to its channels.
import type { Builder } from '../../graphs/builder.js';
import type { Value } from '../../graphs/ir.js';
import { GenonnxError } from '../errors.js';
import { CELL_INPUTS, type ConvolutionalCell } from '../spaces/convolutional.js';
import { type Features, featuresOf } from './features.js';
import { factorizedReduce, reluConvNorm } from './layers.js';
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
  /** Channels of each of the cell's nodes. */
  readonly channels: number;
  /** The outputs of cells k-2 and k-1, at this cell's channels. */
  readonly inputs: readonly [Features, Features];
}

export interface ChainOptions {
  readonly cells: number;
  readonly initChannels: number;
  readonly mode: NormMode;
}

/**
 * Chains cells from a stem. `build` makes one cell's output (the concatenation of its nodes); `afterCell` sees each.
 * @returns the last cell's output.
 */
export function chainCells(
  g: Builder,
  stem: readonly [Value, Value],
  { cells, initChannels, mode }: ChainOptions,
  build: (context: CellContext) => Value,
  afterCell: (index: number, output: Value) => void = () => {},
): Value {
  let before: Features = featuresOf(g, stem[0]);
  let previous: Features = stem[0] === stem[1] ? before : featuresOf(g, stem[1]);
  let channels = initChannels;
  let reduced = fitsHalf(stem);
  for (let index = 0; index < cells; index++) {
    const type = cellType(index, cells);
    channels *= cellStride(type);
    const output = g.within(step.cell(index), () => {
      const preprocess = (input: 0 | 1, x: Features, halves: boolean): Value => {
        const layer = halves ? factorizedReduce : reluConvNorm;
        const name = parameterName.preprocess(index, input);
        return g.within(step.preprocess(input), () => layer(g, x, name, channels, mode));
      };
      const first = preprocess(0, before, reduced);
      const second = preprocess(1, previous, false);
      return build({ g, index, type, channels, inputs: [featuresOf(g, first), featuresOf(g, second)] });
    });
    afterCell(index, output);
    before = previous;
    previous = featuresOf(g, output);
    reduced = cellStride(type) === 2;
  }
  return previous.raw;
}

/** Whether the two stem outputs differ in extent, as ImageNet's do: then the first cell must halve the older one. */
function fitsHalf([older, newer]: readonly [Value, Value]): boolean {
  return older.shape[2] !== newer.shape[2];
}
