// What a backward pass that runs in a body of its own needs of the forward pass. Every value that it reads is one of three:
// given (it stands outside anyhow), cheap to calculate again from given ones, or saved by the forward pass.
import type { Node, OperationName, Value } from './ir.js';

/** Operations that only cut up or rename: cheaper to repeat than to keep the result of. */
const rearrangements: ReadonlySet<OperationName> = new Set([
  'constant',
  'split',
  'reshape',
  'slice',
  'transpose',
  'detach',
]);

/** Those, and what reads and writes no more than a copy would. */
const copies: ReadonlySet<OperationName> = new Set([
  ...rearrangements,
  'gather',
  'concat',
  'expand',
  'add',
  'sub',
  'mul',
  'neg',
  'sum',
  'relu',
]);

/** When a value is calculated again rather than saved. */
export interface Repetition {
  readonly operations: ReadonlySet<OperationName>;
  /** Whether also from values that are saved anyhow, or only from given ones. */
  readonly fromSaved: boolean;
}

/** Where what is saved stays where the forward pass left it. */
export const savedInPlace: Repetition = { operations: rearrangements, fromSaved: false };

/** Where each value that is saved is a copy. */
export const savedAsCopies: Repetition = { operations: copies, fromSaved: true };

export interface Partition {
  /** What the backward body takes in, given and saved values, in the order in which they are needed. */
  readonly inputs: readonly Value[];
  /** Forward nodes that the backward body runs again, each after those that it reads. */
  readonly repeated: readonly Node[];
  /** Results of forward nodes that the forward pass must give out, in the order in which they are needed. */
  readonly saved: readonly Value[];
}

/**
 * @param forward the nodes of the forward pass. A value that none of them yields and that is not given is the backward
 *   pass's own.
 * @param needed what the backward pass reads and gives out, in its order, itself and all else.
 * @param isGiven whether a value stands outside of both bodies.
 */
export function partition(
  forward: readonly Node[],
  needed: Iterable<Value>,
  isGiven: (value: Value) => boolean,
  { operations, fromSaved }: Repetition,
): Partition {
  const producers = new Map(forward.flatMap((node) => node.outputs.map((value) => [value, node] as const)));
  const inputs: Value[] = [];
  const repeated: Node[] = [];
  const saved: Value[] = [];
  const seen = new Set<Value>();
  const wanted = new Set(needed);
  const isRepeatable = (node: Node): boolean =>
    operations.has(node.op) && node.inputs.every((value) => isAtHand(value));
  const known = new Map<Value, boolean>();
  const isAtHand = (value: Value): boolean => {
    const found = known.get(value);
    if (found !== undefined) return found;
    const producer = producers.get(value);
    const is =
      producer === undefined || isGiven(value) || isRepeatable(producer) || (fromSaved && wanted.has(value));
    known.set(value, is);
    return is;
  };
  const need = (value: Value): void => {
    if (seen.has(value)) return;
    seen.add(value);
    const producer = producers.get(value);
    if (isGiven(value)) {
      inputs.push(value);
    } else if (producer !== undefined && isRepeatable(producer)) {
      producer.inputs.forEach(need);
      for (const result of producer.outputs) seen.add(result);
      repeated.push(producer);
    } else if (producer !== undefined) {
      inputs.push(value);
      saved.push(value);
    }
  };
  for (const value of wanted) need(value);
  return { inputs, repeated, saved };
}
