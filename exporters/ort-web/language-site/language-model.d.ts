/** What `model.json` says. */
export interface Facts {
  readonly name: string;
  /** How many words the model knows; `vocabulary` is the file that they lie in, one a line. */
  readonly words: number;
  readonly vocabulary: string;
  /** Numbers in a hidden state. */
  readonly width: number;
  /** Of onnxruntime-web, the module and the WebAssembly. */
  readonly runtime: { readonly module: string; readonly binary: string };
  /** Where the model comes from: its genotype, parameters, multiply-adds and more. */
  readonly metadata: Readonly<Record<string, string>>;
}

export interface LoadOptions {
  /** The folder of model.json, model.onnx, the words and the runtime; relative to this module, and by default its own folder. */
  readonly baseUrl?: string | URL;
}

export interface RankedWord {
  readonly word: string;
  /** The place in `words`. */
  readonly index: number;
  /** Between 0 and 1, among all words. */
  readonly probability: number;
}

export interface NextWords {
  /** The likeliest words, the best one first. */
  readonly top: readonly RankedWord[];
  /** Time of the network, in milliseconds: for the words that it had not read yet. */
  readonly latencyMs: number;
}

export interface NextOptions {
  /** By default 10. */
  readonly top?: number;
  /** Only words that begin like this, whatever their case. */
  readonly prefix?: string;
}

export interface WriteOptions {
  /** By default 40. */
  readonly count?: number;
  /** 0 takes the likeliest word each time, 1 draws as the model says, more draws more evenly. By default 0.8. */
  readonly temperature?: number;
  /** The same seed behind the same text gives the same words, on the same machine. By default 1. */
  readonly seed?: number;
}

export interface LanguageModel {
  readonly facts: Facts;
  /** In the order of their indices. */
  readonly words: readonly string[];
  /** Threads of the processor. More than one only where the page is cross-origin isolated. */
  readonly threads: number;

  /** The words of a text, as the model knows them. */
  wordsOf(text: string): string[];
  /** Words as a text that reads well. */
  textOf(words: readonly string[]): string;

  /** The words that are likeliest behind others. Rejects with a RangeError for words that the model does not know. */
  next(words: readonly string[], options?: NextOptions): Promise<NextWords>;

  /** Words behind others, one after the other, as long as they are asked for; never `<unk>`. */
  write(words: readonly string[], options?: WriteOptions): AsyncGenerator<string, void>;

  /**
   * Runs the network on one text of indices, from a hidden state of `facts.width` numbers (zeros at its beginning): logits
   * f32[words of the text, facts.words], and the hidden state after it. Throws a RangeError for what is neither.
   */
  run(
    ids: readonly number[],
    past: Float32Array,
  ): Promise<{ readonly logits: Float32Array; readonly present: Float32Array }>;

  /** Frees the memory of the network, which cannot run afterwards. */
  release(): Promise<void>;
}

/** Loads model, words and runtime and runs the network once. Rejects where a file is missing. */
export function load(options?: LoadOptions): Promise<LanguageModel>;
