// The exported folder in headless Chromium: its logits, its page, and that nothing is asked of another host.
import { encode } from 'fast-png';
import ort from 'onnxruntime-node';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { decodePicture } from '../../datasets/pictures/decode.js';
import type { ExportFile } from '../../exporters/export-file.js';
import {
  type OrtWebOptions,
  onnxToOrtWeb,
  type PicturePreprocessing,
  toOrtWeb,
} from '../../exporters/ort-web.js';
import type { Tensor } from '../../graphs/interpret/interpret.js';
import type * as onnx from '../../graphs/onnx/proto.js';
import { normalisationTable } from '../../src/data/normalise.js';
import { seen } from '../../src/data/pictures/views.js';
import { readOrtWebParts } from '../../src/deploy/ort-web-parts.js';
import { openStream } from '../../src/random.js';
import { zooEntry } from '../../src/spaces/zoo.js';
import { launchBrowser, noBrowser } from '../support/browser.js';
import { bytesOf, type StaticServer, serve } from '../support/static-server.js';
import { caseImages, type ExportCase, exportCase } from './export-case.js';
import { encoded, foreignModel, inIntegerOperators, quantized, withSoftmax } from './foreign-models.js';

const { genotype } = zooEntry('DARTS_V2');
const markup = '<img src="nowhere.png" onerror="window.broken = true">';
const classes = ['shirt', markup, 'coat', 'bag', 'sandal', 'ankle boot & <b>sock</b>'];
const normalisation = { mean: [0.4, 0.5, 0.6], standardDeviation: [0.2, 0.25, 0.3] };
const colourCase = exportCase(genotype, { classes: classes.length });
const greyCase = exportCase(genotype, { classes: 3, image: { channels: 1, height: 12, width: 16 } });

/** Absolute, on logits of the order of 1. */
const tolerance = 1e-4;

/** Chromium's adapter without a graphics processor takes its time to compile shaders. */
const graphicsMs = 180_000;
const noAdapter = 'this Chromium offers no WebGPU adapter';

const title = `a folder in Chromium${noBrowser === undefined ? '' : ` (skipped: ${noBrowser})`}`;

describe.skipIf(noBrowser !== undefined)(title, () => {
  let browser: Browser;
  let colour: Folder;
  let grey: Folder;

  beforeAll(async () => {
    browser = await launchBrowser();
    colour = await folderOf(
      { ...colourCase, metadata: { ...colourCase.metadata, dataset: markup } },
      { name: markup, classes, normalisation },
    );
    grey = await folderOf(greyCase, { name: 'grey', providers: ['wasm'] });
  });

  afterAll(async () => {
    await browser?.close();
    await colour?.server.close();
    await grey?.server.close();
  });

  afterEach(async () => {
    for (const context of browser.contexts()) await context.close();
  });

  describe('the module', () => {
    it('has the logits of onnxruntime-node, and asks nothing of other hosts', async () => {
      const images = caseImages(colourCase, 3);
      const { page, problems, hosts } = await open(browser, `${colour.server.url}blank.html`);
      const { logits, threads } = await page.evaluate<ModuleRun>(runInPage('wasm', images));
      expectClose(logits, await runInNode(colour.model, images));
      expect(threads).toBe(1);
      expect(problems).toEqual([]);
      expect([...hosts]).toEqual([new URL(colour.server.url).host]);
    });

    it('has them in several threads where the page is isolated', async () => {
      const isolating = {
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-embedder-policy': 'require-corp',
      };
      const server = await serve(colour.files, isolating);
      try {
        const images = caseImages(colourCase, 2);
        // The real page, whose policy must allow the workers.
        const { page, problems } = await open(browser, server.url);
        const { logits, threads } = await page.evaluate<ModuleRun>(`(async () => {
          Object.defineProperty(navigator, 'hardwareConcurrency', { value: 4 });
          return ${runInPage('wasm', images)};
        })()`);
        expect(threads).toBe(2);
        expectClose(logits, await runInNode(colour.model, images));
        expect(problems).toEqual([]);
      } finally {
        await server.close();
      }
    });

    it('classifies a canvas as node classifies its pixels', async () => {
      const { page } = await open(browser, `${colour.server.url}blank.html`);
      const found = await page.evaluate<ModuleClassification>(`(async () => {
        const { load } = await import('/classifier.js');
        const canvas = ${drawing};
        const classifier = await load();
        const pixels = await classifier.pixels(canvas);
        const result = await classifier.classify(canvas, { top: 3 });
        const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
        return { ...result, probabilities: [...result.probabilities], pixels: [...pixels], rgba: [...data] };
      })()`);
      const images = { shape: [1, 3, 16, 16], data: normalised(found.rgba) };
      expect(found.pixels).toEqual(Array.from(images.data));
      const probabilities = softmax(await runInNode(colour.model, images));
      expectClose(found.probabilities, probabilities);
      const best = rankingOf(probabilities).slice(0, 3);
      expect(found.top.map(({ index }) => index)).toEqual(best);
      expect(found.top.map(({ label }) => label)).toEqual(best.map((index) => classes[index]));
      expect(found).toMatchObject({ ...found.top[0], provider: 'wasm' });
      expect(found.latencyMs).toBeGreaterThan(0);
    });

    it('cuts the middle out, draws on white, and turns grey for one channel', async () => {
      const { page } = await open(browser, `${grey.server.url}blank.html`);
      const { seen, pixels } = await page.evaluate<{ seen: number[]; pixels: number[] }>(`(async () => {
        const { load } = await import('/classifier.js');
        // Four times the size of the images, and wider on both sides; the lower half of the middle is transparent.
        const canvas = new OffscreenCanvas(96, 48);
        const context = canvas.getContext('2d');
        context.fillStyle = 'rgb(255, 0, 255)';
        context.fillRect(0, 0, 96, 48);
        context.clearRect(16, 0, 64, 48);
        context.fillStyle = 'rgb(200, 100, 50)';
        context.fillRect(16, 0, 64, 24);
        const classifier = await load();
        const image = context.getImageData(0, 0, 96, 48);
        const { data } = await classifier.preview(image);
        return { seen: [...data], pixels: [...(await classifier.pixels(image))] };
      })()`);
      const rows = Array.from({ length: 12 }, (_, y) => seen.slice(64 * y, 64 * (y + 1)));
      // Rows and columns that touch another colour are mixed where the picture is made smaller.
      const colour = Math.round(0.299 * 200 + 0.587 * 100 + 0.114 * 50);
      for (const row of rows.slice(0, 5)) expect(new Set(row.slice(4, -4))).toEqual(new Set([colour, 255]));
      for (const row of rows.slice(7)) expect(new Set(row.slice(4, -4))).toEqual(new Set([255]));
      expect(pixels).toHaveLength(12 * 16);
      expect(pixels[20]).toBeCloseTo(colour / 255, 6);
    });

    it.each<PicturePreprocessing>([
      { kind: 'centre', resize: 20, crop: 16 },
      { kind: 'fit', size: 16 },
    ])('makes a picture ready as training does: $kind', async (preprocessing) => {
      const folder = await folderOf(colourCase, { name: 'photos', classes, normalisation, preprocessing });
      try {
        const stream = openStream(1, 'photo');
        const [width, height] = [90, 61];
        const data = Uint8Array.from(
          { length: 3 * width * height },
          (_, at) => 100 + 80 * Math.sin(at / 50) + 60 * stream.uniform(),
        );
        const file = encode({ width, height, channels: 3, data });
        const planes = seen(await decodePicture(file), preprocessing);
        const table = normalisationTable(normalisation);
        const fed = Float32Array.from(planes, (byte, at) => table[256 * Math.floor(at / 256) + byte]!);

        const { page, problems } = await open(browser, `${folder.server.url}blank.html`);
        const found = await page.evaluate<{ pixels: number[]; logits: number[] }>(`(async () => {
          const { load } = await import('/classifier.js');
          const classifier = await load();
          const picture = new Blob([Uint8Array.of(${[...file]})], { type: 'image/png' });
          const pixels = await classifier.pixels(picture);
          return { pixels: [...pixels], logits: [...(await classifier.run(pixels))] };
        })()`);
        expect(found.pixels).toEqual([...fed]);
        const images = { shape: [1, 3, 16, 16], data: Float64Array.from(fed) };
        expectClose(found.logits, await runInNode(folder.model, images));
        expect(problems).toEqual([]);

        const shown = await openPage(browser, folder);
        await shown.page.setInputFiles('#file', {
          name: 'a.png',
          mimeType: 'image/png',
          buffer: Buffer.from(file),
        });
        await shown.page.locator('#result').waitFor();
        expect(await shown.page.locator('#details').textContent()).toContain('16 × 16 pixels');
        expect(shown.problems).toEqual([]);
      } finally {
        await folder.server.close();
      }
    });

    it('goes on after a run that failed', async () => {
      const { page } = await open(browser, `${colour.server.url}blank.html`);
      const images = caseImages(colourCase, 1);
      const [refused, failed, logits] = await page.evaluate<number[][]>(`(async () => {
        const { load } = await import('/classifier.js');
        const classifier = await load();
        // Only the runtime notices that the second is no array.
        const inputs = [new Float32Array(), { length: 768 }, Float32Array.of(${images.data})];
        const results = await Promise.allSettled(inputs.map((pixels) => classifier.run(pixels)));
        return results.map(({ value }) => [...(value ?? [])]);
      })()`);
      expect([refused, failed]).toEqual([[], []]);
      expectClose(logits!, await runInNode(colour.model, images));
    });

    it('finds the runtime where model.json says that it lies', async () => {
      const from = 'onnxruntime/ort-wasm-simd-threaded.wasm';
      const files = grey.files.map(({ path, content }) => ({
        path: path === from ? 'moved.wasm' : path,
        content: path === 'model.json' ? String(content).replace(from, 'moved.wasm') : content,
      }));
      const server = await serve(files);
      try {
        const images = caseImages(greyCase, 1);
        const { page } = await open(browser, `${server.url}blank.html`);
        const { logits } = await page.evaluate<ModuleRun>(runInPage('wasm', images));
        expectClose(logits, await runInNode(grey.model, images));
      } finally {
        await server.close();
      }
    });

    it('says what it lacks', async () => {
      const { page } = await open(browser, `${grey.server.url}blank.html`);
      const messages = await page.evaluate<string[]>(`(async () => {
        const { load } = await import('/classifier.js');
        const classifier = await load();
        const attempts = [
          () => classifier.run(new Float32Array(7)),
          () => load({ provider: 'webgpu' }),
          () => load({ baseUrl: 'elsewhere' }),
        ];
        const results = await Promise.allSettled(attempts.map((attempt) => attempt()));
        return results.map(({ reason }) => reason.message);
      })()`);
      expect(messages).toEqual([
        'Expected whole images of 1 x 12 x 16 = 192 numbers, found 7.',
        'No runtime for "webgpu" lies in this folder: it was exported for wasm.',
        '/elsewhere/model.json: the server answered 404.',
      ]);
    });

    it('names the provider that the browser does not offer', async () => {
      const { page } = await open(browser, `${colour.server.url}blank.html`);
      await page.evaluate(
        `Object.defineProperty(navigator, 'gpu', { value: { requestAdapter: async () => null } })`,
      );
      const message = await page.evaluate(
        `import('/classifier.js').then(({ load }) => load({ provider: 'webgpu' })).catch(({ message }) => message)`,
      );
      expect(message).toBe('This browser offers no WebGPU adapter here: use the provider "wasm".');
    });
  });

  describe('anybody’s model', () => {
    const plain = foreignModel(colourCase);
    const integers = quantized(plain);

    it.each<[string, () => Promise<onnx.ModelProto> | onnx.ModelProto]>([
      ['with names of its own', () => plain],
      ['in integers between conversions', () => integers],
      ['in the operators of integers', () => inIntegerOperators(integers)],
    ])('%s has the outputs of onnxruntime-node', async (_, make) => {
      const folder = await foreignFolder(await make());
      try {
        const images = caseImages(colourCase, 2);
        const { page, problems } = await open(browser, `${folder.server.url}blank.html`);
        const { logits } = await page.evaluate<ModuleRun>(runInPage('wasm', images));
        expectClose(logits, await runInNode(folder.model, images, 'pixels', 'scores'));
        expect(problems).toEqual([]);
      } finally {
        await folder.server.close();
      }
    });

    it('shows the probabilities that it has, and not a softmax of them', async () => {
      const folder = await foreignFolder(withSoftmax(integers));
      try {
        const { page, problems } = await openPage(browser, folder);
        const { file, rgba } = await pictureFrom(page);
        await page.setInputFiles('#file', file);
        await page.locator('#result').waitFor();
        const images = { shape: [1, 3, 16, 16], data: normalised(rgba) };
        const probabilities = await runInNode(folder.model, images, 'pixels', 'probabilities');
        const shown = rankingOf(probabilities)
          .slice(0, 5)
          .map((i) => `${(100 * probabilities[i]!).toFixed(1)} %`);
        expect(await page.locator('.classes .label + span').allTextContents()).toEqual(shown);
        expect(problems).toEqual([]);
      } finally {
        await folder.server.close();
      }
    });
  });

  describe('the page', () => {
    it('says of random weights that they are, and only of those', async () => {
      const random = await folderOf(
        { ...greyCase, metadata: { ...greyCase.metadata, weights: 'random' } },
        { name: 'random', providers: ['wasm'] },
      );
      try {
        for (const [folder, isShown] of [
          [random, true],
          [grey, false],
        ] as const) {
          const { page } = await openPage(browser, folder);
          expect(await page.getByText('its answers mean nothing').isVisible()).toBe(isShown);
        }
      } finally {
        await random.server.close();
      }
    });

    it('shows the five best classes of a chosen picture', async () => {
      const { page, problems, hosts } = await openPage(browser, colour);
      const { file, rgba } = await pictureFrom(page);
      await page.setInputFiles('#file', file);
      await page.locator('#result').waitFor();
      const images = { shape: [1, 3, 16, 16], data: normalised(rgba) };
      const probabilities = softmax(await runInNode(colour.model, images));
      const best = rankingOf(probabilities).slice(0, 5);
      expect(await page.locator('.classes .label').allTextContents()).toEqual(best.map((i) => classes[i]));
      expect(await page.locator('.classes .label + span').allTextContents()).toEqual(
        best.map((i) => `${(100 * probabilities[i]!).toFixed(1)} %`),
      );
      expect(await page.locator('#status').textContent()).toMatch(
        /^[\d.]+ ms on the processor \(WebAssembly\)\.$/,
      );
      expect(await page.locator('#picture').getAttribute('alt')).toBe('Chosen: drawing.png.');
      const preview = `document.getElementById('preview').getContext('2d').getImageData(0, 0, 16, 16).data`;
      expect(await page.evaluate(`[...${preview}]`)).toEqual(rgba);
      expect(problems).toEqual([]);
      expect([...hosts]).toEqual([new URL(colour.server.url).host]);
    });

    it('shows the facts of the model as text, whatever they contain', async () => {
      const { page } = await openPage(browser, colour);
      expect(await page.title()).toBe(markup);
      expect(await page.locator('h1').textContent()).toBe(markup);
      const facts = await page.locator('#figures, #details').allInnerTexts();
      const { parameters, genotype: text } = colourCase.metadata;
      for (const fact of [Number(parameters).toLocaleString('en'), text!, markup, 'initChannels 4'])
        expect(facts.join()).toContain(fact);
      await page.setInputFiles('#file', (await pictureFrom(page)).file);
      await page.locator('#result').waitFor();
      expect(await page.evaluate('window.broken')).toBeUndefined();
      expect(await page.locator('img, b').count()).toBe(1);
    });

    it('takes dropped pictures, of which the last one counts', async () => {
      const { page } = await openPage(browser, colour);
      const allowed = await page.evaluate<boolean[]>(`(async () => {
        const blob = await new Promise((resolve) => ${drawing}.toBlob(resolve));
        const zone = document.getElementById('drop');
        return ['first.png', 'last.png'].flatMap((name) => {
          const dataTransfer = new DataTransfer();
          dataTransfer.items.add(new File([blob], name, { type: 'image/png' }));
          return ['dragover', 'drop'].map((type) =>
            zone.dispatchEvent(new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true })));
        });
      })()`);
      // The browser's own answer to a dropped file is to leave the page.
      expect(allowed).toEqual([false, false, false, false]);
      await page.locator('#result').waitFor();
      expect(await page.locator('#picture').getAttribute('alt')).toBe('Chosen: last.png.');
      expect(await page.locator('#picture').isVisible()).toBe(true);
    });

    it('takes pasted pictures', async () => {
      const { page } = await openPage(browser, colour);
      await page.evaluate(`(async () => {
        const blob = await new Promise((resolve) => ${drawing}.toBlob(resolve));
        const clipboardData = new DataTransfer();
        clipboardData.items.add(new File([blob], 'pasted.png', { type: 'image/png' }));
        document.dispatchEvent(new ClipboardEvent('paste', { clipboardData }));
      })()`);
      await page.locator('#result').waitFor();
    });

    it('does not show the result of a picture that was overtaken', async () => {
      const { page } = await openPage(browser, colour);
      const { file } = await pictureFrom(page);
      // The first picture waits until the page is told to go on.
      await page.evaluate(`(() => {
        const original = createImageBitmap;
        window.createImageBitmap = async (source) => {
          window.createImageBitmap = original;
          await new Promise((resolve) => { window.goOn = resolve; });
          return original(source);
        };
      })()`);
      await page.setInputFiles('#file', file);
      await expect.poll(() => page.evaluate('typeof goOn')).toBe('function');
      await page.setInputFiles('#file', { ...file, name: 'second.png' });
      await page.locator('#result').waitFor();
      await page.evaluate(`(async () => {
        document.getElementById('status').textContent = 'untouched';
        window.goOn();
        await new Promise((resolve) => setTimeout(resolve, 500));
      })()`);
      expect(await page.locator('#status').textContent()).toBe('untouched');
    });

    it('says when a file is no picture', async () => {
      const { page, problems } = await openPage(browser, colour);
      await page.setInputFiles('#file', (await pictureFrom(page)).file);
      await page.locator('#result').waitFor();
      const former = await page.locator('#picture').getAttribute('src');
      await page.setInputFiles('#file', {
        name: 'a.png',
        mimeType: 'image/png',
        buffer: Buffer.from('text'),
      });
      await page.getByText('This is not a picture that the browser can read.').waitFor();
      expect(await page.locator('#result').isVisible()).toBe(false);
      expect(await page.locator('#picture').isVisible()).toBe(false);
      expect(problems).toEqual([]);
      // The browser need not keep the former picture.
      const load = `Object.assign(new Image(), { src: '${former}' }).decode()`;
      expect(await page.evaluate(`${load}.then(() => 'kept', () => 'gone')`)).toBe('gone');
    });

    it('is worked by keyboard: the first stop chooses a picture, and shows that it does', async () => {
      const { page } = await openPage(browser, colour);
      const outline = (): Promise<string> =>
        page.evaluate(`getComputedStyle(document.getElementById('drop')).outlineStyle`);
      expect(await outline()).toBe('none');
      await page.keyboard.press('Tab');
      expect(await page.evaluate('document.activeElement.id')).toBe('file');
      expect(await outline()).toBe('solid');
      expect(await page.getByLabel('Choose a picture').getAttribute('type')).toBe('file');
    });

    it('stays with the processor where WebGPU fails', async () => {
      const page = await browser.newPage();
      // An adapter that is there when the page looks for it, and gone when it is needed.
      await page.addInitScript(`
        const answers = [{}, null];
        Object.defineProperty(navigator, 'gpu', { value: { requestAdapter: async () => answers.shift() } });
      `);
      await page.goto(colour.server.url);
      await page.locator('#webgpu').click();
      await page.getByText('This browser offers no WebGPU adapter here').waitFor();
      expect(await page.locator('#wasm').isChecked()).toBe(true);
      await page.setInputFiles('#file', (await pictureFrom(page)).file);
      await page.getByText('on the processor (WebAssembly).').waitFor();
    });

    it('offers no WebGPU where there is no adapter', async () => {
      const { page } = await openPage(browser, colour);
      expect(await page.locator('#providers').isVisible()).toBe(false);
    });
  });

  describe('WebGPU', () => {
    let graphics: Browser;

    beforeAll(async () => {
      graphics = await launchBrowser({ webgpu: true });
    });
    afterAll(() => graphics?.close());

    it(
      'has the logits of onnxruntime-node, one run after the other',
      async (context) => {
        const { page, problems } = await open(graphics, `${colour.server.url}blank.html`);
        const offered = await page.evaluate<boolean>(
          `import('/classifier.js').then(({ hasWebGpu }) => hasWebGpu())`,
        );
        if (!offered) return context.skip(noAdapter);
        const images = caseImages(colourCase, 3);
        const results = await page.evaluate<number[][]>(`(async () => {
          const { load } = await import('/classifier.js');
          const classifier = await load({ provider: 'webgpu' });
          const pixels = Float32Array.of(${images.data});
          // A session of this provider is busy until its result is there: it is asked twice at once, and given up.
          const results = [classifier.run(pixels), classifier.run(pixels), classifier.release()];
          return (await Promise.all(results)).slice(0, 2).map((logits) => [...logits]);
        })()`);
        const expected = await runInNode(colour.model, images);
        for (const logits of results) expectClose(logits, expected);
        expect(problems).toEqual([]);
      },
      graphicsMs,
    );

    it(
      'is what the page changes to when asked',
      async (context) => {
        const { page, problems } = await openPage(graphics, colour);
        if (!(await page.evaluate('navigator.gpu.requestAdapter()'))) return context.skip(noAdapter);
        await page.setInputFiles('#file', (await pictureFrom(page)).file);
        await page.locator('#result').waitFor();
        const labels = await page.locator('.classes .label').allTextContents();
        await page.locator('#webgpu').check();
        await page.getByText('on the graphics processor (WebGPU).').waitFor({ timeout: graphicsMs });
        expect(await page.locator('.classes .label').allTextContents()).toEqual(labels);
        expect(problems).toEqual([]);
      },
      graphicsMs,
    );
  });
});

interface ModuleRun {
  readonly logits: number[];
  readonly threads: number;
}

interface ModuleClassification {
  readonly label: string;
  readonly index: number;
  readonly probabilities: number[];
  readonly top: readonly { readonly label: string; readonly index: number; readonly probability: number }[];
  readonly latencyMs: number;
  readonly pixels: number[];
  readonly rgba: number[];
}

/** An expression for a page: runs images through the module. */
function runInPage(provider: string, { data }: Tensor): string {
  return `(async () => {
    const { load } = await import('/classifier.js');
    const classifier = await load({ provider: '${provider}' });
    const logits = await classifier.run(Float32Array.of(${data}));
    return { logits: [...logits], threads: classifier.threads };
  })()`;
}

/** An expression for a page: a canvas of 16 x 16 with a drawing. */
const drawing = `(() => {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = 16;
  const context = canvas.getContext('2d');
  for (let y = 0; y < 16; y++) {
    for (let x = 0; x < 16; x++) {
      context.fillStyle = \`rgb(\${16 * x}, \${255 - 15 * y}, \${(x * y) % 256})\`;
      context.fillRect(x, y, 1, 1);
    }
  }
  return canvas;
})()`;

interface Folder {
  readonly files: readonly ExportFile[];
  readonly server: StaticServer;
  readonly model: Uint8Array;
}

/** A served folder, with an empty page beside its own. */
async function folderOf(
  { bound, metadata }: ExportCase,
  options: Omit<OrtWebOptions, 'metadata' | 'site' | 'runtime'>,
): Promise<Folder> {
  const parts = await readOrtWebParts(options.providers);
  return await served(toOrtWeb(bound, { ...options, metadata, ...parts }));
}

/** The folder of a model that genonnx did not make. */
async function foreignFolder(model: onnx.ModelProto): Promise<Folder> {
  const providers = ['wasm'] as const;
  const parts = await readOrtWebParts(providers);
  return await served(
    onnxToOrtWeb(encoded(model), {
      name: 'theirs',
      metadata: {},
      classes,
      normalisation,
      providers,
      ...parts,
    }),
  );
}

async function served(exported: readonly ExportFile[]): Promise<Folder> {
  const blank = { path: 'blank.html', content: '<!doctype html><link rel="icon" href="data:,">' };
  const files = [...exported, blank];
  const model = files.find(({ path }) => path === 'model.onnx')!;
  return { files, server: await serve(files), model: bytesOf(model.content) };
}

interface OpenedPage {
  readonly page: Page;
  /** What the page complained of. */
  readonly problems: string[];
  /** Whom it asked for something. */
  readonly hosts: Set<string>;
}

async function open(browser: Browser, url: string): Promise<OpenedPage> {
  const context = await browser.newContext();
  const page = await context.newPage();
  const problems: string[] = [];
  const hosts = new Set<string>();
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text());
  });
  page.on('pageerror', (error) => problems.push(error.message));
  context.on('request', (request) => {
    const { protocol, host } = new URL(request.url());
    if (protocol !== 'data:' && protocol !== 'blob:') hosts.add(host);
  });
  await page.goto(url);
  return { page, problems, hosts };
}

/** The folder's own page, once it takes pictures. */
async function openPage(browser: Browser, { server }: Folder): Promise<OpenedPage> {
  const opened = await open(browser, server.url);
  await opened.page.locator('#file:enabled').waitFor({ state: 'attached' });
  return opened;
}

/** The drawing as a file, and its pixels. */
async function pictureFrom(
  page: Page,
): Promise<{ file: { name: string; mimeType: string; buffer: Buffer }; rgba: number[] }> {
  const { url, rgba } = await page.evaluate<{ url: string; rgba: number[] }>(`(() => {
    const canvas = ${drawing};
    return { url: canvas.toDataURL(), rgba: [...canvas.getContext('2d').getImageData(0, 0, 16, 16).data] };
  })()`);
  const buffer = Buffer.from(url.slice(url.indexOf(',') + 1), 'base64');
  return { file: { name: 'drawing.png', mimeType: 'image/png', buffer }, rgba };
}

async function runInNode(
  model: Uint8Array,
  { data, shape }: Images,
  input = 'images',
  output = 'logits',
): Promise<number[]> {
  const session = await ort.InferenceSession.create(model, { intraOpNumThreads: 1 });
  try {
    const images = new ort.Tensor('float32', Float32Array.from(data), shape);
    const { [output]: found } = await session.run({ [input]: images });
    return Array.from(found!.data, Number);
  } finally {
    await session.release();
  }
}

interface Images {
  readonly data: ArrayLike<number>;
  readonly shape: readonly number[];
}

function normalised(rgba: readonly number[]): Float32Array {
  const plane = rgba.length / 4;
  return Float32Array.from({ length: 3 * plane }, (_, at) => {
    const channel = Math.floor(at / plane);
    const byte = rgba[4 * (at % plane) + channel]!;
    return (byte / 255 - normalisation.mean[channel]!) / normalisation.standardDeviation[channel]!;
  });
}

function softmax(logits: readonly number[]): number[] {
  const powers = logits.map(Math.exp);
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
}

/** Indices, the largest first. */
function rankingOf(probabilities: readonly number[]): number[] {
  return probabilities.map((_, i) => i).sort((a, b) => probabilities[b]! - probabilities[a]!);
}

function expectClose(found: readonly number[], expected: readonly number[]): void {
  expect(found).toHaveLength(expected.length);
  const departure = Math.max(...found.map((value, i) => Math.abs(value - expected[i]!)));
  expect(departure).toBeLessThan(tolerance);
}
