// The page around the segmenter: takes a picture that is chosen, dropped or pasted, and lays what the network makes of it over it.
// Whatever comes from the model is put in as text, never as HTML.
import { hasWebGpu, load } from './segmenter.js';

const providerNames = { wasm: 'the processor (WebAssembly)', webgpu: 'the graphics processor (WebGPU)' };

/** Keys of the metadata that are figures, and those that are told elsewhere on the page. */
const figureNames = { parameters: 'Parameters', macs: 'Multiply-adds' };
const toldElsewhere = ['classes', 'palette', 'normalisation', 'meanIou', ...Object.keys(figureNames)];

const drop = element('drop', HTMLElement);
const fileInput = element('file', HTMLInputElement);
const picture = element('picture', HTMLImageElement);
const invitation = element('invitation', HTMLElement);
const providers = element('providers', HTMLFieldSetElement);
const webGpu = element('webgpu', HTMLInputElement);
const status = element('status', HTMLElement);
const result = element('result', HTMLElement);
const seen = element('seen', HTMLCanvasElement);
const masks = element('masks', HTMLCanvasElement);
const strength = element('strength', HTMLInputElement);
const legend = element('legend', HTMLElement);

/** @type {import('./segmenter.js').Segmenter} */
let segmenter;
/** Counts what was asked for, so that an answer that was overtaken is not shown. */
let turn = 0;

try {
  segmenter = await load();
  showFacts(segmenter.facts);
  providers.hidden = !('webgpu' in segmenter.facts.runtimes && (await hasWebGpu()));
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
  strength.addEventListener('input', showStrength);
  showStrength();
}

function showStrength() {
  masks.style.opacity = `${strength.valueAsNumber / 100}`;
}

function enable() {
  fileInput.disabled = providers.disabled = false;
  status.textContent = 'Ready. The masks of your picture will be shown here.';
}

/**
 * Computes on another provider from now on, if that can be. Meanwhile nothing can be chosen.
 * @param {import('./segmenter.js').Provider} provider
 */
async function change(provider) {
  fileInput.disabled = providers.disabled = true;
  status.textContent = `Loading what ${providerNames[provider]} needs.`;
  try {
    const next = await load({ provider });
    await segmenter.release();
    segmenter = next;
    enable();
    if (!picture.hidden) await segment();
  } catch (error) {
    element(segmenter.provider, HTMLInputElement).checked = true;
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
  segment();
}

/** Shows what the network makes of the picture, unless another one was asked for meanwhile. */
async function segment() {
  turn += 1;
  const own = turn;
  try {
    await picture.decode().catch(() => {
      throw new Error('This is not a picture that the browser can read.');
    });
    const segmentation = await segmenter.segment(picture);
    if (own === turn) showResult(segmentation);
  } catch (error) {
    if (own !== turn) return;
    picture.hidden = result.hidden = true;
    showError(error);
  }
}

/** @param {import('./segmenter.js').Segmentation} segmentation */
function showResult({ seen: picture, mask, found, latencyMs, provider }) {
  status.textContent = `${formatMs(latencyMs)} on ${providerNames[provider]}.`;
  draw(seen, picture);
  draw(masks, coloured(mask, picture));
  legend.replaceChildren(...found.map(legendRow));
  const { width, height } = picture;
  const colours = segmenter.facts.image.channels === 1 ? 'grey' : 'colour';
  element('seen-text', HTMLElement).textContent =
    `The network saw ${width} × ${height} pixels in ${colours}.`;
  result.hidden = false;
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {ImageData} image
 */
function draw(canvas, image) {
  canvas.width = image.width;
  canvas.height = image.height;
  canvas.getContext('2d')?.putImageData(image, 0, 0);
}

/**
 * The colours of a mask; nothing where there is only the background.
 * @param {Uint8Array} mask
 * @param {{ readonly height: number, readonly width: number }} extent
 */
function coloured(mask, { height, width }) {
  const image = new ImageData(width, height);
  mask.forEach((index, at) => {
    const colour = segmenter.facts.palette[index];
    if (index > 0 && colour !== undefined) image.data.set([...colour, 255], 4 * at);
  });
  return image;
}

/** @param {import('./segmenter.js').FoundClass} found */
function legendRow({ label, colour, share }) {
  const swatch = withClass('swatch', create('span'));
  swatch.style.background = `rgb(${colour.join(', ')})`;
  const percent = `${(100 * share).toFixed(1)} %`;
  return create('li', swatch, withClass('label', create('span', label)), create('span', percent));
}

/** @param {import('./segmenter.js').Facts} facts */
function showFacts({ name, image, classes: labels, normalisation, metadata }) {
  document.title = name;
  element('name', HTMLElement).textContent = name;
  element('warning', HTMLElement).hidden = metadata.weights !== 'random';
  const size = `${image.width} × ${image.height}`;
  const figures = Object.entries(figureNames).flatMap(([key, title]) =>
    metadata[key] === undefined ? [] : [figure(title, grouped(metadata[key]))],
  );
  element('figures', HTMLElement).replaceChildren(
    ...(metadata.meanIou === undefined
      ? []
      : [figure('Mean IoU', `${(100 * Number(metadata.meanIou)).toFixed(1)} %`)]),
    ...figures,
    figure('Classes', grouped(String(labels.length))),
    figure('Image', `${size} × ${image.channels}`),
  );

  const further = Object.entries(metadata).filter(([key]) => !toldElsewhere.includes(key));
  element('details', HTMLElement).replaceChildren(
    ...further.map(([key, value]) => figure(key, readable(value))),
    figure('normalisation', normalisation === null ? 'none' : normalisationText(normalisation)),
  );
}

/** @param {NonNullable<import('./segmenter.js').Facts['normalisation']>} normalisation */
function normalisationText({ mean, standardDeviation }) {
  /** @param {readonly number[]} values */
  const list = (values) => values.map((value) => value.toFixed(4)).join(', ');
  return `mean ${list(mean)}; standard deviation ${list(standardDeviation)}`;
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
