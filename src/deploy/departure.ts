// The first operation that departs. Outputs differ because of one operation somewhere, and everything behind it differs
// too; small errors grow on their way, and rounding grows with them. So each operation is judged by itself: the reference
// computes it from the operands that the other side had, where an error shows that arises there, and no other.
import type { Tensor } from '../../graphs/interpret/interpret.js';
import type { Precision } from '../../graphs/onnx/emitter.js';
import { sameShape } from '../../graphs/shapes.js';
import { operationTolerance, type Tolerance, type Worst, worstElement } from './compare.js';
import { type CellPlace, cellPlace } from './sides/network-places.js';
import type { Trace, TracedOperation, Values } from './sides/side.js';

/** An operation, where it lies, and the element of its result that differs most. */
export interface Departure extends CellPlace, Worst {
  /** `cells.3/node2/5.sep_conv_3x3@1/first/norm`; for a stranger's model, the node's name. */
  readonly path: string;
  /** What the graph calls it, `conv2d`; for a stranger's model, ONNX's operator, `Conv`. */
  readonly operation: string;
  /** Name of its result in the model file. */
  readonly value: string;
  /**
   * What lies between the operation and the last values that agree, in case one of the two sides does not show it: a batch
   * norm that is folded there, or all of a network of which only the outputs are stored. The fault may be there too.
   */
  readonly unseen: readonly { readonly path: string; readonly operation: string }[];
  /** Where the two results differ in shape already; the values are then those of their first elements. */
  readonly shapes?: { readonly expected: readonly number[]; readonly found: readonly number[] };
}

/** Whose values are judged, and who says what they should be. */
export interface Traces {
  readonly found: Trace;
  readonly reference: Trace;
}

/**
 * @param tolerance by default what one operation may be rounded by.
 * @returns undefined when no operation departs that both sides have.
 * @throws GenonnxError `model-corrupt`, `usage` where a runtime does not show what is inside of a model.
 */
export async function firstDeparture(
  { found, reference }: Traces,
  feeds: Values,
  precision: Precision,
  tolerance: Tolerance = operationTolerance[precision],
): Promise<Departure | undefined> {
  const forms = new Map((await found.operations()).map(({ value, form }) => [value, form]));
  const isShared = ({ value, form }: TracedOperation): boolean => {
    const other = forms.get(value);
    return forms.has(value) && (form === undefined || other === undefined || form === other);
  };
  const operations = await reference.operations();
  const shared = new Set(operations.filter(isShared).map(({ value }) => value));
  const values = new Map([...(await found.values(feeds))].filter(([name]) => shared.has(name)));
  const expected = await reference.recomputed(feeds, values);
  for (const operation of operations) {
    const [right, actual] = [expected.get(operation.value), values.get(operation.value)];
    if (right === undefined || actual === undefined) continue;
    const departure = departureAt(operation, right, actual, tolerance);
    if (departure === undefined) continue;
    const isSeen = (name: string): boolean => expected.has(name) && values.has(name);
    return { ...departure, unseen: unseenBefore(operation, operations, isSeen) };
  }
  return undefined;
}

/** From an operation back to the values that were compared. */
function unseenBefore(
  { operands }: TracedOperation,
  operations: readonly TracedOperation[],
  isSeen: (value: string) => boolean,
): Departure['unseen'] {
  const makers = new Map(operations.map((operation) => [operation.value, operation]));
  const unseen = new Set<TracedOperation>();
  const pending = [...operands];
  for (let value = pending.pop(); value !== undefined; value = pending.pop()) {
    const maker = makers.get(value);
    if (maker === undefined || isSeen(value) || unseen.has(maker)) continue;
    unseen.add(maker);
    pending.push(...maker.operands);
  }
  return operations.filter((maker) => unseen.has(maker)).map(({ path, operation }) => ({ path, operation }));
}

function departureAt(
  { path, operation, value }: TracedOperation,
  expected: Tensor,
  found: Tensor,
  tolerance: Tolerance,
): Omit<Departure, 'unseen'> | undefined {
  const place = { path, ...cellPlace(path), operation, value };
  if (!sameShape(expected.shape, found.shape)) {
    const first = { element: 0, position: expected.shape.map(() => 0) };
    const values = { expected: expected.data[0] ?? Number.NaN, found: found.data[0] ?? Number.NaN };
    const beyond = { difference: Number.POSITIVE_INFINITY, ofTolerance: Number.POSITIVE_INFINITY };
    const shapes = { expected: expected.shape, found: found.shape };
    return { ...place, ...first, ...values, ...beyond, shapes };
  }
  const worst = worstElement(expected, found, tolerance);
  return worst.ofTolerance <= 1 ? undefined : { ...place, ...worst };
}
