// Language models as they are deployed, against PyTorch: the interpreter in float64, both ONNX Runtimes in float32, windows of several
// lengths in one session, and step by step.
import * as node from 'onnxruntime-node';
import * as web from 'onnxruntime-web';
import { describe, expect, it } from 'vitest';
import { lowerModel } from '../../../../exporters/onnx.js';
import { interpret, type Tensor, tensor } from '../../../../graphs/interpret/interpret.js';
import type { Graph } from '../../../../graphs/ir.js';
import { checkModel } from '../../../../graphs/onnx/check.js';
import { decodeModel } from '../../../../graphs/onnx/model.js';
import { tiedWeights } from '../../../../src/deploy/language-weights.js';
import { matchWeights } from '../../../../src/deploy/match-weights.js';
import { bindWeights } from '../../../../src/networks/inference-graph.js';
import { freshWeights } from '../../../../src/networks/initial-state.js';
import {
  LANGUAGE_FORMS,
  type LanguageForm,
  languageInference,
} from '../../../../src/networks/recurrent/inference.js';
import {
  languagePaperSizes,
  recurrentParameterCount,
} from '../../../../src/networks/recurrent/parameter-count.js';
import { openStream } from '../../../../src/random.js';
import { RECURRENT_ZOO } from '../../../../src/spaces/zoo-recurrent.js';
import { type LanguageModelCase, languageModelCases, stepsOf } from '../../../support/language-models.js';
import { departureOf } from '../../../support/language-step.js';
import { defined } from '../../../support/tensors.js';

type Answer = { readonly logits: Tensor; readonly present: Tensor };
type Run = (tokens: Tensor, past: Tensor) => Promise<Answer>;

function bound({ model, weights }: LanguageModelCase, form: LanguageForm) {
  const inference = languageInference({ ...model, form });
  return bindWeights(inference, matchWeights(inference.weights, tiedWeights(weights)));
}

/** The interpreter, whose weights are float32 numbers in float64. */
function interpreted(each: LanguageModelCase, form: LanguageForm): Run {
  const { graph, weights } = bound(each, form);
  return async (tokens, past) => {
    const feeds = new Map(
      graph.inputs.map((value) => {
        const data = weights.get(value)?.data;
        const fed = value.path === 'input_ids' ? tokens : past;
        return [value, data === undefined ? fed : tensor(value.shape.map(Number), data)];
      }),
    );
    const found = interpret(graph, feeds);
    return { logits: defined(found.logits), present: defined(found['present_recurrent.0']) };
  };
}

interface Opened {
  readonly run: Run;
  readonly release: () => Promise<void>;
}

async function opened(
  library: Pick<typeof node, 'InferenceSession' | 'Tensor'>,
  model: Uint8Array,
): Promise<Opened> {
  const session = await library.InferenceSession.create(model, { logSeverityLevel: 3 });
  return {
    async run(tokens, past) {
      const found = await session.run({
        input_ids: new library.Tensor('int64', BigInt64Array.from(tokens.data, BigInt), tokens.shape),
        'past_recurrent.0': new library.Tensor('float32', Float32Array.from(past.data), past.shape),
      });
      const read = (name: string): Tensor => {
        const { dims, data } = defined(found[name]);
        if (!(data instanceof Float32Array)) throw new Error(name);
        return tensor(dims, data);
      };
      return { logits: read('logits'), present: read('present_recurrent.0') };
    },
    release: () => session.release(),
  };
}

/** As many words as there are, one after the other. */
async function stepByStep(run: Run, tokens: Tensor, past: Tensor): Promise<Answer> {
  const [batch = 0, length = 0] = tokens.shape;
  const rows: Tensor[] = [];
  let present = past;
  for (let t = 0; t < length; t++) {
    const answer = await run(stepsOf(tokens, t, t + 1), present);
    rows.push(answer.logits);
    present = answer.present;
  }
  const words = defined(defined(rows[0]).shape[2]);
  const logits = Array.from({ length: batch }, (_, b) =>
    rows.map(({ data }) => [...data.subarray(b * words, (b + 1) * words)]),
  );
  return { logits: tensor([batch, length, words], logits.flat(2)), present };
}

function expectAnswer(found: Answer, expected: Answer, tolerance: number): void {
  expect(found.logits.shape).toEqual(expected.logits.shape);
  expect(found.present.shape).toEqual(expected.present.shape);
  expect(departureOf(found.logits.data, Float64Array.from(expected.logits.data))).toBeLessThan(tolerance);
  expect(departureOf(found.present.data, Float64Array.from(expected.present.data))).toBeLessThan(tolerance);
}

describe.each(languageModelCases)('$name', (each) => {
  const { tokens, past } = each;

  it('is PyTorch’s in float64, at once and step by step', async () => {
    expectAnswer(await interpreted(each, 'sequence')(tokens, past), each, 1e-10);
    expectAnswer(await stepByStep(interpreted(each, 'step'), tokens, past), each, 1e-10);
  });

  it.each([17, 18, 19, 20, 21])('runs in onnxruntime-node at opset %i', async (opset) => {
    const [sequence, step] = LANGUAGE_FORMS.map((form) =>
      lowerModel(bound(each, form), { metadata: {}, opset }),
    );
    for (const { bytes } of [defined(sequence), defined(step)])
      expect(checkModel(decodeModel(bytes), { shapes: true })).toEqual([]);
    const whole = await opened(node, defined(sequence).bytes);
    expectAnswer(await whole.run(tokens, past), each, 1e-5);
    await whole.release();
    const single = await opened(node, defined(step).bytes);
    expectAnswer(await stepByStep(single.run, tokens, past), each, 1e-5);
    await single.release();
  });

  it('runs in onnxruntime-web', async () => {
    for (const form of LANGUAGE_FORMS) {
      const session = await opened(web, lowerModel(bound(each, form), { metadata: {} }).bytes);
      const run = form === 'step' ? stepByStep.bind(undefined, session.run) : session.run;
      expectAnswer(await run(tokens, past), each, 1e-5);
      await session.release();
    }
  });
});

describe('one session', () => {
  it('takes windows of any length and any number of texts', async () => {
    const each = defined(languageModelCases[1]);
    const session = await opened(node, lowerModel(bound(each, 'sequence'), { metadata: {} }).bytes);
    for (const [batch, length] of [
      [1, 1],
      [2, 5],
      [1, 55],
    ] as const) {
      const stream = openStream(1, `window-${length}`);
      const tokens = tensor(
        [batch, length],
        Array.from({ length: batch * length }, () => stream.integer(each.model.words)),
      );
      const past = tensor(
        [1, batch, 12],
        Float32Array.from({ length: batch * 12 }, () => stream.normal()),
      );
      const expected = await interpreted(each, 'sequence')(tokens, past);
      expectAnswer(await session.run(tokens, past), expected, 1e-5);
      expectAnswer(await stepByStep(interpreted(each, 'step'), tokens, past), expected, 1e-12);
    }
    await session.release();
  });
});

describe('the two models', () => {
  const [{ model }] = languageModelCases as [LanguageModelCase];
  const operations = ({ nodes }: Graph): Set<string> => new Set(nodes.map(({ op }) => op));

  it('have a loop in the one and none in the other, and nothing that only a training has', () => {
    const [sequence, step] = LANGUAGE_FORMS.map((form) => languageInference({ ...model, form }));
    expect(operations(defined(sequence).graph)).toContain('scan');
    expect(operations(defined(step).graph)).not.toContain('scan');
    for (const { graph, weights } of [defined(sequence), defined(step)]) {
      const fed = graph.inputs.filter((value) => !weights.some((weight) => weight.value === value));
      expect(fed.map(({ path, dtype, shape }) => `${path} ${dtype} [${shape}]`)).toEqual([
        `input_ids int64 [batch,${graph === defined(step).graph ? 1 : 'sequence'}]`,
        'past_recurrent.0 float32 [1,batch,12]',
      ]);
    }
  });

  it('have as many parameters as the papers say, and cost so much a word', () => {
    for (const { genotype } of RECURRENT_ZOO) {
      const nodes = genotype.recurrent.nodes.length;
      for (const { words, width } of Object.values(languagePaperSizes)) {
        for (const form of LANGUAGE_FORMS) {
          const { parameters, cost } = languageInference({ ...model, form, genotype, words, width });
          expect(parameters).toBe(recurrentParameterCount({ words, width, nodes }));
          // Every matrix once a word: W_0, one product for each node and state, the decoder.
          const products = genotype.recurrent.nodes.reduce(
            (sum, node) => sum + new Set(node.map(({ input }) => input)).size,
            0,
          );
          expect(cost.macs).toBe(4 * width ** 2 + 2 * width ** 2 * products + width * words);
        }
      }
    }
  });

  it('cost as much a word for a batch of several texts', () => {
    const one = languageInference({ ...model, form: 'step', batch: 1 }).cost.macs;
    expect(languageInference({ ...model, form: 'step', batch: 4 }).cost.macs).toBe(one);
  });

  it('leave out a node that nothing reads', () => {
    const genotype = { recurrent: { ...model.genotype.recurrent, concat: [1] } };
    const inference = languageInference({ ...model, form: 'step', genotype });
    const weights = bindWeights(inference, freshWeights(inference.weights, openStream(1, 'weights')));
    const { graph } = decodeModel(lowerModel(weights, { metadata: {} }).bytes);
    const kept = (graph?.initializer ?? []).map(({ name }) => name);
    expect(kept.filter((name) => name?.startsWith('cells.0/node'))).toEqual(['cells.0/node0/0']);
    expect(inference.parameters).toBe(recurrentParameterCount({ words: 50, width: 12, nodes: 8 }));
  });

  it('refuse absurd sizes', () => {
    expect(() => languageInference({ ...model, words: 1_000_000, width: 20_000 })).toThrow(/absurdly large/);
  });
});
