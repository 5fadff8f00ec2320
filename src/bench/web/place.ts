// Where a model runs for a browser's benchmark: a server, a browser and an empty page of it, which live and die together.
import type { Browser, Page } from 'playwright-core';
import { GenonnxError } from '../../errors.js';
import { openWithAdapter } from './adapter.js';
import { type Launch, launchChromium } from './chromium.js';
import type { WebProvider } from './page-bench.js';
import { isolationHeaders, type ServedContent, serveFiles } from './static-server.js';

export interface PlaceOptions {
  readonly launch?: Launch;
  /** Of the server's answers; a page whose server does not send these may not share memory. */
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Place {
  readonly browser: Browser;
  readonly page: Page;
  /** What the server has; more may be added. */
  readonly files: Map<string, ServedContent>;
  url(path: string): string;
  /**
   * What the page answers. @throws GenonnxError `engine` where browser or page end meanwhile, and PageError for what the
   * page throws.
   */
  ask<T>(answer: Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** What code in the page has thrown, in one line. */
export class PageError extends Error {
  override readonly name = 'PageError';
}

/** The page may talk to its own server and to nobody else. */
const policy = {
  'content-security-policy':
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self' blob:; connect-src 'self'",
};

/**
 * @throws GenonnxError `engine` where there is no browser, no adapter for webgpu, or no shared memory.
 */
export async function openPlace(
  provider: WebProvider,
  { launch = launchChromium, headers = isolationHeaders }: PlaceOptions = {},
): Promise<Place> {
  const files = new Map<string, ServedContent>([
    ['index.html', '<!doctype html><title>genonnx bench</title>'],
  ]);
  const server = await serveFiles(files, { ...policy, ...headers });
  try {
    const openPage = async (browser: Browser): Promise<Page> => {
      const page = await browser.newPage();
      await page.goto(server.url);
      return page;
    };
    const { browser, page } = await (provider === 'webgpu'
      ? openWithAdapter(launch, openPage)
      : opened(await launch({ graphics: 'none' }), openPage));
    const close = async (): Promise<void> => {
      await Promise.all([browser.close(), server.close()]);
    };
    try {
      await requireIsolation(page);
      return { browser, page, files, url: (path) => server.url + path, ask: asking(browser, page), close };
    } catch (error) {
      await close();
      throw error;
    }
  } catch (error) {
    await server.close();
    throw error;
  }
}

async function opened(
  browser: Browser,
  openPage: (browser: Browser) => Promise<Page>,
): Promise<{ browser: Browser; page: Page }> {
  try {
    return { browser, page: await openPage(browser) };
  } catch (error) {
    await browser.close();
    throw error;
  }
}

async function requireIsolation(page: Page): Promise<void> {
  if (await page.evaluate<boolean>('self.crossOriginIsolated')) return;
  throw new GenonnxError('engine', 'This browser does not let the page share memory between threads.', {
    expected: 'crossOriginIsolated',
    found: 'false',
    cure: 'Use a recent Chromium, without a policy or an extension that changes the headers of pages.',
  });
}

function asking(browser: Browser, page: Page): Place['ask'] {
  let end: string | undefined;
  const gone = new Promise<never>((_, reject) => {
    const ended = (how: string) => () => {
      end ??= how;
      reject(new Error(how));
    };
    page.once('crash', ended('the page has crashed'));
    page.once('close', ended('the page was closed'));
    browser.once('disconnected', ended('the browser has ended'));
  });
  // Whoever waits for an answer hears of it; nobody may be waiting.
  gone.catch(() => undefined);
  return async (answer) => {
    try {
      return await Promise.race([answer, gone]);
    } catch (error) {
      const message = messageOf(error);
      // Playwright may hear of an end by the call that fails before the event is there.
      if (end === undefined && !/Target (crashed|page)|has been closed/.test(message)) {
        throw new PageError(message, { cause: error });
      }
      throw new GenonnxError(
        'engine',
        'The browser ended before it answered.',
        {
          expected: 'an answer of the page',
          found: end ?? message,
          cure: 'Choose a smaller `batch` if memory has run out.',
        },
        { cause: error },
      );
    }
  };
}

/** The first line, without Playwright's and the runtime's words around it. */
function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return (text.split('\n')[0] ?? '')
    .replace(/^\w+\.\w+: /, '')
    .replace(/^(Error: )+/, '')
    .replace(/^.*ERROR_MESSAGE: /, '');
}
