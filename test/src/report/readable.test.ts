// Pages as a phone and a desk show them, in headless Chromium: letters that can be read, and nothing cut off or covered.
import { readFileSync } from 'node:fs';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { benchPage } from '../../../src/report/bench/page.js';
import { renderReport } from '../../../src/report/report.js';
import { launchBrowser, noBrowser } from '../../support/browser.js';
import { sixVariants, twentyFour } from '../bench/show/sample-results.js';
import { sampleReport } from './sample.js';

const pages: readonly (readonly [string, () => string | Promise<string>])[] = [
  ['a search and a training', () => renderReport(sampleReport())],
  ['a study', () => readFileSync(new URL('../../../docs/studies/small.html', import.meta.url), 'utf8')],
  ['a benchmark', () => benchPage(sixVariants())],
  ['a benchmark of many', () => benchPage(twentyFour({ fallback: true }))],
];

interface Look {
  /** Pixels. */
  readonly smallest: number;
  readonly texts: number;
  /** Texts beyond the edge of their drawing, over one another, or over the dots of a strip plot. */
  readonly faults: readonly string[];
  /** Pixels by which the page is wider than the screen. */
  readonly overflow: number;
}

/** A look at the charts; drawings of cells are Graphviz's, and may be scrolled. */
const lookInPage = `(() => {
  const faults = [];
  let [smallest, texts] = [Number.POSITIVE_INFINITY, 0];
  for (const svg of document.querySelectorAll('figure:not(.drawing) svg')) {
    const edge = svg.getBoundingClientRect();
    const scale = edge.width / svg.viewBox.baseVal.width;
    const marks = [...svg.querySelectorAll('text')].map((text) => {
      smallest = Math.min(smallest, scale * Number.parseFloat(getComputedStyle(text).fontSize));
      texts += 1;
      return { box: text.getBoundingClientRect(), words: text.textContent };
    });
    const across = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left);
    const down = (a, b) => Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
    const dots = [...svg.querySelectorAll('path[fill="var(--train)"], path[fill="var(--held)"]')]
      .filter(() => svg.closest('.plot') !== null)
      .map((dot) => dot.getBoundingClientRect());
    for (const [i, { box, words }] of marks.entries()) {
      const isWithin = box.left >= edge.left - 1 && box.right <= edge.right + 1 && box.top >= edge.top - 1;
      if (!isWithin || box.bottom > edge.bottom + 1) faults.push(words + ' is cut off');
      for (const other of marks.slice(i + 1)) {
        // Boxes are higher than their letters.
        if (across(box, other.box) > 1 && down(box, other.box) > 4) faults.push(words + ' covers ' + other.words);
      }
      const isBeneath = dots.some((dot) => across(box, dot) > 1 && down(box, dot) > 0);
      if (isBeneath) faults.push(words + ' covers a dot');
    }
  }
  return { smallest, texts, faults, overflow: document.documentElement.scrollWidth - innerWidth };
})()`;

const title = `pages in Chromium${noBrowser === undefined ? '' : ` (skipped: ${noBrowser})`}`;

describe.skipIf(noBrowser !== undefined)(title, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser?.close();
  });

  describe.each([390, 1280])('%d pixels wide', (width) => {
    it.each(pages)('can be read: %s', async (_, page) => {
      const tab = await browser.newPage({ viewport: { width, height: 900 } });
      await tab.setContent(await page());
      const { smallest, texts, faults, overflow } = await tab.evaluate<Look>(lookInPage);
      await tab.close();
      expect(texts).toBeGreaterThan(20);
      expect(smallest).toBeGreaterThan(9.8);
      expect(faults).toEqual([]);
      expect(overflow).toBe(0);
    });
  });
});
