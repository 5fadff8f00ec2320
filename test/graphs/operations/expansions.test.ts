// Every composition against the operation that it stands for, over random shapes; and the derivatives of both.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Builder } from '../../../graphs/builder.js';
import { differentiate } from '../../../graphs/differentiate.js';
import { interpret, type Tensor } from '../../../graphs/interpret/interpret.js';
import type { Affine, Graph, Pair, PoolAttributes, Value } from '../../../graphs/ir.js';
import { type ExpandableOperation, expansions, isExpandable } from '../../../graphs/operations/expansions.js';
import { vjps } from '../../../graphs/operations/index.js';
import { expandOperations } from '../../../graphs/passes/expand-operations.js';
import { fixedShape, windowOutput } from '../../../graphs/shapes.js';
import { interpretChecked } from '../../support/run-graph.js';
import { expectClose, random } from '../../support/tensors.js';
import { caseGraph, type OperationCase } from '../onnx/operation-cases/case.js';

const tolerance = { absolute: 1e-11, relative: 1e-11 };
const size = (max = 3) => fc.integer({ min: 1, max });
const seed = fc.integer({ min: 1, max: 1000 });
const sizes = (min: number, max: number) => fc.array(size(4), { minLength: min, maxLength: max });

function drawn(shapes: readonly (readonly number[])[], from: number): Tensor[] {
  return shapes.map((shape, i) => random(shape, from + i));
}

/** Even maps that are halved, and any others. */
const reduction = fc
  .record({
    n: size(),
    c: size(),
    rows: size(),
    columns: size(),
    half: size(),
    seed,
    other: fc.option(
      fc.record({
        odd: fc.tuple(fc.boolean(), fc.boolean()),
        stride: fc.constantFrom<1 | 2>(1, 2),
        shift: fc.nat(5),
      }),
    ),
  })
  .map(({ n, c, rows, columns, half, seed: from, other }) => {
    if (other === null) {
      const extent: Pair = [2 * rows, 2 * columns];
      return { n, c, half, from, extent, output: [rows, columns], attributes: {}, ofInput: {} };
    }
    const { odd, stride, shift } = other;
    const inputExtent: Pair = [2 * rows - (odd[0] ? 1 : 0), 2 * columns - (odd[1] ? 1 : 0)];
    const output = inputExtent.map((along) => Math.ceil(along / stride));
    const attributes = { stride, shift };
    return {
      n,
      c,
      half,
      from,
      extent: inputExtent,
      output,
      attributes,
      ofInput: { ...attributes, inputExtent },
    };
  });

/** Windows that all hold a pixel: padded by less than the kernel. */
const pool = fc.tuple(size(), size(), size(), size()).chain(([height, width, down, across]) => {
  const before = (kernel: number) => fc.integer({ min: 0, max: kernel - 1 });
  return fc.record<PoolAttributes>({
    kernel: fc.constant([height, width]),
    strides: fc.constant([down, across]),
    pads: fc.tuple(before(height), before(width), before(height), before(width)),
  });
});

const arbitraries: { readonly [K in ExpandableOperation]: fc.Arbitrary<Omit<OperationCase<K>, 'name'>> } = {
  factorizedReduce: reduction.map(({ n, c, extent, half, from, attributes }) => ({
    attributes,
    inputs: drawn(
      [
        [n, c, ...extent],
        [half, c, 1, 1],
        [half, c, 1, 1],
      ],
      from,
    ),
  })),
  factorizedReduceInputGrad: reduction.map(({ n, c, output, half, from, ofInput }) => ({
    attributes: ofInput,
    inputs: drawn(
      [
        [n, 2 * half, ...output],
        [half, c, 1, 1],
        [half, c, 1, 1],
      ],
      from,
    ),
  })),
  factorizedReduceWeightGrad: reduction.map(({ n, c, extent, output, half, from, attributes }) => ({
    attributes,
    inputs: drawn(
      [
        [n, c, ...extent],
        [n, 2 * half, ...output],
      ],
      from,
    ),
  })),
  batchNormApply: fc
    .record({
      n: size(),
      c: size(),
      extent: fc.tuple(size(), size()),
      affine: fc.constantFrom<Affine>('none', 'scale', 'scale-shift'),
      whole: fc.boolean(),
      seed,
    })
    .map(({ n, c, extent, affine, whole: isWhole, seed: from }) => {
      const part = [isWhole ? c : 1];
      const parts = { none: [], scale: [part], 'scale-shift': [part, part] }[affine];
      return { attributes: { affine }, inputs: drawn([[n, c, ...extent], [c], [c], ...parts], from) };
    }),
  averagePool2dGrad: fc
    .record({ n: size(), c: size(), pool, more: fc.tuple(size(5), size(5)), seed })
    .map(({ n, c, pool: attributes, more, seed }) => {
      const { kernel } = attributes;
      const inputExtent: Pair = [kernel[0] + more[0] - 1, kernel[1] + more[1] - 1];
      const output = windowOutput([n, c, ...inputExtent], kernel, attributes, 'test');
      return { attributes: { ...attributes, inputExtent }, inputs: drawn([[n, c, ...output]], seed) };
    }),
  globalAveragePoolGrad: fc
    .record({ n: size(), c: size(), inputExtent: fc.tuple(size(), size()), seed })
    .map(({ n, c, inputExtent, seed }) => ({ attributes: { inputExtent }, inputs: drawn([[n, c]], seed) })),
  neg: fc
    .record({ shape: sizes(0, 4), seed })
    .map(({ shape, seed }) => ({ attributes: {}, inputs: drawn([shape], seed) })),
  split: fc
    .record({ shape: sizes(1, 4), place: fc.nat(3), parts: sizes(1, 4), seed })
    .map(({ shape, place, parts, seed }) => {
      const axis = place % shape.length;
      const whole = shape.with(
        axis,
        parts.reduce((a, b) => a + b, 0),
      );
      return { attributes: { axis, sizes: parts }, inputs: drawn([whole], seed) };
    }),
};

function isOperation(name: string): name is ExpandableOperation {
  return name in arbitraries;
}

const whole = (graph: Graph): Graph => expandOperations(graph, () => false);

function expectSame(actual: Graph, expected: Graph, feeds: Readonly<Record<string, Tensor>>): void {
  const results = interpretChecked(actual, feeds);
  for (const [name, wanted] of Object.entries(interpret(expected, feeds)))
    expectClose(results[name], wanted, tolerance, name);
}

/** The graph with the gradients of a weighted sum of its outputs. */
function withGradients(graph: Graph): Graph {
  const g = Builder.continueFrom(graph);
  const terms = graph.outputs.map(({ value }, i): Value => {
    const shape = fixedShape(value.shape, value.path);
    const weighted = g.mul(value, g.constant(random(shape, 50 + i).data, shape));
    return g.reduceSum(weighted, [...shape.keys()]);
  });
  const gradients = differentiate(g, g.sum(terms), graph.inputs);
  return g.build(gradients.map((value, i) => ({ name: `gradient${i}`, value })));
}

function checkOperation<K extends ExpandableOperation>(op: K): void {
  const cases = arbitraries[op];
  it('is what its composition is', () => {
    fc.assert(
      fc.property(cases, (drawnCase) => {
        const { graph, feeds } = caseGraph(op, { name: op, ...drawnCase });
        const expanded = whole(graph);
        expect(expanded.nodes.some(isExpandable)).toBe(false);
        expect(expanded.outputs).toEqual(graph.outputs);
        expanded.outputs.forEach(({ value }, i) => {
          expect(value).toBe(graph.outputs[i]?.value);
        });
        expectSame(expanded, graph, feeds);
      }),
      { numRuns: 50 },
    );
  });

  if (!Object.hasOwn(vjps, op)) return;
  it('has the derivative of its composition', () => {
    fc.assert(
      fc.property(cases, (drawnCase) => {
        const { graph, feeds } = caseGraph(op, { name: op, ...drawnCase });
        const gradients = withGradients(graph);
        expectSame(withGradients(whole(graph)), gradients, feeds);
        expectSame(whole(gradients), gradients, feeds);
      }),
      { numRuns: 25 },
    );
  });
}

describe.each(Object.keys(expansions).filter(isOperation))('%s', (op) => {
  checkOperation(op);
});
