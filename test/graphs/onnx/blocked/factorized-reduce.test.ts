// FactorizedReduce and its gradients in both layouts against the interpreter.
import { describe, expect, it } from 'vitest';
import { type Case, itAgrees, operatorsOf } from './agreement.js';

function reduction(x: readonly [number, number, number, number], outputs: number): Case {
  const [images, channels, height, width] = x;
  return {
    name: `[${x.join()}] -> ${outputs}`,
    build(g, feed) {
      const weight = [outputs / 2, channels, 1, 1];
      const [input, a, b] = [feed(x), feed(weight), feed(weight)];
      const dy = feed([images, outputs, height / 2, width / 2]);
      return [
        g.one('factorizedReduce', [input, a, b], {}),
        g.one('factorizedReduceInputGrad', [dy, a, b], {}),
        ...g.apply('factorizedReduceWeightGrad', [input, dy], {}),
      ];
    },
  };
}

describe('whole blocks', () => {
  itAgrees([
    reduction([2, 16, 8, 8], 16),
    reduction([1, 16, 6, 10], 32),
    reduction([2, 32, 14, 14], 16),
    reduction([2, 48, 4, 4], 32),
  ]);
});

describe('packed images', () => {
  itAgrees([
    reduction([4, 8, 8, 8], 16),
    reduction([4, 16, 8, 8], 8),
    reduction([8, 4, 6, 6], 4),
    reduction([4, 12, 8, 6], 24),
    reduction([2, 24, 8, 8], 24),
    reduction([4, 36, 4, 4], 36),
    reduction([4, 20, 4, 6], 20),
    reduction([4, 20, 6, 4], 36),
    reduction([4, 24, 6, 6], 4),
    reduction([4, 32, 2, 2], 8),
  ]);
});

describe('batches that one packing or both do not divide', () => {
  itAgrees([
    reduction([3, 8, 8, 8], 16),
    reduction([2, 4, 8, 8], 8),
    reduction([2, 16, 8, 8], 4),
    reduction([1, 36, 4, 4], 36),
    reduction([2, 6, 4, 4], 6),
  ]);
});

describe('the blocked form', () => {
  it('is taken for packed images', () => {
    const operators = operatorsOf(reduction([4, 8, 8, 8], 16), { kind: 'blocked', block: 16 });
    expect(operators).toContain('com.microsoft.nchwc:Conv');
    expect(operators).not.toContain('Conv');
  });
});
