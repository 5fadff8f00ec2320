// The exported folder in headless Chromium: its logits, its page, and that nothing is asked of another host.
import ort from 'onnxruntime-node';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type OrtWebOptions, toOrtWeb } from '../../exporters/ort-web.js';
import type { Tensor } from '../../graphs/interpret/interpret.js';
import { zooEntry } from '../../src/genotype/zoo.js';
import { launchBrowser, noBrowser } from '../support/browser.js';
import { bytesOf, type StaticServer, serve } from '../support/static-server.js';
import { caseImages, type ExportCase, exportCase } from './export-case.js';
import { readRuntime } from './runners/ort-web.js';

const { genotype } = zooEntry('DARTS_V2');
const markup = '<img src="nowhere.png" onerror="window.broken = true">';
const classes = ['shirt', markup, 'coat', 'bag', 'sandal', 'ankle boot & <b>sock</b>'];
const normalisation = { mean: [0.4, 0.5, 0.6], standardDeviation: [0.2, 0.25, 0.3] };
const colourCase = exportCase(genotype, { classes: classes.length });
const greyCase = exportCase(genotype, { classes: 3, image: { channels: 1, height: 12, width: 16 } });

/** Absolute, on logits of the order of 1. */
const tolerance = 1e-4;

const title = `a folder in Chromium${noBrowser === undefined ? '' : ` (skipped: ${noBrowser})`}`;

describe.skipIf(noBrowser !== undefined)(title, () => {
  let browser: Browser;
  let colour: Folder;
  let grey: Folder;

  beforeAll(async () => {
    browser = await launchBrowser();
    colour = await folderOf(colourCase, { name: markup, classes, normalisation });
    grey = await folderOf(greyCase, { name: 'grey' });
  });

  afterAll(async () => {
    await browser?.close();
    await colour?.server.close();
    await grey?.server.close();
  });

  describe('the module', () => {
    it('has the logits of onnxruntime-node', async () => {
      const images = caseImages(colourCase, 3);
      const { page, problems, hosts } = await open(browser, `${colour.server.url}blank.html`);
      const { logits, threads } = await page.evaluate<ModuleRun>(runInPage('wasm', images));
      expectClose(logits, await runInNode(colour.model, images));
      expect(threads).toBe(1);
      expect(problems).toEqual([]);
      expect([...hosts]).toEqual([new URL(colour.server.url).host]);
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
      const expected = normalised(found.rgba);
      expect(found.pixels).toEqual(Array.from(expected));
      const logits = await runInNode(colour.model, { shape: [1, 3, 16, 16], data: expected });
      const probabilities = softmax(logits);
      expectClose(found.probabilities, probabilities);
      const ranking = probabilities.map((_, i) => i).sort((a, b) => probabilities[b]! - probabilities[a]!);
      expect(found.top.map(({ index }) => index)).toEqual(ranking.slice(0, 3));
      expect(found.top.map(({ label }) => label)).toEqual(ranking.slice(0, 3).map((i) => classes[i]));
      expect(found).toMatchObject({ ...found.top[0], provider: 'wasm' });
      expect(found.latencyMs).toBeGreaterThan(0);
    });
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
  readonly server: StaticServer;
  readonly model: Uint8Array;
}

/** A served folder, with an empty page beside its own. */
async function folderOf(
  { bound, metadata }: ExportCase,
  options: Omit<OrtWebOptions, 'metadata' | 'runtime'>,
  headers: Readonly<Record<string, string>> = {},
): Promise<Folder> {
  const files = toOrtWeb(bound, { ...options, metadata, runtime: readRuntime(options.providers) });
  const blank = { path: 'blank.html', content: '<!doctype html><link rel="icon" href="data:,">' };
  const model = files.find(({ path }) => path === 'model.onnx')!;
  return { server: await serve([...files, blank], headers), model: bytesOf(model.content) };
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
    if (message.type() === 'error' || message.type() === 'warning') problems.push(message.text());
  });
  page.on('pageerror', (error) => problems.push(error.message));
  context.on('request', (request) => {
    const { protocol, host } = new URL(request.url());
    if (protocol !== 'data:' && protocol !== 'blob:') hosts.add(host);
  });
  await page.goto(url);
  return { page, problems, hosts };
}

async function runInNode(model: Uint8Array, { data, shape }: Images): Promise<number[]> {
  const session = await ort.InferenceSession.create(model, { intraOpNumThreads: 1 });
  try {
    const images = new ort.Tensor('float32', Float32Array.from(data), shape);
    const { logits } = await session.run({ images });
    return Array.from(logits!.data, Number);
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

function expectClose(found: readonly number[], expected: readonly number[]): void {
  expect(found).toHaveLength(expected.length);
  const departure = Math.max(...found.map((value, i) => Math.abs(value - expected[i]!)));
  expect(departure).toBeLessThan(tolerance);
}
