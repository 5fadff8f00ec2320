// Types of verdicts.mjs, for its tests.
import type { BenchResults } from '../../src/bench/results.js';

export interface Verdict {
  readonly outcome: 'ok' | 'failed' | 'skipped';
  readonly text: string;
}

/** How a command ended. */
export interface Ended {
  readonly exitCode: number;
  readonly stderr: string;
}

export interface Expected {
  /** As ONNX Runtime calls it. */
  readonly provider: string;
  readonly batches: readonly number[];
  readonly tf32: 'off' | 'allowed' | null;
}

export function placement(results: BenchResults, expected: Expected): Verdict;
export function refusal(ended: Ended): Verdict;
export function namedFallback(results: BenchResults, provider: string, operator: string): Verdict;
export function agreement(exitCode: number, validation: AgreementReport | undefined): Verdict;
export function notStarted(ended: Ended): Verdict | undefined;
export function unexpectedEnd(ended: Ended): Verdict;
export function line(name: string, verdict: Verdict): string;
export function summary(verdicts: readonly Verdict[]): { readonly text: string; readonly exitCode: 0 | 1 };
export function neededLibraries(ldd: string): {
  readonly cuda: string | undefined;
  readonly cudnn: string | undefined;
  readonly missing: readonly string[];
};
export function installFailure(output: string): { readonly found: string; readonly cure: string };

/** What is read of `genonnx validate --json`. */
export interface AgreementReport {
  readonly ok: boolean;
  readonly tolerance: { readonly absolute: number; readonly relative: number };
  readonly comparisons: readonly {
    readonly difference: number | string;
    readonly ofTolerance: number | string;
  }[];
}
