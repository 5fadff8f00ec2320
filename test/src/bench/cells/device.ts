// A made-up device on which everything has an exact price, and the runtime takes additions and ReLUs into convolutions as
// ONNX Runtime does: what a latency table says of it can be checked to the last digit.
import type { BoundGraph } from '../../../../graphs/bound-graph.js';
import { cost } from '../../../../graphs/cost.js';
import { type Graph, isOp, type Node, type Value } from '../../../../graphs/ir.js';
import { foldBatchNorm } from '../../../../graphs/passes/fold-batch-norm.js';
import { modelsOf, traceLoneModel } from '../../../../src/bench/cells/lone-models.js';
import type { Measured } from '../../../../src/bench/cells/measured.js';
import { type CellsPlan, networkName } from '../../../../src/bench/cells/plan.js';
import { inferenceGraph } from '../../../../src/networks/inference.js';
import { bindWeights } from '../../../../src/networks/inference-graph.js';
import type { ConvolutionalGenotype } from '../../../../src/spaces/convolutional.js';

/** Of a run, beside all operations. */
const callMs = 3;

/** Milliseconds for a thousand numbers of the result. */
const pricesMs: Partial<Record<Node['op'], number>> = {
  maxPool2d: 0.9,
  averagePool2d: 1.3,
  concat: 0.31,
  relu: 0.17,
  add: 0.23,
  factorizedReduce: 0.7,
  globalAveragePool: 2,
};
/** For a thousand multiply-adds. */
const macMs = 0.01;

/** Latency of a graph on the device. */
export function latencyMs(bound: BoundGraph): number {
  const graph = withoutRepetition(foldBatchNorm(bound).graph);
  const macs = cost(graph).macs;
  const readers = new Map<Value, number>();
  for (const value of [...graph.nodes.flatMap(({ inputs }) => inputs), ...graph.outputs.map((o) => o.value)])
    readers.set(value, (readers.get(value) ?? 0) + 1);
  // Results of convolutions that can still take up an addition, a ReLU.
  const takesAddition = new Set<Value>();
  const takesRelu = new Set<Value>();
  let total = callMs + (macs / 1000) * macMs;
  for (const node of graph.nodes) {
    const [y] = node.outputs;
    if (y === undefined) continue;
    const once = (value: Value): boolean => readers.get(value) === 1;
    if (isOp(node, 'conv2d')) {
      takesAddition.add(y);
      takesRelu.add(y);
    } else if (isOp(node, 'add') && node.inputs.some((x) => takesAddition.has(x) && once(x))) {
      takesRelu.add(y);
    } else if (!(isOp(node, 'relu') && node.inputs.some((x) => takesRelu.has(x) && once(x)))) {
      const elements = y.shape.reduce<number>((product, size) => product * Number(size), 1);
      total += (elements / 1000) * (pricesMs[node.op] ?? 0);
    }
  }
  return total;
}

/** One ReLU for all readers of a map: runtimes compute nothing twice. */
function withoutRepetition(graph: Graph): Graph {
  const relus = new Map<Value, Value>();
  const same = new Map<Value, Value>();
  const nodes = graph.nodes.flatMap((node) => {
    const inputs = node.inputs.map((value) => same.get(value) ?? value);
    const [[x], [y]] = [inputs, node.outputs];
    if (!isOp(node, 'relu') || x === undefined || y === undefined) return [{ ...node, inputs }];
    const known = relus.get(x);
    if (known === undefined) relus.set(x, y);
    else same.set(y, known);
    return known === undefined ? [{ ...node, inputs }] : [];
  });
  return { ...graph, nodes };
}

/** The network of a genotype; what its weights are costs nothing. */
export function networkOf({ options }: CellsPlan, genotype: ConvolutionalGenotype): BoundGraph {
  const inference = inferenceGraph({
    ...options.network,
    genotype,
    auxiliary: false,
    batch: options.batch,
  });
  return bindWeights(
    inference,
    inference.weights.map(() => new Float32Array(0)),
  );
}

/** What `measureModels` would find there: each round is so many times slower. */
export function measuredOn(plan: CellsPlan, slowness: readonly number[]): Measured {
  const lone = [...modelsOf(plan.recipes).values()].map(
    (model) => [model.name, latencyMs(traceLoneModel(model, plan.options.batch).bound)] as const,
  );
  const networks = plan.genotypes.map(
    (genotype, index) => [networkName(index), latencyMs(networkOf(plan, genotype))] as const,
  );
  return {
    runtime: { name: 'onnxruntime-node', version: '0', host: 'v20' },
    roundsMs: Object.fromEntries(
      [...lone, ...networks].map(([name, ms]) => [name, slowness.map((by) => [ms * by, ms * by])]),
    ),
  };
}
