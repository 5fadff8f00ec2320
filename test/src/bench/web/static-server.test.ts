import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  isolationHeaders,
  type ServedContent,
  type StaticServer,
  serveFiles,
} from '../../../../src/bench/web/static-server.js';
import { freshFolder } from '../../../e2e/command.js';

describe('the server of a page', () => {
  const file = join(freshFolder(), 'weights');
  const files = new Map<string, ServedContent>();
  let server: StaticServer;

  beforeEach(async () => {
    writeFileSync(file, 'on disk');
    files.clear();
    files.set('index.html', '<p>');
    files.set('a b/model.onnx', Uint8Array.of(1, 2, 3));
    files.set('weights', { file });
    server = await serveFiles(files, isolationHeaders);
  });

  afterEach(() => server.close());

  it('is on this machine only', () => {
    expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
  });

  it('answers with text, bytes and files, with their types and the headers', async () => {
    const page = await fetch(server.url);
    expect(await page.text()).toBe('<p>');
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    const model = await fetch(`${server.url}a%20b/model.onnx`);
    expect([...new Uint8Array(await model.arrayBuffer())]).toEqual([1, 2, 3]);
    expect(model.headers.get('content-type')).toBe('application/octet-stream');
    const weights = await fetch(`${server.url}weights`);
    expect(weights.headers.get('content-length')).toBe('7');
    expect(await weights.text()).toBe('on disk');
    for (const { headers } of [page, model, weights]) {
      expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
      expect(headers.get('cross-origin-embedder-policy')).toBe('require-corp');
    }
  });

  it('has what is added, and nothing else', async () => {
    const missing = await fetch(`${server.url}later`);
    expect(missing.status).toBe(404);
    expect(missing.headers.get('cross-origin-embedder-policy')).toBe('require-corp');
    files.set('later', 'now');
    expect(await (await fetch(`${server.url}later`)).text()).toBe('now');
    for (const path of ['%2e%2e/package.json', '%ff', 'weights/..%2f..']) {
      const answer = await fetch(server.url + path).catch(() => undefined);
      expect(answer?.ok ?? false).toBe(false);
    }
  });

  it('goes on when a file is gone', async () => {
    rmSync(file);
    await expect(fetch(`${server.url}weights`)).rejects.toThrow();
    expect((await fetch(server.url)).ok).toBe(true);
  });
});
