// One model in onnxruntime-node: opens it, runs it, profiles it. This is what the child process of a measurement does;
// nothing here knows of processes.
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import * as ort from 'onnxruntime-node';
import { createSession, firstLine } from '../../deploy/ort-session.js';
import { GenonnxError } from '../../errors.js';
import { quantiles } from '../../quantiles.js';
import { noiseInputs, otherBatch } from '../noise-inputs.js';
import { peakMemoryOf } from '../peak-memory.js';
import { type Profile, readProfile } from '../profile.js';
import type { Closing, Opened, SubjectRequest } from '../subject.js';
import { warmUp } from '../warm-up.js';
import { providerError, sessionOptions } from './session-options.js';

export interface Runner {
  readonly opened: Opened;
  round(runs: number): Promise<number[]>;
  close(): Promise<Closing>;
}

/** @throws GenonnxError `engine`, `model-corrupt`, `usage` for a provider, a model or a batch that is not to be had. */
export async function openRunner(request: SubjectRequest): Promise<Runner> {
  const available = ort.listSupportedBackends().map(({ name }) => name);
  const options = sessionOptions(request, available);
  const { session, sessionMs } = await timedSession(request, options);
  const { feeds, fetches, firstRunMs } = await firstRun(session, request);
  const once = (): Promise<number> => timedRun(session, feeds, fetches);
  const warm = await warmUp(once);
  return {
    opened: {
      runtime: {
        name: 'onnxruntime-node',
        version: ort.env.versions.node ?? ort.env.versions.common,
        host: `Node ${process.version}`,
      },
      sessionMs,
      firstRunMs,
      warmUpRuns: warm.length,
    },
    round: async (runs) => {
      const latenciesMs: number[] = [];
      for (let run = 0; run < runs; run++) latenciesMs.push(await once());
      return latenciesMs;
    },
    close: async () => {
      // Null elsewhere than on Linux.
      const peakMemoryBytes = await peakMemoryOf(process.pid);
      await session.release();
      return {
        peakMemoryBytes,
        // Tensors of this runtime are the host's: copies to and from a device are in every run.
        hostCopyMs: null,
        profile: await profiled(request, options, feeds, quantiles(warm)(0.5)),
      };
    },
  };
}

type Feeds = Record<string, ort.Tensor>;

async function timedSession(
  { file, provider }: SubjectRequest,
  options: ort.InferenceSession.SessionOptions,
): Promise<{ session: ort.InferenceSession; sessionMs: number }> {
  const startedAt = performance.now();
  try {
    const session = await createSession(file, file, options);
    return { session, sessionMs: performance.now() - startedAt };
  } catch (error) {
    throw providerError(error, provider) ?? error;
  }
}

/** Every output gets its memory here, once; the runs that are counted write into it. */
async function firstRun(
  session: ort.InferenceSession,
  { batch, text }: SubjectRequest,
): Promise<{ feeds: Feeds; fetches: Feeds; firstRunMs: number }> {
  const inputs = noiseInputs(session.inputMetadata, batch, text);
  const feeds = Object.fromEntries(
    inputs.map(({ name, shape, data }) => [
      name,
      data instanceof Float32Array
        ? new ort.Tensor('float32', data, shape)
        : new ort.Tensor('int64', data, shape),
    ]),
  );
  try {
    const startedAt = performance.now();
    const fetches = await session.run(feeds);
    return { feeds, fetches: { ...fetches }, firstRunMs: performance.now() - startedAt };
  } catch (error) {
    throw new GenonnxError(
      'usage',
      'The model does not run with this batch.',
      {
        where: `\`batch\` ${batch}`,
        found: firstLine(error),
        cure: otherBatch,
      },
      { cause: error },
    );
  }
}

/**
 * Milliseconds of one run. onnxruntime-node runs a model in a callback of `setImmediate`, and such callbacks are called in
 * order: the clock starts in the one before it, so that whatever else the event loop does is not in the figure.
 */
async function timedRun(session: ort.InferenceSession, feeds: Feeds, fetches: Feeds): Promise<number> {
  let startedAt = performance.now();
  setImmediate(() => {
    startedAt = performance.now();
  });
  await session.run(feeds, fetches);
  return performance.now() - startedAt;
}

/** Runs of a profile: enough to average over, few enough that its file stays small. */
const profileMs = 1000;
const mostProfiledRuns = 20;

async function profiled(
  request: SubjectRequest,
  options: ort.InferenceSession.SessionOptions,
  feeds: Feeds,
  latencyMs: number,
): Promise<Profile> {
  const folder = await mkdtemp(join(tmpdir(), 'genonnx-profile-'));
  try {
    const { session } = await timedSession(request, {
      ...options,
      enableProfiling: true,
      profileFilePrefix: join(folder, 'profile'),
    });
    const counted = Math.max(1, Math.min(mostProfiledRuns, Math.floor(profileMs / latencyMs)));
    for (let run = 0; run < 1 + counted; run++) await session.run(feeds);
    session.endProfiling();
    await session.release();
    const [name] = await readdir(folder);
    return readProfile(await readFile(join(folder, name ?? ''), 'utf8'), `the profile of ${request.file}`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
