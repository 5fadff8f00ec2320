// What a backward pass needs of the forward pass. Every value that it reads is one of three: given (it stands outside of both
// anyhow), cheap to calculate again from others, or saved by the forward pass.
import { isOp, type Node, type OperationName, type Value } from './ir.js';

/**
 * The node that yields a result of `producer` again, which may be another one than it; none where the result is saved. It runs
 * again where all that it reads is at hand: given, wanted by the backward pass itself, or calculated again.
 */
export type Repetition = (producer: Node, result: Value) => Node | undefined;

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

/** Where each value that is saved is a copy. */
export const savedAsCopies: Repetition = (producer) => (copies.has(producer.op) ? producer : undefined);

/**
 * For maps of images, which fill the memory of a step: what takes little time for its size. Of
 *
 *   ReLU -> depthwise convolution -> 1x1 convolution -> batch norm -> ReLU -> ...
 *
 * what batch norms read is kept, and what the first ReLU yields.
 */
export const cheapMaps: Repetition = (producer, result) => {
  if (isOp(producer, 'batchNorm')) return result === producer.outputs[0] ? appliedAgain(producer) : undefined;
  return isOp(producer, 'relu') || isDepthwise(producer) ? producer : undefined;
};

/** Inside of a body, to which weights are given as one vector. */
export const cheapMapsInBodies: Repetition = (producer, result) =>
  rearrangements.has(producer.op) ? producer : cheapMaps(producer, result);

/** A batch norm's first result from the statistics that it took. */
function appliedAgain({
  inputs,
  outputs,
  attributes: { affine },
  path,
}: Node<'batchNorm'>): Node | undefined {
  const [x, ...parts] = inputs;
  const [y, mean, , inverseStd] = outputs;
  if (x === undefined || y === undefined || mean === undefined || inverseStd === undefined) return undefined;
  const again: Node<'batchNormApply'> = {
    op: 'batchNormApply',
    inputs: [x, mean, inverseStd, ...parts],
    outputs: [y],
    attributes: { affine },
    path,
  };
  return again;
}

/** Each channel by itself: few multiply-adds for each element. */
function isDepthwise(node: Node): boolean {
  if (!isOp(node, 'conv2d')) return false;
  const { groups } = node.attributes;
  return groups > 1 && groups === node.inputs[0]?.shape[1];
}

export interface Partition {
  /** What the backward pass takes in, given and saved values, in the order in which they are needed. */
  readonly inputs: readonly Value[];
  /** What the backward pass runs again, each after those that it reads. */
  readonly repeated: readonly Node[];
  /** Results of forward nodes that the forward pass must give out, in the order in which they are needed. */
  readonly saved: readonly Value[];
}

/**
 * @param forward the nodes of the forward pass. A value that none of them yields and that is not given is the backward
 *   pass's own.
 * @param needed what the backward pass reads and gives out, in its order, itself and all else.
 * @param isGiven whether a value stands outside of both bodies, or is kept anyhow.
 */
export function partition(
  forward: readonly Node[],
  needed: Iterable<Value>,
  isGiven: (value: Value) => boolean,
  again: Repetition,
): Partition {
  const producers = new Map(forward.flatMap((node) => node.outputs.map((value) => [value, node] as const)));
  const inputs: Value[] = [];
  const repeated: Node[] = [];
  const saved: Value[] = [];
  const seen = new Set<Value>();
  const wanted = new Set(needed);
  const found = new Map<Value, Node | undefined>();
  /** What yields a value that is not given again, of what is at hand. */
  const repetitionOf = (value: Value): Node | undefined => {
    if (found.has(value)) return found.get(value);
    const producer = producers.get(value);
    const node = producer === undefined ? undefined : again(producer, value);
    const repetition = node?.inputs.every(isAtHand) ? node : undefined;
    found.set(value, repetition);
    return repetition;
  };
  const isAtHand = (value: Value): boolean =>
    !producers.has(value) || isGiven(value) || repetitionOf(value) !== undefined || wanted.has(value);
  const need = (value: Value): void => {
    if (seen.has(value)) return;
    seen.add(value);
    const repetition = isGiven(value) ? undefined : repetitionOf(value);
    if (isGiven(value)) {
      inputs.push(value);
    } else if (repetition !== undefined) {
      repetition.inputs.forEach(need);
      for (const result of repetition.outputs) seen.add(result);
      repeated.push(repetition);
    } else if (producers.has(value)) {
      inputs.push(value);
      saved.push(value);
    }
  };
  for (const value of wanted) need(value);
  return { inputs, repeated, saved };
}
