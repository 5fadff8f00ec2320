// A language model as it is deployed: two models of one network, with the same weights and the same names of inputs and outputs.
//
//   input_ids           i64[batch, sequence]          words by their indices in the vocabulary
//   past_recurrent.0    f32[layers, batch, width]     the hidden state before them, zeros at the beginning of a text
//   logits              f32[batch, sequence, words]   of the word behind each of them
//   present_recurrent.0 f32[layers, batch, width]     the hidden state after them
//
// `sequence` runs over windows of whatever length, in one scan. `step` takes one word a time and has no loop inside: for runtimes
// and accelerators that know none. There is one layer.
import { Builder } from '../../../graphs/builder.js';
import { cost } from '../../../graphs/cost.js';
import type { Dimension, Value } from '../../../graphs/ir.js';
import { prune } from '../../../graphs/passes/prune.js';
import { times } from '../../../graphs/shapes.js';
import { type InferenceGraph, perExample, slotWeights, weightTotal } from '../inference-graph.js';
import { requireModestOperations, requireWeightSize } from '../network-limits.js';
import { step } from '../paths.js';
import { derivedCell } from './derived-cell.js';
import { type LanguageNetwork, overWindow } from './derived-language.js';
import { type RecurrentWeights, recurrentWeights } from './weights.js';

export const LANGUAGE_FORMS = ['sequence', 'step'] as const;
/** Which of the two models. */
export type LanguageForm = (typeof LANGUAGE_FORMS)[number];

/** All that says which model is meant. */
export interface LanguageModel extends LanguageNetwork {
  readonly name: 'recurrent';
  readonly form: LanguageForm;
  /** Texts that are read side by side, or the name of the dimension that is left open. */
  readonly batch: number | string;
}

/** Names of inputs and outputs. */
export const languageModelNames = {
  tokens: 'input_ids',
  past: 'past_recurrent.0',
  logits: 'logits',
  present: 'present_recurrent.0',
} as const;

/** Shapes of what a model is fed; the length of `sequence` is open. */
export function languageInputShapes({ form, batch, width }: LanguageModel): {
  readonly tokens: readonly [Dimension, Dimension];
  readonly past: readonly [Dimension, Dimension, Dimension];
} {
  return { tokens: [batch, form === 'step' ? 1 : 'sequence'], past: [1, batch, width] };
}

/** @throws GenonnxError `usage` for models of absurd size. */
export function languageInference(model: LanguageModel): InferenceGraph {
  const { genotype, words, width, form, batch } = model;
  requireModestOperations([genotype.recurrent]);
  const g = new Builder();
  const shapes = languageInputShapes(model);
  const tokens = g.input(languageModelNames.tokens, shapes.tokens, 'int64');
  const past = g.input(languageModelNames.past, shapes.past);
  const weights = recurrentWeights(g, { words, width, nodes: genotype.recurrent.nodes.length });
  const { rows, last } = forms[form](g, model, weights, {
    tokens,
    hidden: g.reshape(past, [batch, width]),
  });
  const logits = g.within('decoder', () => g.add(g.matMul(rows, weights.table, false, true), weights.bias));
  const slots = slotWeights(g);
  requireWeightSize(slots);
  const graph = prune(
    g.build([
      { name: languageModelNames.logits, value: g.reshape(logits, [...shapes.tokens, words]) },
      { name: languageModelNames.present, value: g.reshape(last, shapes.past) },
    ]),
  );
  return {
    graph,
    weights: slots,
    cost: perExample(cost(graph), batch),
    parameters: weightTotal(slots),
    auxiliaryParameters: 0,
  };
}

interface Given {
  /** i64[batch, length]. */
  readonly tokens: Value;
  /** f32[batch, width]. */
  readonly hidden: Value;
}

interface Traced {
  /** f32[batch * length, width]: the hidden states, text by text. */
  readonly rows: Value;
  /** f32[batch, width]: the last of each text. */
  readonly last: Value;
}

type Trace = (g: Builder, model: LanguageModel, weights: RecurrentWeights, given: Given) => Traced;

const forms: { readonly [F in LanguageForm]: Trace } = {
  sequence(g, model, weights, { tokens, hidden }) {
    const { width } = model;
    const [batch = 1, length = 1] = tokens.shape;
    const ofSteps = transposed(g, tokens, [1, 0]);
    const { states, results } = overWindow(g, model, weights, {
      fromInput: g.reshape(fromTokens(g, weights, ofSteps), [length, batch, 2 * width]),
      hidden,
    });
    const [[last], [raw]] = [states, results];
    if (last === undefined || raw === undefined) throw new RangeError('scan');
    // Here and not behind the decoder: logits are as many times larger as there are more words than hidden units.
    const ofTexts = transposed(g, raw, [1, 0, 2]);
    return { rows: g.reshape(ofTexts, [times(batch, length), width]), last };
  },
  step(g, { genotype, width, combination }, weights, { tokens, hidden }) {
    const fromInput = fromTokens(g, weights, tokens);
    const next = derivedCell(g, genotype, { fromInput, hidden, ...weights }, { width, combination });
    return { rows: next, last: next };
  },
};

/** The words' embeddings times their half of W_0, f32[words, 2 width], in the order of the tokens. */
function fromTokens(g: Builder, { table, ofInput }: RecurrentWeights, tokens: Value): Value {
  const rows: Dimension = times(...tokens.shape);
  const embedded = g.within('encoder', () => g.gather(table, g.reshape(tokens, [rows])));
  return g.within(step.cell(0), () => g.matMul(embedded, ofInput));
}

function transposed(g: Builder, x: Value, permutation: readonly number[]): Value {
  return g.one('transpose', [x], { permutation });
}
