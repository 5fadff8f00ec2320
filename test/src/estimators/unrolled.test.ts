import { describe, expect, it } from 'vitest';
import {
  hessianVectorPoints,
  secondOrderGradient,
  type UnrolledStep,
  unroll,
} from '../../../src/estimators/unrolled.js';
import { randomValues, slopes } from './values.js';

// Losses of three weights and two alphas of which everything is known:
//
//   L_train = w'Hw / 2 + w'Ba            dL_train/dw = Hw + Ba         dL_train/da = B'w
//   L_val   = |w - Ca|^2 / 2 + a'd       dL_val/dw = w - Ca            dL_val/da = -C'(w - Ca) + d
const P = 3;
const A = 2;
const root = randomValues(1, P * P, 0, 1);
const H = Array.from({ length: P }, (_, i) =>
  Array.from({ length: P }, (_, j) => root[i * P + j]! + root[j * P + i]!),
);
const [B, C] = [2, 3].map((seed) => {
  const values = randomValues(seed, P * A, 0, 1);
  return Array.from({ length: P }, (_, i) => Array.from({ length: A }, (_, k) => values[i * A + k]!));
});
const d = randomValues(4, A, 0, 1);
const step: UnrolledStep = { learningRate: 0.3, momentum: 0.9, weightDecay: 0.05 };
const velocity = randomValues(5, P, 0, 1);
const weights = randomValues(6, P, 0, 1);
const alphas = randomValues(7, A, 0, 1);

const times = (rows: number[][], x: ArrayLike<number>): Float64Array =>
  Float64Array.from(rows, (row) => row.reduce((total, value, j) => total + value * x[j]!, 0));
const transposedTimes = (rows: number[][], x: ArrayLike<number>): Float64Array =>
  Float64Array.from({ length: rows[0]!.length }, (_, k) =>
    rows.reduce((total, row, i) => total + row[k]! * x[i]!, 0),
  );
const residual = (w: Float64Array, a: Float64Array) => w.map((x, i) => x - times(C!, a)[i]!);
const trainByWeights = (w: Float64Array, a: Float64Array) => times(H, w).map((x, i) => x + times(B!, a)[i]!);
const validation = (w: Float64Array, a: Float64Array): number =>
  residual(w, a).reduce((total, r) => total + r ** 2 / 2, 0) + a.reduce((t, x, k) => t + x * d[k]!, 0);

describe('the second-order gradient', () => {
  const { weights: unrolled, rate } = unroll(weights, velocity, trainByWeights(weights, alphas), step);
  const direction = residual(unrolled, alphas);
  const byAlphas = transposedTimes(C!, direction).map((x, k) => d[k]! - x);

  it('unrolls one step of SGD with momentum and weight decay', () => {
    const gradient = trainByWeights(weights, alphas);
    weights.forEach((w, i) => {
      expect(unrolled[i]).toBeCloseTo(w - 0.3 * (0.9 * velocity[i]! + gradient[i]! + 0.05 * w), 14);
    });
    expect(rate).toBe(0.3);
    const still = { learningRate: 0, momentum: 1, weightDecay: 1 };
    expect(unroll([2], [0], [0], still)).toEqual({ weights: Float64Array.of(2), rate: 0 });
  });

  it('takes points at a distance of 0.01 from w, on both sides', () => {
    const { plus, minus, epsilon } = hessianVectorPoints(weights, direction);
    const norm = Math.hypot(...direction);
    expect(epsilon).toBeCloseTo(0.01 / norm, 14);
    expect(Math.hypot(...plus.map((x, i) => x - weights[i]!))).toBeCloseTo(0.01, 14);
    weights.forEach((w, i) => {
      expect(plus[i]).toBeCloseTo(w + epsilon * direction[i]!, 14);
      expect((plus[i]! + minus[i]!) / 2).toBeCloseTo(w, 14);
    });
  });

  it("is exact where L_train is quadratic: dL_val/da - xi B d, and the slope of L_val(w'(a), a)", () => {
    const { plus, minus, epsilon } = hessianVectorPoints(weights, direction);
    const gradient = secondOrderGradient(
      byAlphas,
      transposedTimes(B!, plus),
      transposedTimes(B!, minus),
      rate,
      epsilon,
    );
    const product = transposedTimes(B!, direction);
    const slope = slopes(
      (a) => validation(unroll(weights, velocity, trainByWeights(weights, a), step).weights, a),
      alphas,
    );
    gradient.forEach((g, k) => {
      expect(g).toBeCloseTo(byAlphas[k]! - 0.3 * product[k]!, 12);
      expect(g).toBeCloseTo(slope[k]!, 8);
      expect(Math.abs(g - byAlphas[k]!)).toBeGreaterThan(0.01);
    });
  });

  // L_train is taken `scale` times, so that its gradient is the longer one.
  describe.each([
    { limits: 'no gradient', clipNorm: 1e3, scale: 1 },
    { limits: 'both gradients', clipNorm: 0.1, scale: 1 },
    { limits: 'that of the training', clipNorm: 4, scale: 20 },
  ])('with a norm that limits $limits', ({ limits, clipNorm, scale }) => {
    const byWeights = (a: Float64Array) => trainByWeights(weights, a).map((x) => scale * x);
    const factor = (gradient: Float64Array) => Math.min(1, clipNorm / (Math.hypot(...gradient) + 1e-6));
    const k = factor(byWeights(alphas));
    const plain = { learningRate: 0.03, momentum: 0, weightDecay: 0.05, clipNorm };
    const stepped = unroll(weights, undefined, byWeights(alphas), plain);
    const there = residual(stepped.weights, alphas);

    it('unrolls a step of plain SGD', () => {
      byWeights(alphas).forEach((g, i) => {
        const w = weights[i]!;
        expect(stepped.weights[i]).toBeCloseTo(w - 0.03 * (k * g + 0.05 * w), 14);
      });
      expect([k < 1, factor(there) < 1]).toEqual(
        { 'no gradient': [false, false], 'both gradients': [true, true] }[limits] ?? [true, false],
      );
    });

    it("is dL_val/da - xi k B k' d, and the slope of L_val(w'(a), a) at that k where k' is 1", () => {
      const { plus, minus, epsilon } = hessianVectorPoints(weights, there, clipNorm);
      expect(Math.hypot(...plus.map((x, i) => x - weights[i]!))).toBeCloseTo(0.01, 14);
      const first = transposedTimes(C!, there).map((x, i) => d[i]! - x);
      const byTrain = (w: Float64Array) => transposedTimes(B!, w).map((x) => scale * x);
      const second = secondOrderGradient(first, byTrain(plus), byTrain(minus), stepped.rate, epsilon);
      const product = byTrain(there);
      const slope = slopes((a) => {
        const moved = byWeights(a).map((g, i) => weights[i]! - 0.03 * (k * g + 0.05 * weights[i]!));
        return validation(moved, a);
      }, alphas);
      second.forEach((g, i) => {
        expect(g).toBeCloseTo(first[i]! - 0.03 * k * factor(there) * product[i]!, 12);
        if (factor(there) === 1) expect(g).toBeCloseTo(slope[i]!, 8);
      });
    });
  });

  it('errs by the square of the distance where L_train is not quadratic', () => {
    // L_train = a exp(w): d^2 L_train / da dw = exp(w), and its central difference is exp(w) sinh(0.01) / 0.01.
    const [w, v] = [Float64Array.of(0.4), Float64Array.of(-1.7)];
    const { plus, minus, epsilon } = hessianVectorPoints(w, v);
    const [g] = secondOrderGradient([0], plus.map(Math.exp), minus.map(Math.exp), 1, epsilon);
    expect(g! / (1.7 * Math.exp(0.4))).toBeCloseTo(Math.sinh(0.01) / 0.01, 12);
  });

  it('is the first-order gradient where the unrolled weights are a minimum', () => {
    const { plus, minus, epsilon } = hessianVectorPoints(weights, [0, 0, 0]);
    expect([epsilon, plus, minus]).toEqual([0, weights, weights]);
    expect([...secondOrderGradient([3, 4], [1, 1], [1, 1], 0.3, epsilon)]).toEqual([3, 4]);
  });

  it('leaves float32 state as it is, and refuses vectors of other networks', () => {
    const state = Float32Array.of(1, 2);
    expect(unroll(state, state, state, step).weights).toBeInstanceOf(Float64Array);
    expect([...state]).toEqual([1, 2]);
    expect(() => unroll(state, [1], state, step)).toThrow(
      /velocity does not fit.*2 values.*found: +1.*the same network/s,
    );
    expect(() => unroll(state, state, [1], step)).toThrow(/gradient of the weights does not fit/);
    expect(() => hessianVectorPoints(state, [1])).toThrow(/unrolled weights does not fit/);
    expect(() => secondOrderGradient([1], [1, 2], [1], 1, 1)).toThrow(/w \+ epsilon d does not fit/);
    expect(() => secondOrderGradient([1], [1], [1, 2], 1, 1)).toThrow(/w - epsilon d does not fit/);
  });
});
