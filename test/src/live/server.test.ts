// The server as others meet it: what it answers to whom, and that no request, however it is written, gets at anything else.
import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { live } from '../../../src/library/live.js';
import { report } from '../../../src/library/report.js';
import type { LiveServer } from '../../../src/live/server.js';
import { madeSearch, madeTraining } from '../../support/made-runs.js';
import { refusal } from '../runs/helpers.js';

let base = '';
let runs = '';
let server: LiveServer;
const secret = 'nobody may read this';
beforeAll(async () => {
  base = realpathSync(mkdtempSync(join(tmpdir(), 'genonnx-live-')));
  runs = join(base, 'runs');
  madeSearch(join(runs, 'a'), { epochs: 5, finished: true });
  madeTraining(join(runs, 'b'), { epochs: 5, done: 2 });
  madeSearch(join(base, 'outside'), { epochs: 2 });
  writeFileSync(join(base, 'secret.json'), secret);
  symlinkSync(join(base, 'outside'), join(runs, 'link'));
  symlinkSync(join(base, 'secret.json'), join(runs, 'b', 'notes.json'));
  server = await live([runs], { port: 0 });
});
afterAll(async () => {
  await server.close();
  rmSync(base, { recursive: true });
});

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/** A request as it is, which `fetch` would put straight; of a stream what comes until `until`. */
function ask(
  path: string,
  { headers = {}, method = 'GET', until = undefined as RegExp | undefined, to = server.url } = {},
): Promise<Answer> {
  const { hostname, port } = new URL(to);
  return new Promise((resolve, reject) => {
    const asked = request({ hostname, port, path, method, headers, agent: false }, (answer) => {
      let text = '';
      const done = () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text });
      answer.setEncoding('utf8');
      answer.on('data', (piece) => {
        text += piece;
        if (until?.test(text) === true) {
          done();
          asked.destroy();
        }
      });
      answer.on('end', done);
      answer.on('error', () => {});
    });
    asked.on('error', reject);
    asked.end();
  });
}

/** The events of a stream by their names. */
function eventsOf(text: string) {
  return [...text.matchAll(/event: (\w+)\n(?:id: (.*)\n)?data: (.*)\n\n/g)].map(([, name, id, data]) => ({
    name,
    id,
    data: JSON.parse(data ?? 'null'),
  }));
}

const idOf = async (name: string): Promise<string> => {
  const { text } = await ask('/events', { until: /event: lines[\s\S]*event: lines[\s\S]*\n\n/ });
  const [all] = eventsOf(text);
  return all?.data.runs.find((run: { name: string }) => run.name === name).id;
};

describe('the server', () => {
  it('has the page, with a policy that lets nothing else in', async () => {
    const { status, headers, text } = await ask('/');
    expect(status).toBe(200);
    expect(text).toContain('<title>genonnx live</title>');
    expect(headers['content-security-policy']).toContain("default-src 'none'; script-src 'self'");
    const [, script = ''] = /src="\.(\/assets\/[^"]+)"/.exec(text) ?? [];
    expect((await ask(script)).headers['content-type']).toBe('text/javascript; charset=utf-8');
  });

  it('says what there is, then the journals, then what is added, and to a page that comes back only that', async () => {
    const { text } = await ask('/events', { until: /event: lines[\s\S]*event: lines[\s\S]*\n\n/ });
    const events = eventsOf(text);
    expect(events.map(({ name }) => name)).toEqual(['all', 'lines', 'lines']);
    const [all, a] = events;
    expect(all?.data.runs).toMatchObject([
      { name: 'a', kind: 'search', state: 'done', epochs: 5 },
      { name: 'b', kind: 'train', state: 'stopped' },
    ]);
    expect(a?.data.columns.epoch).toEqual([1, 2, 3, 4, 5]);
    const id = events.at(-1)?.id ?? '';
    const journal = join(runs, 'b', 'journal.jsonl');
    const before = readFileSync(journal, 'utf8');
    const added = JSON.stringify({ ...JSON.parse(before.split('\n')[0] ?? ''), epoch: 3 });
    setTimeout(() => appendFileSync(journal, `${added}\n`), 300);
    const back = await ask('/events', { headers: { 'last-event-id': id }, until: /event: lines[\s\S]*\n\n/ });
    const [first, ...rest] = eventsOf(back.text).filter(({ name }) => name !== 'run');
    expect(first?.name).toBe('all');
    expect(rest).toMatchObject([{ name: 'lines', data: { from: Buffer.byteLength(before) } }]);
    expect(rest[0]?.data.columns.epoch).toEqual([3]);
  });

  it('answers nothing but what it has named, however a path is written', async () => {
    const part = fc.oneof(
      fc.constantFrom(
        '..',
        '.',
        '%2e%2e',
        '%2F',
        '..%2f',
        'runs',
        'a',
        'zip',
        'epochs',
        'secret.json',
        'events',
        'report',
        'cells',
        '\\',
        '//',
        'link',
        '?run=..',
        '%00',
        'assets',
      ),
      fc.stringMatching(/^[\w.%-]{0,8}$/),
    );
    const path = fc.oneof(
      fc.array(part, { maxLength: 6 }).map((parts) => `/${parts.join('/')}`),
      fc.constantFrom(
        `${base}/secret.json`,
        `/..${base}/secret.json`,
        '/../secret.json',
        `/file://${base}/secret.json`,
      ),
    );
    await fc.assert(
      fc.asyncProperty(
        path.filter((one) => !/^\/(?:\.\/|%2e\/)*events/.test(one)),
        async (one) => {
          const { status, text } = await ask(one, { until: /\n\n/ });
          expect([200, 400, 404]).toContain(status);
          expect(text).not.toContain(secret);
          if (status === 200) expect(text).toMatch(/genonnx live|event|retry/);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('draws cells, tells epochs, and refuses what is no genotype', async () => {
    const epochs = JSON.parse((await ask(`/runs/${await idOf('a')}/epochs?from=3`)).text);
    expect(epochs.map(({ epoch }: { epoch: number }) => epoch)).toEqual([4, 5]);
    const { text } = await ask(`/cells?genotype=${encodeURIComponent(epochs[0].genotype)}`);
    const { cells } = JSON.parse(text);
    expect(cells.map(({ title }: { title: string }) => title)).toEqual(['Normal cell', 'Reduction cell']);
    expect(text).not.toContain('style=');
    expect((await ask('/cells?genotype=nonsense')).status).toBe(400);
  });

  it('saves what `report` writes, and no run whose files lead elsewhere', async () => {
    const a = await ask(`/report?run=${await idOf('a')}`);
    expect(a.headers['content-disposition']).toBe('attachment; filename="report.html"');
    expect(a.text).toBe(await report([join(runs, 'a')]));
    expect((await ask(`/report?run=${await idOf('b')}`)).status).toBe(404);
    const zip = await ask(`/runs/${await idOf('b')}/zip`);
    expect(zip.status).toBe(200);
    expect(zip.text).toContain('b/config.json');
    expect(zip.text).not.toContain(secret);
  });

  it('changes nothing in the folders', async () => {
    const state = () =>
      readdirSync(runs, { recursive: true, encoding: 'utf8' })
        .sort()
        .map((name) => [name, statSync(join(runs, name)).mtimeMs]);
    const before = state();
    await ask('/events', { until: /event: lines[\s\S]*event: lines[\s\S]*\n\n/ });
    await ask(`/runs/${await idOf('a')}/zip`);
    expect(state()).toEqual(before);
  });

  it('lets others in by a token alone', async () => {
    const shared = await live([runs], { port: 0, host: '127.0.0.1' });
    try {
      const to = shared.url;
      const { pathname, search } = new URL(to);
      expect((await ask('/', { to })).status).toBe(401);
      const admitted = await ask(`${pathname}${search}`, { to });
      expect(admitted).toMatchObject({ status: 303, headers: { location: '/' } });
      const [cookie = ''] = String(admitted.headers['set-cookie']).split(';');
      expect((await ask('/', { to, headers: { cookie } })).status).toBe(200);
      expect((await ask('/', { to, headers: { cookie: `${cookie}x` } })).status).toBe(401);
    } finally {
      await shared.close();
    }
    expect((await ask('/', { headers: { host: 'example.org' } })).status).toBe(403);
    expect((await ask('/', { headers: { origin: 'http://example.org' } })).status).toBe(403);
    expect((await ask('/', { method: 'POST' })).status).toBe(405);
  });

  it('says what is wrong with a folder or a port', async () => {
    await refusal('file-missing', () => live([join(base, 'nothing')]));
    await refusal('file-missing', () => live([join(base, 'secret.json')]));
    await refusal('usage', () => live([runs], { port: Number(new URL(server.url).port) }));
    await refusal('usage', () => live([runs], { host: 'no.such.host.invalid' }));
  });
});
