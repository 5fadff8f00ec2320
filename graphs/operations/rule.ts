// What is known of an operation at compile time, whatever interprets it: the types of its results, its cost, and, for
// the differentiable ones, its vector-Jacobian product.
import type { Builder } from '../builder.js';
import type {
  BodyOperation,
  Graph,
  Node,
  OperationAttributes,
  OperationName,
  TensorType,
  Value,
} from '../ir.js';

/** Result types from input types. @throws GenonnxError `shape` when the inputs do not fit. */
export interface OperationRule<K extends OperationName> {
  infer(inputs: readonly TensorType[], attributes: OperationAttributes[K]): TensorType[];
  /** Multiply-adds of one application; operations without this rule count as none. */
  macs?(node: Node<K>): number;
  /** Whether gradients stop at an input instead of flowing back into it; without this rule they do at none. */
  stops?(node: Node<K>, input: number): boolean;
}

/** What whoever walks over graphs must know of an operation with graphs inside. */
export interface BodyRule<K extends BodyOperation> {
  /** The attributes with other bodies: each is given to `f` once, in order. */
  map(attributes: OperationAttributes[K], f: (body: Graph) => Graph): OperationAttributes[K];
  /** How often the bodies run in one run of the operation, at most; once where that is only known when it runs. */
  runs(node: Node<K>): number;
  /** The node without the results that nobody reads and without what they alone needed; `prune` does so in a body. */
  slim(node: Node<K>, isRead: (result: Value) => boolean, prune: (body: Graph) => Graph): Node<K>;
}

/** A backward pass by itself. */
export interface Derivative {
  /** The nodes that it is the derivative of, some of which may give out more than before. */
  readonly forward: readonly Node[];
  readonly backward: readonly Node[];
  /** Cotangents of what was asked for; values that nothing flows back to are absent. */
  readonly gradients: ReadonlyMap<Value, Value>;
}

/** Values and their cotangents. A value that stands for two results is there twice. */
export type Seeds = Iterable<readonly [Value, Value]>;

/** What a VJP rule gets beside the node. */
export interface Pullback {
  readonly g: Builder;
  /** One for each output of the node; undefined where nothing flows back. At least one is defined. */
  readonly cotangents: readonly (Value | undefined)[];
  /** One for each input of the node: false where nobody asks for the cotangent, so that nothing need be built. */
  readonly wanted: readonly boolean[];
  /** The backward pass of a graph inside of the node: from cotangents (`seeds`) of its values to those of `wrt`. */
  ofBody(body: Graph, seeds: Seeds, wrt: readonly Value[]): Derivative;
}

/**
 * Cotangents of the inputs. A rule neither accumulates nor undoes broadcasting: the driver in `differentiate.ts` sums
 * over broadcast axes and over uses.
 */
export type VjpRule<K extends OperationName> = (
  node: Node<K>,
  pullback: Pullback,
) => readonly (Value | undefined)[];

/**
 * What an operation is composed of, for engines that have no rule of its own. One result for each of the node's, of its
 * type, that the composition makes.
 */
export type Expansion<K extends OperationName> = (g: Builder, node: Node<K>) => readonly Value[];

export function input<T extends TensorType>(inputs: readonly T[], index: number): T {
  const found = inputs[index];
  if (found === undefined) throw new RangeError(`input ${index} of ${inputs.length}`);
  return found;
}

export function float32(shape: TensorType['shape']): TensorType {
  return { shape, dtype: 'float32' };
}
