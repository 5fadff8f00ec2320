// Ensemble Gumbel-Softmax once more, written for being read rather than for use: the noise of a sample drawn again, every
// step's Jacobian as an explicit matrix, and the gradient as their product. Shares no code with the estimator.
import { openStream } from '../../../src/random.js';

export type Matrix = number[][];

/** The Gumbels of groups of `sizes` entries, M samples each, in the order in which the estimator draws them. */
export function drawNoise(seed: number, sizes: readonly number[], samples: number): Matrix[] {
  const stream = openStream(seed, 'gumbel');
  return sizes.map((size) =>
    Array.from({ length: samples }, () => Array.from({ length: size }, () => stream.gumbel())),
  );
}

export function probabilities(alphas: readonly number[], parameterisation: 'softmax' | 'relu'): number[] {
  const weights = alphas.map((a) => (parameterisation === 'softmax' ? Math.exp(a) : Math.max(a, 0)));
  const total = weights.reduce((a, b) => a + b, 0);
  return weights.map((weight) => weight / total);
}

/** Eq. 8 as printed. */
export function soft(p: readonly number[], noise: readonly number[], temperature: number): number[] {
  const weights = p.map((value, k) => Math.exp((Math.log(value) + noise[k]!) / temperature));
  const total = weights.reduce((a, b) => a + b, 0);
  return weights.map((weight) => weight / total);
}

export interface GroupReference {
  readonly code: number[];
  /** dL/dalphas of dL/dcode. */
  gradient(codeGradient: readonly number[]): number[];
  /** For each entry the sample that its gradient goes to. */
  readonly receivers: number[];
}

/** Code and gradient of one group with probabilities above zero. */
export function referenceGroup(
  alphas: readonly number[],
  noise: Matrix,
  options: { parameterisation: 'softmax' | 'relu'; normalise: 'none' | 'sum'; temperature: number },
): GroupReference {
  const { parameterisation, normalise, temperature } = options;
  const entries = alphas.map((_, k) => k);
  const p = probabilities(alphas, parameterisation);
  const softs = noise.map((row) => soft(p, row, temperature));
  const winners = softs.map((y) => y.indexOf(Math.max(...y)));
  const binary = entries.map((k) => (winners.includes(k) ? 1 : 0));
  const size = binary.filter((b) => b === 1).length;
  const code: number[] = binary.map((b) => (normalise === 'sum' ? b / size : b));
  // Where nobody chose k, all samples attain the maximum 0, and the first of them is sample 0.
  const receivers = entries.map((k) => Math.max(winners.indexOf(k), 0));

  // d code_j / d binary_k, by the quotient rule.
  const dCode = matrix(entries, (j, k) =>
    normalise === 'sum' ? (delta(j, k) * size - binary[j]!) / size ** 2 : delta(j, k),
  );
  // d log p_j / d alpha_k.
  const mass = alphas.reduce((total, a) => total + a, 0);
  const dLogP = matrix(entries, (j, k) =>
    parameterisation === 'softmax' ? delta(j, k) - p[k]! : delta(j, k) / alphas[j]! - 1 / mass,
  );
  return {
    code,
    receivers,
    gradient(codeGradient) {
      const binaryGradient = transposedTimes(dCode, codeGradient);
      const logGradient = entries.map(() => 0);
      softs.forEach((y, i) => {
        // d y_j / d log p_k, and dL/dy of the entries that this sample answers for.
        const dSoft = matrix(entries, (j, k) => (y[j]! * (delta(j, k) - y[k]!)) / temperature);
        const received = binaryGradient.map((h, k) => (receivers[k] === i ? h : 0));
        transposedTimes(dSoft, received).forEach((value, k) => {
          logGradient[k]! += value;
        });
      });
      return transposedTimes(dLogP, logGradient);
    },
  };
}

function matrix(entries: readonly number[], element: (row: number, column: number) => number): Matrix {
  return entries.map((row) => entries.map((column) => element(row, column)));
}

function transposedTimes(rows: Matrix, vector: readonly number[]): number[] {
  return vector.map((_, k) => rows.reduce((total, row, j) => total + row[k]! * vector[j]!, 0));
}

function delta(j: number, k: number): number {
  return j === k ? 1 : 0;
}
