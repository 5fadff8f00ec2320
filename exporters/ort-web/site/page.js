// The page around the classifier: takes a picture that is chosen, dropped or pasted, and shows what the network makes of
// it. Whatever comes from the model is put in as text, never as HTML.
import { hasWebGpu, load } from './classifier.js';

const providerNames = { wasm: 'the processor (WebAssembly)', webgpu: 'the graphics processor (WebGPU)' };

/** Keys of the metadata that are figures, and those that are told elsewhere on the page. */
const figureNames = { parameters: 'Parameters', macs: 'Multiply-adds' };
const toldElsewhere = ['classes', 'normalisation', 'preprocessing', ...Object.keys(figureNames)];

const drop = element('drop', HTMLElement);
const fileInput = element('file', HTMLInputElement);
const picture = element('picture', HTMLImageElement);
const invitation = element('invitation', HTMLElement);
const providers = element('providers', HTMLFieldSetElement);
const webGpu = element('webgpu', HTMLInputElement);
const status = element('status', HTMLElement);
const result = element('result', HTMLElement);
const classes = element('classes', HTMLElement);
const preview = element('preview', HTMLCanvasElement);

/** @type {import('./classifier.js').Classifier} */
let classifier;
/** Counts what was asked for, so that an answer that was overtaken is not shown. */
let turn = 0;

try {
  classifier = await load();
  showFacts(classifier.facts);
  providers.hidden = !('webgpu' in classifier.facts.runtimes && (await hasWebGpu()));
  listen();
  enable();
} catch (error) {
  showError(error);
}

function listen() {
  fileInput.addEventListener('change', () => take(fileInput.files));
  document.addEventListener('paste', ({ clipboardData }) => take(clipboardData?.files));
  document.addEventListener('dragover', (event) => event.preventDefault());
  document.addEventListener('dragenter', () => drop.classList.add('over'));
  document.addEventListener('dragleave', ({ relatedTarget }) => {
    if (relatedTarget === null) drop.classList.remove('over');
  });
  document.addEventListener('drop', (event) => {
    event.preventDefault();
    drop.classList.remove('over');
    take(event.dataTransfer?.files);
  });
  providers.addEventListener('change', () => change(webGpu.checked ? 'webgpu' : 'wasm'));
}

function enable() {
  fileInput.disabled = providers.disabled = false;
  status.textContent = 'Ready. The best classes of your picture will be shown here.';
}

/**
 * Computes on another provider from now on, if that can be. Meanwhile nothing can be chosen.
 * @param {import('./classifier.js').Provider} provider
 */
async function change(provider) {
  fileInput.disabled = providers.disabled = true;
  status.textContent = `Loading what ${providerNames[provider]} needs.`;
  try {
    const next = await load({ provider });
    await classifier.release();
    classifier = next;
    enable();
    if (!picture.hidden) await classify();
  } catch (error) {
    element(classifier.provider, HTMLInputElement).checked = true;
    enable();
    showError(error);
  }
}

/** @param {FileList | null | undefined} files */
function take(files) {
  const file = files?.[0];
  if (file === undefined || fileInput.disabled) return;
  URL.revokeObjectURL(picture.src);
  picture.src = URL.createObjectURL(file);
  picture.alt = `Chosen: ${file.name}.`;
  picture.hidden = false;
  invitation.replaceChildren(create('strong', 'Choose another picture'));
  classify();
}

/** Shows what the network makes of the picture, unless another one was asked for meanwhile. */
async function classify() {
  turn += 1;
  const own = turn;
  try {
    await picture.decode().catch(() => {
      throw new Error('This is not a picture that the browser can read.');
    });
    const seen = await classifier.preview(picture);
    const classification = await classifier.classify(picture);
    if (own === turn) showResult(seen, classification);
  } catch (error) {
    if (own !== turn) return;
    picture.hidden = result.hidden = true;
    showError(error);
  }
}

/**
 * @param {ImageData} seen
 * @param {import('./classifier.js').Classification} classification
 */
function showResult(seen, { top, latencyMs, provider }) {
  status.textContent = `${formatMs(latencyMs)} on ${providerNames[provider]}.`;
  classes.replaceChildren(...top.map(rankedClass));
  preview.width = seen.width;
  preview.height = seen.height;
  preview.getContext('2d')?.putImageData(seen, 0, 0);
  result.hidden = false;
}

/** @param {import('./classifier.js').RankedClass} ranked */
function rankedClass({ label, probability }) {
  const percent = `${(100 * probability).toFixed(1)} %`;
  const bar = withClass('bar', create('div'));
  bar.style.width = `${100 * probability}%`;
  const track = withClass('track', create('div', bar));
  return create('li', withClass('label', create('span', label)), create('span', percent), track);
}

/** @param {import('./classifier.js').Facts} facts */
function showFacts({ name, image, classes: labels, normalisation, preprocessing, metadata }) {
  document.title = name;
  element('name', HTMLElement).textContent = name;
  element('warning', HTMLElement).hidden = metadata.weights !== 'random';
  const size = `${image.width} × ${image.height}`;
  const colours = image.channels === 1 ? 'grey' : 'colour';
  element('seen-text', HTMLElement).textContent = `What the network sees: ${size} pixels in ${colours}.`;

  const figures = Object.entries(figureNames).flatMap(([key, title]) =>
    metadata[key] === undefined ? [] : [figure(title, grouped(metadata[key]))],
  );
  element('figures', HTMLElement).replaceChildren(
    ...figures,
    figure('Classes', grouped(String(labels.length))),
    figure('Image', `${size} × ${image.channels}`),
  );

  const further = Object.entries(metadata).filter(([key]) => !toldElsewhere.includes(key));
  element('details', HTMLElement).replaceChildren(
    ...further.map(([key, value]) => figure(key, readable(value))),
    ...(preprocessing === null ? [] : [figure('preprocessing', preprocessingText(preprocessing))]),
    figure('normalisation', normalisation === null ? 'none' : normalisationText(normalisation)),
  );
}

/** @param {NonNullable<import('./classifier.js').Facts['normalisation']>} normalisation */
function normalisationText({ mean, standardDeviation }) {
  /** @param {readonly number[]} values */
  const list = (values) => values.map((value) => value.toFixed(4)).join(', ');
  return `mean ${list(mean)}; standard deviation ${list(standardDeviation)}`;
}

/** @param {NonNullable<import('./classifier.js').Facts['preprocessing']>} preprocessing */
function preprocessingText(preprocessing) {
  return preprocessing.kind === 'fit'
    ? `the whole picture within ${preprocessing.size} × ${preprocessing.size} pixels`
    : `the central ${preprocessing.crop} × ${preprocessing.crop} pixels, the shorter side made ${preprocessing.resize}`;
}

/**
 * @param {string} title
 * @param {string} value
 */
function figure(title, value) {
  return create('div', create('dt', title), create('dd', value));
}

/** A JSON object without its punctuation; other text as it is. @param {string} text */
function readable(text) {
  if (!text.startsWith('{')) return text;
  try {
    return Object.entries(JSON.parse(text))
      .map(([key, value]) => `${key} ${Object(value) === value ? Object.values(value).join(' × ') : value}`)
      .join(', ');
  } catch {
    return text;
  }
}

/** @param {unknown} error */
function showError(error) {
  status.textContent = error instanceof Error ? error.message : String(error);
}

/** @param {number} latencyMs */
function formatMs(latencyMs) {
  return `${latencyMs < 10 ? latencyMs.toFixed(1) : Math.round(latencyMs)} ms`;
}

/** Digits in groups of three; other text as it is. @param {string} text */
function grouped(text) {
  return /^\d+$/.test(text) ? Number(text).toLocaleString('en') : text;
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
