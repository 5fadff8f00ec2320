// What can be compared: something that has outputs for inputs, and, where it is known how, every value on the way.
import type { Tensor } from '../../../graphs/interpret/interpret.js';
import type { Dimension } from '../../../graphs/ir.js';
import type { Precision } from '../../../graphs/onnx/emitter.js';

export const SIDE_KINDS = ['node', 'web', 'interpreter', 'expected'] as const;
/** A model on onnxruntime-node, on onnxruntime-web (WASM), in the float64 interpreter; or what should come out. */
export type SideKind = (typeof SIDE_KINDS)[number];

/** Which side, of which file. */
export interface SideName {
  readonly kind: SideKind;
  readonly path: string;
}

/** Tensors by their names in the model file. */
export type Values = ReadonlyMap<string, Tensor>;

/** An input: floats, or indices. What is open of it is the batch, or else the length of a language model's texts. */
export interface InputType {
  readonly name: string;
  readonly shape: readonly Dimension[];
  /** Which of its dimensions is the batch. */
  readonly batchAxis: number;
  /** The input holds whole numbers from 0 to less than this; floats when absent. */
  readonly indicesBelow?: number;
}

/** One operation that a side can show, with one value that it makes. */
export interface TracedOperation {
  /** The value's name in the model file. */
  readonly value: string;
  /** Where in the network, `cells.3/node2/5.sep_conv_3x3@1/first/norm`; for a stranger's model, the node's name. */
  readonly path: string;
  /** What the graph calls the operation, `conv2d`; for a stranger's model, ONNX's operator, `Conv`. */
  readonly operation: string;
  /** Names of what it reads; weights may be among them, or not. */
  readonly operands: readonly string[];
  /**
   * The operator, how many inputs it has, and which operators read the value. A value of the same name but another form is
   * another one: a convolution, say, into which a batch norm was folded. Absent where unknown.
   */
  readonly form?: string;
}

/** The way from the inputs to the outputs, value by value, without the runtime's optimizations. */
export interface Trace {
  /** In the order in which they run. */
  operations(): Promise<readonly TracedOperation[]>;
  values(feeds: Values): Promise<Values>;
  /**
   * Each operation by itself: its operands are taken from `given` where that has a value of the right shape, and what it
   * makes of them is returned. So an error shows where it arises, and nowhere after.
   */
  recomputed(feeds: Values, given: Values): Promise<Values>;
}

export interface Side extends SideName {
  /** For people: `onnxruntime-node on a.onnx`. */
  readonly label: string;
  readonly precision: Precision;
  readonly inputs: readonly InputType[];
  readonly outputs: readonly string[];
  /** The only inputs for which this side has outputs. */
  readonly feeds?: Values;
  /** @throws GenonnxError `model-corrupt` when a runtime fails. */
  run(feeds: Values): Promise<Values>;
  readonly trace?: Trace;
  release(): Promise<void>;
}
