// A rule says what is known of an operator's outputs, given what is known of its inputs. It throws `NotKnown` where that does
// not suffice, with the reason.
import { attributeOf, intAttribute, intsAttribute, textAttribute } from '../attributes.js';
import type * as onnx from '../proto.js';
import { type Known, NotKnown } from './known.js';

export type ShapeRule = (operation: Operation) => readonly Known[];

/** Rules by operator, `Conv` or `com.microsoft.FusedConv`. */
export type ShapeRules = Readonly<Record<string, ShapeRule>>;

/** A node with what is known of its inputs. */
export class Operation {
  constructor(
    readonly node: onnx.INodeProto,
    /** Undefined for those that are left out. */
    readonly inputs: readonly (Known | undefined)[],
    readonly opset: number,
  ) {}

  get outputCount(): number {
    return (this.node.output ?? []).length;
  }

  known(index: number): Known {
    const found = this.inputs[index];
    if (found === undefined) throw new NotKnown(`its input ${index} is missing`);
    return found;
  }

  shape(index: number): readonly number[] {
    return this.known(index).shape;
  }

  has(index: number): boolean {
    return this.inputs[index] !== undefined;
  }

  /** The numbers of an input that must be known. */
  values(index: number): readonly number[] {
    const { values } = this.known(index);
    if (values === undefined) throw new NotKnown(`its input ${index} is calculated while it runs`);
    return values;
  }

  int(name: string, absent: number): number {
    return intAttribute(this.node, name, absent);
  }

  ints(name: string): readonly number[] | undefined {
    return intsAttribute(this.node, name);
  }

  floats(name: string): readonly number[] | undefined {
    return attributeOf(this.node, name)?.floats ?? undefined;
  }

  text(name: string, absent: string): string {
    return textAttribute(this.node, name, absent);
  }

  tensor(name: string): onnx.ITensorProto | undefined {
    return attributeOf(this.node, name)?.t ?? undefined;
  }

  /** What operator sets moved from an attribute to an input; undefined where it is left out. */
  intsOrInput(name: string, index: number): readonly number[] | undefined {
    return this.ints(name) ?? (this.has(index) ? this.values(index) : undefined);
  }
}

/** An axis as an index; negative ones count from the end. */
export function axisOf(axis: number, rank: number): number {
  const index = axis < 0 ? axis + rank : axis;
  if (Number.isInteger(index) && index >= 0 && index < rank) return index;
  throw new NotKnown(`it has an axis ${axis} of ${rank}`);
}

export function axesOf(axes: readonly number[], rank: number): number[] {
  return axes.map((axis) => axisOf(axis, rank));
}

/** The product of all extents, or of those from an axis on. */
export function sizeOf(shape: readonly number[], from = 0, to = shape.length): number {
  return shape.slice(from, to).reduce((product, extent) => product * extent, 1);
}
