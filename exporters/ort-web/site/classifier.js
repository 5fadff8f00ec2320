// Classifies pictures with the model beside this file. It runs in onnxruntime-web, which lies in the same folder: nothing
// is loaded from anywhere else, and no picture leaves the page. Types and their documentation are in classifier.d.ts.

/** Rec. 601: what grey a colour becomes for a network with one channel. */
const luma = [0.299, 0.587, 0.114];

/** @type {typeof import('./classifier.js').load} */
export async function load({ provider = 'wasm', baseUrl = '.' } = {}) {
  const base = new URL(baseUrl, import.meta.url);
  if (!base.pathname.endsWith('/')) base.pathname += '/';

  /** @type {import('./classifier.js').Facts} */
  const facts = await (await get(new URL('model.json', base))).json();
  const ort = await loadRuntime(facts, provider, base);
  const bytes = await (await get(new URL('model.onnx', base))).arrayBuffer();
  const session = await ort.InferenceSession.create(new Uint8Array(bytes), {
    executionProviders: [provider],
    graphOptimizationLevel: 'all',
  });
  const { channels, height, width } = facts.image;
  const imageSize = channels * height * width;

  /** @param {Float32Array} pixels */
  async function infer(pixels) {
    const images = new ort.Tensor('float32', pixels, [pixels.length / imageSize, channels, height, width]);
    const startMs = performance.now();
    const results = await session.run({ [facts.input]: images }, [facts.output.name]);
    const latencyMs = performance.now() - startMs;
    return { outputs: Float32Array.from(results[facts.output.name].data), latencyMs };
  }

  // A session runs one batch at a time: each waits for the one before it, whether that one failed or not.
  /** @type {Promise<unknown>} */
  let last = Promise.resolve();
  /** @param {Float32Array} pixels */
  function inferInTurn(pixels) {
    const result = last.then(() => infer(pixels));
    last = result.catch(() => {});
    return result;
  }

  /** @param {import('./classifier.js').Picture} picture */
  async function preview(picture) {
    const bitmap = await createImageBitmap(picture);
    return facts.preprocessing === null
      ? cropped(bitmap, facts.image)
      : await asInTraining(bitmap, facts.preprocessing);
  }

  /** @param {import('./classifier.js').Picture} picture */
  async function pixelsOf(picture) {
    return normalise(await preview(picture), facts);
  }

  // The first run allocates memory and, on a GPU, compiles shaders: its time says nothing about the next.
  await infer(new Float32Array(imageSize));

  return {
    facts,
    provider,
    threads: ort.env.wasm.numThreads,

    preview,
    pixels: pixelsOf,

    async run(pixels) {
      if (pixels.length === 0 || pixels.length % imageSize !== 0) {
        throw new RangeError(
          `Expected whole images of ${channels} x ${height} x ${width} = ${imageSize} numbers, found ${pixels.length}.`,
        );
      }
      if (facts.batch !== null && pixels.length !== facts.batch * imageSize) {
        throw new RangeError(`The model takes exactly ${facts.batch} image at a time.`);
      }
      return (await inferInTurn(pixels)).outputs;
    },

    async classify(picture, { top = 5 } = {}) {
      const { outputs, latencyMs } = await inferInTurn(await pixelsOf(picture));
      const probabilities = facts.output.holds === 'logits' ? softmax(outputs) : outputs;
      const ranked = facts.classes
        .map((label, index) => ({ label, index, probability: probabilities[index] ?? 0 }))
        .sort((a, b) => b.probability - a.probability);
      const best = ranked[0];
      if (best === undefined) throw new Error('The model has no classes.');
      return {
        label: best.label,
        index: best.index,
        probability: best.probability,
        probabilities,
        top: ranked.slice(0, top),
        latencyMs,
        provider,
      };
    },

    release: () => last.then(() => session.release()),
  };
}

/** @type {typeof import('./classifier.js').hasWebGpu} */
export async function hasWebGpu() {
  if (!('gpu' in navigator)) return false;
  return (await navigator.gpu.requestAdapter()) !== null;
}

/**
 * The module of onnxruntime-web that runs `provider`, told where its WebAssembly lies.
 * @param {import('./classifier.js').Facts} facts
 * @param {import('./classifier.js').Provider} provider
 * @param {URL} base
 */
async function loadRuntime(facts, provider, base) {
  const runtime = facts.runtimes[provider];
  if (runtime === undefined) {
    const known = Object.keys(facts.runtimes).join(' and ');
    throw new Error(`No runtime for "${provider}" lies in this folder: it was exported for ${known}.`);
  }
  if (provider === 'webgpu' && !(await hasWebGpu())) {
    throw new Error('This browser offers no WebGPU adapter here: use the provider "wasm".');
  }
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
 * The picture as it is made ready in training: by the same code, to the bit.
 * @param {ImageBitmap} bitmap closed afterwards
 * @param {NonNullable<import('./classifier.js').Facts['preprocessing']>} preprocessing
 */
async function asInTraining(bitmap, preprocessing) {
  const { height, width } = bitmap;
  const context = whiteCanvas(width, height);
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  const { data } = context.getImageData(0, 0, width, height);
  const picture = { height, width, channels: 3, data: withoutAlpha(data) };
  if (preprocessing.kind === 'fit') {
    const { fitted } = await import('./preprocessing/pictures/fit.js');
    return imageDataOf(fitted(picture, preprocessing.size));
  }
  const { centreCrop } = await import('./preprocessing/pictures/centre-crop.js');
  return imageDataOf(centreCrop(picture, preprocessing));
}

/** @param {Uint8ClampedArray} rgba */
function withoutAlpha(rgba) {
  const rgb = new Uint8Array((rgba.length / 4) * 3);
  for (let to = 0; to < rgb.length; to++) rgb[to] = rgba[4 * Math.floor(to / 3) + (to % 3)] ?? 0;
  return rgb;
}

/** @param {{ height: number, width: number, data: Uint8Array }} picture u8[height, width, 3] */
function imageDataOf({ height, width, data }) {
  const rgba = new Uint8ClampedArray(4 * height * width).fill(255);
  for (let from = 0; from < data.length; from++)
    rgba[4 * Math.floor(from / 3) + (from % 3)] = data[from] ?? 0;
  return new ImageData(rgba, width, height);
}

/**
 * @param {number} width
 * @param {number} height
 */
function whiteCanvas(width, height) {
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
  if (context === null) throw new Error('This browser draws no pictures outside of the page.');
  context.fillStyle = 'white';
  context.fillRect(0, 0, width, height);
  return context;
}

/**
 * The middle of a picture at the size of the network's images, on white; grey where the network has one channel.
 * @param {ImageBitmap} bitmap closed afterwards
 * @param {import('./classifier.js').Facts['image']} image
 */
function cropped(bitmap, { channels, height, width }) {
  const context = whiteCanvas(width, height);
  context.imageSmoothingQuality = 'high';
  const scale = Math.max(width / bitmap.width, height / bitmap.height);
  const drawn = { width: bitmap.width * scale, height: bitmap.height * scale };
  context.drawImage(
    bitmap,
    (width - drawn.width) / 2,
    (height - drawn.height) / 2,
    drawn.width,
    drawn.height,
  );
  bitmap.close();
  const picture = context.getImageData(0, 0, width, height);
  if (channels === 1) turnGrey(picture.data);
  return picture;
}

/** @param {Uint8ClampedArray} rgba */
function turnGrey(rgba) {
  for (let at = 0; at < rgba.length; at += 4) {
    const grey = luma.reduce((sum, weight, channel) => sum + weight * (rgba[at + channel] ?? 0), 0);
    rgba.fill(grey, at, at + 3);
  }
}

/**
 * Bytes to what the network was trained on: intensities in [0, 1], less the mean, over the standard deviation.
 * @param {ImageData} picture
 * @param {import('./classifier.js').Facts} facts
 */
function normalise({ data }, { image, normalisation }) {
  const plane = image.height * image.width;
  const pixels = new Float32Array(image.channels * plane);
  for (let channel = 0; channel < image.channels; channel++) {
    const mean = normalisation?.mean[channel] ?? 0;
    const standardDeviation = normalisation?.standardDeviation[channel] ?? 1;
    for (let at = 0; at < plane; at++) {
      pixels[channel * plane + at] = ((data[4 * at + channel] ?? 0) / 255 - mean) / standardDeviation;
    }
  }
  return pixels;
}

/** @param {Float32Array} logits */
function softmax(logits) {
  const largest = Math.max(...logits);
  const powers = Array.from(logits, (logit) => Math.exp(logit - largest));
  const sum = powers.reduce((a, b) => a + b, 0);
  return Float32Array.from(powers, (power) => power / sum);
}
