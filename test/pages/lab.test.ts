// A lab as `export --to lab` writes it, in Chromium: a search whose tab crashes and is opened again, the training of what it
// finds, and pictures that its model takes for something; and what a run of the browser is worth in Node.
import { cpSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeSafetensors } from '../../graphs/safetensors.js';
import { openClassifier } from '../../src/lab/classify.js';
import { search } from '../../src/library/search.js';
import type { SearchEpoch } from '../../src/search/search.js';
import { freshFolder, genonnx } from '../e2e/command.js';
import { expectSameRun } from '../e2e/tiny-runs.js';
import { launchBrowser, noBrowser } from '../support/browser.js';
import type { StaticServer } from '../support/static-server.js';
import { crash, saved, saveRun, sendForm, serveSite, untilDone, untilFinished } from './lab-page.js';

const title = `a lab in Chromium${noBrowser === undefined ? '' : ` (skipped: ${noBrowser})`}`;

/** Of one step an epoch, so that journals tell each step. */
const sizes = { Seed: 1, Cells: 1, Channels: 2, Batch: 8, Epochs: 20, Images: 16 };
const settings = {
  seed: 1,
  cells: 1,
  channels: 2,
  batch: 8,
  epochs: 20,
  limit: 16,
  layout: 'portable' as const,
};
/** Of losses and probabilities of the first 20 steps. */
const tolerance = 1e-4;

describe.skipIf(noBrowser !== undefined)(title, () => {
  const folder = freshFolder();
  let browser: Browser;
  let server: StaticServer;

  beforeAll(async () => {
    const ended = await genonnx(['export', '--to', 'lab', '--no-webgpu', '--out', join(folder, 'site')]);
    expect(ended.exitCode, String(ended.stderr)).toBe(0);
    server = await serveSite(join(folder, 'site'));
    browser = await launchBrowser();
  });

  afterAll(async () => {
    await browser?.close();
    await server?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function openTab(context: BrowserContext): Promise<Page> {
    const page = await context.newPage();
    await page.goto(server.url);
    await page.getByRole('form', { name: 'A new search' }).waitFor();
    return page;
  }

  it('searches as Node does, goes on where its tab crashed, trains and classifies', {
    timeout: 400_000,
  }, async () => {
    const problems: string[] = [];
    const hosts = new Set<string>();
    const context = await browser.newContext();
    // The test's own time-out is what counts: the page calculates while it is asked.
    context.setDefaultTimeout(0);
    // Of all tabs, from their first request on: what went wrong, and whom they asked.
    context.on('console', (message) => {
      if (message.type() === 'error') problems.push(message.text());
    });
    context.on('weberror', (error) => problems.push(error.error().message));
    context.on('request', (request) => {
      if (/^https?:/.test(request.url())) hosts.add(new URL(request.url()).host);
    });
    const run = (name: string, of = 'search-2') => join(folder, name, of);

    // The same search in Node, meanwhile.
    const inNode: SearchEpoch[] = [];
    const searching = search({
      settings,
      preset: 'small',
      threads: 1,
      onEpoch: (epoch) => inNode.push(epoch),
    });

    // The first is left alone; the second, which is the same, is cut off inside of its seventh epoch or later.
    const page = await openTab(context);
    await sendForm(page, 'A new search', sizes, 'Search');
    await untilFinished(page);
    await saveRun(page, join(folder, 'whole'));
    await sendForm(page, 'A new search', sizes, 'Search');
    await page.getByRole('heading', { name: 'search-2' }).waitFor();
    await untilDone(page, 0.3);
    await crash(page);

    const again = await openTab(context);
    await again.getByRole('button', { name: /search-2/ }).click();
    await again.getByText('Stopped after').waitFor();
    await saveRun(again, join(folder, 'stopped'));
    // What a browser began goes on in Node, and says so.
    cpSync(run('stopped'), join(folder, 'resumed'), { recursive: true });
    const resuming = genonnx(['search', '--resume', join(folder, 'resumed')]);
    await again.getByRole('button', { name: 'Go on' }).click();
    await untilFinished(again);
    await saveRun(again, join(folder, 'cut'));
    const whole = run('whole', 'search-1');
    expectSameRun('search', run('cut'), whole);

    const resumed = await resuming;
    expect(resumed.exitCode, String(resumed.stderr)).toBe(0);
    expect(String(resumed.stderr)).toContain('not to the same bits');
    const { tools, continued } = JSON.parse(readFileSync(join(folder, 'resumed', 'config.json'), 'utf8'));
    expect(tools.browser).toContain('Chrome');
    expect(continued).toMatchObject([{ engine: 'ort', tools: { node: process.version } }]);
    expectCloseSearch(epochsIn(join(folder, 'resumed')), epochsIn(whole));

    const found = await searching;
    expectCloseSearch(inNode, epochsIn(whole));
    expectClose(found.alphas, alphasIn(whole));

    // The network of what it found.
    await sendForm(
      again,
      'Train what was found',
      { Seed: 1, Cells: 1, Channels: 2, Epochs: 1, Images: 60 },
      'Train',
    );
    await again.getByText('of the test images').waitFor();
    await again.mouse.move(0, 0);
    await draw(again);
    await again.locator('.classes li').first().waitFor();
    const shown = await again.locator('.classes li span:first-child').allTextContents();
    const seen = await again.evaluate<number[]>(`(() => {
      const canvas = document.querySelector('.seen canvas');
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      return Array.from({ length: canvas.width * canvas.height }, (_, at) => data[4 * at]);
    })()`);
    expect(Math.max(...seen)).toBeGreaterThan(100);
    const model = await saved(again, 'Download model.onnx');
    const inNodeToo = await openClassifier(ort, model, { height: 28, width: 28 });
    const ranked = await inNodeToo.classify(Uint8Array.from(seen));
    expect(shown).toEqual(ranked.slice(0, 5).map(({ label }) => label));
    await inNodeToo.close();
    expect(problems).toEqual([]);
    expect([...hosts]).toEqual([new URL(server.url).host]);
  });

  it('says what plain http lacks', async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.addInitScript("Object.defineProperty(window, 'isSecureContext', { value: false })");
    await page.goto(server.url);
    expect(await page.getByRole('alert').textContent()).toContain('neither storage nor threads');
    await context.close();
  });
});

it('takes no model, and no options of models', { timeout: 120_000 }, async () => {
  const out = join(freshFolder(), 'lab');
  const [without, ...others] = await Promise.all([
    genonnx(['export', '--to', 'onnx', '--out', out]),
    genonnx(['export', 'model.onnx', '--to', 'lab', '--out', out]),
    genonnx(['export', '--opset', '17', '--to', 'lab', '--out', out]),
  ]);
  for (const ended of others) {
    expect(ended.exitCode).toBe(2);
    expect(String(ended.stderr)).toContain('takes no model');
  }
  expect(String(without.stderr)).toContain('There is no model to export.');
});

/** A stroke of a mouse over the square. */
async function draw(page: Page): Promise<void> {
  const box = await page.locator('.pad canvas').boundingBox();
  if (box === null) throw new Error('no square to draw on');
  const at = (x: number, y: number) => page.mouse.move(box.x + x * box.width, box.y + y * box.height);
  await at(0.3, 0.2);
  await page.mouse.down();
  await at(0.3, 0.8);
  await at(0.7, 0.8);
  await at(0.7, 0.2);
  await page.mouse.up();
}

function epochsIn(run: string): SearchEpoch[] {
  const lines = readFileSync(join(run, 'journal.jsonl'), 'utf8').trim().split('\n');
  return lines.map((line) => JSON.parse(line));
}

function alphasIn(run: string): Float64Array {
  const { checkpoint } = JSON.parse(readFileSync(join(run, 'checkpoints', 'last.json'), 'utf8'));
  const arrays = readFileSync(join(run, 'checkpoints', `${checkpoint}.safetensors`));
  const alphas = decodeSafetensors(arrays, run).tensors.get('alphas')?.data;
  if (alphas instanceof Float64Array) return alphas;
  throw new Error('no alphas');
}

/** Losses and probabilities, step by step. */
function expectCloseSearch(found: readonly SearchEpoch[], expected: readonly SearchEpoch[]): void {
  expect(found.length).toBe(expected.length);
  found.forEach(({ train, validation, probabilities }, at) => {
    const other = expected[at];
    expectClose(
      [train.loss ?? 0, validation?.loss ?? 0],
      [other?.train.loss ?? 1, other?.validation?.loss ?? 1],
    );
    expectClose(Object.values(probabilities).flat(2), Object.values(other?.probabilities ?? {}).flat(2));
  });
}

function expectClose(found: ArrayLike<number>, expected: ArrayLike<number>): void {
  expect(found.length).toBe(expected.length);
  const differences = Array.from(found, (value, at) => Math.abs(value - (expected[at] ?? Number.NaN)));
  expect(Math.max(...differences)).toBeLessThanOrEqual(tolerance);
}
