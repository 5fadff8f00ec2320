// Language models as they are deployed, with what PyTorch computes for them.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BoundGraph } from '../../graphs/bound-graph.js';
import { type Tensor, tensor } from '../../graphs/interpret/interpret.js';
import { tiedWeights } from '../../src/deploy/language-weights.js';
import { matchWeights, type NamedWeights } from '../../src/deploy/match-weights.js';
import { metadataOf } from '../../src/networks/metadata.js';
import type { Combination } from '../../src/networks/recurrent/derived-cell.js';
import {
  type LanguageForm,
  type LanguageModel,
  languageInference,
} from '../../src/networks/recurrent/inference.js';
import { languageModels } from '../../src/networks/recurrent/models.js';
import { parseRecurrentGenotype } from '../../src/spaces/parse.js';
import { shipLanguageModel } from '../../src/tasks/language/ship.js';
import { freshFolder } from '../e2e/command.js';
import { readFixture, readFixtureText, tensorOf } from './fixtures.js';
import { defined } from './tensors.js';

export interface LanguageModelCase {
  readonly name: string;
  readonly model: LanguageModel;
  /** By PyTorch's names; float32, as the file has them. */
  readonly weights: NamedWeights;
  /** i64[batch, sequence], f32[1, batch, width], f32[batch, sequence, words], f32[1, batch, width]. */
  readonly tokens: Tensor;
  readonly past: Tensor;
  readonly logits: Tensor;
  readonly present: Tensor;
}

function caseOf(name: string, combination: Combination, prefix: string): LanguageModelCase {
  const io = readFixture(`recurrent/${name}.io.f64`);
  const genotype = parseRecurrentGenotype(readFixtureText(`recurrent/${name}`));
  const model = { name: 'recurrent', form: 'sequence', genotype, words: 50, width: 12 } as const;
  return {
    name: `${name}, ${combination}`,
    model: { ...model, combination, batch: 'batch' },
    weights: new Map(
      [...readFixture(`recurrent/${name}.weights`)].map(([key, { shape, data }]) => [
        key,
        { shape, data: Float32Array.from(data) },
      ]),
    ),
    tokens: textsFirst(tensorOf(io, 'tokens')),
    past: tensorOf(io, 'hidden.initial'),
    logits: textsFirst(tensorOf(io, `${prefix}logits`)),
    present: tensorOf(io, `${prefix}hidden`),
  };
}

export const languageModelCases: readonly LanguageModelCase[] = [
  caseOf('rnn-eval-darts-v2', 'mean', ''),
  caseOf('rnn-eval-lists', 'mean', ''),
  caseOf('rnn-eval-lists', 'sum', 'sum.'),
];

/** A model of the case, as exporters take it: by default that of several operations a node. */
export function languageExport(
  form: LanguageForm,
  { model, weights } = defined(languageModelCases[1]),
): { readonly bound: BoundGraph; readonly metadata: Readonly<Record<string, string>> } {
  const { weights: slots } = languageInference(model);
  const data = matchWeights(slots, tiedWeights(weights));
  return languageModels(model, data, (network, { parameters, cost }) =>
    metadataOf({ network, toolVersion: '0', cost: { parameters, macs: cost.macs } }),
  )[form];
}

/** [T,B,...] as [B,T,...]. */
export function textsFirst({ shape, data }: Tensor): Tensor {
  const [steps = 0, batch = 0, ...rest] = shape;
  const size = rest.reduce((a, b) => a * b, 1);
  const moved = new Float64Array(data.length);
  for (let t = 0; t < steps; t++)
    for (let b = 0; b < batch; b++) {
      const from = (t * batch + b) * size;
      moved.set(data.subarray(from, from + size), (b * steps + t) * size);
    }
  return tensor([batch, steps, ...rest], moved);
}

/** Steps `from` to `to` of [batch, sequence, ...]. */
export function stepsOf({ shape, data }: Tensor, from: number, to: number): Tensor {
  const [batch = 0, steps = 0, ...rest] = shape;
  const size = rest.reduce((a, b) => a * b, 1);
  const rows = Array.from({ length: batch }, (_, b) => [
    ...data.subarray((b * steps + from) * size, (b * steps + to) * size),
  ]);
  return tensor([batch, to - from, ...rest], rows.flat());
}

/** A vocabulary of so many words, the first two of which mean something. */
export function wordList(words: number): string[] {
  return ['<eos>', '<unk>', ...Array.from({ length: words - 2 }, (_, i) => `w${i + 2}`)];
}

/** A folder with what the training of a language model leaves. */
export function finishedLanguageRun({ model, weights } = defined(languageModelCases[1])): string {
  const folder = freshFolder();
  const { weights: slots } = languageInference(model);
  const parameters = Float32Array.from(slots.flatMap(({ name }) => [...defined(weights.get(name)).data]));
  const { files } = shipLanguageModel(
    model,
    { parameters: { shape: [parameters.length], data: parameters } },
    {
      vocabulary: wordList(model.words),
      seed: 3,
      dataset: 'sotu',
      toolVersion: '0',
      scores: { perplexity: 98.5 },
    },
  );
  for (const { name, data } of files) writeFileSync(join(folder, name), data);
  return folder;
}
