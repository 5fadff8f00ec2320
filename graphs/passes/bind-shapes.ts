// The graph with numbers in the place of its symbolic dimensions: for an engine that plans with known shapes, once for each
// set of sizes that it meets. Ensures that no dimension of a name in `sizes` is left; values are new where their shape is.
import { mapBodies } from '../bodies.js';
import { type Dimension, type Graph, isOp, type Node, type Shape, type Value } from '../ir.js';
import { factorsOf, sizeOf } from '../shapes.js';

/** The names of the dimensions of a graph's inputs. */
export function symbolsOf({ inputs }: Graph): string[] {
  return [
    ...new Set(inputs.flatMap(({ shape }) => shape.flatMap((dimension) => factorsOf(dimension).names))),
  ];
}

export function bindShapes(graph: Graph, sizes: ReadonlyMap<string, number>): Graph {
  if (sizes.size === 0) return graph;
  const bound = new Map<Value, Value>();
  const dimension = (size: Dimension): Dimension => sizeOf(size, sizes) ?? size;
  const shapeOf = (shape: Shape): Shape => shape.map(dimension);
  const boundValue = (value: Value): Value => {
    const found = bound.get(value);
    if (found !== undefined) return found;
    const made = value.shape.every((size) => typeof size === 'number')
      ? value
      : { ...value, shape: shapeOf(value.shape) };
    bound.set(value, made);
    return made;
  };
  const nodeOf = (node: Node): Node => {
    const moved = { ...node, inputs: node.inputs.map(boundValue), outputs: node.outputs.map(boundValue) };
    if (isOp(moved, 'reshape') || isOp(moved, 'expand'))
      return { ...moved, attributes: { shape: shapeOf(moved.attributes.shape) } };
    return mapBodies(moved, graphOf);
  };
  const graphOf = ({ inputs, nodes, outputs }: Graph): Graph => ({
    inputs: inputs.map(boundValue),
    nodes: nodes.map(nodeOf),
    outputs: outputs.map(({ name, value }) => ({ name, value: boundValue(value) })),
  });
  return graphOf(graph);
}
