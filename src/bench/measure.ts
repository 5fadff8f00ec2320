// The benchmark: candidates in, their measurements out. Candidates of one size are open at the same time, each in a place
// of its own, and run in turn, round by round: a clock that drops or a neighbour that wakes up hits all of them.
import { GenonnxError } from '../errors.js';
import { quantiles } from '../quantiles.js';
import { appraise, type PeakSource, type Unappraised } from './appraise.js';
import { describe, type Failed, failed, type Outcome } from './failures.js';
import { collectModel } from './model-receipt.js';
import { movedBytesOf } from './moved-bytes.js';
import { type Placement, placementOf, timeBreakdown } from './profile-summary.js';
import { cpuProvider, type ProviderName, runtimeProvider } from './providers.js';
import { type Execution, type ModelReceipt, type OptimizationLevel, tf32Mode } from './receipt.js';
import { examplesOf, sizeName, type TextWindow } from './sizes.js';
import { summariseLatencies } from './statistics.js';
import type { OpenSubject, Subject } from './subject.js';

/** One model in one form on one provider: what is measured beside others. */
export interface Candidate {
  /** As it was given. */
  readonly model: string;
  readonly variant: string;
  /** The file that is run: the given one, or one that was made of it. */
  readonly file: string;
  readonly provider: ProviderName;
  readonly batch: number;
  /** What a language model reads. */
  readonly text?: TextWindow;
  readonly threads: number;
  readonly optimization: OptimizationLevel;
}

export interface Effort {
  readonly rounds: number;
  /** At least so many runs are counted, or as many as so many seconds hold; the fewer of the two. */
  readonly runs: number;
  readonly seconds: number;
}

/** How long is measured, where, and whom to tell. */
export interface MeasureOptions {
  readonly effort: Effort;
  readonly allowFallback: boolean;
  readonly open: (provider: ProviderName) => OpenSubject;
  /** What the runtimes are started with. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Null where none are to be measured. */
  readonly peaks: PeakSource | null;
  /** Called with how much of the work is done, from 0 to 1, and what begins. */
  readonly progress?: (done: number, next: string) => void;
  /** Once it is aborted, everything that is open is closed, and `measure` rejects with its reason. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Both in the order of the candidates. One that does not open, run or end is among the failures, and so is one of which
 * nodes ran on the CPU though another provider was asked for (`fallback`); the others are measured all the same.
 */
export async function measure(candidates: readonly Candidate[], options: MeasureOptions): Promise<Outcome> {
  const found = new Map<Candidate, Unappraised>();
  const failures = new Map<Candidate, Failed>();
  // Opening, every round, and profiling of every candidate, and the peaks.
  const steps = candidates.length * (options.effort.rounds + 2) + (options.peaks === null ? 0 : 1);
  const models = new Map<string, Promise<ModelReceipt>>();
  const work: GroupWork = {
    options,
    begin: (() => {
      let begun = 0;
      return (next) => {
        options.signal?.throwIfAborted();
        options.progress?.(begun / steps, next);
        begun += 1;
      };
    })(),
    modelOf: (file) => {
      const known = models.get(file) ?? collectModel(file);
      models.set(file, known);
      return known;
    },
    fail: (candidate, error) => {
      options.signal?.throwIfAborted();
      failures.set(candidate, failed(candidate.model, candidate, error));
    },
  };
  const sizeOf = ({ batch, text }: Candidate): string => sizeName({ batch, length: text?.length });
  for (const size of new Set(candidates.map(sizeOf))) {
    const group = candidates.filter((candidate) => sizeOf(candidate) === size);
    for (const [candidate, measurement] of await measureGroup(group, work)) found.set(candidate, measurement);
  }
  // When nothing else is open any more.
  if (options.peaks !== null && found.size > 0) work.begin('measuring the peaks of this machine');
  return {
    measurements: await appraise(
      candidates.flatMap((candidate) => found.get(candidate) ?? []),
      options.peaks,
    ),
    failures: candidates.flatMap((candidate) => failures.get(candidate) ?? []),
  };
}

/** What the candidates of all batches share. */
interface GroupWork {
  readonly options: MeasureOptions;
  readonly begin: (next: string) => void;
  readonly modelOf: (file: string) => Promise<ModelReceipt>;
  readonly fail: (candidate: Candidate, error: unknown) => void;
}

interface Running {
  readonly candidate: Candidate;
  readonly model: ModelReceipt;
  readonly subject: Subject;
  /** Uncounted ones at the beginning of a round. */
  readonly leadInRuns: number;
  readonly runs: number;
  readonly roundsMs: number[][];
}

async function measureGroup(
  group: readonly Candidate[],
  work: GroupWork,
): Promise<(readonly [Candidate, Unappraised])[]> {
  const { options, begin, fail } = work;
  const { rounds } = options.effort;
  const running = new Set<Running>();
  const stop = (): void => {
    for (const { subject } of running) subject.kill();
  };
  options.signal?.addEventListener('abort', stop);
  try {
    for (const candidate of group) {
      begin(`opening ${describe(candidate)}`);
      try {
        running.add(await start(candidate, work));
      } catch (error) {
        fail(candidate, error);
      }
    }
    /** Without the rounds of one that fails: a ratio takes all of them. */
    const attempt = async <T>(one: Running, next: () => Promise<T>): Promise<T | undefined> => {
      try {
        return await next();
      } catch (error) {
        one.subject.kill();
        running.delete(one);
        fail(one.candidate, error);
        return undefined;
      }
    };
    for (let round = 0; round < rounds; round++) {
      // Back and forth, so that none has the same one before it every time.
      for (const one of round % 2 === 0 ? [...running] : [...running].toReversed()) {
        const { candidate, subject, leadInRuns, runs, roundsMs } = one;
        begin(`round ${round + 1} of ${rounds}, ${describe(candidate)}`);
        await attempt(one, async () => {
          roundsMs.push((await subject.round(leadInRuns + runs)).slice(leadInRuns));
        });
      }
    }
    const measurements: (readonly [Candidate, Unappraised])[] = [];
    for (const one of [...running]) {
      begin(`profiling ${describe(one.candidate)}`);
      const measurement = await attempt(one, () => measurementOf(one, options));
      if (measurement !== undefined) measurements.push([one.candidate, measurement]);
    }
    return measurements;
  } finally {
    options.signal?.removeEventListener('abort', stop);
    stop();
  }
}

/** Opens a candidate, and sees how long it takes. */
async function start(candidate: Candidate, { options, modelOf }: GroupWork): Promise<Running> {
  // Before it is opened: a file that is no model is said so, and what is hashed is what is measured.
  const model = await modelOf(candidate.file);
  const subject = await openCandidate(candidate, options);
  try {
    const latencyMs = quantiles(await subject.round(3))(0.5);
    return {
      candidate,
      model,
      subject,
      leadInRuns: Math.ceil(leadInMs / latencyMs),
      runs: runsOfRound(latencyMs, options.effort),
      roundsMs: [],
    };
  } catch (error) {
    subject.kill();
    throw error;
  }
}

function openCandidate(candidate: Candidate, { allowFallback, open }: MeasureOptions): Promise<Subject> {
  const { file, provider, batch, text, threads, optimization } = candidate;
  const common = { file, provider, batch, threads, optimization, allowFallback };
  return open(provider)(text === undefined ? common : { ...common, text });
}

/**
 * The first runs behind another model find the caches full of that one's data, and its threads still spinning: those of
 * ONNX Runtime do so for some 35 ms after a run, in case that another one follows.
 */
const leadInMs = 50;

/** A round shorter than this is mostly noise of the clock and of the processes beside it. */
const leastRoundMs = 50;

/** How often a model of that latency runs in a round: at least once, and as often as `effort` and a readable round need. */
export function runsOfRound(latencyMs: number, { rounds, runs, seconds }: Effort): number {
  const wanted = Math.min(runs, (1000 * seconds) / latencyMs) / rounds;
  return Math.max(1, Math.ceil(wanted), Math.ceil(leastRoundMs / latencyMs));
}

async function measurementOf(
  { candidate, model: receipt, subject, roundsMs }: Running,
  { allowFallback, environment }: MeasureOptions,
): Promise<Unappraised> {
  const { model: path, variant, file, provider: asked, batch, text, threads, optimization } = candidate;
  const { runtime, sessionMs, firstRunMs, warmUpRuns } = subject.opened;
  const { peakMemoryBytes, hostCopyMs, profile } = await subject.close();
  const placement = profile === null ? null : placementOf(profile, asked);
  if (placement !== null && !allowFallback) requirePlacement(placement, candidate);
  const execution: Execution = {
    asked,
    optimization,
    threads,
    batch,
    ...(text === undefined ? {} : { length: text.length }),
    tf32: tf32Mode(asked, environment),
    placement,
  };
  const model = { ...receipt, path };
  const summary = summariseLatencies(roundsMs.flat(), batch, text?.length);
  const work =
    model.macs === null || model.precision !== 'float32'
      ? null
      : {
          macs: model.macs,
          batch: examplesOf({ batch, length: text?.length }),
          // The peak is that of the fastest run, too.
          latencyMs: summary.minimumMs,
          movedBytes: text === undefined ? await movedBytesOf(file, batch) : null,
        };
  return {
    measurement: {
      model,
      variant,
      runtime,
      execution,
      sessionMs,
      firstRunMs,
      warmUpRuns,
      roundsMs,
      summary,
      hostCopyMs,
      peakMemoryBytes,
      time: profile === null ? null : timeBreakdown(profile),
    },
    place: candidate,
    work,
  };
}

/** @throws GenonnxError `fallback`. */
export function requirePlacement({ providers, cpuFallback }: Placement, candidate: Candidate): void {
  const wanted = runtimeProvider[candidate.provider];
  if (wanted === cpuProvider) return;
  const names = providers.map(({ provider }) => provider);
  if (cpuFallback.nodes === 0 && names.includes(wanted)) return;
  const operators = Object.entries(cpuFallback.operators).map(([operator, count]) => `${count} ${operator}`);
  throw new GenonnxError('fallback', 'Nodes ran on another provider than the one that was asked for.', {
    where: describe(candidate),
    expected: `every node on ${wanted}`,
    found:
      cpuFallback.nodes === 0
        ? `nodes on ${names.join(', ')}`
        : `${cpuFallback.nodes} nodes on the CPU (${operators.join(', ')}), ${(100 * cpuFallback.timeShare).toFixed(1)} % of the time`,
    cure: 'Pass `allowFallback` to measure it all the same; the receipt then names those nodes.',
  });
}
