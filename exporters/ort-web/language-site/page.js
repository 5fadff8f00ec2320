// The page around the language model: shows the likeliest next words while one types, and writes on. Whatever comes from the model
// is put in as text, never as HTML.
import { load } from './language-model.js';

/** Keys of the metadata that are figures, and those that are told elsewhere on the page. */
const figureNames = { parameters: 'Parameters', macs: 'Multiply-adds a word', perplexity: 'Perplexity' };
const toldElsewhere = ['vocabulary', ...Object.keys(figureNames)];

/** What words stand for that are none. */
const meanings = new Map([
  ['<eos>', 'end of line'],
  ['<unk>', 'unknown word'],
  ['N', 'a number'],
]);

const text = element('text', HTMLTextAreaElement);
const status = element('status', HTMLElement);
const title = element('next-title', HTMLElement);
const next = element('next', HTMLElement);
const form = element('write', HTMLFormElement);
const temperature = element('temperature', HTMLInputElement);
const temperatureValue = element('temperature-value', HTMLElement);
const count = element('count', HTMLInputElement);
const seed = element('seed', HTMLInputElement);
const go = element('go', HTMLButtonElement);

/** @type {import('./language-model.js').LanguageModel} */
let model;
/** Whether a text is being read, and whether it has changed since. */
let isReading = false;
let isStale = false;
/** Whether it is writing, which a second press of the button ends. */
let isWriting = false;

try {
  model = await load();
  showFacts(model.facts);
  showTemperature();
  for (const control of [text, temperature, count, seed, go]) control.disabled = false;
  text.addEventListener('input', suggest);
  temperature.addEventListener('input', showTemperature);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    if (isWriting) isWriting = false;
    else writeOn();
  });
  await suggest();
} catch (error) {
  showError(error);
}

/** The words before the one that is being typed, and what there is of that one. */
function typed() {
  const beginning = /[\p{L}\p{N}<@][\p{L}\p{N}<>@'’-]*$/u.exec(text.value)?.[0] ?? '';
  return { words: model.wordsOf(text.value.slice(0, text.value.length - beginning.length)), beginning };
}

/** Shows the likeliest next words. While it reads, the text may change: then it reads again, and only that is shown. */
async function suggest() {
  isStale = true;
  if (isReading) return;
  isReading = true;
  try {
    while (isStale) {
      isStale = false;
      const { words, beginning } = typed();
      const found = await model.next(words, { top: 10, prefix: beginning });
      if (!isStale) show(words, beginning, found);
    }
  } catch (error) {
    showError(error);
  } finally {
    isReading = false;
  }
}

/**
 * @param {readonly string[]} words
 * @param {string} beginning
 * @param {import('./language-model.js').NextWords} found
 */
function show(words, beginning, found) {
  title.textContent =
    beginning === '' ? 'Likeliest next words' : `Likeliest words that begin with “${beginning}”`;
  next.replaceChildren(...found.top.map(suggestion));
  status.textContent = told(words, found);
}

/**
 * @param {readonly string[]} words
 * @param {import('./language-model.js').NextWords} found
 */
function told(words, { top, latencyMs }) {
  const unknown = words.filter((word) => word === '<unk>').length;
  const read = words.length === 1 ? '1 word read' : `${words.length} words read`;
  const strange = unknown === 0 ? '' : `, ${unknown} of them unknown to it`;
  const none = top.length === 0 ? ' It knows no word that begins like this.' : '';
  return `${read}${strange}, in ${latencyMs < 10 ? latencyMs.toFixed(1) : Math.round(latencyMs)} ms.${none}`;
}

/** @param {import('./language-model.js').RankedWord} ranked */
function suggestion({ word, probability }) {
  const label = withClass(
    meanings.has(word) ? 'word special' : 'word',
    create('span', meanings.get(word) ?? word),
  );
  const share = withClass('share', create('span', `${(100 * probability).toFixed(1)} %`));
  const bar = withClass('bar', create('span'));
  bar.style.width = `${100 * probability}%`;
  const button = create('button', label, share, bar);
  button.setAttribute('type', 'button');
  button.addEventListener('click', () => take(word));
  return create('li', button);
}

/** Puts a word behind the text, in the place of its beginning. @param {string} word */
function take(word) {
  if (isWriting) return;
  const { words, beginning } = typed();
  text.value = text.value.slice(0, text.value.length - beginning.length);
  append(words, word);
  if (word !== '<eos>') text.value += ' ';
  text.focus();
  suggest();
}

/**
 * Appends a word behind others, as it is written there.
 * @param {readonly string[]} before
 * @param {string} word
 */
function append(before, word) {
  const added = model.textOf([...before, word]).slice(model.textOf(before).length);
  // The space before a word comes with it.
  text.value = text.value.replace(/[^\S\n]+$/, '') + added;
  text.scrollTop = text.scrollHeight;
}

async function writeOn() {
  isWriting = true;
  go.textContent = 'Stop';
  text.readOnly = true;
  next.setAttribute('aria-busy', 'true');
  text.scrollIntoView({ block: 'nearest' });
  const words = model.wordsOf(text.value);
  const options = {
    count: count.valueAsNumber,
    temperature: temperature.valueAsNumber,
    seed: seed.valueAsNumber,
  };
  const writer = model.write([...words], options);
  let [written, latencyMs] = [0, 0];
  try {
    while (isWriting) {
      const startMs = performance.now();
      const { value: word } = await writer.next();
      if (typeof word !== 'string') break;
      latencyMs += performance.now() - startMs;
      append(words, word);
      words.push(word);
      written += 1;
      status.textContent = `${written} of ${options.count} words written.`;
      // A run gives nothing else its turn: neither the picture nor the button that stops it.
      await new Promise((resolve) => setTimeout(resolve));
    }
    await suggest();
    status.textContent = `${written} words written, ${(latencyMs / Math.max(written, 1)).toFixed(1)} ms a word.`;
  } catch (error) {
    showError(error);
  } finally {
    isWriting = false;
    go.textContent = 'Write on';
    text.readOnly = false;
    next.removeAttribute('aria-busy');
  }
}

function showTemperature() {
  temperatureValue.textContent = temperature.valueAsNumber.toFixed(2);
}

/** @param {import('./language-model.js').Facts} facts */
function showFacts({ name, words, width, metadata }) {
  document.title = name;
  element('name', HTMLElement).textContent = name;
  element('warning', HTMLElement).hidden = metadata.weights !== 'random';
  const figures = Object.entries(figureNames).flatMap(([key, heading]) =>
    metadata[key] === undefined ? [] : [figure(heading, grouped(metadata[key]))],
  );
  element('figures', HTMLElement).replaceChildren(
    ...figures,
    figure('Words', grouped(String(words))),
    figure('Width', grouped(String(width))),
  );
  const further = Object.entries(metadata).filter(([key]) => !toldElsewhere.includes(key));
  element('details', HTMLElement).replaceChildren(
    ...further.map(([key, value]) => figure(key, readable(value))),
  );
}

/**
 * @param {string} heading
 * @param {string} value
 */
function figure(heading, value) {
  return create('div', create('dt', heading), create('dd', value));
}

/** A JSON object without its punctuation; other text as it is. @param {string} value */
function readable(value) {
  if (!value.startsWith('{')) return value;
  try {
    return Object.entries(JSON.parse(value))
      .map(([key, part]) => `${key} ${part}`)
      .join(', ');
  } catch {
    return value;
  }
}

/** @param {unknown} error */
function showError(error) {
  status.textContent = error instanceof Error ? error.message : String(error);
}

/** Digits in groups of three, and no more than one behind the point; other text as it is. @param {string} value */
function grouped(value) {
  return /^\d+(?:\.\d+)?$/.test(value)
    ? Number(value).toLocaleString('en', { maximumFractionDigits: 1 })
    : value;
}

/**
 * @param {string} tag
 * @param {(Node | string)[]} children
 */
function create(tag, ...children) {
  const created = document.createElement(tag);
  created.append(...children);
  return created;
}

/**
 * @param {string} name
 * @param {HTMLElement} target
 */
function withClass(name, target) {
  target.className = name;
  return target;
}

/**
 * @template {HTMLElement} T
 * @param {string} id
 * @param {new () => T} type
 * @returns {T}
 */
function element(id, type) {
  const found = document.getElementById(id);
  if (found instanceof type) return found;
  throw new Error(`The page lacks #${id}.`);
}
