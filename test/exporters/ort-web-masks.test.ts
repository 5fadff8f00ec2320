// A model that finds masks as a folder for the browser: what is written, what is refused; in Chromium its masks, its page, and that
// nothing is asked of another host.
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import ort from 'onnxruntime-node';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type MaskWebOptions, toMaskWeb } from '../../exporters/ort-web-masks.js';
import { Builder } from '../../graphs/builder.js';
import { resizeBilinear } from '../../src/data/resize.js';
import { readMaskWebParts } from '../../src/deploy/ort-web-parts.js';
import { largestClasses } from '../../src/tasks/segmentation/largest-classes.js';
import { launchBrowser, noBrowser } from '../support/browser.js';
import { bytesOf, type StaticServer, serve } from '../support/static-server.js';
import { maskClasses, maskImage, maskModel, maskNormalisation, maskPalette } from './mask-case.js';

const markup = '<img src="nowhere.png" onerror="window.broken = true">';
const classes = ['background', markup, ...maskClasses.slice(2)];
const given = {
  name: markup,
  metadata: { parameters: '8', dataset: markup, meanIou: '0.4321', weights: 'random' },
  classes,
  palette: maskPalette,
  normalisation: maskNormalisation,
};
const parts = await readMaskWebParts(['wasm']);
const options: MaskWebOptions = { ...given, ...parts, providers: ['wasm'] };

describe('a folder of masks', () => {
  it('has everything that its page asks for', () => {
    const files = new Map(toMaskWeb(maskModel(), options).map(({ path, content }) => [path, content]));
    const texts = ['index.html', 'page.js', 'segmenter.js'].map((path) => String(bytesText(files.get(path))));
    const named = texts.flatMap((text) => [
      ...text.matchAll(/(?:src|href|from|URL\()[=\s]*['"]\.?\/?([\w.-]+\.\w+)['"]/g),
    ]);
    expect(named.length).toBeGreaterThan(4);
    for (const [, name = ''] of named) expect([...files.keys()]).toContain(name);
    expect(JSON.parse(bytesText(files.get('model.json')))).toMatchObject({
      input: 'images',
      output: 'logits',
      image: maskImage,
      batch: null,
      classes,
      palette: maskPalette.slice(0, 4),
      normalisation: maskNormalisation,
    });
  });

  it('is refused for another model, or what does not fit it', () => {
    const g = new Builder();
    const images = g.input('images', [1, 1, 8, 10]);
    const pooled = {
      graph: g.build([{ name: 'logits', value: g.globalAveragePool(images) }]),
      weights: new Map(),
    };
    expect(() => toMaskWeb(pooled, options)).toThrow(expect.objectContaining({ code: 'shape' }));
    expect(() => toMaskWeb(maskModel(2), options)).toThrow(expect.objectContaining({ code: 'channels' }));
    for (const wrong of [
      { classes: ['one'] },
      { palette: maskPalette.slice(0, 3) },
      { normalisation: { mean: [0, 0, 0], standardDeviation: [1, 1, 1] } },
    ])
      expect(() => toMaskWeb(maskModel(), { ...options, ...wrong })).toThrow(
        expect.objectContaining({ code: 'usage' }),
      );
  });
});

it('has types that users and its own code agree with', () => {
  const folder = mkdtempSync(join(tmpdir(), 'genonnx-types-'));
  const files = toMaskWeb(maskModel(), options);
  const text = (name: string): string => bytesText(files.find(({ path }) => path === name)?.content);
  for (const name of ['segmenter.js', 'segmenter.d.ts', 'page.js'])
    writeFileSync(join(folder, name), text(name));
  mkdirSync(join(folder, 'preprocessing'));
  writeFileSync(
    join(folder, 'preprocessing', 'resize.d.ts'),
    `interface Picture { height: number; width: number; channels: number; data: Uint8Array }
export function resizeBilinear(picture: Picture, size: { height: number; width: number }): Picture;
`,
  );
  // Under another name TypeScript sees the code itself, and not its declarations.
  copyFileSync(join(folder, 'segmenter.js'), join(folder, 'code.js'));
  writeFileSync(
    join(folder, 'program.ts'),
    `import * as declared from './segmenter.js';
import * as code from './code.js';
export const same: typeof declared = code;
export const facts: declared.Facts = ${text('model.json')};
export async function use(picture: HTMLImageElement): Promise<number> {
  const segmenter = await declared.load({ provider: 'wasm' });
  const { mask, seen, found, latencyMs } = await segmenter.segment(picture);
  const logits = await segmenter.run(new Float32Array(facts.image.height));
  await segmenter.release();
  return mask.length + seen.width + (found[0]?.share ?? 0) + latencyMs + logits.length;
}
`,
  );
  const compiler = join(
    dirname(createRequire(import.meta.url).resolve('typescript/package.json')),
    'bin/tsc',
  );
  const flags = ['--noEmit', '--strict', '--allowJs', '--checkJs', '--noUncheckedIndexedAccess'];
  const target = ['--target', 'es2023', '--lib', 'es2023,dom,dom.iterable', '--module', 'esnext'];
  const names = ['--moduleResolution', 'bundler', 'program.ts', 'page.js'];
  try {
    execFileSync(process.execPath, [compiler, ...flags, ...target, ...names], {
      cwd: folder,
      encoding: 'utf8',
    });
  } catch (error) {
    expect(error instanceof Error && 'stdout' in error ? String(error.stdout) : error).toBe('');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

const title = `in Chromium${noBrowser === undefined ? '' : ` (skipped: ${noBrowser})`}`;

describe.skipIf(noBrowser !== undefined)(title, () => {
  let browser: Browser;
  let server: StaticServer;
  let session: ort.InferenceSession;

  beforeAll(async () => {
    browser = await launchBrowser();
    const files = toMaskWeb(maskModel(), options);
    const model = files.find(({ path }) => path === 'model.onnx');
    session = await ort.InferenceSession.create(bytesOf(model?.content ?? ''));
    server = await serve([
      ...files,
      { path: 'blank.html', content: '<!doctype html><link rel="icon" href="data:,">' },
    ]);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });
  afterEach(async () => {
    for (const context of browser.contexts()) await context.close();
  });

  async function open(path = ''): Promise<{ page: Page; problems: string[]; hosts: Set<string> }> {
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
    await page.goto(`${server.url}${path}`);
    return { page, problems, hosts };
  }

  /** What node finds in grey bytes u8[height, width], in the upper left corner of the model's images. */
  async function masksInNode(bytes: readonly number[], height: number, width: number): Promise<number[]> {
    const data = new Float32Array(maskImage.height * maskImage.width);
    bytes.forEach((byte, at) => {
      data[Math.floor(at / width) * maskImage.width + (at % width)] = (byte / 255 - 0.5) / 0.25;
    });
    const images = new ort.Tensor('float32', data, [1, 1, maskImage.height, maskImage.width]);
    const { logits } = await session.run({ images });
    const whole = { rows: maskImage.height, columns: maskImage.width };
    return [...largestClasses(Float32Array.from(logits?.data ?? [], Number), 4, whole, { height, width })];
  }

  /** A picture from dark to bright, which no one else has drawn. */
  const drawing = (height: number, width: number): string => `(() => {
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [${width}, ${height}];
    const context = canvas.getContext('2d');
    for (let at = 0; at < ${height * width}; at++) {
      const level = Math.round(255 * at / ${height * width - 1});
      context.fillStyle = 'rgb(' + level + ', ' + level + ', ' + level + ')';
      context.fillRect(at % ${width}, Math.floor(at / ${width}), 1, 1);
    }
    return canvas;
  })()`;

  interface Found {
    readonly mask: readonly number[];
    readonly seen: readonly number[];
    readonly height: number;
    readonly width: number;
    readonly found: readonly { readonly label: string; readonly index: number; readonly share: number }[];
  }
  const segmented = (picture: string): string => `(async () => {
    const { load } = await import('/segmenter.js');
    const segmenter = await load();
    const { mask, seen, found } = await segmenter.segment(${picture});
    const { height, width, data } = seen;
    return { mask: [...mask], seen: [...data].filter((_, at) => at % 4 === 0), height, width, found };
  })()`;

  it('the module finds the masks that node finds', async () => {
    const { page, problems, hosts } = await open('blank.html');
    const { mask, seen, height, width, found } = await page.evaluate<Found>(segmented(drawing(6, 7)));
    expect([height, width]).toEqual([6, 7]);
    expect(seen).toEqual(Array.from({ length: 42 }, (_, at) => Math.round((255 * at) / 41)));
    expect(mask).toEqual(await masksInNode(seen, height, width));
    // Of equal logits the lower class, so that the last one is never found.
    expect(found.map(({ index }) => index).sort()).toEqual([0, 1, 2]);
    expect(found.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 6);
    expect(problems).toEqual([]);
    expect([...hosts]).toEqual([new URL(server.url).host]);
  });

  it('the module makes larger pictures smaller, whole, as training makes them', async () => {
    const { page } = await open('blank.html');
    const { mask, seen, height, width } = await page.evaluate<Found>(segmented(drawing(16, 40)));
    expect([height, width]).toEqual([4, 10]);
    const data = Uint8Array.from({ length: 16 * 40 }, (_, at) => Math.round((255 * at) / (16 * 40 - 1)));
    const small = resizeBilinear({ height: 16, width: 40, channels: 1, data }, { height, width });
    expect(seen).toEqual([...small.data]);
    expect(mask).toEqual(await masksInNode(seen, height, width));
  });

  it('the page lays them over a chosen picture, with a legend, and shows text as text', async () => {
    const { page, problems, hosts } = await open();
    await page.getByText('Ready.').waitFor();
    const url = await page.evaluate<string>(`${drawing(6, 7)}.toDataURL('image/png')`);
    const buffer = Buffer.from(url.slice(url.indexOf(',') + 1), 'base64');
    await page.setInputFiles('#file', { name: 'drawing.png', mimeType: 'image/png', buffer });
    await page.locator('#result').waitFor();
    const seen = Array.from({ length: 42 }, (_, at) => Math.round((255 * at) / 41));
    const mask = await masksInNode(seen, 6, 7);
    const drawn = await page.evaluate<number[]>(
      `[...document.getElementById('masks').getContext('2d').getImageData(0, 0, 7, 6).data]`,
    );
    const expected = mask.flatMap((index) =>
      index === 0 ? [0, 0, 0, 0] : [...(maskPalette[index] ?? []), 255],
    );
    expect(drawn).toEqual(expected);
    const labels = await page.locator('.legend .label').allTextContents();
    expect(new Set(labels)).toEqual(new Set(['background', markup, 'bright']));
    expect(await page.locator('#figures').textContent()).toContain('43.2 %');
    expect(await page.getByText('its masks mean nothing').isVisible()).toBe(true);
    await page.locator('#strength').fill('20');
    expect(await page.evaluate(`document.getElementById('masks').style.opacity`)).toBe('0.2');
    expect(await page.evaluate('window.broken')).toBeUndefined();
    expect(await page.title()).toBe(markup);
    expect(problems).toEqual([]);
    expect([...hosts]).toEqual([new URL(server.url).host]);
  });

  it('the page says when a file is no picture', async () => {
    const { page, problems } = await open();
    await page.getByText('Ready.').waitFor();
    const buffer = Buffer.from('text');
    await page.setInputFiles('#file', { name: 'a.png', mimeType: 'image/png', buffer });
    await page.getByText('This is not a picture that the browser can read.').waitFor();
    expect(await page.locator('#result').isVisible()).toBe(false);
    expect(problems).toEqual([]);
  });
});

function bytesText(content: Parameters<typeof bytesOf>[0] | undefined): string {
  return new TextDecoder().decode(bytesOf(content ?? ''));
}
