// A browser's storage as a place for runs, in Chromium: it keeps what `named-files.test.ts` asks of every place, keeps other tabs
// out, and a tab that is closed leaves nothing locked and nothing half written.
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { BrowserFiles } from '../../../src/runs/browser-files.js';
import { createRun, openRun } from '../../../src/runs/run-store.js';
import { launchBrowser, noBrowser } from '../../support/browser.js';
import { filesPage, PageFiles } from '../../support/browser-files.js';
import { type StaticServer, serve } from '../../support/static-server.js';
import { filesContract } from './files-contract.js';
import { refusal } from './helpers.js';

const title = `a browser's storage${noBrowser === undefined ? '' : ` (skipped: ${noBrowser})`}`;

describe.skipIf(noBrowser !== undefined)(title, () => {
  let browser: Browser;
  let context: BrowserContext;
  let server: StaticServer;
  let page: Page;
  let made = 0;

  beforeAll(async () => {
    browser = await launchBrowser();
    context = await browser.newContext();
    server = await serve([...(await filesPage())].map(([path, content]) => ({ path, content })));
    page = await openPage();
  });

  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  async function openPage(): Promise<Page> {
    const opened = await context.newPage();
    await opened.goto(server.url);
    await opened.waitForFunction('globalThis.carryOut');
    return opened;
  }

  const fresh = (): string => {
    made += 1;
    return `run-${made}`;
  };

  filesContract(() => new PageFiles(page, fresh()));

  it('keeps other tabs out, until the one that is in is closed', async () => {
    const name = fresh();
    const other = await openPage();
    await new PageFiles(other, name).lock();
    const own = new PageFiles(page, name);
    await refusal('run-locked', () => own.lock());
    await other.close();
    await expect.poll(() => own.lock().then(() => 'held', String)).toBe('held');
  });

  it('has the run of a tab that was closed, with what it had written', async () => {
    const name = fresh();
    const other = await openPage();
    const run = await createRun(new PageFiles(other, name), { seed: 1 });
    await run.journal.append({ epoch: 1 });
    await run.checkpoints.write({ arrays: {}, state: { epoch: 1 }, journalBytes: run.journal.length });
    await other.close();
    await expect
      .poll(async () => {
        const again = await openRun(new PageFiles(page, name), { seed: 1 });
        return again.journal.read(z.object({ epoch: z.number() }));
      })
      .toEqual([{ epoch: 1 }]);
  });

  it('hides and sweeps away what a tab that was killed has begun', async () => {
    const name = fresh();
    const files = new PageFiles(page, name);
    await files.write('inner/kept', '');
    await page.evaluate(`(async () => {
      const runs = await (await navigator.storage.getDirectory()).getDirectoryHandle('runs');
      const inner = await (await runs.getDirectoryHandle('${name}')).getDirectoryHandle('inner');
      await inner.getFileHandle('.cut.json.0123456789ab.tmp', { create: true });
      globalThis.namesIn = () => Array.fromAsync(inner.keys());
    })()`);
    expect(await files.list('inner')).toEqual(['kept']);
    await files.sweep('inner');
    expect(await page.evaluate('namesIn()')).toEqual(['kept']);
  });
});

describe('a storage that refuses', () => {
  const refusing = (error: Error) => {
    const refuse = () => Promise.reject(error);
    const root = {
      keys: async function* () {},
      getDirectoryHandle: refuse,
      getFileHandle: refuse,
      removeEntry: refuse,
    };
    return new BrowserFiles({ root, path: ['runs', 'x'], locks: { request: refuse } });
  };

  it('is said to be full where it is', async () => {
    const full = Object.assign(new Error('no'), { name: 'QuotaExceededError' });
    const error = await refusal('output-unwritable', () => refusing(full).write('model.onnx', ''));
    expect(error.details).toMatchObject({
      where: 'runs/x/model.onnx',
      found: expect.stringMatching('no space'),
    });
  });

  it('leaves nothing of a file whose writing fails', async () => {
    const names = new Set<string>();
    const root = {
      keys: async function* () {
        yield* names;
      },
      getDirectoryHandle: async () => root,
      getFileHandle: async (name: string, { create = false } = {}) => {
        if (!create) throw Object.assign(new Error('none'), { name: 'NotFoundError' });
        names.add(name);
        const fail = () => Promise.reject(new Error('broken'));
        const writer = { write: fail, seek: fail, truncate: fail, close: fail, abort: async () => {} };
        return { getFile: fail, createWritable: async () => writer };
      },
      removeEntry: async (name: string) => {
        names.delete(name);
      },
    };
    const files = new BrowserFiles({ root, path: [], locks: { request: async () => {} } });
    const { details } = await refusal('output-unwritable', () => files.write('a.json', '{}'));
    expect(details.found).toBe('broken');
    expect([...names]).toEqual([]);
  });
});

describe('a file that is replaced while it is read', () => {
  const replaced = (times: number, name: string) => {
    let reads = 0;
    const getFile = async () => ({
      size: 2,
      arrayBuffer: async () => {
        reads += 1;
        if (reads <= times) throw Object.assign(new Error('gone'), { name });
        return Uint8Array.of(1, 2).buffer;
      },
    });
    const refuse = () => Promise.reject(new Error('never asked'));
    const root = {
      keys: async function* () {},
      getDirectoryHandle: refuse,
      getFileHandle: async () => ({ getFile, createWritable: refuse }),
      removeEntry: refuse,
    };
    return new BrowserFiles({ root, path: [], locks: { request: refuse } });
  };

  it.each(['NotFoundError', 'NotReadableError'])('is opened again: %s', async (name) => {
    expect(await replaced(3, name).read('journal.jsonl')).toEqual(Uint8Array.of(1, 2));
  });

  it.each([
    [1000, 'NotFoundError'],
    [1, 'TypeError'],
  ])('is given up after %i times of %s', async (times, name) => {
    const { details } = await refusal('file-missing', () => replaced(times, name).read('journal.jsonl'));
    expect(details.found).toBe('gone');
  });
});
