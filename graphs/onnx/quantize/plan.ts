// What a static quantization does to a model, decided before there are numbers: which nodes calculate with integers, which
// values become integers, which of them share a scale, and what becomes of each ReLU.
//
// Nodes with weights begin; the operators between them follow where all that they read is quantized already, so that no
// value is converted forth and back on its way from one to the next. A ReLU whose operand nobody else reads falls away:
// quantized with zero point 0, the operand is cut off at 0. Otherwise both share a scale and a zero point z, and the ReLU
// is max(q, z) of the integers.
import type * as onnx from '../proto.js';
import type { ModelGraph } from './model-graph.js';
import { operands, role } from './operators.js';

export interface QuantizationPlan {
  /** Nodes that calculate with integers, ReLUs included. */
  readonly nodes: ReadonlySet<onnx.INodeProto>;
  /** Every value that becomes an integer, with all that share its scale (itself among them). */
  readonly values: ReadonlyMap<string, readonly string[]>;
  /** ReLUs that fall away; their operands do not become integers themselves. */
  readonly absorbed: ReadonlySet<onnx.INodeProto>;
}

/** `excluded`: nodes that stay in float. */
export function planQuantization(
  graph: ModelGraph,
  excluded: (node: onnx.INodeProto) => boolean = () => false,
): QuantizationPlan {
  const { nodes, values } = spread(graph, excluded);
  const relus = [...nodes].filter((node) => role(node, graph) === 'relu');
  const absorbed = new Set(relus.filter((relu) => isAbsorbable(relu, graph, nodes)));
  // A ReLU can only fall away where the zero point is 0: where nothing that shares its scale can be negative.
  for (;;) {
    const groups = sharedScales(graph, nodes, values, absorbed);
    const clipped = [...absorbed].filter((relu) =>
      groups.get(relu.output?.[0] ?? '')?.some((value) => canBeNegative(value, graph, nodes)),
    );
    if (clipped.length === 0) return { nodes, values: groups, absorbed };
    for (const relu of clipped) absorbed.delete(relu);
  }
}

function spread(graph: ModelGraph, excluded: (node: onnx.INodeProto) => boolean) {
  const nodes = new Set<onnx.INodeProto>();
  const values = new Set<string>();
  const candidates = graph.nodes.filter((node) => role(node, graph) !== undefined && !excluded(node));
  const weighted = candidates.filter(
    (node) => role(node, graph) === 'weighted' && hasIntegerForm(node, graph),
  );
  for (const node of weighted) for (const value of operands(node)) values.add(value);
  for (const node of candidates) {
    const [y = ''] = node.output ?? [];
    const activations = operands(node).filter((value) => !graph.isConstant(value));
    const follows = activations.length > 0 && activations.every((value) => values.has(value));
    if (!(weighted.includes(node) || (role(node, graph) !== 'weighted' && follows && !graph.kept.has(y))))
      continue;
    nodes.add(node);
    if (!graph.kept.has(y)) values.add(y);
  }
  // What a matrix product yields may stay in float, and does where nobody reads it in integers.
  for (const node of weighted) {
    const [y = ''] = node.output ?? [];
    if (node.opType !== 'Conv' && !graph.readers(y).some((reader) => nodes.has(reader))) values.delete(y);
  }
  return { nodes, values };
}

/** A convolution has only the form that yields integers. */
function hasIntegerForm(node: onnx.INodeProto, graph: ModelGraph): boolean {
  return node.opType !== 'Conv' || !graph.kept.has(node.output?.[0] ?? '');
}

function isAbsorbable(
  relu: onnx.INodeProto,
  graph: ModelGraph,
  nodes: ReadonlySet<onnx.INodeProto>,
): boolean {
  const [x = ''] = relu.input ?? [];
  const producer = graph.producer(x);
  if (producer === undefined || !nodes.has(producer) || graph.readers(x).length !== 1) return false;
  return role(producer, graph) === 'weighted' || role(producer, graph) === 'arithmetic';
}

function canBeNegative(value: string, graph: ModelGraph, nodes: ReadonlySet<onnx.INodeProto>): boolean {
  const producer = graph.producer(value);
  if (producer === undefined) return true;
  if (producer.opType === 'Relu') return false;
  if (!nodes.has(producer) || role(producer, graph) !== 'moving') return true;
  // What is moved is judged where it comes from: that shares the scale too, unless it is a constant.
  return operands(producer).some((name) => graph.floats(name)?.data.some((element) => element < 0) ?? false);
}

function sharedScales(
  graph: ModelGraph,
  nodes: ReadonlySet<onnx.INodeProto>,
  values: ReadonlySet<string>,
  absorbed: ReadonlySet<onnx.INodeProto>,
): Map<string, readonly string[]> {
  const inner = new Set([...absorbed].flatMap(({ input }) => input ?? []));
  const groups = new Map([...values].filter((value) => !inner.has(value)).map((value) => [value, [value]]));
  const unite = (a: string, b: string): void => {
    const [one, other] = [groups.get(a), groups.get(b)];
    if (one === undefined || other === undefined || one === other) return;
    one.push(...other);
    for (const value of other) groups.set(value, one);
  };
  for (const node of nodes) {
    const [y = ''] = node.output ?? [];
    const shares = role(node, graph) === 'moving' || (node.opType === 'Relu' && !absorbed.has(node));
    if (shares) for (const x of operands(node)) unite(x, y);
  }
  return groups;
}

/** Every value that may become an integer, whatever is excluded: what calibration has to look at. */
export function quantizableValues(graph: ModelGraph): readonly string[] {
  return [...spread(graph, () => false).values];
}
