// Attributes of a decoded node, by name, or what ONNX takes in their absence.
import type * as onnx from './proto.js';

type Node = Pick<onnx.INodeProto, 'attribute'>;

export function attributeOf({ attribute }: Node, name: string): onnx.IAttributeProto | undefined {
  return attribute?.find((each) => each.name === name);
}

export function intAttribute(node: Node, name: string, absent: number): number {
  const found = attributeOf(node, name);
  return found === undefined ? absent : Number(found.i ?? 0);
}

export function floatAttribute(node: Node, name: string, absent: number): number {
  const found = attributeOf(node, name);
  return found === undefined ? absent : (found.f ?? 0);
}

export function intsAttribute(node: Node, name: string): number[] | undefined {
  return attributeOf(node, name)?.ints?.map(Number);
}

export function textAttribute(node: Node, name: string, absent: string): string {
  const found = attributeOf(node, name);
  return found === undefined ? absent : new TextDecoder().decode(found.s ?? new Uint8Array(0));
}
