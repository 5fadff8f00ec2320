// Finds the class of every pixel of a picture with the model beside this file. It runs in onnxruntime-web, which lies in the same
// folder: nothing is loaded from anywhere else, and no picture leaves the page. Types and their documentation are in segmenter.d.ts.

/** Rec. 601: what grey a colour becomes for a network with one channel. */
const luma = [0.299, 0.587, 0.114];

/** @type {typeof import('./segmenter.js').load} */
export async function load({ provider = 'wasm', baseUrl = '.' } = {}) {
  const base = new URL(baseUrl, import.meta.url);
  if (!base.pathname.endsWith('/')) base.pathname += '/';

  /** @type {import('./segmenter.js').Facts} */
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
    const results = await session.run({ [facts.input]: images }, [facts.output]);
    const latencyMs = performance.now() - startMs;
    return { logits: Float32Array.from(results[facts.output].data), latencyMs };
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

  /** @param {import('./segmenter.js').Picture} picture */
  async function preview(picture) {
    return fitted(await createImageBitmap(picture), facts.image);
  }

  // The first run allocates memory and, on a GPU, compiles shaders: its time says nothing about the next.
  await infer(new Float32Array(imageSize));

  return {
    facts,
    provider,
    threads: ort.env.wasm.numThreads,

    preview,

    async run(pixels) {
      if (pixels.length === 0 || pixels.length % imageSize !== 0) {
        throw new RangeError(
          `Expected whole images of ${channels} x ${height} x ${width} = ${imageSize} numbers, found ${pixels.length}.`,
        );
      }
      if (facts.batch !== null && pixels.length !== facts.batch * imageSize) {
        throw new RangeError(`The model takes exactly ${facts.batch} image at a time.`);
      }
      return (await inferInTurn(pixels)).logits;
    },

    async segment(picture) {
      const seen = await preview(picture);
      const { logits, latencyMs } = await inferInTurn(padded(seen, facts));
      const mask = largestClasses(logits, facts, seen);
      return { seen, mask, found: foundIn(mask, facts), latencyMs, provider };
    },

    release: () => last.then(() => session.release()),
  };
}

/** @type {typeof import('./segmenter.js').hasWebGpu} */
export async function hasWebGpu() {
  if (!('gpu' in navigator)) return false;
  return (await navigator.gpu.requestAdapter()) !== null;
}

/**
 * The module of onnxruntime-web that runs `provider`, told where its WebAssembly lies.
 * @param {import('./segmenter.js').Facts} facts
 * @param {import('./segmenter.js').Provider} provider
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
 * A picture at its own size, or made as small as the network's images, as training makes pictures smaller; on white, and grey
 * where the network has one channel.
 * @param {ImageBitmap} bitmap closed afterwards
 * @param {import('./segmenter.js').Facts['image']} image
 */
async function fitted(bitmap, { channels, height: most, width: widest }) {
  const { height, width } = bitmap;
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
  if (context === null) throw new Error('This browser draws no pictures outside of the page.');
  context.fillStyle = 'white';
  context.fillRect(0, 0, width, height);
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  const whole = context.getImageData(0, 0, width, height);
  const scale = Math.min(1, most / height, widest / width);
  const picture = scale === 1 ? whole : await scaled(whole, scale);
  if (channels === 1) turnGrey(picture.data);
  return picture;
}

/**
 * @param {ImageData} picture
 * @param {number} scale
 */
async function scaled({ data, height, width }, scale) {
  const { resizeBilinear } = await import('./preprocessing/resize.js');
  /** @param {number} pixels */
  const side = (pixels) => Math.max(1, Math.round(pixels * scale));
  const rgb = new Uint8Array(3 * height * width);
  for (let to = 0; to < rgb.length; to++) rgb[to] = data[4 * Math.floor(to / 3) + (to % 3)] ?? 0;
  const size = { height: side(height), width: side(width) };
  const small = resizeBilinear({ height, width, channels: 3, data: rgb }, size);
  const rgba = new Uint8ClampedArray(4 * size.height * size.width).fill(255);
  for (let from = 0; from < small.data.length; from++)
    rgba[4 * Math.floor(from / 3) + (from % 3)] = small.data[from] ?? 0;
  return new ImageData(rgba, size.width, size.height);
}

/** @param {Uint8ClampedArray} rgba */
function turnGrey(rgba) {
  for (let at = 0; at < rgba.length; at += 4) {
    const grey = luma.reduce((sum, weight, channel) => sum + weight * (rgba[at + channel] ?? 0), 0);
    rgba.fill(grey, at, at + 3);
  }
}

/**
 * Bytes to what the network was trained on: intensities in [0, 1], less the mean, over the standard deviation; beside the picture
 * the mean itself, which is 0.
 * @param {ImageData} picture
 * @param {import('./segmenter.js').Facts} facts
 */
function padded({ data, height, width }, { image, normalisation }) {
  const plane = image.height * image.width;
  const pixels = new Float32Array(image.channels * plane);
  for (let channel = 0; channel < image.channels; channel++) {
    const mean = normalisation?.mean[channel] ?? 0;
    const standardDeviation = normalisation?.standardDeviation[channel] ?? 1;
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const value = (data[4 * (y * width + x) + channel] ?? 0) / 255;
        pixels[channel * plane + y * image.width + x] = (value - mean) / standardDeviation;
      }
    }
  }
  return pixels;
}

/**
 * @param {Float32Array} logits
 * @param {import('./segmenter.js').Facts} facts
 * @param {{ readonly height: number, readonly width: number }} seen
 */
function largestClasses(logits, { image, classes }, { height, width }) {
  const plane = image.height * image.width;
  const mask = new Uint8Array(height * width);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = y * image.width + x;
      let best = 0;
      for (let index = 1; index < classes.length; index++)
        if ((logits[index * plane + at] ?? 0) > (logits[best * plane + at] ?? 0)) best = index;
      mask[y * width + x] = best;
    }
  }
  return mask;
}

/**
 * @param {Uint8Array} mask
 * @param {import('./segmenter.js').Facts} facts
 */
function foundIn(mask, { classes, palette }) {
  const counts = classes.map(() => 0);
  for (const index of mask) counts[index] = (counts[index] ?? 0) + 1;
  return classes
    .map((label, index) => ({
      label,
      index,
      colour: palette[index] ?? /** @type {const} */ ([0, 0, 0]),
      share: (counts[index] ?? 0) / mask.length,
    }))
    .filter(({ share }) => share > 0)
    .sort((a, b) => b.share - a.share);
}
