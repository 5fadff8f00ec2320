// One step of the recurrent cell of a supernet. With b the code and BN one batch norm for all states and steps, of the rows
// of each call by themselves in training:
//
//   s_0 = BN(h + sigmoid(c) (tanh(g) - h)),                            [c, g] = x W_x + (m h) W_h
//   s_i = BN(sum over edges j and operations k of b_jk o_jk)           o_jk = s_j + sigmoid(c) (f_k(g) - s_j),  [c, g] = (m s_j) W_i
//
// c and g do not depend on the operation, so that an edge is one matrix product, and with w the sum of its entries
//
//   sum_k b_k o_k = w s_j + sigmoid(c) (sum_k b_k f_k(g) - w s_j).
//
// So edges are what is sampled: those that are open are gathered into one stack, whose product is one. `none` is in no sum.
//
// The derivative of a code entry whose edge takes no part needs the forward product alone: in the `exact` form the closed edges
// are a stack of their own, behind which no gradient flows but that of the code. A node without an open edge is the constant 0;
// through its batch norm everything would be multiplied by 1 / sqrt(epsilon).
import { type Builder, statisticsMomentum } from '../../../graphs/builder.js';
import type { Value } from '../../../graphs/ir.js';
import { times } from '../../../graphs/shapes.js';
import type { RecurrentPrimitive } from '../../spaces/recurrent.js';
import { isOperation } from '../../spaces/search-space.js';
import { batchNormEpsilon } from '../norm.js';
import { step } from '../paths.js';
import { activations, gated, highway } from './activations.js';
import { type CellStep, firstState } from './derived-cell.js';

/** Edges into a node that are treated alike: `n` of its predecessors. */
export interface EdgeSet {
  /** i64[n]: the states that they come from. */
  readonly from: Value;
  /** Of each operation f32[n,1,1], by its primitive. */
  readonly code: ReadonlyMap<RecurrentPrimitive, Value>;
  /** The sum of them, f32[n,1,1]. */
  readonly total: Value;
  /** Whether gradients flow back to the matrix and the states. */
  readonly learns: boolean;
}

export interface SearchNode {
  readonly sets: readonly EdgeSet[];
  /** f32[1]: 0 where the node has no open edge, else 1. */
  readonly alive: Value;
}

/** Mean and variance, f32[H] each, as they run. */
export interface RunningNorm {
  readonly mean: Value;
  readonly variance: Value;
}

export interface SearchStep {
  /** h_t, f32[B,H]. */
  readonly next: Value;
  readonly norm: RunningNorm;
}

/** `training`: the batch's own statistics, towards which the running ones move; else the running ones. */
export function recurrentSearchCell(
  g: Builder,
  inputs: CellStep & { readonly nodes: readonly SearchNode[]; readonly norm: RunningNorm },
  { width, training }: { readonly width: number; readonly training: boolean },
): SearchStep {
  let { norm } = inputs;
  const normalised = (x: Value): Value => {
    const { y, norm: next } = batchNorm(g, x, norm, training);
    norm = next;
    return y;
  };
  const rows = inputs.hidden.shape[0] ?? 1;
  return g.within(step.cell(0), () => {
    const states = [normalised(firstState(g, inputs, width))];
    inputs.nodes.forEach(({ sets, alive }, node) => {
      const weight = inputs.ofNodes[node];
      if (weight === undefined) throw new RangeError(`node ${node} without a matrix`);
      const state = g.within(step.node(node), () => {
        const stacked = g.concat(
          states.map((value) => g.reshape(value, [1, rows, width])),
          0,
        );
        const sums = sets.map((set) => {
          const own = (value: Value): Value => (set.learns ? value : g.detach(value));
          return edgeSum(g, set, { stacked: own(stacked), weight: own(weight), mask: inputs.mask, width });
        });
        return g.mul(normalised(g.sum(sums)), alive);
      });
      states.push(state);
    });
    const next = g.within(step.output, () =>
      g.mul(g.sum(states.slice(1)), g.scalar(1 / (states.length - 1))),
    );
    return { next, norm };
  });
}

/** The sum of what a set of edges contributes to a node, f32[B,H]. */
function edgeSum(
  g: Builder,
  { from, code, total }: EdgeSet,
  {
    stacked,
    weight,
    mask,
    width,
  }: {
    readonly stacked: Value;
    readonly weight: Value;
    readonly mask: Value | undefined;
    readonly width: number;
  },
): Value {
  const states = g.gather(stacked, from);
  const [edges = 1, rows = 1] = states.shape;
  const masked = mask === undefined ? states : g.mul(states, mask);
  const product = g.matMul(g.reshape(masked, [times(edges, rows), width]), weight);
  const { gate, candidate } = gated(g, g.reshape(product, [edges, rows, 2 * width]), width);
  const mixed = g.sum(
    [...code].flatMap(([primitive, entries]) =>
      isOperation(primitive) ? [g.mul(activations[primitive](g, candidate), entries)] : [],
    ),
  );
  // w s + c (mixed - w s)
  return g.reduceSum(highway(g, g.mul(states, total), gate, mixed), [0]);
}

/** Over the rows of x f32[B,H], without scale and shift. */
function batchNorm(
  g: Builder,
  x: Value,
  { mean, variance }: RunningNorm,
  training: boolean,
): { readonly y: Value; readonly norm: RunningNorm } {
  const [rows = 1, width = 1] = x.shape;
  const attributes = { epsilon: batchNormEpsilon, affine: 'none' } as const;
  const map = g.reshape(x, [rows, width, 1, 1]);
  if (!training) {
    const y = g.one('batchNormInference', [map, mean, variance], attributes);
    return { y: g.reshape(y, [rows, width]), norm: { mean, variance } };
  }
  const [y, ownMean, ownVariance] = g.apply('batchNorm', [map], attributes);
  if (y === undefined || ownMean === undefined || ownVariance === undefined)
    throw new RangeError('batchNorm');
  const count = typeof rows === 'number' ? rows : 1;
  // PyTorch's running variance is the unbiased one.
  const unbiased = g.mul(ownVariance, g.scalar(count / Math.max(count - 1, 1)));
  const moved = (old: Value, own: Value): Value =>
    g.add(old, g.mul(g.sub(own, old), g.scalar(statisticsMomentum)));
  return {
    y: g.reshape(y, [rows, width]),
    norm: { mean: moved(mean, ownMean), variance: moved(variance, unbiased) },
  };
}
