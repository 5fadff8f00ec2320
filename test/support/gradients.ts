// Checks derivatives: what `differentiate` builds against central differences, both in the interpreter's float64.
//
//   dL/dx_i ~ (L(x + h e_i) - L(x - h e_i)) / 2h        L = sum of the result times fixed random weights
import { Builder } from '../../graphs/builder.js';
import { differentiate } from '../../graphs/differentiate.js';
import { interpret, type Tensor } from '../../graphs/interpret/interpret.js';
import type { Graph, Value } from '../../graphs/ir.js';
import { elementCount, fixedShape } from '../../graphs/shapes.js';
import { totalSize } from '../../graphs/slots.js';
import { type Build, interpretChecked } from './run-graph.js';
import { defined, expectClose, random, type Tolerance } from './tensors.js';

/** Truncation is of order h^2 = 1e-10, rounding of order 1e-16 / h = 1e-11, both times the size of the loss. */
const step = 1e-5;
export const gradientTolerance: Tolerance = { absolute: 1e-8, relative: 1e-6 };

export interface GradientCheck {
  /** The derivatives with respect to the inputs, as `differentiate` has them. */
  readonly inputs: readonly Tensor[];
  /** And with respect to all parameters that the traced function asked for, as one flat vector. */
  readonly parameters: Tensor;
}

export interface GradientOptions {
  /** Which inputs are compared with differences (all by default); the others only have to run. */
  readonly only?: readonly number[];
  /** Whether the parameters are compared too. */
  readonly parameters?: boolean;
}

/** Compares the derivatives of what `build` traces with central differences, at the given inputs. */
export function checkGradients(
  points: readonly Tensor[],
  build: Build<Value>,
  { only = points.map((_, i) => i), parameters = true }: GradientOptions = {},
): GradientCheck {
  const g = new Builder();
  const inputs = points.map(({ shape }, i) => g.input(`input${i}`, shape));
  const loss = weighted(g, build(g, ...inputs));
  const sizes = { theta: totalSize(g.slots('parameters')), statistics: totalSize(g.slots('statistics')) };
  const theta = g.flatten('parameters', 'theta');
  const statistics = g.flatten('statistics', 'statistics');
  const feeds = new Map(inputs.map((value, i) => [value, defined(points[i])]));
  feeds.set(theta, random([sizes.theta], 17)).set(statistics, random([sizes.statistics], 18));
  const forward = g.build([{ name: 'loss', value: loss }]);

  const gradients = differentiate(g, loss, [...inputs, theta]);
  const outputs = gradients.map((value, i) => ({ name: `gradient${i}`, value }));
  const results = interpretChecked(g.build(outputs), feeds);
  const found = outputs.map(({ name }) => defined(results[name]));

  const checked = [...only.map((i) => defined(inputs[i])), ...(parameters ? [theta] : [])];
  for (const value of checked) {
    const gradient = found[[...inputs, theta].indexOf(value)];
    expectClose(
      gradient,
      centralDifferences(forward, feeds, value),
      gradientTolerance,
      `dL/d(${value.path})`,
    );
  }
  return { inputs: found.slice(0, -1), parameters: defined(found.at(-1)) };
}

/** A number that depends on every element of a value, on each in another way. */
function weighted(g: Builder, value: Value): Value {
  const shape = fixedShape(value.shape, 'test');
  const weights = g.constant(random(shape, 19).data, shape);
  const size = elementCount(shape);
  return g.reduceSum(g.reshape(g.mul(value, weights), [size]), [0]);
}

/** dL/dx by moving one element at a time. */
export function centralDifferences(graph: Graph, feeds: ReadonlyMap<Value, Tensor>, x: Value): Tensor {
  const point = defined(feeds.get(x));
  const lossAt = (index: number, offset: number): number => {
    const data = Float64Array.from(point.data);
    data[index] = defined(data[index]) + offset;
    const moved = new Map(feeds).set(x, { shape: point.shape, data });
    return defined(defined(interpret(graph, moved).loss).data[0]);
  };
  const data = point.data.map((_, i) => (lossAt(i, step) - lossAt(i, -step)) / (2 * step));
  return { shape: point.shape, data };
}
