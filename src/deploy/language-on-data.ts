// An exported language model on a text, through onnxruntime-node with its default optimizations: what a user of the file will
// see.
import type { Columns } from '../data/text/columns.js';
import { windowTokens } from '../data/text/columns.js';
import { evaluationWindows } from '../data/text/windows.js';
import { GenonnxError } from '../errors.js';
import { languageModelNames as names } from '../networks/recurrent/inference.js';
import { createSession, runSession } from './ort-session.js';

export interface LanguageOnData {
  readonly perplexity: number;
  /** Words that were predicted. */
  readonly words: number;
  readonly wordsPerSecond: number;
}

/**
 * The perplexity of a sequence model on the columns of a text, in windows of `bptt` words with the hidden state carried on.
 * @throws GenonnxError `model-corrupt` when the runtime refuses the model, or it has other inputs and outputs.
 */
export async function testLanguageModel(
  model: Uint8Array,
  columns: Columns,
  { bptt, width, threads }: { readonly bptt: number; readonly width: number; readonly threads: number },
): Promise<LanguageOnData> {
  const where = 'the exported model';
  const session = await createSession(model, where, { intraOpNumThreads: threads });
  const { Tensor } = await import('onnxruntime-node');
  const { batch } = columns;
  let past = new Tensor('float32', new Float32Array(batch * width), [1, batch, width]);
  let [sum, words, ms] = [0, 0, 0];
  try {
    for (const window of evaluationWindows(columns.rows, bptt)) {
      const { tokens, targets } = windowTokens(columns, window);
      // Row by row of a column: the model takes [batch, sequence].
      const ids = transposed(tokens, window.length, batch);
      const input = new Tensor('int64', ids, [batch, window.length]);
      const startedAt = performance.now();
      const results = await runSession(session, { [names.tokens]: input, [names.past]: past }, where);
      ms += performance.now() - startedAt;
      const [logits, present] = [results[names.logits]?.data, results[names.present]?.data];
      if (!(logits instanceof Float32Array) || !(present instanceof Float32Array))
        throw new GenonnxError('model-corrupt', 'The model has no logits, or hands no state on.', { where });
      past = new Tensor('float32', present, [1, batch, width]);
      const wanted = transposed(targets, window.length, batch);
      const classes = logits.length / wanted.length;
      wanted.forEach((target, row) => {
        sum -= logProbability(logits.subarray(row * classes, (row + 1) * classes), Number(target));
      });
      words += wanted.length;
    }
  } finally {
    await session.release();
  }
  return { perplexity: Math.exp(sum / words), words, wordsPerSecond: (words / ms) * 1000 };
}

/** [rows, columns] as [columns, rows]. */
function transposed(values: BigInt64Array, rows: number, columns: number): BigInt64Array<ArrayBuffer> {
  return BigInt64Array.from(
    { length: values.length },
    (_, i) => values[(i % rows) * columns + Math.floor(i / rows)]!,
  );
}

/** log softmax(logits)[target]. */
function logProbability(logits: Float32Array, target: number): number {
  const largest = logits.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  let total = 0;
  for (const logit of logits) total += Math.exp(logit - largest);
  return logits[target]! - largest - Math.log(total);
}
