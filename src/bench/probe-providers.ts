// Which execution providers this machine has: each is asked to run the smallest model, as a benchmark would ask it.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ErrorDetails, GenonnxError } from '../errors.js';
import { probeModel } from './probe-model.js';
import { type ProviderName, providerNames } from './providers.js';
import type { Runtime } from './receipt.js';
import type { OpenSubject } from './subject.js';

export interface ProbedProvider {
  readonly name: ProviderName;
  /** What ran the model; null where nothing did. */
  readonly runtime: Runtime | null;
  /** What is missing, and what mends it. */
  readonly missing?: string;
  readonly cure?: string;
}

/** All providers side by side, in their order. Never throws for one that is not to be had. */
export async function probeProviders(
  openerOf: (provider: ProviderName) => OpenSubject,
): Promise<ProbedProvider[]> {
  const folder = await mkdtemp(join(tmpdir(), 'genonnx-probe-'));
  try {
    const file = join(folder, 'probe.onnx');
    await writeFile(file, probeModel());
    return await Promise.all(providerNames.map((name) => probe(name, file, openerOf(name))));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function probe(provider: ProviderName, file: string, open: OpenSubject): Promise<ProbedProvider> {
  try {
    const request = {
      file,
      provider,
      batch: 1,
      threads: 1,
      optimization: 'all',
      allowFallback: false,
    } as const;
    const subject = await open(request);
    subject.kill();
    return { name: provider, runtime: subject.opened.runtime };
  } catch (error) {
    if (!(error instanceof GenonnxError))
      return {
        name: provider,
        runtime: null,
        missing: error instanceof Error ? error.message : String(error),
      };
    const { cure } = error.details;
    const missing = reasonOf(error.summary, error.details, provider);
    return { name: provider, runtime: null, missing, ...(cure === undefined ? {} : { cure }) };
  }
}

/** What was found, where that says more than the summary. */
function reasonOf(summary: string, { found }: ErrorDetails, provider: ProviderName): string {
  return found === undefined || found === provider ? summary : `${summary.replace(/\.$/, '')}: ${found}`;
}
