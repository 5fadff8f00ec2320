// One step of the recurrent cell of a genotype, with x_t already multiplied by its half of W_0:
//
//   [c, g] = x W_x + (m h) W_h                      s_0 = h + sigmoid(c) (tanh(g) - h)
//   [c, g] = (m s_j) W_i for each state j of node i      o = s_j + sigmoid(c) (f(g) - s_j)
//   s_i = mean of the node's o                      h' = mean of the states that the genotype concatenates
//
// The mask m multiplies what enters a matrix; the highway's own term is not masked. There are no biases.
//
// Deviation: DATA adds up the operations of a node (Eq. 2). Without the batch norm that a search has, sums of several grow
// from step to step without bounds; their mean does not, and of one operation it is the same. `sum` is there as an option.
import type { Builder } from '../../../graphs/builder.js';
import type { Value } from '../../../graphs/ir.js';
import type { RecurrentGenotype } from '../../spaces/recurrent.js';
import { step } from '../paths.js';
import { activations, type Gated, gated, highway } from './activations.js';

/** How a node joins its operations. */
export const COMBINATIONS = ['mean', 'sum'] as const;
export type Combination = (typeof COMBINATIONS)[number];

export interface CellStep {
  /** f32[B,2H]: x_t W_x. */
  readonly fromInput: Value;
  /** f32[B,H]: h_{t-1}. */
  readonly hidden: Value;
  /** f32[H,2H] each. */
  readonly ofHidden: Value;
  readonly ofNodes: readonly Value[];
  /** f32[B,H], where there is one. */
  readonly mask?: Value | undefined;
}

/** s_0, f32[B,H]: the state that every cell begins with. */
export function firstState(
  g: Builder,
  { fromInput, hidden, ofHidden, mask }: CellStep,
  width: number,
): Value {
  const masked = mask === undefined ? hidden : g.mul(mask, hidden);
  const { gate, candidate } = gated(g, g.add(fromInput, g.matMul(masked, ofHidden)), width);
  return highway(g, hidden, gate, g.tanh(candidate));
}

/** h_t, f32[B,H]. */
export function derivedCell(
  g: Builder,
  { recurrent: { nodes, concat } }: RecurrentGenotype,
  inputs: CellStep,
  { width, combination }: { readonly width: number; readonly combination: Combination },
): Value {
  const { ofNodes, mask } = inputs;
  const mean = (values: readonly Value[]): Value => scaled(g, g.sum(values), 1 / values.length);
  return g.within(step.cell(0), () => {
    const states = [firstState(g, inputs, width)];
    let index = 0;
    nodes.forEach((operations, node) => {
      const weight = ofNodes[node];
      if (weight === undefined) throw new RangeError(`node ${node} without a matrix`);
      // Operations on one state share its product.
      const products = new Map<number, Gated>();
      const outputs = operations.map(({ primitive, input }) =>
        g.within(`${step.node(node)}/${step.operation({ index: index++, primitive, input })}`, () => {
          const state = states[input];
          if (state === undefined) throw new RangeError(`state ${input}`);
          const own =
            products.get(input) ??
            gated(g, g.matMul(mask === undefined ? state : g.mul(mask, state), weight), width);
          products.set(input, own);
          return highway(g, state, own.gate, activations[primitive](g, own.candidate));
        }),
      );
      states.push(g.within(step.node(node), () => (combination === 'sum' ? g.sum(outputs) : mean(outputs))));
    });
    return g.within(step.output, () => mean(concat.flatMap((state) => states[state] ?? [])));
  });
}

function scaled(g: Builder, value: Value, factor: number): Value {
  return factor === 1 ? value : g.mul(value, g.scalar(factor));
}
