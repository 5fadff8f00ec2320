import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FolderStore } from '../../../src/store/folder-store.js';
import { HttpStore } from '../../../src/store/http-store.js';
import { type ServedStore, serveStore } from '../../../src/store/store-server.js';
import { storeToken } from '../../../src/store/token.js';
import { refusal, scratch } from '../runs/helpers.js';
import { id, made, run } from './helpers.js';

let store: FolderStore;
let server: ServedStore;
const limits = { fileBytes: 5000, filesOfARun: 10, textBytes: 4000 };
beforeEach(async () => {
  store = new FolderStore(join(scratch(), 'store'));
  server = await serveStore({ store, token: 'secret', host: '127.0.0.1', port: 0, limits });
});
afterEach(() => server.close());

/** A request as it stands: `fetch` would take `..` out of a path. */
function raw(
  method: string,
  path: string,
  body = '',
  token = 'secret',
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}` };
    const asked = request({ host: '127.0.0.1', port: server.port, method, path, headers }, (answer) => {
      let text = '';
      answer.on('data', (piece: Buffer) => {
        text += piece.toString();
      });
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text }));
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');
const elsewhere = (token = 'secret') =>
  new HttpStore({ address: `http://127.0.0.1:${server.port}`, token, scratch: scratch(), host: 'a' });

describe('a store that is served', () => {
  it('answers nobody without its token', async () => {
    for (const token of ['', 'secre', 'secret2', 'SECRET'])
      expect((await raw('GET', '/store', '', token)).status).toBe(401);
    expect((await raw('GET', '/store')).status).toBe(200);
    const error = await refusal('store', () => elsewhere('wrong').id());
    expect(error.message).not.toContain('wrong');
  });

  it('goes on with a file where its sending was cut short', async () => {
    const text = 'abc'.repeat(1000);
    const path = `/files/${hashOf(text)}`;
    expect(JSON.parse((await raw('GET', path)).text)).toEqual({ bytes: 0, isWhole: false });
    await raw('PATCH', `${path}?from=0&last=false`, text.slice(0, 1000));
    expect((await raw('PATCH', `${path}?from=900&last=false`, text.slice(900))).status).toBe(409);
    expect(JSON.parse((await raw('GET', path)).text)).toEqual({ bytes: 1000, isWhole: false });
    const place = made(await elsewhere().open(id), { 'config.json': text });
    await place.publish();
    expect(readFileSync(join(store.run(id), 'config.json'), 'utf8')).toBe(text);
    expect(readdirSync(join(store.path, 'arrivals'))).toEqual([]);
  });

  it('takes no file that is too large, or another than it says', async () => {
    const large = 'l'.repeat(6000);
    const answer = await raw('PATCH', `/files/${hashOf(large)}?from=0&last=true`, large);
    expect(answer).toMatchObject({ status: 409 });
    expect(answer.text).toContain('too large');
    const other = await raw('PATCH', `/files/${hashOf('a')}?from=0&last=true`, 'b');
    expect(other.text).toContain('another one');
    expect(JSON.parse((await raw('GET', `/files/${hashOf('a')}`)).text)).toEqual({
      bytes: 0,
      isWhole: false,
    });
    const many = Object.fromEntries(Array.from({ length: 11 }, (_, i) => [`f${i}`, hashOf('a')]));
    expect((await raw('POST', `/runs/${id}`, JSON.stringify({ files: many }))).text).toContain(
      'too many files',
    );
    expect((await raw('POST', `/runs/${id}`, ' '.repeat(5000))).status).toBe(400);
  });

  it('reads and writes nothing outside of its runs', async () => {
    await made(await store.open(id)).publish();
    writeFileSync(join(store.path, '..', 'outside'), 'private');
    const paths = [
      '../store.json',
      '../../outside',
      '..%2f..%2foutside',
      '%2e%2e/%2e%2e/outside',
      '/etc/passwd',
    ];
    for (const path of [
      ...paths.map((name) => `/runs/${id}/${name}`),
      '/runs/..',
      '/runs/../store.json',
      '/../outside',
    ])
      expect((await raw('GET', path)).text, path).not.toMatch(/private|"format"|root:/);
    await raw('PATCH', `/files/${hashOf('x')}?from=0&last=true`, 'x');
    for (const name of ['../evil', '/tmp/evil', 'a/../../evil', '.hidden', 'a//b', 'a\\..\\b', '', 'con:x'])
      expect(
        (await raw('POST', `/unfinished/${id}`, JSON.stringify({ files: { [name]: hashOf('x') } }))).status,
        name,
      ).toBe(400);
    for (const bad of ['..', 'A', 'x/../../y', '%2e%2e'])
      expect(
        (await raw('POST', `/unfinished/${bad}`, JSON.stringify({ files: {} }))).status,
        bad,
      ).toBeGreaterThanOrEqual(400);
    expect(existsSync(join(store.path, '..', 'evil'))).toBe(false);
    expect(readdirSync(store.path).sort()).toEqual([
      'arrivals',
      'runs',
      'store.json',
      'studies',
      'unfinished',
    ]);
  });

  it('brings a file from where an answer ended', async () => {
    await made(await store.open(id)).publish();
    const headers = { authorization: 'Bearer secret', range: 'bytes=2990-' };
    const answer = await fetch(`http://127.0.0.1:${server.port}/runs/${id}/model.onnx`, { headers });
    expect(answer.status).toBe(206);
    expect(await answer.text()).toBe(run['model.onnx'].slice(2990));
  });

  it('has a token of its own that others cannot read', async () => {
    expect(await storeToken(store.path, 'given')).toEqual({ token: 'given' });
    const first = await storeToken(store.path, '');
    expect(first.token).toMatch(/^[0-9a-f]{48}$/);
    expect(await storeToken(store.path, '')).toEqual(first);
  });

  it('is missed after some tries, and said to be', { timeout: 60_000 }, async () => {
    const gone = elsewhere();
    await server.close();
    const error = await refusal('store', () => gone.id());
    expect(error.details.found).toContain('ECONNREFUSED');
  });
});
