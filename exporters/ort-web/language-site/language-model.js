// A language model in the browser, by the model beside this file. It runs in onnxruntime-web, which lies in the same folder: nothing
// is loaded from anywhere else, and no text leaves the page. Types and their documentation are in language-model.d.ts.
import { textOf, wordsOf } from './words.js';

const endOfLine = '<eos>';
const unknownWord = '<unk>';

/** So many words are read at once: hidden states are kept where a reading ends, and a text that changes goes on from there. */
const readAtOnce = 32;

/** @type {typeof import('./language-model.js').load} */
export async function load({ baseUrl = '.' } = {}) {
  const base = new URL(baseUrl, import.meta.url);
  if (!base.pathname.endsWith('/')) base.pathname += '/';

  /** @type {import('./language-model.js').Facts} */
  const facts = await (await get(new URL('model.json', base))).json();
  const ort = await loadRuntime(facts, base);
  const words = (await (await get(new URL(facts.vocabulary, base))).text()).split('\n').slice(0, facts.words);
  const indices = new Map(words.map((word, index) => [word, index]));
  const bytes = await (await get(new URL('model.onnx', base))).arrayBuffer();
  const session = await ort.InferenceSession.create(new Uint8Array(bytes), {
    executionProviders: ['wasm'],
    graphOptimizationLevel: 'all',
  });

  /**
   * @param {readonly number[]} ids
   * @param {Float32Array} past
   */
  async function infer(ids, past) {
    const feeds = {
      input_ids: new ort.Tensor('int64', BigInt64Array.from(ids, BigInt), [1, ids.length]),
      'past_recurrent.0': new ort.Tensor('float32', past, [1, 1, facts.width]),
    };
    const results = await session.run(feeds);
    return {
      logits: Float32Array.from(results.logits.data),
      present: Float32Array.from(results['present_recurrent.0'].data),
    };
  }

  // A session runs once at a time: each waits for the one before it, whether that one failed or not.
  /** @type {Promise<unknown>} */
  let last = Promise.resolve();
  /**
   * @template T
   * @param {() => Promise<T>} act
   * @returns {Promise<T>}
   */
  function inTurn(act) {
    const result = last.then(act);
    last = result.catch(() => {});
    return result;
  }

  /** What was read last: words, the hidden states after some of them, and the logits behind all of them. */
  let known = {
    ids: /** @type {readonly number[]} */ ([]),
    states: new Map([[0, new Float32Array(facts.width)]]),
    logits: new Float32Array(facts.words),
  };

  /**
   * The logits behind words. Of those that were read before, the longest beginning with a hidden state is not read again.
   * @param {readonly number[]} ids
   */
  async function read(ids) {
    let common = 0;
    while (common < ids.length && ids[common] === known.ids[common]) common += 1;
    if (common === ids.length && common === known.ids.length) return known.logits;
    const states = new Map([...known.states].filter(([at]) => at <= Math.min(common, ids.length - 1)));
    let logits = known.logits;
    for (let at = Math.max(...states.keys()); at < ids.length; ) {
      const end = Math.min(at + readAtOnce, ids.length);
      const found = await infer(ids.slice(at, end), states.get(at) ?? new Float32Array(facts.width));
      states.set(end, found.present);
      logits = found.logits.slice(-facts.words);
      at = end;
    }
    known = { ids, states, logits };
    return logits;
  }

  /** @param {readonly string[]} text */
  function idsOf(text) {
    // A text begins where a line ended.
    const begun = indices.has(endOfLine) ? [endOfLine, ...text] : text;
    return begun.map((word) => {
      const index = indices.get(word);
      if (index === undefined) throw new RangeError(`"${word}" is not among the words of the model.`);
      return index;
    });
  }

  /** @param {readonly string[]} text */
  function logitsBehind(text) {
    const ids = idsOf(text);
    if (ids.length === 0) throw new RangeError('There is no word to go on from.');
    return inTurn(() => read(ids));
  }

  // The first run allocates memory: its time says nothing about the next.
  await infer([0], new Float32Array(facts.width));

  return {
    facts,
    words,
    threads: ort.env.wasm.numThreads,
    wordsOf: (text) => wordsOf(text, (word) => indices.has(word)),
    textOf,

    async next(text, { top = 10, prefix = '' } = {}) {
      const startMs = performance.now();
      const probabilities = softmax(await logitsBehind(text), 1);
      const latencyMs = performance.now() - startMs;
      const lower = prefix.toLowerCase();
      const ranked = words
        .map((word, index) => ({ word, index, probability: probabilities[index] ?? 0 }))
        .filter(({ word }) => word.toLowerCase().startsWith(lower))
        .sort((a, b) => b.probability - a.probability);
      return { top: ranked.slice(0, top), latencyMs };
    },

    async *write(text, { count = 40, temperature = 0.8, seed = 1 } = {}) {
      const random = uniforms(seed);
      const written = [...text];
      for (let i = 0; i < count; i++) {
        const logits = Float32Array.from(await logitsBehind(written));
        // What stands for words that are none is not written.
        const unknown = indices.get(unknownWord);
        if (unknown !== undefined) logits[unknown] = Number.NEGATIVE_INFINITY;
        const index = temperature === 0 ? largestAt(logits) : drawn(softmax(logits, temperature), random());
        const word = words[index];
        if (word === undefined) throw new Error('The model has no words.');
        written.push(word);
        yield word;
      }
    },

    run(ids, past) {
      if (ids.length === 0 || !ids.every((id) => Number.isInteger(id) && id >= 0 && id < facts.words))
        throw new RangeError(`Expected whole numbers from 0 to ${facts.words - 1}, at least one.`);
      if (past.length !== facts.width)
        throw new RangeError(`Expected a hidden state of ${facts.width} numbers, found ${past.length}.`);
      return inTurn(() => infer(ids, past));
    },

    release: () => last.then(() => session.release()),
  };
}

/**
 * The module of onnxruntime-web, told where its WebAssembly lies.
 * @param {import('./language-model.js').Facts} facts
 * @param {URL} base
 */
async function loadRuntime({ runtime }, base) {
  const ort = await import(new URL(runtime.module, base).href);
  ort.env.wasm.wasmPaths = { wasm: new URL(runtime.binary, base).href };
  // Threads share memory, which browsers allow to isolated pages only.
  const isolated = globalThis.crossOriginIsolated;
  ort.env.wasm.numThreads = isolated ? Math.min(4, Math.ceil(navigator.hardwareConcurrency / 2)) : 1;
  return ort;
}

/** @param {URL} url */
async function get(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url.pathname}: the server answered ${response.status}.`);
  return response;
}

/**
 * @param {Float32Array} logits
 * @param {number} temperature
 */
function softmax(logits, temperature) {
  const largest = logits.reduce((most, logit) => Math.max(most, logit), Number.NEGATIVE_INFINITY);
  const powers = Float64Array.from(logits, (logit) => Math.exp((logit - largest) / temperature));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
}

/**
 * The index whose share of the line from 0 to 1 holds a point.
 * @param {Float64Array} probabilities
 * @param {number} point
 */
function drawn(probabilities, point) {
  let rest = point;
  let likely = 0;
  for (const [index, probability] of probabilities.entries()) {
    if (probability === 0) continue;
    likely = index;
    rest -= probability;
    if (rest < 0) break;
  }
  return likely;
}

/** @param {Float32Array} values */
function largestAt(values) {
  return values.reduce((best, value, at) => (value > (values[best] ?? 0) ? at : best), 0);
}

/**
 * Numbers from 0 to below 1 that follow from a seed: mulberry32, by Tommy Ettinger.
 * @param {number} seed
 */
function uniforms(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
