// What the page and the module of a language model must know of it: written into `model.json`, whose type for users of the module
// is `Facts` in `language-site/language-model.d.ts`.
import { type BoundGraph, fedInputs } from '../../graphs/bound-graph.js';
import { GenonnxError } from '../../graphs/errors.js';
import { shapeText } from '../../graphs/shapes.js';
import { runtimePaths } from './runtime.js';

export interface LanguageFacts {
  readonly name: string;
  /** How many words the model knows; `vocabulary` is the file that they lie in. */
  readonly words: number;
  readonly vocabulary: string;
  /** Numbers in a hidden state. */
  readonly width: number;
  readonly runtime: { readonly module: string; readonly binary: string };
  readonly metadata: Readonly<Record<string, string>>;
}

export interface LanguageFactsGiven {
  readonly name: string;
  readonly metadata: Readonly<Record<string, string>>;
  /** In the order of their indices. */
  readonly vocabulary: readonly string[];
}

/** Where the words lie in the folder. */
export const vocabularyFile = 'vocabulary.txt';

/** @throws GenonnxError `shape` for another model; `usage` where there is not one word for each of its logits. */
export function languageFacts(
  model: BoundGraph,
  { name, metadata, vocabulary }: LanguageFactsGiven,
): LanguageFacts {
  const { words, width } = sizesOf(model);
  if (vocabulary.length !== words) {
    throw new GenonnxError('usage', 'The vocabulary does not fit the model.', {
      expected: `${words} words`,
      found: String(vocabulary.length),
      cure: 'Give the vocabulary that the model was trained with.',
    });
  }
  const { wasm: runtime } = runtimePaths(['wasm']);
  if (runtime === undefined) throw new RangeError('wasm');
  return { name, words, vocabulary: vocabularyFile, width, runtime, metadata };
}

/** Texts of any length, one at a time or several, go in with a hidden state; logits and the next hidden state come out. */
function sizesOf(model: BoundGraph): { readonly words: number; readonly width: number } {
  const fed = fedInputs(model);
  const [tokens, past] = [
    fed.find(({ path }) => path === 'input_ids'),
    fed.find(({ path }) => path === 'past_recurrent.0'),
  ];
  const outputs = new Map(model.graph.outputs.map(({ name, value }) => [name, value]));
  const [width, words] = [past?.shape[2], outputs.get('logits')?.shape[2]];
  const [batch, length] = tokens?.shape ?? [];
  const isOpen = typeof length === 'string' && (typeof batch === 'string' || batch === 1);
  const isWhole = fed.length === 2 && outputs.has('present_recurrent.0');
  if (isOpen && isWhole && typeof width === 'number' && typeof words === 'number') return { words, width };
  throw new GenonnxError('shape', 'The model does not read texts.', {
    expected:
      'inputs input_ids [batch, sequence] and past_recurrent.0 [1, batch, width], of one text or any number',
    found: fed.map(({ path, shape }) => `${path} ${shapeText(shape)}`).join(', '),
    cure: 'Give the model of a language model that reads windows of any length.',
  });
}
