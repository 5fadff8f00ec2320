// `bench()`: what the command does. Models in the forms, places and batches that are asked for, measured in interleaved rounds.
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import type { Dataset } from '../../datasets/dataset.js';
import { candidateName, type Failed, failed, requireMeasurements } from '../bench/failures.js';
import { collectDevice } from '../bench/machine.js';
import { type Candidate, type Effort, measure } from '../bench/measure.js';
import { nodeRooflines, nodeSubjects } from '../bench/node/node-subject.js';
import { isNodeProvider } from '../bench/node/session-options.js';
import type { ProviderName } from '../bench/providers.js';
import type { OptimizationLevel } from '../bench/receipt.js';
import { type BenchResults, parseResults } from '../bench/results.js';
import { Rooflines } from '../bench/rooflines.js';
import type { OpenSubject } from '../bench/subject.js';
import { textOfModel } from '../bench/text-of-model.js';
import { type BenchPrecision, variantsOf } from '../bench/variants.js';
import { readModelFile } from '../deploy/model-file.js';
import type { Optimization } from '../deploy/optimize.js';
import { GenonnxError } from '../errors.js';
import { asUnreadable } from '../runs/file-errors.js';
import { version } from '../version.js';
import type { Note } from './session.js';

/** What is measured: every combination. The first of each batch is what the others of it are compared with. */
export interface BenchChoice {
  /** ONNX files. */
  readonly models: readonly string[];
  /** Execution providers. Default: `cpu`. */
  readonly providers?: readonly ProviderName[] | undefined;
  /** Default: 1. */
  readonly batches?: readonly number[] | undefined;
  /** Words of each text, for language models whose length is open. Default: 35. */
  readonly lengths?: readonly number[] | undefined;
  /** Threads of the runtime. Default: 2. */
  readonly threads?: readonly number[] | undefined;
  /** How much the runtime may change a graph. Default: `all`. */
  readonly levels?: readonly OptimizationLevel[] | undefined;
  /** Forms of the graph, for models of ours. Default: as the file is. */
  readonly optimizations?: readonly Optimization[] | undefined;
  /** Likewise. */
  readonly precisions?: readonly BenchPrecision[] | undefined;
  /** What 8-bit forms are calibrated and judged on: noise where there is none. */
  readonly dataset?: Dataset | undefined;
}

/** What is measured, how long, and who is told. */
export interface BenchOptions extends BenchChoice, Partial<Effort> {
  /** Whether nodes may run on the CPU where another provider was asked for. */
  readonly allowFallback?: boolean;
  /** Whether NVIDIA GPUs may round to TF32. Default: as they are set. */
  readonly tf32?: boolean;
  /** Whether the peaks of this machine are measured, too. Default: true. */
  readonly roofline?: boolean;
  /** How much of the work is done, between 0 and 1, and what begins. */
  readonly onProgress?: ((done: number, next: string) => void) | undefined;
  readonly onNote?: Note | undefined;
  /** Once it is aborted, everything ends, and `bench()` rejects with its reason. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Measures; a candidate that fails is listed with its error, and the others are measured. Each runs in a process of its own.
 * @throws GenonnxError `file-missing`, `usage` before anything is measured; the first error where nothing could be.
 */
export async function bench({
  rounds = 10,
  runs = 50,
  seconds = 3,
  allowFallback = false,
  tf32 = true,
  roofline = true,
  onProgress,
  onNote,
  signal,
  ...choice
}: BenchOptions): Promise<BenchResults> {
  const folder = await mkdtemp(join(tmpdir(), 'genonnx-bench-'));
  try {
    const chosen = await candidatesOf(choice, folder, signal);
    const device = await collectDevice();
    const environment = tf32 ? {} : { NVIDIA_TF32_OVERRIDE: '0' };
    const inNode = nodeSubjects({ environment, signal });
    const { measurements, ...outcome } = await measure(chosen.candidates, {
      effort: { rounds, runs, seconds },
      allowFallback,
      open: (provider) => (isNodeProvider(provider) ? inNode : inBrowser),
      environment: { ...process.env, ...environment },
      peaks: roofline ? new Rooflines(nodeRooflines({ environment, signal })) : null,
      ...(onProgress === undefined ? {} : { progress: onProgress }),
      signal,
    });
    signal?.throwIfAborted();
    const failures = [...chosen.failures, ...outcome.failures];
    // The error of the first is that of all, where there is nothing but errors.
    if (measurements.length === 0)
      for (const { failure } of failures.slice(1))
        onNote?.(`not measured: ${candidateName(failure)}: ${failure.message.split('\n')[0]}`);
    requireMeasurements({ measurements, failures });
    return {
      format: 2,
      tool: `genonnx ${version}`,
      measuredAt: new Date().toISOString(),
      device,
      measurements: [...measurements],
      failures: failures.map(({ failure }) => failure),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Results that were kept, as JSON. @throws GenonnxError `file-missing`, `file-corrupt`. */
export async function readResults(path: string): Promise<BenchResults> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw asUnreadable(error, path, 'results of a benchmark');
  });
  return parseResults(text, path);
}

interface Chosen {
  readonly candidates: readonly Candidate[];
  /** Of models whose forms could not be made. */
  readonly failures: readonly Failed[];
}

/** Forms that are made to be measured go to `folder`. */
async function candidatesOf(
  {
    models,
    providers = ['cpu'],
    batches = [1],
    lengths,
    threads = [2],
    levels = ['all'],
    optimizations = [],
    precisions = [],
    dataset,
  }: BenchChoice,
  folder: string,
  signal: AbortSignal | undefined,
): Promise<Chosen> {
  for (const model of models) await readModelFile(model);
  const forms: Pick<Candidate, 'model' | 'variant' | 'file' | 'text'>[] = [];
  const failures: Failed[] = [];
  for (const [i, model] of models.entries()) {
    signal?.throwIfAborted();
    const own = join(folder, String(i));
    await mkdir(own);
    try {
      for (const { name, file } of await variantsOf(
        model,
        { optimizations, precisions, dataset },
        own,
        version,
      ))
        for (const text of await windowsOf(file, lengths))
          forms.push({ model, variant: name, file, ...text });
    } catch (error) {
      if (error instanceof GenonnxError && error.code === 'usage') throw error;
      failures.push(failed(model, null, error));
    }
  }
  if (lengths !== undefined && forms.length > 0 && forms.every(({ text }) => text === undefined)) {
    throw new GenonnxError('usage', 'None of these models reads texts.', {
      where: '`lengths`',
      expected: 'a language model, whose length is open',
      found: models.join(', '),
      cure: 'Leave `lengths` out.',
    });
  }
  const candidates = batches.flatMap((batch) =>
    forms.flatMap((form) =>
      providers.flatMap((provider) =>
        threads.flatMap((count) =>
          levels.map((optimization) => ({ ...form, provider, batch, threads: count, optimization })),
        ),
      ),
    ),
  );
  return { candidates, failures };
}

/** As long as the windows of an evaluation. */
const usualLength = 35;

/** The texts that a language model is to read; a model of anything else reads none, once. */
async function windowsOf(
  file: string,
  lengths: readonly number[] | undefined,
): Promise<Pick<Candidate, 'text'>[]> {
  const text = await textOfModel(file).catch((error: unknown) => {
    // What cannot be read is refused where it is measured, beside others.
    if (error instanceof GenonnxError && error.code === 'model-corrupt') return undefined;
    throw error;
  });
  if (text === undefined) return [{}];
  const { words, length } = text;
  if (length !== 'open') return [{ text: { words, length } }];
  return (lengths ?? [usualLength]).map((asked) => ({ text: { words, length: asked } }));
}

/** The driver of the browser is only loaded by whoever measures there. */
const inBrowser: OpenSubject = async (request) =>
  await (await import('../bench/web/web-subject.js')).openWebSubject(request);
