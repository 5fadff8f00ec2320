// The first operation of a model whose result departs from what the interpreter has for it: the runtime is asked for every
// value, with its optimizations off, and the graph's nodes are compared in their order.
import * as ort from 'onnxruntime-node';
import { interpret, type Tensor } from '../../graphs/interpret/interpret.js';
import type { Node, Value } from '../../graphs/ir.js';
import { proto } from '../../graphs/onnx/proto.js';
import { worstElement } from './compare.js';
import type { OpenedModel } from './opened-model.js';
import { createSession, runSession } from './ort-session.js';

export interface Departure {
  /** Cell, node, edge and operation: `cells.3/node2/5.sep_conv_3x3@1/first/norm`. */
  readonly path: string;
  /** What the graph calls the operation, `conv2d`. */
  readonly operation: string;
  /** Row-major index of the element that differs most. */
  readonly element: number;
  readonly expected: number;
  readonly found: number;
}

/**
 * Compares operation by operation. `feeds` are the interpreter's: the images and the weights.
 * @returns undefined when no value departs that the model has under the name that compiling gives it.
 */
export async function firstDeparture(
  opened: OpenedModel,
  feeds: ReadonlyMap<Value, Tensor>,
  images: ort.Tensor,
): Promise<Departure | undefined> {
  const session = await createSession(withEveryOutput(opened), 'the model, with every value as an output', {
    graphOptimizationLevel: 'disabled',
  });
  const found = await runSession(session, { images }, 'the model, with every value as an output');
  await session.release();
  let departure: Departure | undefined;
  const examine = (node: Node, results: readonly Tensor[]): void => {
    node.outputs.forEach((value, i) => {
      const actual = found[opened.names.get(value) ?? ''];
      const expected = results[i];
      if (departure !== undefined || expected === undefined || !(actual instanceof ort.Tensor)) return;
      if (!(actual.data instanceof Float32Array)) return;
      const { element, ofTolerance } = worstElement(expected.data, actual.data);
      if (ofTolerance <= 1) return;
      departure = {
        path: node.path,
        operation: node.op,
        element,
        expected: expected.data[element] ?? Number.NaN,
        found: actual.data[element] ?? Number.NaN,
      };
    });
  };
  interpret(opened.inference.graph, feeds, { onNode: examine });
  return departure;
}

/** The model with each value that the graph has a name for as a further output. */
function withEveryOutput({ proto: model, names }: OpenedModel): Uint8Array {
  const { graph } = model;
  const outputs = graph?.output ?? [];
  const own = new Set(outputs.map(({ name }) => name));
  const made = new Set((graph?.node ?? []).flatMap(({ output }) => output ?? []));
  const inner = [...new Set(names.values())].filter((name) => made.has(name) && !own.has(name));
  const further = inner.map((name) => ({ name, type: { tensorType: { elemType: 1 } } }));
  return proto.ModelProto.encode({
    ...model,
    graph: { ...graph, output: [...outputs, ...further] },
  }).finish();
}
