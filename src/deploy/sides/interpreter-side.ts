// The float64 interpreter on the network that a model of ours says it is, with the weights in the file or with others.
import { type BoundGraph, fedInputs } from '../../../graphs/bound-graph.js';
import { interpret, type Tensor, tensor } from '../../../graphs/interpret/interpret.js';
import type { Node, Value } from '../../../graphs/ir.js';
import { fixedShape, sameShape } from '../../../graphs/shapes.js';
import { bindWeights } from '../../networks/inference-graph.js';
import { matchWeights, type NamedWeights } from '../match-weights.js';
import { openModelFile } from '../model-file.js';
import type { OpenedModel } from '../opened-model.js';
import { optimizeGraph } from '../optimize.js';
import { inputTypes } from './inputs.js';
import type { Side, Trace, Values } from './side.js';

/**
 * @param weights what the weights should be, under PyTorch's names; those in the file when absent.
 * @throws GenonnxError `file-missing`, `model-corrupt`, `foreign-model` for a model that genonnx did not compile, `weights-mismatch`.
 */
export async function openInterpreterSide(path: string, weights?: NamedWeights): Promise<Side> {
  const opened = await openModelFile(path);
  const bound = weights === undefined ? opened.bound : withWeights(opened, weights);
  const run = (feeds: Values, onNode?: (node: Node, results: readonly Tensor[]) => void) =>
    interpret(bound.graph, feedsOf(bound, feeds), onNode === undefined ? {} : { onNode });
  return {
    kind: 'interpreter',
    path,
    label: `the float64 interpreter on ${path}`,
    precision: opened.precision,
    inputs: inputTypes(opened.proto, path),
    outputs: bound.graph.outputs.map(({ name }) => name),
    run: async (feeds) => new Map(Object.entries(run(feeds))),
    trace: traceOf(bound, opened.names, run),
    release: async () => {},
  };
}

/** The graph of the file with other weights, optimized as the file is. */
function withWeights({ inference, bound, optimization }: OpenedModel, weights: NamedWeights): BoundGraph {
  const plain = bindWeights(inference, matchWeights(inference.weights, weights));
  const others = optimizeGraph(plain, optimization);
  const byName = new Map([...others.weights.values()].map((weight) => [weight.name, weight]));
  return {
    graph: bound.graph,
    weights: new Map([...bound.weights].map(([value, own]) => [value, byName.get(own.name) ?? own])),
  };
}

function feedsOf(bound: BoundGraph, feeds: Values): Map<Value, Tensor> {
  const fed = new Map<Value, Tensor>();
  for (const [value, { name, data }] of bound.weights)
    fed.set(value, tensor(fixedShape(value.shape, name), data));
  for (const value of fedInputs(bound)) {
    const given = feeds.get(value.path);
    if (given !== undefined) fed.set(value, given);
  }
  return fed;
}

function traceOf(
  bound: BoundGraph,
  names: ReadonlyMap<Value, string>,
  run: (feeds: Values, onNode: (node: Node, results: readonly Tensor[]) => void) => unknown,
): Trace {
  const named = (node: Node, results: readonly Tensor[], into: Map<string, Tensor>): void => {
    node.outputs.forEach((value, i) => {
      const name = names.get(value);
      const result = results[i];
      if (name !== undefined && result !== undefined) into.set(name, result);
    });
  };
  return {
    operations: async () =>
      bound.graph.nodes.flatMap(({ inputs, outputs, path, op }) => {
        const operands = inputs.flatMap((value) => names.get(value) ?? []);
        return outputs.flatMap((value) => {
          const name = names.get(value);
          return name === undefined ? [] : [{ value: name, path, operation: op, operands }];
        });
      }),
    async values(feeds) {
      const values = new Map<string, Tensor>();
      run(feeds, (node, results) => named(node, results, values));
      return values;
    },
    async recomputed(feeds, given) {
      const values = new Map<string, Tensor>();
      const known = feedsOf(bound, feeds);
      const fed = fedInputs(bound);
      for (const node of bound.graph.nodes) {
        const { inputs, outputs } = node;
        const graph = {
          // What is fed says how large the dimensions are that the graph leaves open.
          inputs: [...new Set([...inputs, ...fed])],
          nodes: [node],
          outputs: outputs.map((value, i) => ({ name: String(i), value })),
        };
        const byIndex = interpret(graph, known);
        const results = outputs.flatMap((_, i) => byIndex[String(i)] ?? []);
        named(node, results, values);
        outputs.forEach((value, i) => {
          const own = results[i];
          const other = given.get(names.get(value) ?? '');
          if (own === undefined) return;
          known.set(value, other !== undefined && sameShape(other.shape, own.shape) ? other : own);
        });
      }
      return values;
    },
  };
}
