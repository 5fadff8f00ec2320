// The table of language models in exporters/README.md: for every part of a recurrent cell a small model that has it, and for every
// target a run of that model, compared with the float64 interpreter.
import * as node from 'onnxruntime-node';
import * as web from 'onnxruntime-web';
import { lowerModel, type OnnxOptions } from '../../exporters/onnx.js';
import { toTfjs } from '../../exporters/tfjs.js';
import { interpret, type Tensor, tensor } from '../../graphs/interpret/interpret.js';
import { freshWeights } from '../../src/networks/initial-state.js';
import type { Combination } from '../../src/networks/recurrent/derived-cell.js';
import { type LanguageForm, languageInference } from '../../src/networks/recurrent/inference.js';
import { languageModel } from '../../src/networks/recurrent/models.js';
import { openStream } from '../../src/random.js';
import { parseRecurrentGenotype } from '../../src/spaces/parse.js';
import type { RecurrentGenotype } from '../../src/spaces/recurrent.js';
import { recurrentZooEntry } from '../../src/spaces/zoo.js';
import { type LanguageModelCase, languageExport, stepsOf } from '../support/language-models.js';
import { departureOf } from '../support/language-step.js';
import { defined } from '../support/tensors.js';
import { type ProvenTarget, proveTable } from './proof-table.js';
import { runLanguageModules } from './runners/pytorch-language.js';
import { runGraphModel } from './runners/tfjs.js';

type Answer = Readonly<Record<'logits' | 'present', Tensor>>;
type Run = (each: LanguageModelCase) => Promise<Answer>;

const [batch, length, words, width] = [2, 6, 23, 7];

/** A model whose weights are large enough that every activation bends. */
function partOf(
  name: string,
  genotype: RecurrentGenotype,
  combination: Combination = 'mean',
): LanguageModelCase {
  const model = languageModel({ genotype, words, width, combination }, 'sequence', 'batch');
  const stream = openStream(5, name);
  const { weights: slots } = languageInference(model);
  const weights = new Map(
    freshWeights(slots, stream).map((values, i) => {
      const slot = defined(slots[i]);
      const data =
        slot.shape.length === 1 ? values.map(() => 0.1 * stream.normal()) : values.map((v) => 20 * v);
      return [slot.name, { shape: slot.shape, data }] as const;
    }),
  );
  const draw = (shape: readonly number[], next: () => number): Tensor =>
    tensor(shape, Float64Array.from({ length: shape.reduce((a, b) => a * b, 1) }, next));
  const tokens = draw([batch, length], () => stream.integer(words));
  const past = draw([1, batch, width], () => Math.fround(stream.normal()));
  const none = tensor([0], []);
  const each = { name, model, weights, tokens, past, logits: none, present: none };
  return { ...each, ...interpreted(each) };
}

function interpreted(each: LanguageModelCase): Answer {
  const { graph, weights } = languageExport('sequence', each).bound;
  const feeds = new Map(
    graph.inputs.map((value) => {
      const data = weights.get(value)?.data;
      if (data !== undefined) return [value, tensor(value.shape.map(Number), data)];
      return [value, value.dtype === 'int64' ? each.tokens : each.past];
    }),
  );
  const found = interpret(graph, feeds);
  return { logits: defined(found.logits), present: defined(found['present_recurrent.0']) };
}

const several = parseRecurrentGenotype(
  "Genotype(recurrent=[[('tanh', 0), ('relu', 0)], [('identity', 1), ('sigmoid', 0)], [('relu', 1)]], concat=[1, 3])",
);

const parts: readonly LanguageModelCase[] = [
  ...['tanh', 'relu', 'sigmoid', 'identity'].map((activation) =>
    partOf(
      `\`${activation}\``,
      parseRecurrentGenotype(
        `Genotype(recurrent=[('${activation}', 0), ('${activation}', 1)], concat=range(1, 3))`,
      ),
    ),
  ),
  partOf('several operations a node, their mean', several),
  partOf('several operations a node, their sum', several, 'sum'),
  partOf('11 nodes, some of them the output', recurrentZooEntry('ENAS_RNN').genotype),
];

/** Of both outputs, the larger one. */
function departure(each: LanguageModelCase, { logits, present }: Answer): number {
  return Math.max(
    departureOf(logits.data, Float64Array.from(each.logits.data)),
    departureOf(present.data, Float64Array.from(each.present.data)),
  );
}

type Ask = (tokens: Tensor, past: Tensor) => Promise<Answer>;

/** One word at a time, each with the hidden state before it. */
async function stepByStep(ask: Ask, { tokens, past }: LanguageModelCase): Promise<Answer> {
  const logits = new Float64Array(batch * length * words);
  let present = past;
  for (let t = 0; t < length; t++) {
    const answer = await ask(stepsOf(tokens, t, t + 1), present);
    for (let b = 0; b < batch; b++)
      logits.set(answer.logits.data.subarray(b * words, (b + 1) * words), (b * length + t) * words);
    present = answer.present;
  }
  return { logits: tensor([batch, length, words], logits), present };
}

function onnx(
  form: LanguageForm,
  options: Partial<OnnxOptions> = {},
  { InferenceSession, Tensor: OrtTensor }: Pick<typeof node, 'InferenceSession' | 'Tensor'> = node,
): Run {
  return async (each) => {
    const { bound, metadata } = languageExport(form, each);
    const { bytes } = lowerModel(bound, { metadata, ...options });
    const session = await InferenceSession.create(bytes, { logSeverityLevel: 3 });
    const ask: Ask = async (tokens, past) => {
      const found = await session.run({
        input_ids: new OrtTensor('int64', BigInt64Array.from(tokens.data, BigInt), tokens.shape),
        'past_recurrent.0': new OrtTensor('float32', Float32Array.from(past.data), past.shape),
      });
      const read = (name: string): Tensor => {
        const { dims, data } = defined(found[name]);
        if (!(data instanceof Float32Array)) throw new Error(name);
        return tensor(dims, data);
      };
      return { logits: read('logits'), present: read('present_recurrent.0') };
    };
    try {
      return form === 'step' ? await stepByStep(ask, each) : await ask(each.tokens, each.past);
    } finally {
      await session.release();
    }
  };
}

const tfjs: Run = (each) => {
  const { bound, metadata } = languageExport('step', each);
  const files = toTfjs(bound, { name: 'lm', metadata });
  return stepByStep(async (tokens, past) => {
    const found = await runGraphModel(files, { input_ids: tokens, 'past_recurrent.0': past });
    return { logits: defined(found.logits), present: defined(found['present_recurrent.0']) };
  }, each);
};

function target(name: string, tolerance: number, run: Run, column = name): ProvenTarget {
  return {
    name,
    column,
    tolerance,
    async departures() {
      const found: number[] = [];
      for (const part of parts) found.push(departure(part, await run(part)));
      return found;
    },
  };
}

async function pytorchDepartures() {
  const runs = await runLanguageModules(parts);
  if ('skipped' in runs) return runs;
  return parts.map((part, i) => {
    const { outputs } = defined(runs[i]);
    return departure(part, {
      logits: defined(outputs.get('logits')),
      present: defined(outputs.get('present')),
    });
  });
}

proveTable({
  mark: 'language table',
  parts: parts.map(({ name }) => name),
  targets: [
    ...[17, 18, 19, 20, 21].map((opset) =>
      target(`onnx, opset ${opset}`, 1e-5, onnx('sequence', { opset }), 'onnx, opset 17 to 21'),
    ),
    target('onnx, a word at a time', 1e-5, onnx('step')),
    target('onnx, float16', 2e-2, onnx('sequence', { precision: 'float16' })),
    target('ort-web', 1e-5, onnx('sequence', {}, web)),
    target('tfjs, a word at a time', 1e-5, tfjs),
    { name: 'pytorch', column: 'pytorch', tolerance: 1e-5, departures: pytorchDepartures },
  ],
});
