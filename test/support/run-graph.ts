// Runs small graphs in the interpreter for tests, and checks on the way that every result has the inferred shape.
import { expect } from 'vitest';
import { Builder } from '../../graphs/builder.js';
import { type Feeds, interpret, type Tensor } from '../../graphs/interpret/interpret.js';
import type { Graph, Value } from '../../graphs/ir.js';
import { shapeText } from '../../graphs/shapes.js';
import { defined } from './tensors.js';

/** Traces something from values to values. */
export type Build<R> = (g: Builder, ...values: Value[]) => R;

/** `interpret`, with the inferred shape of every intermediate value compared with the run-time one. */
export function interpretChecked(graph: Graph, feeds: Feeds): Record<string, Tensor> {
  return interpret(graph, feeds, {
    onNode(node, results) {
      expect(results.length, `${node.op} at ${node.path}: results`).toBe(node.outputs.length);
      node.outputs.forEach((value, i) => {
        const inferred = value.shape;
        const actual = defined(results[i]).shape;
        const fits = inferred.every((size, axis) => typeof size !== 'number' || size === actual[axis]);
        if (!fits || inferred.length !== actual.length)
          throw new Error(`${node.op} at ${node.path}: ${shapeText(inferred)} became ${shapeText(actual)}`);
      });
    },
  });
}

/** The results of what `build` traces, at the given inputs. */
export function runAll(inputs: readonly Tensor[], build: Build<readonly Value[]>): Tensor[] {
  const g = new Builder();
  const values = inputs.map(({ shape }, i) => g.input(`input${i}`, shape));
  const outputs = build(g, ...values).map((value, i) => ({ name: `output${i}`, value }));
  const feeds = new Map(values.map((value, i) => [value, defined(inputs[i])]));
  const results = interpretChecked(g.build(outputs), feeds);
  return outputs.map(({ name }) => defined(results[name]));
}

/** The one result of what `build` traces. */
export function runOne(inputs: readonly Tensor[], build: Build<Value>): Tensor {
  return defined(runAll(inputs, (g, ...values) => [build(g, ...values)])[0]);
}
