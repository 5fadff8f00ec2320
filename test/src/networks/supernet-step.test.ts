import { describe, expect, it } from 'vitest';
import { interpret } from '../../../graphs/interpret/interpret.js';
import { supernetStep } from '../../support/supernet-step.js';

// PyTorch computes in float32: its own rounding is what separates it from the float64 interpreter.
const tolerance = 2e-4;

describe('the supernet step, against PyTorch', () => {
  it.each(['soft', 'binary'] as const)('agrees in the float64 interpreter (%s)', (kind) => {
    const { step, feeds, check } = supernetStep(kind);
    check(interpret(step.program.graph, feeds), tolerance);
  });

  it('covers every parameter and statistic that PyTorch has', () => {
    const { step } = supernetStep('soft');
    expect(step.state.parameters.length + step.state.statistics.length).toBe(1266);
  });
});
