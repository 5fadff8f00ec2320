// The weights of a language model around one recurrent cell, under the names of DARTS's released state dicts. With V words,
// N nodes, and E = H the width of embeddings and hidden states:
//
//   encoder.weight  [V, H]    the table of embeddings, and the matrix of the decoder: one parameter with two uses
//   decoder.bias    [V]
//   rnns.0._W0      [2H, 2H]  the first H rows act on x_t, the others on h_{t-1}; the first H columns are the gate
//   rnns.0._Ws.I    [H, 2H]   of node I, whatever states and operations it has
import type { Builder } from '../../../graphs/builder.js';
import type { Value } from '../../../graphs/ir.js';
import type { Initial } from '../../../graphs/slots.js';
import { step } from '../paths.js';

export const recurrentName = {
  table: 'encoder.weight',
  bias: 'decoder.bias',
  /** In state dicts besides, equal to the table. */
  tied: 'decoder.weight',
  input: 'rnns.0._W0',
  node: (node: number): string => `rnns.0._Ws.${node}`,
  norm: 'rnns.0.bn',
} as const;

export interface LanguageModelSize {
  readonly words: number;
  /** Of embeddings and hidden states. */
  readonly width: number;
  /** Nodes of the cell. */
  readonly nodes: number;
}

export interface RecurrentWeights {
  readonly table: Value;
  readonly bias: Value;
  /** f32[H, 2H] each: what acts on x_t, on h_{t-1}, and in each node. */
  readonly ofInput: Value;
  readonly ofHidden: Value;
  readonly ofNodes: readonly Value[];
}

/** As released: everything uniform in [-0.04, 0.04), the bias 0. */
const uniform: Initial = { kind: 'uniform', bound: 0.04 };

export function recurrentWeights(g: Builder, { words, width, nodes }: LanguageModelSize): RecurrentWeights {
  const table = g.within('encoder', () => g.parameter(recurrentName.table, [words, width], uniform));
  const [input, ofNodes] = g.within(step.cell(0), () => [
    g.parameter(recurrentName.input, [2 * width, 2 * width], uniform),
    Array.from({ length: nodes }, (_, node) =>
      g.within(step.node(node), () => g.parameter(recurrentName.node(node), [width, 2 * width], uniform)),
    ),
  ]);
  const bias = g.within('decoder', () =>
    g.parameter(recurrentName.bias, [words], { kind: 'constant', value: 0 }),
  );
  const [ofInput, ofHidden] = g.within(step.cell(0), () => g.split(input, 0, [width, width]));
  if (ofInput === undefined || ofHidden === undefined) throw new RangeError(recurrentName.input);
  return { table, bias, ofInput, ofHidden, ofNodes };
}
