// A model in onnxruntime-web, in a Chromium of its own: what is measured for `web-wasm` and `web-webgpu`. A server on this
// machine hands a page the runtime, the model and its inputs; nothing is asked of another host. The page runs the model
// when it is told to (`page-bench.ts`); what can be decided outside of it is decided here.
import { GenonnxError } from '../../errors.js';
import { quantiles } from '../../quantiles.js';
import { noiseInputs, otherBatch } from '../noise-inputs.js';
import { type Profile, readProfile } from '../profile.js';
import type { ProviderName } from '../providers.js';
import type { OpenSubject, SubjectRequest } from '../subject.js';
import { warmUp } from '../warm-up.js';
import { withDeviceTimes } from './device-times.js';
import { peakMemory } from './memory.js';
import type { PageBench, WebProvider } from './page-bench.js';
import { openPlace, PageError, type Place, type PlaceOptions } from './place.js';
import { fallbackError, isRefusedFallback } from './placement.js';
import { readModelToServe, serveInputs, serveModel, withdraw } from './served-model.js';
import { startRuntime } from './started-runtime.js';

/**
 * Opens each model in a new browser, which ends with it.
 *
 * What it throws: `engine` where there is no browser, adapter, shared memory or thread, and where the browser ends;
 * `fallback` where WebGPU does not take every node and that is not allowed; `model-corrupt` and `file-missing`; `usage`
 * for a batch that the model does not take.
 */
export function webSubjects(options: PlaceOptions = {}): OpenSubject {
  return async (request) => {
    const provider = webProvider(request.provider);
    const model = await readModelToServe(request.file);
    const place = await openPlace(provider, options);
    try {
      const { bench, runtime } = await startRuntime(place, provider, request.threads);
      await bench.fetchModel(serveModel(place, model));
      withdraw(place, 'model.onnx');
      const sessionMs = await openSession(bench, place, request);
      const firstRunMs = await firstRun(bench, request);
      const round = (runs: number): Promise<number[]> => running(bench.run(runs), request);
      const warm = await warmUp(async () => (await round(1))[0] ?? Number.NaN);
      const latencyMs = quantiles(warm)(0.5);
      return {
        opened: { runtime, sessionMs, firstRunMs, warmUpRuns: warm.length },
        round,
        close: async () => {
          try {
            const peakMemoryBytes = await peakMemory(place.browser, provider === 'webgpu');
            const runs = runsWithin(latencyMs);
            const hostCopyMs =
              provider === 'webgpu' ? quantiles(await running(bench.copy(runs), request))(0.5) : null;
            return {
              peakMemoryBytes,
              hostCopyMs,
              profile: await running(profiled(bench, request, runs), request),
            };
          } finally {
            await place.close();
          }
        },
        // Ends whatever else happens; what waits for an answer hears of it.
        kill: () => void place.close().catch(() => undefined),
      };
    } catch (error) {
      await place.close();
      throw error;
    }
  };
}

export const openWebSubject: OpenSubject = webSubjects();

const providers = { 'web-wasm': 'wasm', 'web-webgpu': 'webgpu' } as const;

function isOfWeb(name: ProviderName): name is keyof typeof providers {
  return name in providers;
}

function webProvider(name: ProviderName): WebProvider {
  if (!isOfWeb(name)) throw new Error(`${name} is no provider of browsers`);
  return providers[name];
}

/** Creates the session that is measured, and feeds it. Returns how long creating it took. */
async function openSession(bench: PageBench, place: Place, request: SubjectRequest): Promise<number> {
  const { provider, optimization, allowFallback } = request;
  const strict = provider === 'web-webgpu' && !allowFallback;
  try {
    const { sessionMs, inputs } = await bench.createSession({ optimization, strict, profiling: false });
    await feed(bench, place, inputs, request);
    return sessionMs;
  } catch (error) {
    if (!(error instanceof PageError)) throw error;
    if (strict && isRefusedFallback(error.message)) {
      throw fallbackError(await profiledSplit(bench, place, request), error);
    }
    throw new GenonnxError(
      'model-corrupt',
      'ONNX Runtime does not load the model in a browser.',
      { where: request.file, found: error.message, cure: 'Compile or export the model again.' },
      { cause: error },
    );
  }
}

async function feed(
  bench: PageBench,
  place: Place,
  inputs: Parameters<typeof noiseInputs>[0],
  { batch, text }: SubjectRequest,
): Promise<void> {
  await bench.feed(serveInputs(place, noiseInputs(inputs, batch, text)));
  withdraw(place, 'inputs/');
}

async function firstRun(bench: PageBench, { batch }: SubjectRequest): Promise<number> {
  try {
    return (await bench.run(1))[0] ?? Number.NaN;
  } catch (error) {
    if (!(error instanceof PageError)) throw error;
    throw new GenonnxError(
      'usage',
      'The model does not run with this batch.',
      { where: `\`batch\` ${batch}`, found: error.message, cure: otherBatch },
      { cause: error },
    );
  }
}

/** A model that has run before may still run out of memory, or lose its device. */
async function running<T>(answer: Promise<T>, { file }: SubjectRequest): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (!(error instanceof PageError)) throw error;
    throw new GenonnxError(
      'engine',
      'The model ran in the browser, and then no more.',
      { where: file, found: error.message, cure: 'Choose a smaller `batch` if memory has run out.' },
      { cause: error },
    );
  }
}

/** Runs that are profiled, and copies that are timed: enough to average over, few enough to wait for. */
const mostRuns = 20;
const mostRunsMs = 1000;

function runsWithin(latencyMs: number): number {
  return Math.max(1, Math.min(mostRuns, Math.floor(mostRunsMs / latencyMs)));
}

async function profiled(bench: PageBench, request: SubjectRequest, runs: number): Promise<Profile> {
  const { optimization } = request;
  await bench.createSession({ optimization, strict: false, profiling: true });
  await bench.run(1 + runs);
  const text = await bench.endProfiling();
  return withDeviceTimes(readProfile(text, `the profile of ${request.file}`), text);
}

/** Of a model that was refused because it would be split; null where it does not run split either. */
async function profiledSplit(
  bench: PageBench,
  place: Place,
  request: SubjectRequest,
): Promise<Profile | null> {
  try {
    const { optimization } = request;
    const { inputs } = await bench.createSession({ optimization, strict: false, profiling: true });
    await feed(bench, place, inputs, request);
    await bench.run(1);
    return readProfile(await bench.endProfiling(), request.file, { warmUpRuns: 0 });
  } catch {
    return null;
  }
}
