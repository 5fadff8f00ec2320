// Convolutions of any stride, padding, dilation and grouping on TensorFlow.js, with both derivatives, against the
// interpreter; and max pooling's gradient where the backend's own kernel cannot be trusted with equal maxima.
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { interpret } from '../../../../graphs/interpret/interpret.js';
import type { OperationAttributes, OperationName, Pair } from '../../../../graphs/ir.js';
import { windowExtent } from '../../../../graphs/shapes.js';
import { Device } from '../../../../src/engines/tfjs/device.js';
import { createTfjsEngine } from '../../../../src/engines/tfjs/engine.js';
import type { CaseInput } from '../../../graphs/onnx/operation-cases/case.js';
import { caseGraph, operationCases } from '../../../graphs/onnx/operation-cases/index.js';
import { defined, expectClose, random } from '../../../support/tensors.js';
import { backends, engineOf, runGraph, withKernels } from './backends.js';

const tolerance = { absolute: 2e-5, relative: 2e-5 };

const pair = (low: number, high: number): fc.Arbitrary<Pair> =>
  fc.tuple(fc.integer({ min: low, max: high }), fc.integer({ min: low, max: high }));

const geometries = fc
  .record({
    extent: pair(5, 12),
    kernel: pair(1, 3),
    strides: pair(1, 3),
    dilations: pair(1, 4),
    starts: pair(0, 3),
    ends: pair(0, 3),
    grouping: fc.constantFrom(
      { groups: 1, channels: 2, outputs: 3 },
      { groups: 3, channels: 3, outputs: 3 },
      { groups: 2, channels: 2, outputs: 4 },
      { groups: 2, channels: 4, outputs: 2 },
    ),
  })
  .map(({ starts, ends, ...rest }) => ({
    ...rest,
    pads: [starts[0], starts[1], ends[0], ends[1]] as const,
  }))
  .map((g) => ({
    ...g,
    output: [0, 1].map((axis) =>
      windowExtent(
        defined(g.extent[axis]),
        defined(g.kernel[axis]),
        defined(g.strides[axis]),
        defined(g.pads[axis]),
        defined(g.pads[axis + 2]),
        defined(g.dilations[axis]),
      ),
    ),
  }))
  .filter(({ output }) => output.every((size) => size >= 1));

describe.each(backends)('windows on $name', ({ loaded }) => {
  const engine = engineOf(loaded);
  afterAll(() => engine.dispose());

  async function agree<K extends OperationName>(
    op: K,
    attributes: OperationAttributes[K],
    inputs: readonly CaseInput[],
    on = engine,
  ): Promise<void> {
    const { graph, feeds } = caseGraph(op, { name: op, attributes, inputs });
    const results = await runGraph(on, graph, feeds);
    for (const [name, expected] of Object.entries(interpret(graph, feeds)))
      expectClose(results[name], expected, tolerance, `${op} ${name}`);
  }

  it('of every geometry agree with the interpreter, one way and back', async () => {
    await fc.assert(
      fc.asyncProperty(geometries, async ({ extent, kernel, output, grouping, strides, pads, dilations }) => {
        const { groups, channels, outputs } = grouping;
        const attributes = { strides, pads, dilations, groups };
        const x = random([2, channels, ...extent], 1);
        const w = random([outputs, channels / groups, ...kernel], 2);
        const dy = random([2, outputs, ...output], 3);
        await agree('conv2d', attributes, [x, w]);
        await agree('conv2dInputGrad', { ...attributes, inputExtent: extent }, [dy, w]);
        await agree('conv2dWeightGrad', { ...attributes, kernel }, [x, dy]);
      }),
      { numRuns: 150, seed: 5 },
    );
  });

  it('of every geometry agree with the interpreter when they take averages and maxima', async () => {
    const pools = geometries.filter(({ dilations, kernel, pads }) => {
      const inside = [0, 1, 2, 3].every((side) => defined(pads[side]) < defined(kernel[side % 2]));
      return inside && dilations[0] === 1 && dilations[1] === 1;
    });
    await fc.assert(
      fc.asyncProperty(pools, async ({ extent, kernel, output, strides, pads }) => {
        const attributes = { kernel, strides, pads };
        const [x, dy] = [random([2, 3, ...extent], 1), random([2, 3, ...output], 3)];
        await agree('averagePool2d', attributes, [x]);
        await agree('averagePool2dGrad', { ...attributes, inputExtent: extent }, [dy]);
        await agree('maxPool2d', attributes, [x]);
        await agree('maxPool2dGrad', attributes, [x, dy]);
      }),
      { numRuns: 60, seed: 5 },
    );
  });

  describe('where the kernel takes another of equal maxima', () => {
    const { tf, found } = defined(loaded);
    /** Its kernel hands the gradient to none. */
    const other = withKernels(
      tf,
      (run) => (name, inputs, attributes) =>
        name === 'MaxPoolGrad' && !Array.isArray(inputs)
          ? run('ZerosLike', { x: defined(inputs.input) })
          : run(name, inputs, attributes),
    );

    it('is noticed', () => {
      expect(new Device(other).firstMaximumWins).toBe(false);
      expect(new Device(tf).firstMaximumWins).toBe(true);
    });

    it.each(operationCases.maxPool2dGrad)(
      'the gradient is taken tap by tap: $name',
      async ({ attributes, inputs }) => {
        const own = createTfjsEngine({ tf: other, found });
        await agree('maxPool2dGrad', attributes, inputs, own);
        await own.dispose();
      },
    );
  });
});
