import type { Browser, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { adapterInWords, openWithAdapter } from '../../../../src/bench/web/adapter.js';
import { type Graphics, launchChromium } from '../../../../src/bench/web/chromium.js';
import type { PageAdapter } from '../../../../src/bench/web/page-bench.js';
import { runtimeOf } from '../../../../src/bench/web/started-runtime.js';
import { noBrowser } from '../../../support/browser.js';

const adapter = (further: Partial<PageAdapter>): PageAdapter => ({
  vendor: '',
  architecture: '',
  device: '',
  description: '',
  isFallback: false,
  ...further,
});

describe('an adapter in words', () => {
  it('says what it is, each thing once', () => {
    const nvidia = { vendor: 'nvidia', architecture: 'hopper', device: 'hopper', description: '' };
    expect(adapterInWords(adapter(nvidia))).toBe('webgpu: nvidia hopper');
    expect(adapterInWords(adapter({}))).toBe('webgpu: an adapter that does not name itself');
  });

  it('says so where it is software, whether it admits it or not', () => {
    const swiftshader = { vendor: 'google', architecture: 'swiftshader' };
    expect(adapterInWords(adapter(swiftshader))).toBe('webgpu: google swiftshader, software');
    expect(adapterInWords(adapter({ vendor: 'x', isFallback: true }))).toBe('webgpu: x, software');
    const basic = { description: 'Microsoft Basic Render Driver' };
    expect(adapterInWords(adapter(basic))).toMatch(/, software$/);
  });

  it('stands beside the browser in a receipt', () => {
    const started = { version: '1.30.0', threads: 1 };
    expect(runtimeOf({ ...started, adapter: null }, '130.0')).toEqual({
      name: 'onnxruntime-web',
      version: '1.30.0',
      host: 'Chromium 130.0',
    });
    const on = runtimeOf({ ...started, adapter: adapter({ vendor: 'apple' }) }, '130.0');
    expect(on.host).toBe('Chromium 130.0 (webgpu: apple)');
  });
});

const title = `the choice of an adapter${noBrowser === undefined ? '' : ` (skipped: ${noBrowser})`}`;

describe.skipIf(noBrowser !== undefined)(title, () => {
  /** Opens pages that find an adapter at the given launches. */
  async function choose(found: readonly boolean[]) {
    const launched: Graphics[] = [];
    const browsers: Browser[] = [];
    const openPage = async (browser: Browser): Promise<Page> => {
      const page = await browser.newPage();
      const has = found[browsers.length - 1] ?? false;
      await page.evaluate(`Object.defineProperty(navigator, 'gpu', {
        value: { requestAdapter: async () => (${has} ? {} : null) },
      })`);
      return page;
    };
    const chosen = openWithAdapter(async ({ graphics }) => {
      launched.push(graphics);
      const browser = await launchChromium({ graphics: 'none' });
      browsers.push(browser);
      return browser;
    }, openPage);
    const error = await chosen.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    const open = browsers.map((browser) => browser.isConnected());
    for (const browser of browsers) await browser.close();
    return { launched, open, error };
  }

  it('takes what the machine has', async () => {
    expect(await choose([true])).toEqual({ launched: ['hardware'], open: [true], error: undefined });
  });

  it('takes software where the machine has none', async () => {
    expect(await choose([false, true])).toMatchObject({
      launched: ['hardware', 'software'],
      open: [false, true],
    });
  });

  it('gives up where there is not even that', async () => {
    expect(await choose([false, false])).toMatchObject({ open: [false, false], error: { code: 'engine' } });
  });
});
