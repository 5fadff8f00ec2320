// Two forms of a model file that show what happens inside: with every value as an output, and with every value as an
// input too, so that each operation can be given the operands of another run.
import type * as onnx from '../../../graphs/onnx/proto.js';
import { proto } from '../../../graphs/onnx/proto.js';

/** The names of everything that the main graph's nodes make, in their order. */
export function valuesMade({ graph }: onnx.ModelProto): string[] {
  return (graph?.node ?? []).flatMap(({ output }) => (output ?? []).filter((name) => name !== ''));
}

/** The model with each of its values as an output. Their types are left to the runtime to infer. */
export function withEveryOutput(model: onnx.ModelProto): Uint8Array {
  const own = model.graph?.output ?? [];
  const known = new Set(own.map(({ name }) => name));
  const further = valuesMade(model).filter((name) => !known.has(name));
  return encode(model, { output: [...own, ...further.map((name) => ({ name }))] });
}

/** A value that is fed instead of being handed on. */
export interface GivenValue {
  readonly name: string;
  readonly elementType: number;
  readonly shape: readonly number[];
}

/** How the value that an operation makes is called where a given one has taken its name. */
export function recomputedName(name: string): string {
  return `genonnx.recomputed/${name}`;
}

/** The model with `given` as further inputs, and with what its operations make of them as its only outputs. */
export function withGivenValues(model: onnx.ModelProto, given: readonly GivenValue[]): Uint8Array {
  const taken = new Set(given.map(({ name }) => name));
  const renamed = (name: string): string => (taken.has(name) ? recomputedName(name) : name);
  return encode(model, {
    // Nodes read the given values: only what they make is renamed.
    node: (model.graph?.node ?? []).map((node) => ({ ...node, output: (node.output ?? []).map(renamed) })),
    input: [
      ...(model.graph?.input ?? []),
      ...given.map(({ name, elementType, shape }) => ({
        name,
        type: {
          tensorType: { elemType: elementType, shape: { dim: shape.map((dimValue) => ({ dimValue })) } },
        },
      })),
    ],
    output: valuesMade(model).map((name) => ({ name: renamed(name) })),
    // Types that were noted for names which now belong to inputs.
    valueInfo: [],
  });
}

function encode(model: onnx.ModelProto, change: onnx.IGraphProto): Uint8Array {
  return proto.ModelProto.encode({ ...model, graph: { ...model.graph, ...change } }).finish();
}
