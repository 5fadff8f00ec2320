// Headless Chromium for tests: the one that benchmarks find.
import type { Browser } from 'playwright-core';
import { findChromium, launchChromium } from '../../src/bench/web/chromium.js';

/** Why there is no browser, where there is none. */
export const noBrowser = reason();

function reason(): string | undefined {
  try {
    findChromium();
    return undefined;
  } catch (error) {
    return String(error).replaceAll(/\s+/g, ' ');
  }
}

/** With `webgpu`, offers an adapter that computes on the processor, where Chromium was built with one. */
export function launchBrowser({ webgpu = false } = {}): Promise<Browser> {
  return launchChromium({ graphics: webgpu ? 'software' : 'none' });
}
