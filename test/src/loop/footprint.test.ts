import { describe, expect, it } from 'vitest';
import { Builder } from '../../../graphs/builder.js';
import { optimizers } from '../../../graphs/optimizers/index.js';
import { extrapolate, type Footprint, footprintOf, residentBytes } from '../../../src/loop/footprint.js';
import { buildStep, type Step } from '../../../src/networks/step.js';

/** y = w x, squared: 6 weights, and `rows` examples. */
function line(rows: number, momentum: number): Step {
  const g = new Builder();
  const x = g.input('x', [rows, 6]);
  const y = g.mul(x, g.reshape(g.parameter('w', [6], { kind: 'constant', value: 1 }), [1, 6]));
  const loss = g.reduceSum(g.mul(y, y), [0, 1]);
  const optimizer = optimizers.sgd({ momentum, weightDecay: 0 });
  return buildStep({ g, loss, reports: [] }, { name: 'line', optimizer, movesStatistics: false });
}

const of = (rows: number, momentum = 0) => footprintOf([{ trace: () => line(rows, momentum) }]);

describe('the footprint of programs', () => {
  it('has the state once, with what the optimizer remembers', () => {
    expect(of(3).stateBytes).toBe(4 * 6);
    expect(of(3, 0.9).stateBytes).toBe(2 * 4 * 6);
    const twice = footprintOf([{ trace: () => line(3, 0) }, { trace: () => line(3, 0) }]);
    expect(twice).toEqual({ ...of(3), nodes: 2 * of(3).nodes, activationBytes: 2 * of(3).activationBytes });
  });

  it('grows with the examples, and by the same for each', () => {
    const bytes = [100, 200, 300].map((rows) => of(rows).activationBytes);
    expect(bytes[0]).toBeGreaterThan(100 * 6 * 4);
    expect(bytes[2]! - bytes[1]!).toBe(bytes[1]! - bytes[0]!);
    expect(of(300).nodes).toBe(of(100).nodes);
    expect(residentBytes(of(300))).toBeGreaterThan(residentBytes(of(100)));
  });

  it('follows a line through two others', () => {
    const at = (x: number): Footprint => ({ nodes: 5 + x, stateBytes: 3 * x, activationBytes: 7 - x });
    expect(extrapolate(9, [3, at(3)], [6, at(6)])).toEqual(at(9));
  });
});
