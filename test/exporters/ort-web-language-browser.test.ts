// The exported folder of a language model in headless Chromium: its numbers, its page, and that nothing is asked of another host.
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { toLanguageWeb } from '../../exporters/ort-web-language.js';
import { readLanguageWebParts } from '../../src/deploy/ort-web-parts.js';
import { launchBrowser, noBrowser } from '../support/browser.js';
import { languageExport, languageModelCases, stepsOf } from '../support/language-models.js';
import { departureOf } from '../support/language-step.js';
import { type StaticServer, serve } from '../support/static-server.js';
import { defined } from '../support/tensors.js';

const each = defined(languageModelCases[1]);
const markup = '<img src="nowhere.png" onerror="window.broken = true">';
/** Words of a text; two of them are markup and a word that is none. */
const vocabulary = [
  '<eos>',
  '<unk>',
  'the',
  'people',
  'of',
  'and',
  "n't",
  'do',
  ',',
  '.',
  markup.replaceAll(' ', '\u00b7'),
  ...Array.from({ length: 39 }, (_, i) => `word${i}`),
];

/** The logits behind each word of the first text, as PyTorch has them from a hidden state of the fixture. */
const [firstText, firstPast] = [stepsOf(each.tokens, 0, 7).data.slice(0, 7), each.past.data.slice(0, 12)];
const firstLogits = Float64Array.from(each.logits.data.slice(0, 7 * 50));

const title = `a folder in Chromium${noBrowser === undefined ? '' : ` (skipped: ${noBrowser})`}`;

describe.skipIf(noBrowser !== undefined)(title, () => {
  let browser: Browser;
  let server: StaticServer;

  beforeAll(async () => {
    browser = await launchBrowser();
    const { bound, metadata } = languageExport('sequence', each);
    const further = { ...metadata, dataset: markup, perplexity: '98.53', weights: 'random' };
    const files = toLanguageWeb(bound, {
      name: markup,
      metadata: further,
      vocabulary,
      ...(await readLanguageWebParts()),
    });
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

  /** The page, once it shows next words. */
  async function openPage() {
    const opened = await open();
    await opened.page.locator('#next button').first().waitFor();
    return opened;
  }

  const shown = (page: Page): Promise<string[]> => page.locator('#next .word').allTextContents();
  const text = (page: Page): Promise<string> => page.locator('#text').inputValue();

  describe('the module', () => {
    it('has the logits of PyTorch, and asks nothing of other hosts', async () => {
      const { page, problems, hosts } = await open('blank.html');
      const found = await page.evaluate<{ logits: number[]; present: number[] }>(`(async () => {
        const { load } = await import('/language-model.js');
        const model = await load();
        const past = Float32Array.of(${firstPast});
        const { logits, present } = await model.run([${firstText}], past);
        return { logits: [...logits], present: [...present] };
      })()`);
      expect(departureOf(found.logits, firstLogits)).toBeLessThan(1e-5);
      expect(departureOf(found.present, Float64Array.from(each.present.data.slice(0, 12)))).toBeLessThan(
        1e-5,
      );
      expect(problems).toEqual([]);
      expect([...hosts]).toEqual([new URL(server.url).host]);
    });

    it('says the same of a text however it was read, and of its beginning', async () => {
      const { page } = await open('blank.html');
      const found = await page.evaluate<{
        whole: object;
        again: object;
        typed: object[];
        shorter: object;
      }>(`(async () => {
        const { load } = await import('/language-model.js');
        const words = Array.from({ length: 70 }, (_, i) => 'word' + (i * 7) % 39);
        const of = async (model, text) => (await model.next(text, { top: 5 })).top;
        const [first, second] = [await load(), await load()];
        const whole = await of(first, words);
        const again = await of(first, words);
        const typed = [];
        for (const end of [1, 2, 33, 69, 70]) typed.push(await of(second, words.slice(0, end)));
        const shorter = await of(first, words.slice(0, 33));
        return { whole, again, typed, shorter };
      })()`);
      expect(found.again).toEqual(found.whole);
      expectRanked(found.typed[4], found.whole);
      expectRanked(found.shorter, found.typed[2]);
      expect(found.shorter).not.toEqual(found.whole);
    });

    it('writes the same for the same seed, other words for another, and never what is no word', async () => {
      const { page } = await open('blank.html');
      const [same, again, other, likeliest, best] = await page.evaluate<string[][]>(`(async () => {
        const { load } = await import('/language-model.js');
        const model = await load();
        const write = async (options) => {
          const words = [];
          for await (const word of model.write(['the', 'people'], { count: 60, ...options })) words.push(word);
          return words;
        };
        const best = (await model.next(['the', 'people'], { top: 2 })).top.map(({ word }) => word);
        return [
          await write({ seed: 1, temperature: 1 }),
          await write({ seed: 1, temperature: 1 }),
          await write({ seed: 2, temperature: 1 }),
          await write({ temperature: 0 }),
          best,
        ];
      })()`);
      expect(same).toHaveLength(60);
      expect(again).toEqual(same);
      expect(other).not.toEqual(same);
      expect(likeliest?.[0]).toBe(best?.find((word) => word !== '<unk>'));
      for (const word of [...defined(same), ...defined(other)]) {
        expect(vocabulary).toContain(word);
        expect(word).not.toBe('<unk>');
      }
    });

    it('says what it cannot do', async () => {
      const { page } = await open('blank.html');
      const messages = await page.evaluate<string[]>(`(async () => {
        const { load } = await import('/language-model.js');
        const model = await load();
        const attempts = [
          () => model.next(['nonsense']),
          () => model.run([50], new Float32Array(12)),
          () => model.run([1], new Float32Array(11)),
          () => load({ baseUrl: 'elsewhere' }),
        ];
        const results = await Promise.allSettled(attempts.map(async (attempt) => attempt()));
        return results.map(({ reason }) => reason.message);
      })()`);
      expect(messages).toEqual([
        '"nonsense" is not among the words of the model.',
        'Expected whole numbers from 0 to 49, at least one.',
        'Expected a hidden state of 12 numbers, found 11.',
        '/elsewhere/model.json: the server answered 404.',
      ]);
    });
  });

  describe('the page', () => {
    it('shows the likeliest words behind what is typed, and those that begin like it', async () => {
      const { page, problems, hosts } = await openPage();
      expect(await shown(page)).toHaveLength(10);
      await page.locator('#text').fill('Of the people and the ');
      await page.getByText('5 words read').waitFor();
      expect(await page.locator('#next-title').textContent()).toBe('Likeliest next words');
      const all = await shown(page);
      const shares = await page.locator('#next .share').allTextContents();
      const numbers = shares.map(Number.parseFloat);
      expect(numbers).toEqual(numbers.toSorted((a, b) => b - a));
      await page.locator('#text').fill('Of the people and the peo');
      await page.getByText('begin with “peo”').waitFor();
      expect(await shown(page)).toEqual(['people']);
      await page.locator('#text').fill('Of the people and the ');
      await page.getByText('5 words read').waitFor();
      await expect.poll(() => shown(page)).toEqual(all);
      expect(problems).toEqual([]);
      expect([...hosts]).toEqual([new URL(server.url).host]);
    });

    it('puts a word that is chosen behind the text, in the place of its beginning', async () => {
      const { page } = await openPage();
      await page.locator('#text').fill('Do');
      await page.getByText('begin with “Do”').waitFor();
      await page.locator('#next button', { hasText: 'do' }).click();
      await expect.poll(() => text(page)).toBe('Do ');
      await page.locator('#text').pressSequentially('the peo');
      await page.getByText('begin with “peo”').waitFor();
      await page.locator('#next button').first().click();
      expect(await text(page)).toBe('Do the people ');
      expect(await page.evaluate('document.activeElement.id')).toBe('text');
    });

    it('writes on from a beginning, as its module does for that seed and temperature', async () => {
      const { page, problems } = await openPage();
      await page.locator('#text').fill('The people ');
      await page.locator('#count').fill('12');
      await page.locator('#seed').fill('7');
      await page.locator('#temperature').fill('1');
      expect(await page.locator('#temperature-value').textContent()).toBe('1.00');
      await page.locator('#go').click();
      await page.getByText(/^12 words written,/).waitFor();
      const expected = await page.evaluate<string>(`(async () => {
        const { load } = await import('/language-model.js');
        const model = await load();
        const words = ['the', 'people'];
        for await (const word of model.write(words.slice(), { count: 12, seed: 7, temperature: 1 })) words.push(word);
        return model.textOf(words);
      })()`);
      expect(await text(page)).toBe(expected);
      expect(await page.locator('#go').textContent()).toBe('Write on');
      expect(await page.locator('#text').getAttribute('readonly')).toBeNull();
      expect(problems).toEqual([]);
    });

    it('stops when it is asked to', async () => {
      const { page } = await openPage();
      await page.locator('#count').fill('500');
      await page.locator('#go').click();
      await page.getByText('of 500 words written').waitFor();
      await page.locator('#go').click();
      await page.getByText(/^\d+ words written, /).waitFor();
      const written = Number.parseInt(
        defined((await page.locator('#status').textContent()) ?? undefined),
        10,
      );
      expect(written).toBeGreaterThan(0);
      expect(written).toBeLessThan(500);
    });

    it('says what it does not know', async () => {
      const { page } = await openPage();
      await page.locator('#text').fill('the xyzzy people ');
      await page.getByText('3 words read, 1 of them unknown to it').waitFor();
      await page.locator('#text').fill('the xyzzy');
      await page.getByText('It knows no word that begins like this.').waitFor();
      expect(await shown(page)).toEqual([]);
    });

    it('shows facts and words as text, whatever they contain, and that weights are random', async () => {
      const { page } = await openPage();
      expect(await page.title()).toBe(markup);
      expect(await page.locator('h1').textContent()).toBe(markup);
      expect(await page.getByText('its words mean nothing').isVisible()).toBe(true);
      const facts = (await page.locator('#figures, #details').allInnerTexts()).join();
      for (const fact of ['3,530', '98.5', markup, 'combination mean']) expect(facts).toContain(fact);
      expect(facts).not.toContain('sha256');
      await page.locator('#text').fill('<img');
      await page.getByText('begin with “<img”').waitFor();
      expect(await shown(page)).toEqual([vocabulary[10]]);
      expect(await page.evaluate('window.broken')).toBeUndefined();
      expect(await page.locator('img').count()).toBe(0);
    });

    it('fits a telephone: nothing is wider than it, and what is touched is 44 pixels high', async () => {
      const { page } = await openPage();
      await page.setViewportSize({ width: 360, height: 740 });
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
      const heights = await page.evaluate<number[]>(
        `[...document.querySelectorAll('button, input')].map((each) => each.getBoundingClientRect().height)`,
      );
      expect(heights).toHaveLength(14);
      for (const height of heights) expect(height).toBeGreaterThanOrEqual(44);
    });

    it('is worked by keyboard', async () => {
      const { page } = await openPage();
      await page.keyboard.press('Tab');
      const focused: string[] = [];
      for (let stop = 0; stop < 3; stop++) {
        focused.push(
          await page.evaluate(`(document.activeElement.closest('#next') ?? document.activeElement).id`),
        );
        if (stop < 2) await page.keyboard.press('Tab');
      }
      expect(focused).toEqual(['text', 'go', 'next']);
      await page.keyboard.press('Enter');
      await expect.poll(() => text(page)).not.toBe('');
    });
  });
});

/** The same words, with shares that are equal up to the rounding of other windows. */
function expectRanked(found: unknown, expected: unknown): void {
  const ranked = (value: unknown): { word: string; probability: number }[] =>
    JSON.parse(JSON.stringify(value));
  const [a, b] = [ranked(found), ranked(expected)];
  expect(a.map(({ word }) => word)).toEqual(b.map(({ word }) => word));
  for (const [i, { probability }] of a.entries())
    expect(probability).toBeCloseTo(defined(b[i]).probability, 6);
}
