// Candidates that could not be measured: what is kept of the error, and when it is the error of the whole benchmark.
import { GenonnxError } from '../errors.js';
import type { Candidate } from './measure.js';
import type { Failure, Measurement } from './results.js';
import { sizeName } from './sizes.js';

export interface Outcome {
  readonly measurements: readonly Measurement[];
  readonly failures: readonly Failed[];
}

/** What is reported, and what was thrown. */
export interface Failed {
  readonly failure: Failure;
  readonly error: unknown;
}

/** `candidate` is null where the forms of a model could not be made. */
export function failed(model: string, candidate: Candidate | null, error: unknown): Failed {
  return {
    failure: {
      model,
      candidate: candidate === null ? null : chosen(candidate),
      code: error instanceof GenonnxError ? error.code : null,
      message: error instanceof Error ? error.message : String(error),
    },
    error,
  };
}

type Chosen = NonNullable<Failure['candidate']>;

function chosen({ variant, provider, optimization, threads, batch, text }: Candidate): Chosen {
  const common = { variant, asked: provider, optimization, threads, batch };
  return text === undefined ? common : { ...common, length: text.length };
}

/** All that tells candidates apart, in one line. */
export function candidateName({ model, candidate }: Pick<Failure, 'model' | 'candidate'>): string {
  if (candidate === null) return model;
  const { variant, asked, threads, optimization } = candidate;
  return `${model} (${variant}, ${asked}, ${sizeName(candidate)}, ${threads} threads, level ${optimization})`;
}

/** `candidateName` of one that has not failed. */
export function describe(candidate: Candidate): string {
  return candidateName({ model: candidate.model, candidate: chosen(candidate) });
}

/** Where nothing was measured, there is nothing to keep. @throws the error of the first failure. */
export function requireMeasurements({ measurements, failures }: Outcome): void {
  const [first] = failures;
  if (measurements.length === 0 && first !== undefined) throw first.error;
}
