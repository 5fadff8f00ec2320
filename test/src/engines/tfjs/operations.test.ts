// Every operation on TensorFlow.js, in every case there is, against the interpreter.
import { afterAll, describe, expect, it } from 'vitest';
import { interpret } from '../../../../graphs/interpret/interpret.js';
import type { Graph } from '../../../../graphs/ir.js';
import { expansions } from '../../../../graphs/operations/expansions.js';
import { expandOperations } from '../../../../graphs/passes/expand-operations.js';
import { type CaseOperation, caseGraph, operationCases } from '../../../graphs/onnx/operation-cases/index.js';
import { defined, expectClose, type Tolerance } from '../../../support/tensors.js';
import { backends, engineOf, runGraph } from './backends.js';

/** Sums of at most a few hundred float32 terms of size 1. */
const tolerance: Tolerance = { absolute: 1e-5, relative: 1e-5 };

function isOperation(name: string): name is CaseOperation {
  return name in operationCases;
}

describe.each(backends)('$name', ({ loaded }) => {
  const engine = engineOf(loaded);
  afterAll(() => engine.dispose());

  function checkOperation<K extends CaseOperation>(op: K, change: (graph: Graph) => Graph): void {
    for (const operationCase of operationCases[op]) {
      it(operationCase.name, async () => {
        const { graph, feeds } = caseGraph(op, operationCase);
        const expected = interpret(graph, feeds);
        const before = defined(loaded).tf.memory().numTensors;
        const results = await runGraph(engine, change(graph), feeds);
        for (const { name } of graph.outputs)
          expectClose(results[name], defined(expected[name]), operationCase.tolerance ?? tolerance, name);
        expect(defined(loaded).tf.memory().numTensors - before).toBeLessThanOrEqual(4);
      });
    }
  }

  describe.each(Object.keys(operationCases).filter(isOperation))('%s', (op) => {
    expect(operationCases[op]).not.toHaveLength(0);
    checkOperation(op, (graph) => graph);
  });

  describe.each(Object.keys(expansions).filter(isOperation))('%s, composed', (op) => {
    checkOperation(op, (graph) => expandOperations(graph, () => false));
  });
});
