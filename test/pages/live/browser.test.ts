// The page of runs in headless Chromium: during a real search, in many tabs, on a phone, by keys, and when its server comes back.
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { loadDataset } from '../../../datasets/index.js';
import { live } from '../../../src/library/live.js';
import { report } from '../../../src/library/report.js';
import type { LiveServer } from '../../../src/live/server.js';
import { genonnx } from '../../e2e/command.js';
import { commands } from '../../e2e/tiny-runs.js';
import { launchBrowser, noBrowser } from '../../support/browser.js';
import { madeSearch, madeStudy, madeTraining } from '../../support/made-runs.js';
import { madeTable } from '../../support/made-table.js';
import { networks, rowOf } from '../../support/one-table.js';

const title = `the page of runs in Chromium${noBrowser === undefined ? '' : ` (skipped: ${noBrowser})`}`;
const phone = { width: 390, height: 844 };

describe.skipIf(noBrowser !== undefined)(title, () => {
  let browser: Browser;
  let folder = '';
  let server: LiveServer | undefined;
  let problems: string[] = [];

  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser?.close());
  afterEach(async () => {
    for (const context of browser.contexts()) await context.close();
    await server?.close();
    server = undefined;
    rmSync(folder, { recursive: true, force: true });
  });

  const serve = async (): Promise<string> => {
    folder = mkdtempSync(join(tmpdir(), 'genonnx-live-'));
    server = await live([folder], { port: 0 });
    return server.url;
  };
  /** A page of whose problems and whose requests to others we hear. */
  const open = async (context: BrowserContext, url: string): Promise<Page> => {
    problems = [];
    const page = await context.newPage();
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') problems.push(message.text());
    });
    page.on('request', (request) => {
      if (new URL(request.url()).host !== new URL(url).host) problems.push(request.url());
    });
    await page.goto(url);
    return page;
  };
  const rows = (page: Page) => page.locator('.runs li');

  it('shows a search while it goes on, epoch by epoch, and what it has found', {
    timeout: 240_000,
  }, async () => {
    const url = await serve();
    const page = await open(await browser.newContext(), url);
    await page.getByText('There are no runs').waitFor();
    const command = genonnx([...commands.search, '--out', join(folder, 'search')]);
    // It appears by itself.
    await rows(page).first().waitFor();
    await page.getByRole('link', { name: 'search' }).click();
    const seen: string[] = [];
    await expect
      .poll(
        async () => {
          const text = await page.locator('.status').textContent();
          const [, count] = /(\d+) of 2 epochs/.exec(text ?? '') ?? [];
          if (count !== undefined && seen.at(-1) !== count) seen.push(count);
          return text;
        },
        { timeout: 200_000, interval: 50 },
      )
      .toMatch(/done/);
    await command;
    // In order, and none twice.
    expect(seen).toEqual([...seen].sort());
    expect(seen.at(-1)).toBe('2');
    await page.getByRole('heading', { name: 'Architecture' }).waitFor();
    await page.locator('.drawing svg').nth(1).waitFor();
    const last =
      readFileSync(join(folder, 'search', 'journal.jsonl'), 'utf8')
        .trim()
        .split('\n')
        .at(-1) ?? '';
    await page.getByText('Genotype as text').click();
    expect(await page.locator('details[open] pre').textContent()).toBe(JSON.parse(last).genotype);
    // At the first epoch the cells are those of the first epoch.
    const slider = page.getByRole('slider', { name: 'epoch' });
    await slider.focus();
    await page.keyboard.press('Home');
    expect(await slider.getAttribute('aria-valuetext')).toBe('epoch 1 of 2');
    expect(problems).toEqual([]);
  });

  it('goes on where it was when the server comes back', { timeout: 60_000 }, async () => {
    const url = await serve();
    const next = madeSearch(join(folder, 'a'), { epochs: 20, done: 3 });
    const page = await open(await browser.newContext(), url);
    await page.getByText('3 of 20 epochs').first().waitFor();
    await server?.close();
    await page.getByText('The server does not answer').waitFor();
    next();
    next();
    expect(await page.getByText('3 of 20 epochs').count()).toBeGreaterThan(0);
    const asked = page.waitForRequest(
      (request) => request.url().includes('/events') && request.method() === 'GET',
    );
    server = await live([folder], { port: Number(new URL(url).port) });
    await page.getByText('5 of 20 epochs').first().waitFor();
    expect((await (await asked).allHeaders())['last-event-id'] ?? (await asked).url()).toMatch(/\w+:\d{3,}/);
    next();
    await page.getByText('6 of 20 epochs').first().waitFor();
  });

  it('takes one connection for twenty tabs, and another tab has it when that one closes', {
    timeout: 240_000,
  }, async () => {
    const url = await serve();
    const next = madeSearch(join(folder, 'a'), { epochs: 20, done: 2 });
    const context = await browser.newContext();
    // Twenty tabs on a machine of two cores that does other things as well.
    context.setDefaultTimeout(100_000);
    const streams = new Set<string>();
    context.on('request', (request) => {
      if (request.url().includes('/events') && request.method() === 'GET') streams.add(request.url());
    });
    const first = await open(context, url);
    await first.getByText('2 of 20 epochs').first().waitFor();
    const others: Page[] = [];
    for (let n = 1; n < 20; n++) others.push(await open(context, url));
    const all = async (pages: readonly Page[], text: string) => {
      for (const page of pages) await page.getByText(text).first().waitFor();
    };
    await all(others, '2 of 20 epochs');
    expect(streams.size).toBe(1);
    next();
    await all([first, ...others], '3 of 20 epochs');
    await first.close();
    next();
    await all(others, '4 of 20 epochs');
    expect(streams.size).toBe(2);
    expect(problems).toEqual([]);
  });

  it('saves the report of the same runs, and the folder of one', { timeout: 60_000 }, async () => {
    const url = await serve();
    const [study, ...runs] = [join(folder, 'study'), join(folder, 'a'), join(folder, 'b')] as const;
    madeSearch(join(folder, 'a'), { epochs: 4, finished: true });
    madeTraining(join(folder, 'b'), { epochs: 4, finished: true });
    const page = await open(await browser.newContext({ acceptDownloads: true }), url);
    await rows(page).nth(1).waitFor();
    for (const box of await page.getByRole('checkbox').all()) await box.check();
    await page.getByRole('link', { name: 'Compare 2 runs' }).click();
    const [saved] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Save as HTML' }).click(),
    ]);
    const order = new URL(saved.url()).searchParams.getAll('run').length;
    expect(order).toBe(2);
    const text = readFileSync(await saved.path(), 'utf8');
    expect([await report(runs), await report([...runs].reverse())]).toContain(text);
    await page.getByRole('link', { name: 'a', exact: true }).first().click();
    const [zip] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Download the run' }).click(),
    ]);
    const bytes = readFileSync(await zip.path());
    for (const name of ['a/config.json', 'a/journal.jsonl', 'a/genotype.json'])
      expect(bytes.includes(name), name).toBe(true);
    // A study is saved as far as it has come.
    const { checksums } = await loadDataset('fashion-mnist', {});
    madeStudy(study, checksums);
    await page.getByRole('link', { name: 'genonnx live' }).click();
    await page.getByRole('link', { name: 'Two methods' }).click();
    const [soFar] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Save as HTML' }).click(),
    ]);
    expect(readFileSync(await soFar.path(), 'utf8')).toBe(await report([study]));
    expect(problems).toEqual([]);
  });

  it('fits on a phone, in every view', { timeout: 60_000 }, async () => {
    const url = await serve();
    mkdirSync(join(folder, 'with-a-rather-long-name-of-a-folder'), { recursive: true });
    madeSearch(join(folder, 'with-a-rather-long-name-of-a-folder', 'search-of-cells'), { epochs: 12 });
    madeTraining(join(folder, 'b'), { epochs: 4, finished: true });
    const page = await open(await browser.newContext({ viewport: phone }), url);
    const overflow = () =>
      page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth');
    await rows(page).nth(1).waitFor();
    expect(await overflow()).toBe(0);
    for (const box of await page.getByRole('checkbox').all()) await box.check();
    await page.getByRole('link', { name: 'Compare 2 runs' }).click();
    await page.locator('.drawing svg').first().waitFor();
    expect(await overflow()).toBe(0);
    await page.getByRole('link', { name: '← All runs' }).click();
    await page.getByRole('link', { name: /search-of-cells/ }).click();
    await page.locator('.heat td').first().waitFor();
    expect(await overflow()).toBe(0);
    // A table fills up while it is looked at.
    const add = madeTable(join(folder, 'table'));
    await page.getByRole('link', { name: '← All runs' }).click();
    await page.getByRole('link', { name: 'a table' }).click();
    await page.getByText('0 of 798 trainings done').waitFor();
    add(rowOf(networks[0]?.architecture ?? '', 1));
    add(rowOf(networks[1]?.architecture ?? '', 2));
    await page.getByText('2 of 798 trainings done').waitFor();
    await page.getByRole('img', { name: 'Seed 2: 1 of 399 networks trained' }).waitFor();
    expect(await page.locator('.network-map path:not(.waiting)').count()).toBe(2);
    expect(await overflow()).toBe(0);
    // Fingers are about so wide.
    const heights = await page
      .locator('button:visible, .button:visible')
      .evaluateAll((all) => all.map((one) => Number(Reflect.get(one.getBoundingClientRect(), 'height'))));
    expect(Math.min(...heights.filter((height) => height > 1))).toBeGreaterThanOrEqual(40);
    expect(problems).toEqual([]);
  });

  it('goes by keys, and names what it shows', { timeout: 60_000 }, async () => {
    const url = await serve();
    madeSearch(join(folder, 'a'), { epochs: 6, finished: true });
    const page = await open(await browser.newContext(), url);
    await rows(page).first().waitFor();
    const focused = () =>
      page.evaluate<string>(
        '[document.activeElement.tagName, document.activeElement.getAttribute("aria-label") ?? document.activeElement.textContent.slice(0, 20)].join(" ")',
      );
    const way: string[] = [];
    for (let n = 0; n < 8 && !(way.at(-1) ?? '').startsWith('A a'); n++) {
      await page.keyboard.press('Tab');
      way.push(await focused());
    }
    expect(way).toContain('BUTTON To the content');
    expect(way).toContain('INPUT compare a');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'a', exact: true }).waitFor();
    expect(await page.evaluate('document.activeElement.id')).toBe('content');
    const slider = page.getByRole('slider', { name: 'epoch' });
    await slider.waitFor();
    for (let n = 0; n < 12 && (await focused()) !== 'INPUT epoch'; n++) await page.keyboard.press('Tab');
    await page.keyboard.press('ArrowLeft');
    expect(await slider.getAttribute('aria-valuetext')).toBe('epoch 5 of 6');
    await page.getByRole('navigation', { name: 'Runs' }).waitFor();
    await page.getByRole('img', { name: /^Loss by epoch/ }).waitFor();
    await page.getByRole('table', { name: 'Normal cell' }).waitFor();
    await page.getByRole('progressbar').first().waitFor();
    await page.getByRole('status').getByText('live').waitFor();
    expect(problems).toEqual([]);
  });
});
