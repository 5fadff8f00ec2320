import { describe, expect, it } from 'vitest';
import { Builder } from '../../../graphs/builder.js';
import { interpret, tensor } from '../../../graphs/interpret/interpret.js';
import { probeFinite } from '../../../graphs/passes/probe-finite.js';
import { runOnnx } from '../../support/run-onnx.js';
import { defined } from '../../support/tensors.js';

/** sqrt(x) (y), then a region that adds 1 to it (z), and their sum. */
function graph() {
  const g = new Builder();
  const x = g.input('x', [2, 2]);
  const gates = g.input('gates', [1], 'bool');
  const y = g.within('first', () => g.sqrt(x));
  const z = g.within('second', () =>
    g.region({ gates, backwardGates: gates, gateIndex: 0 }, [y], (body, [inner]) =>
      body.add(defined(inner), body.scalar(1)),
    ),
  );
  const total = g.within('third', () => g.sum([y, z]));
  return g.build([{ name: 'total', value: total }]);
}

const open = { shape: [1], data: Float64Array.of(1) };

describe('probeFinite', () => {
  const source = graph();
  const probe = probeFinite(source);

  it('has a probe for every float value, in order', () => {
    expect(probe.nodes.map(({ op }) => op)).toEqual(['sqrt', 'region', 'sum']);
  });

  it.each([
    [
      [1, 2, 3, 4],
      [true, true, true],
    ],
    [
      [1, -2, 3, 4],
      [false, false, false],
    ],
    [
      [1, Number.POSITIVE_INFINITY, 3, 4],
      [false, false, false],
    ],
  ])('sees what %j leads to, in the interpreter and in ONNX Runtime', async (values, finite) => {
    const feeds = { x: tensor([2, 2], values), gates: open };
    const inputs = new Map(source.inputs.map((value) => [value, feeds[value.path === 'x' ? 'x' : 'gates']]));
    for (const { probes } of [interpret(probe.graph, inputs), await runOnnx(probe.graph, feeds)])
      expect(Array.from(defined(probes).data, Number.isFinite)).toEqual(finite);
  });
});
