// Graphs as text, for eyes, reviews and golden files. The same graph always prints the same: values are numbered in the
// order in which they are first named, the bodies of nodes stand indented below them with numbers of their own.
//
//   graph(%0 images: f32[2, 3, 8, 8], %1 weight: f32[4, 3, 3, 3])
//     %2 = conv2d(%0, %1) strides=[1, 1] pads=[1, 1, 1, 1] dilations=[1, 1] groups=1 : f32[2, 4, 8, 8]  # stem
//     return result=%2
import { bodiesOf } from './bodies.js';
import type { DType, Graph, Node, Shape, TensorType, Value } from './ir.js';
import { shapeText } from './shapes.js';

const typeNames: Readonly<Record<DType, string>> = { float32: 'f32', int64: 'i64', bool: 'bool' };

/** Elements of a constant that are shown. */
const shownElements = 4;

/** The graph as text, one line for each node. It ends with a line break. */
export function printGraph(graph: Graph): string {
  return `${graphLines(graph, 'graph').join('\n')}\n`;
}

/** `f32[2, 3]`. */
export function typeText({ shape, dtype }: TensorType): string {
  return `${typeNames[dtype]}${shapeText(shape)}`;
}

function graphLines(graph: Graph, title: string): string[] {
  const numbers = new Map<Value, number>();
  const name = (value: Value): string => {
    const number = numbers.get(value) ?? numbers.size;
    numbers.set(value, number);
    return `%${number}`;
  };
  const inputs = graph.inputs.map((value) => `${name(value)} ${value.path}: ${typeText(value)}`);
  const lines = [`${title}(${inputs.join(', ')})`];
  for (const node of graph.nodes) {
    lines.push(`  ${nodeLine(node, name)}`);
    for (const body of bodiesOf(node)) lines.push(...graphLines(body, 'body').map((line) => `    ${line}`));
  }
  const outputs = graph.outputs.map((output) => `${output.name}=${name(output.value)}`);
  lines.push(`  return ${outputs.join(', ')}`);
  return lines;
}

function nodeLine(node: Node, name: (value: Value) => string): string {
  const results = node.outputs.map(name).join(', ');
  const call = `${node.op}(${node.inputs.map(name).join(', ')})`;
  const types = node.outputs.map(typeText).join(', ');
  const line = [`${results} = ${call}`, ...attributeTexts(node), ':', types].join(' ');
  return node.path === '' ? line : `${line}  # ${node.path}`;
}

type AttributeValue =
  | number
  | boolean
  | string
  | Shape
  | readonly boolean[]
  | Float64Array
  | Graph
  | undefined;

function attributeTexts(node: Node): string[] {
  const entries: [string, AttributeValue][] = Object.entries(node.attributes);
  return entries.flatMap(([key, value]) => {
    const text = attributeText(value);
    return text === undefined ? [] : [`${key}=${text}`];
  });
}

/** A body has lines of its own; so it has no text here. */
function attributeText(value: AttributeValue): string | undefined {
  if (value instanceof Float64Array) return elementsText(value);
  if (Array.isArray(value)) return `[${value.join(', ')}]`;
  return typeof value === 'object' ? undefined : String(value);
}

function elementsText(data: Float64Array): string {
  const [first] = data;
  if (data.length > 1 && data.every((element) => element === first)) return `[${first} ...]`;
  const shown = [...data.subarray(0, shownElements)].map(String);
  return `[${[...shown, ...(data.length > shownElements ? ['...'] : [])].join(', ')}]`;
}
