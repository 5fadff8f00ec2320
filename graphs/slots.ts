// Slots: the named arrays that outlive a step. Parameters and batch-norm statistics live in one flat vector each; a slot
// is a range of it. Names and shapes are those of a PyTorch state dict, so that weights can come and go.
import { elementCount } from './shapes.js';

/** How a slot is filled when a network is new. */
export type Initial =
  | { readonly kind: 'constant'; readonly value: number }
  /** Uniform in [-bound, bound). */
  | { readonly kind: 'uniform'; readonly bound: number };

export interface SlotDefinition {
  /** As in a PyTorch state dict. */
  readonly name: string;
  /** Where in the network it is used, and what it is there: `cells.3/node2/5.sep_conv_3x3@1/first/depthwise/weight`. */
  readonly path: string;
  readonly shape: readonly number[];
  readonly initial: Initial;
}

/** A slot and its place in the flat vector, counted in elements. */
export interface Slot extends SlotDefinition {
  readonly offset: number;
  readonly size: number;
}

/** Lays slots out one behind the other. */
export function layOut(definitions: readonly SlotDefinition[]): Slot[] {
  let offset = 0;
  return definitions.map((definition) => {
    const size = elementCount(definition.shape);
    const slot = { ...definition, offset, size };
    offset += size;
    return slot;
  });
}

/** Elements of the flat vector that holds the slots. */
export function totalSize(slots: readonly Slot[]): number {
  const last = slots.at(-1);
  return last === undefined ? 0 : last.offset + last.size;
}
