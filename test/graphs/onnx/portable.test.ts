import { describe, expect, it } from 'vitest';
import { interpret } from '../../../graphs/interpret/interpret.js';
import type { Graph } from '../../../graphs/ir.js';
import { expansions } from '../../../graphs/operations/expansions.js';
import { expandOperations } from '../../../graphs/passes/expand-operations.js';
import { type OptimizationLevel, runOnnx } from '../../support/run-onnx.js';
import { defined, expectClose, type Tolerance } from '../../support/tensors.js';
import { type CaseOperation, caseGraph, operationCases } from './operation-cases/index.js';

/** Sums of at most a few hundred float32 terms of size 1. */
const tolerance: Tolerance = { absolute: 1e-5, relative: 1e-5 };

/** Exported models consist of these, and carry the shape of every value. */
const ofInference: ReadonlySet<CaseOperation> = new Set<CaseOperation>([
  'constant',
  'conv2d',
  'factorizedReduce',
  'maxPool2d',
  'averagePool2d',
  'globalAveragePool',
  'resize',
  'expand',
  'batchNormInference',
  'relu',
  'add',
  'sum',
  'mul',
  'concat',
  'slice',
  'pad',
  'reshape',
  'matMul',
]);

const settings: readonly { opset: number; level: OptimizationLevel }[] = [
  { opset: 17, level: 'disabled' },
  { opset: 17, level: 'all' },
  { opset: 21, level: 'disabled' },
  { opset: 21, level: 'all' },
];

function isOperation(name: string): name is CaseOperation {
  return name in operationCases;
}

function checkOperation<K extends CaseOperation>(op: K, change: (graph: Graph) => Graph): void {
  for (const operationCase of operationCases[op]) {
    it(operationCase.name, async () => {
      const { graph, feeds } = caseGraph(op, operationCase);
      const expected = interpret(graph, feeds);
      for (const { opset, level } of settings) {
        const results = await runOnnx(change(graph), feeds, { opset, level, shapes: ofInference.has(op) });
        for (const { name } of graph.outputs)
          expectClose(
            results[name],
            defined(expected[name]),
            operationCase.tolerance ?? tolerance,
            `${name} at opset ${opset}, ${level}`,
          );
      }
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
