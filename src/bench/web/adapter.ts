// Which adapter WebGPU computes on. A GPU is taken where Chromium finds one. Where it finds none, its own adapter of
// software (SwiftShader) serves, so that the path can be tried and tested anywhere; that is said wherever the runtime is
// named, because its figures are those of a processor.
import type { Browser, Page } from 'playwright-core';
import { GenonnxError } from '../../errors.js';
import type { Launch } from './chromium.js';
import type { PageAdapter } from './page-bench.js';

/** A page at an address, for which WebGPU exists: browsers offer it to secure origins only, of which 127.0.0.1 is one. */
export type OpenPage = (browser: Browser) => Promise<Page>;

export interface OpenedPage {
  readonly browser: Browser;
  readonly page: Page;
}

/**
 * A browser with an adapter. It is started a second time where the first time there is none: whether Chromium falls back
 * to software by itself depends on the build.
 * @throws GenonnxError `engine` where there is none with software either.
 */
export async function openWithAdapter(launch: Launch, openPage: OpenPage): Promise<OpenedPage> {
  for (const graphics of ['hardware', 'software'] as const) {
    const browser = await launch({ graphics });
    try {
      const page = await openPage(browser);
      if (await page.evaluate<boolean>(hasAdapter)) return { browser, page };
    } catch (error) {
      await browser.close();
      throw error;
    }
    await browser.close();
  }
  throw new GenonnxError('engine', 'This Chromium offers no WebGPU adapter, not even one of software.', {
    expected: 'navigator.gpu with an adapter',
    found: 'none',
    cure: 'Update the driver of the GPU and the browser, or measure with `provider` web-wasm.',
  });
}

const hasAdapter = `(async () => {
  const adapter = await navigator.gpu?.requestAdapter({ powerPreference: 'high-performance' });
  return adapter !== null && adapter !== undefined;
})()`;

const software = /swiftshader|llvmpipe|lavapipe|basic render/i;

/** `webgpu: nvidia hopper`; an adapter of software says so. */
export function adapterInWords(adapter: PageAdapter): string {
  const { vendor, architecture, device, description, isFallback } = adapter;
  const words = [...new Set([vendor, architecture, device, description].filter((word) => word !== ''))];
  const name = words.length === 0 ? 'an adapter that does not name itself' : words.join(' ');
  return `webgpu: ${name}${isFallback || software.test(name) ? ', software' : ''}`;
}
