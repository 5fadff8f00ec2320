// The page's worker: hands the service what browsers have (their storage, the files of the site, onnxruntime-web), and carries its
// messages.
import { zipSync } from 'fflate';
import { z } from 'zod';
import { providersPath } from '../../exporters/lab/providers-file.js';
import { runtimePaths } from '../../exporters/ort-web/runtime.js';
import { GenonnxError } from '../../src/errors.js';
import type { LabEvents, LabHandlers, LabReply, LabRequest } from '../../src/lab/calls.js';
import type { Provider } from '../../src/lab/choose-provider.js';
import { type LabRuntime, labService, type RunPlaces } from '../../src/lab/service.js';
import { BrowserFiles } from '../../src/runs/browser-files.js';
import { nextTurn } from './next-turn.js';

/** The folder in the browser's storage. */
const top = 'genonnx-runs';

/** The site's folder: the worker lies in one of its folders. */
const site = new URL(/* @vite-ignore */ '../', import.meta.url);

/** Threads share memory, which browsers allow to isolated pages only; small networks gain nothing from more than four. */
const threads = crossOriginIsolated ? Math.min(4, navigator.hardwareConcurrency) : 1;

const handlers = openStorage().then((runs) =>
  labService({
    runs,
    fetchFile,
    threads,
    loadRuntime,
    hasGraphics,
    browser: navigator.userAgent,
    turn: nextTurn,
    // Arrays do not get smaller.
    zip: (files) => zipSync(Object.fromEntries(files), { level: 0 }),
    tell: <E extends keyof LabEvents>(event: E, told: LabEvents[E]) => postMessage({ event, told }),
  }),
);

addEventListener('message', ({ data }: MessageEvent<LabRequest>) => answer(data));

async function answer(request: LabRequest): Promise<void> {
  const { id } = request;
  try {
    postMessage({ id, answer: await carryOut(await handlers, request) } satisfies LabReply);
  } catch (error) {
    postMessage({ id, error: error instanceof Error ? error.message : String(error) } satisfies LabReply);
  }
}

/** What is asked goes to what its name says; the compiler knows that they fit. */
function carryOut(handlers: LabHandlers, request: LabRequest) {
  switch (request.call) {
    case 'begin':
      return handlers.begin(request.asked);
    case 'search':
      return handlers.search(request.asked);
    case 'train':
      return handlers.train(request.asked);
    case 'resume':
      return handlers.resume(request.asked);
    case 'pause':
      return handlers.pause(request.asked);
    case 'runs':
      return handlers.runs(request.asked);
    case 'epochs':
      return handlers.epochs(request.asked);
    case 'draw':
      return handlers.draw(request.asked);
    case 'pack':
      return handlers.pack(request.asked);
    case 'model':
      return handlers.model(request.asked);
    case 'remove':
      return handlers.remove(request.asked);
    case 'classify':
      return handlers.classify(request.asked);
  }
}

async function openStorage(): Promise<RunPlaces> {
  const root = await navigator.storage.getDirectory();
  const folder = await root.getDirectoryHandle(top, { create: true });
  return {
    async names() {
      const names: string[] = [];
      for await (const name of folder.keys()) names.push(name);
      return names.sort();
    },
    at: (name) => new BrowserFiles({ root, path: [top, name], locks: navigator.locks }),
    remove: (name) => folder.removeEntry(name, { recursive: true }),
  };
}

async function fetchFile(path: string): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetch(new URL(path, site));
  if (response.ok) return new Uint8Array(await response.arrayBuffer());
  throw new GenonnxError('data-missing', 'A file of the site cannot be fetched.', {
    where: path,
    found: `the server answered ${response.status}`,
    cure: 'Copy the site again, whole.',
  });
}

/** The module of onnxruntime-web that computes there, told where its WebAssembly lies. */
async function loadRuntime(provider: Provider): Promise<LabRuntime> {
  const paths = runtimePaths([provider])[provider];
  if (paths === undefined) throw new TypeError(`no runtime for ${provider}`);
  const ort: typeof import('onnxruntime-web') = await import(
    /* @vite-ignore */ new URL(paths.module, site).href
  );
  ort.env.wasm.wasmPaths = { wasm: new URL(paths.binary, site).href };
  ort.env.wasm.numThreads = provider === 'wasm' ? threads : 1;
  return { ort, version: ort.env.versions.web ?? ort.env.versions.common };
}

/** Whether the browser offers a graphics processor, and the site has what computes on it. */
async function hasGraphics(): Promise<boolean> {
  if (!('gpu' in navigator) || (await navigator.gpu.requestAdapter()) === null) return false;
  const text = new TextDecoder().decode(await fetchFile(providersPath));
  return z.array(z.string()).parse(JSON.parse(text)).includes('webgpu');
}
