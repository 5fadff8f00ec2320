// The runtime in the page, started as it was asked for or not at all: with the threads, and for webgpu with an adapter.
import { GenonnxError } from '../../errors.js';
import { probeModel } from '../probe-model.js';
import type { Runtime } from '../receipt.js';
import { adapterInWords } from './adapter.js';
import type { PageBench, StartedRuntime, WebProvider } from './page-bench.js';
import { PageError, type Place } from './place.js';
import { remoteBench } from './remote-bench.js';
import { serveRuntime } from './served-model.js';

export interface BenchWithRuntime {
  readonly bench: PageBench;
  readonly runtime: Runtime;
}

/** @throws GenonnxError `engine` where onnxruntime-web does not start, or has fewer threads. */
export async function startRuntime(
  place: Place,
  provider: WebProvider,
  threads: number,
): Promise<BenchWithRuntime> {
  const { moduleUrl, binaryUrl } = serveRuntime(place, provider);
  const { bench, started } = await starting(async () => {
    const bench = await remoteBench(place, moduleUrl, { binaryUrl, provider, threads });
    return { bench, started: await bench.start(Buffer.from(probeModel()).toString('base64')) };
  });
  // The thread that asks is one of them, the others are workers of the page.
  requireThreads(Math.min(started.threads, 1 + place.page.workers().length), threads);
  return { bench, runtime: runtimeOf(started, place.browser.version()) };
}

async function starting<T>(start: () => Promise<T>): Promise<T> {
  try {
    return await start();
  } catch (error) {
    if (!(error instanceof PageError)) throw error;
    throw new GenonnxError(
      'engine',
      'onnxruntime-web does not start in this browser.',
      {
        found: error.message,
        cure: 'Use a recent Chromium; `npm ls onnxruntime-web` tells whether it is whole.',
      },
      { cause: error },
    );
  }
}

/** The runtime itself goes on with one thread where it cannot have more. */
export function requireThreads(found: number, expected: number): void {
  if (found >= expected) return;
  throw new GenonnxError('engine', 'onnxruntime-web has not started all threads.', {
    where: `\`threads\` ${expected}`,
    expected: `${expected}`,
    found: `${found}`,
    cure: 'Choose fewer `threads`.',
  });
}

export function runtimeOf({ version, adapter }: StartedRuntime, browserVersion: string): Runtime {
  const on = adapter === null ? '' : ` (${adapterInWords(adapter)})`;
  return { name: 'onnxruntime-web', version, host: `Chromium ${browserVersion}${on}` };
}
