// The subjects of the browser in headless Chromium, on tiny models; WebGPU on its adapter of software.
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { proto } from '../../../../graphs/onnx/proto.js';
import type { Subject, SubjectRequest } from '../../../../src/bench/subject.js';
import { type Launch, launchChromium } from '../../../../src/bench/web/chromium.js';
import { serveFiles } from '../../../../src/bench/web/static-server.js';
import { openWebSubject, webSubjects } from '../../../../src/bench/web/web-subject.js';
import { GenonnxError } from '../../../../src/errors.js';
import { noBrowser } from '../../../support/browser.js';
import { folderWith, smallModel } from '../../../support/small-model.js';
import { tinyModel } from './tiny-models.js';

const title = `a model in Chromium${noBrowser === undefined ? '' : ` (skipped: ${noBrowser})`}`;

/** Chromium's adapter without a graphics processor takes its time to compile shaders. */
const graphicsMs = 180_000;

const request = (file: string, further: Partial<SubjectRequest> = {}): SubjectRequest => ({
  file,
  provider: 'web-wasm',
  batch: 1,
  threads: 1,
  optimization: 'all',
  allowFallback: false,
  ...further,
});

/** Launches that remember their browsers, and what these have asked for. */
function watched(): { launch: Launch; browsers: Browser[]; page(): Page } {
  const browsers: Browser[] = [];
  return {
    browsers,
    launch: async (options) => {
      const browser = await launchChromium(options);
      browsers.push(browser);
      return browser;
    },
    page: () => browsers.at(-1)!.contexts()[0]!.pages()[0]!,
  };
}

async function refusal(promise: Promise<unknown>): Promise<GenonnxError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof GenonnxError) return error;
  throw new Error(`expected a GenonnxError, found ${error instanceof Error ? error.stack : error}`);
}

/** As the system does when memory runs out. */
async function killRenderers(browser: Browser): Promise<void> {
  const devtools = await browser.newBrowserCDPSession();
  const { processInfo } = await devtools.send('SystemInfo.getProcessInfo');
  for (const { type, id } of processInfo) if (type === 'renderer') process.kill(id, 'SIGKILL');
}

/** Fails where a browser has outlived what it was for. */
function expectEnded(browsers: readonly Browser[]): void {
  expect(browsers.map((browser) => browser.isConnected())).toEqual(browsers.map(() => false));
}

describe.skipIf(noBrowser !== undefined)(title, () => {
  it.each([1, 2])('runs in WebAssembly with %d threads, and is profiled', async (threads) => {
    const { launch, browsers, page } = watched();
    const file = join(folderWith(smallModel()), 'model.onnx');
    const subject = await webSubjects({ launch })(request(file, { threads, batch: 2 }));
    const { opened } = subject;
    expect(opened.runtime).toEqual({
      name: 'onnxruntime-web',
      version: expect.stringMatching(/^1\.\d+\.\d+$/),
      host: `Chromium ${browsers[0]?.version()}`,
    });
    expect(opened.sessionMs).toBeGreaterThan(0);
    expect(opened.firstRunMs).toBeGreaterThan(0);
    expect(opened.warmUpRuns).toBeGreaterThanOrEqual(20);
    expect(page().workers()).toHaveLength(threads - 1);
    const latencies = await subject.round(7);
    expect(latencies).toHaveLength(7);
    for (const latency of latencies) expect(latency).toBeGreaterThan(0);

    const { profile, hostCopyMs, peakMemoryBytes } = await subject.close();
    expect(hostCopyMs).toBeNull();
    if (process.platform === 'linux') expect(peakMemoryBytes).toBeGreaterThan(2 ** 24);
    expect(new Set(profile?.nodes.map(({ provider }) => provider))).toEqual(
      new Set(['CPUExecutionProvider']),
    );
    expect(profile?.nodes.some(({ name }) => name.startsWith('cells.0/'))).toBe(true);
    expectEnded(browsers);
  });

  it('asks nothing of another host', async () => {
    const hosts = new Set<string>();
    const { launch, page } = watched();
    const subject = await webSubjects({
      launch: async (options) => {
        const browser = await launch(options);
        const newPage = browser.newPage.bind(browser);
        browser.newPage = async () => {
          const opened = await newPage();
          opened.on('request', (asked) => hosts.add(new URL(asked.url()).hostname));
          return opened;
        };
        return browser;
      },
    })(request(tinyModel()));
    expect([...hosts]).toEqual(['127.0.0.1']);
    // One that lets everybody in: only the page's own policy can be in the way.
    const welcoming = {
      'access-control-allow-origin': '*',
      'cross-origin-resource-policy': 'cross-origin',
    };
    const elsewhere = await serveFiles(new Map([['index.html', 'hello']]), welcoming);
    const fetched = await page().evaluate<boolean>(`fetch('${elsewhere.url}').then(() => true, () => false)`);
    await elsewhere.close();
    expect(fetched).toBe(false);
    await subject.close();
  });

  it('feeds the batch to open dimensions, named or not', async () => {
    for (const shape of [
      ['n', 4],
      ['', 4],
    ]) {
      const subject = await openWebSubject(request(tinyModel({ shape }), { batch: 3 }));
      expect(await subject.round(1)).toHaveLength(1);
      await subject.close();
    }
  });

  it('loads the weights beside a model', async () => {
    const file = tinyModel({
      addend: {
        name: 'addend',
        dataType: proto.TensorProto.DataType.FLOAT,
        dims: [4],
        dataLocation: proto.TensorProto.DataLocation.EXTERNAL,
        externalData: [{ key: 'location', value: 'weights.bin' }],
      },
    });
    const weights = join(dirname(file), 'weights.bin');
    expect(await refusal(openWebSubject(request(file)))).toMatchObject({
      code: 'file-missing',
      details: { where: weights },
    });
    writeFileSync(weights, new Uint8Array(16));
    const subject = await openWebSubject(request(file));
    expect((await subject.close()).profile?.nodes).toMatchObject([{ operator: 'Relu' }, { operator: 'Add' }]);
  });

  it('does what the optimization level says', async () => {
    const nodes = async (optimization: SubjectRequest['optimization']): Promise<unknown> => {
      const file = tinyModel({ operators: ['Identity', 'Relu', 'Relu'] });
      const subject = await openWebSubject(request(file, { optimization }));
      return (await subject.close()).profile?.nodes.map(({ operator }) => operator);
    };
    expect(await nodes('disabled')).toEqual(['Identity', 'Relu', 'Relu']);
    expect(await nodes('all')).not.toContain('Identity');
  });

  it('refuses what is no model before it starts a browser', async () => {
    const { launch, browsers } = watched();
    const open = webSubjects({ launch });
    const broken = join(folderWith(Uint8Array.of(255, 255, 255)), 'model.onnx');
    expect(await refusal(open(request(broken)))).toMatchObject({ code: 'model-corrupt' });
    expect(await refusal(open(request('nowhere.onnx')))).toMatchObject({ code: 'file-missing' });
    expect(browsers).toEqual([]);
  });

  it('says what the runtime has against a model, and ends the browser', async () => {
    const { launch, browsers } = watched();
    const file = tinyModel({ operators: ['Relu', 'Nonsense'] });
    const error = await refusal(webSubjects({ launch })(request(file)));
    expect(error).toMatchObject({ code: 'model-corrupt', details: { where: file } });
    expect(error.details.found).toContain('Nonsense');
    expect(error.message).not.toMatch(/evaluate|ERROR_CODE|\n\s+at /);
    expectEnded(browsers);
  });

  it('refuses a batch that the model does not have, and inputs that are not float32', async () => {
    const { launch, browsers } = watched();
    const open = webSubjects({ launch });
    const fixed = await refusal(open(request(tinyModel({ shape: [1, 4] }), { batch: 8 })));
    expect(fixed).toMatchObject({ code: 'usage', details: { where: '`batch` 8' } });
    const doubles = tinyModel({ type: proto.TensorProto.DataType.DOUBLE });
    expect(await refusal(open(request(doubles)))).toMatchObject({ code: 'usage', details: { where: 'x' } });
    expectEnded(browsers);
  });

  it('says that a batch does not run', async () => {
    // Three rows are added to another number of rows.
    const data = new Float32Array(12);
    const addend = {
      name: 'addend',
      dataType: proto.TensorProto.DataType.FLOAT,
      dims: [3, 4],
      rawData: new Uint8Array(data.buffer),
    };
    const file = tinyModel({ shape: ['n', 4], addend });
    const error = await refusal(openWebSubject(request(file, { batch: 2 })));
    expect(error).toMatchObject({ code: 'usage', details: { where: '`batch` 2' } });
    expect(error.details.found).toMatch(/broadcast/);
  });

  it('refuses a page that may not share memory', async () => {
    const { launch, browsers } = watched();
    const error = await refusal(webSubjects({ launch, headers: {} })(request(tinyModel(), { threads: 2 })));
    expect(error).toMatchObject({ code: 'engine', details: { expected: 'crossOriginIsolated' } });
    expectEnded(browsers);
  });

  it('hands on that there is no browser', async () => {
    const missing = new GenonnxError('engine', 'none');
    const launch: Launch = () => Promise.reject(missing);
    for (const provider of ['web-wasm', 'web-webgpu'] as const)
      expect(await refusal(webSubjects({ launch })(request(tinyModel(), { provider })))).toBe(missing);
  });

  it('ends what waits when the process of the page is killed', async () => {
    const { launch, browsers, page } = watched();
    const subject = await webSubjects({ launch })(request(tinyModel()));
    const waiting = refusal(subject.round(1e7));
    await killRenderers(browsers[0]!);
    expect(await waiting).toMatchObject({ code: 'engine', details: { found: 'the page has crashed' } });
    expect(page().isClosed()).toBe(false);
    expect(await refusal(subject.close())).toMatchObject({ code: 'engine' });
    expectEnded(browsers);
  });

  it('can be killed', async () => {
    const { launch, browsers } = watched();
    const subject = await webSubjects({ launch })(request(tinyModel()));
    const ended = new Promise<void>((resolve) => browsers[0]!.once('disconnected', () => resolve()));
    const waiting = refusal(subject.round(1e7));
    subject.kill();
    expect(await waiting).toMatchObject({ code: 'engine' });
    await ended;
    subject.kill();
  });

  describe('with WebGPU', () => {
    it(
      'runs on the device, with the copies apart',
      async () => {
        const file = join(folderWith(smallModel()), 'model.onnx');
        const { launch, browsers } = watched();
        const subject = await webSubjects({ launch })(request(file, { provider: 'web-webgpu', batch: 2 }));
        expect(subject.opened.runtime.host).toMatch(/^Chromium [\d.]+ \(webgpu: [^)]+\)$/);
        const latencies = await subject.round(3);
        for (const latency of latencies) expect(latency).toBeGreaterThan(0);
        const { hostCopyMs, profile, peakMemoryBytes } = await subject.close();
        expect(hostCopyMs).toBeGreaterThan(0);
        if (process.platform === 'linux') expect(peakMemoryBytes).toBeGreaterThan(2 ** 24);
        const providers = new Set(profile?.nodes.map(({ provider }) => provider));
        expect(providers).toEqual(new Set(['WebGpuExecutionProvider']));
        // The device's times: a change of shape takes none there, but some of the host.
        const time = (operator: string): number | undefined =>
          profile?.nodes.find((node) => node.operator === operator)?.timeMs;
        expect(time('Flatten')).toBe(0);
        expect(time('Conv')).toBeGreaterThan(0);
        // A run ends when the device is done, not when everything has been handed to it.
        const busyMs = profile!.nodes.reduce((sum, { timeMs }) => sum + timeMs, 0) / profile!.runs;
        expect(Math.max(...latencies)).toBeGreaterThan(busyMs / 4);
        expectEnded(browsers);
      },
      graphicsMs,
    );

    const split = (): string => tinyModel({ operators: ['Relu', 'Hardmax', 'Relu'] });

    it(
      'names the nodes that it would leave to the processor',
      async () => {
        const { launch, browsers } = watched();
        const error = await refusal(webSubjects({ launch })(request(split(), { provider: 'web-webgpu' })));
        expect(error.code).toBe('fallback');
        expect(error.details.found).toMatch(/^1 of \d nodes: Hardmax at nodes\.1\/Hardmax$/);
        expectEnded(browsers);
      },
      graphicsMs,
    );

    it(
      'leaves them where that is allowed, and says so in the profile',
      async () => {
        const subject: Subject = await openWebSubject(
          request(split(), { provider: 'web-webgpu', allowFallback: true }),
        );
        const { profile } = await subject.close();
        const fallen = profile?.nodes.filter(({ provider }) => provider === 'CPUExecutionProvider');
        expect(fallen).toMatchObject([{ operator: 'Hardmax' }]);
      },
      graphicsMs,
    );
  });
});
