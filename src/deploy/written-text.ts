// What a language model writes by itself, word for word: each is drawn from what the model says of the next one.
//
//   P(word) = softmax(logits / temperature)
//
// A text begins behind the end of a line. What stands for unknown words is never written.
import { END_OF_LINE, UNKNOWN_WORD } from '../../datasets/text/vocabulary.js';
import { detokenise } from '../data/text/detokenise.js';
import { GenonnxError } from '../errors.js';
import { languageModelNames as names } from '../networks/recurrent/inference.js';
import { openStream } from '../random.js';
import { createSession, runSession } from './ort-session.js';

export interface WritingOptions {
  /** In the order of the model's rows. */
  readonly vocabulary: readonly string[];
  /** Of the hidden state. */
  readonly width: number;
  readonly seed: number;
  /** Below 1 the likely words are likelier still. */
  readonly temperature: number;
  /** How many words to write. */
  readonly count: number;
}

/**
 * A text that the step model of a language model writes: the same for the same seed.
 * @throws GenonnxError `model-corrupt` when the runtime refuses the model, or it has other inputs and outputs.
 */
export async function writtenText(
  model: Uint8Array,
  { vocabulary, width, seed, temperature, count }: WritingOptions,
): Promise<string> {
  const where = 'the step model';
  const session = await createSession(model, where, { intraOpNumThreads: 1 });
  const { Tensor } = await import('onnxruntime-node');
  const stream = openStream(seed, 'text');
  const unknown = vocabulary.indexOf(UNKNOWN_WORD);
  const written: string[] = [];
  let word = Math.max(vocabulary.indexOf(END_OF_LINE), 0);
  let past = new Tensor('float32', new Float32Array(width), [1, 1, width]);
  try {
    while (written.length < count) {
      const input = new Tensor('int64', BigInt64Array.of(BigInt(word)), [1, 1]);
      const results = await runSession(session, { [names.tokens]: input, [names.past]: past }, where);
      const [logits, present] = [results[names.logits]?.data, results[names.present]?.data];
      if (!(logits instanceof Float32Array) || !(present instanceof Float32Array))
        throw new GenonnxError('model-corrupt', 'The model has no logits, or hands no state on.', { where });
      past = new Tensor('float32', present, [1, 1, width]);
      word = drawn(likelihoods(logits, temperature, unknown), stream.uniform());
      written.push(vocabulary[word] ?? '');
    }
  } finally {
    await session.release();
  }
  return detokenise(written);
}

/** softmax(logits / temperature), but for its denominator; without word `left out`. */
function likelihoods(logits: Float32Array, temperature: number, leftOut: number): Float64Array {
  const largest = logits.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  return Float64Array.from(logits, (logit, index) =>
    index === leftOut ? 0 : Math.exp((logit - largest) / temperature),
  );
}

/** The first index at which the sum of weights exceeds a share of their total, 0 to less than 1. */
function drawn(weights: Float64Array, share: number): number {
  let left = share * weights.reduce((a, b) => a + b, 0);
  const found = weights.findIndex((weight) => {
    left -= weight;
    return left < 0;
  });
  // Rounding may leave a rest behind the last one.
  return found >= 0 ? found : weights.findLastIndex((weight) => weight > 0);
}
