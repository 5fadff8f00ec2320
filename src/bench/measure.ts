// The benchmark: candidates in, their measurements out. Candidates of one batch are open at the same time, each in a place
// of its own, and run in turn, round by round: a clock that drops or a neighbour that wakes up hits all of them.
import { GenonnxError } from '../errors.js';
import { quantiles } from '../quantiles.js';
import { appraise, type PeakSource, type Unappraised } from './appraise.js';
import { collectModel } from './model-receipt.js';
import { movedBytesOf } from './moved-bytes.js';
import { type Placement, placementOf, timeBreakdown } from './profile-summary.js';
import { cpuProvider, type ProviderName, runtimeProvider } from './providers.js';
import { type Execution, type ModelReceipt, type OptimizationLevel, tf32Mode } from './receipt.js';
import type { Measurement } from './results.js';
import { summariseLatencies } from './statistics.js';
import type { OpenSubject, Subject } from './subject.js';

export interface Candidate {
  /** As it was given. */
  readonly model: string;
  readonly variant: string;
  /** The file that is run: the given one, or one that was made of it. */
  readonly file: string;
  readonly provider: ProviderName;
  readonly batch: number;
  readonly threads: number;
  readonly optimization: OptimizationLevel;
}

export interface Effort {
  readonly rounds: number;
  /** At least so many runs are counted, or as many as so many seconds hold; the fewer of the two. */
  readonly runs: number;
  readonly seconds: number;
}

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
}

/**
 * In the order of the candidates.
 * @throws GenonnxError `fallback` where nodes ran on the CPU though another provider was asked for, and what opening throws.
 */
export async function measure(
  candidates: readonly Candidate[],
  options: MeasureOptions,
): Promise<Measurement[]> {
  const found = new Map<Candidate, Unappraised>();
  // Opening, every round, and profiling of every candidate, and the peaks.
  const steps = candidates.length * (options.effort.rounds + 2) + (options.peaks === null ? 0 : 1);
  const models = new Map<string, Promise<ModelReceipt>>();
  const modelOf = (file: string): Promise<ModelReceipt> => {
    const found = models.get(file) ?? collectModel(file);
    models.set(file, found);
    return found;
  };
  let begun = 0;
  const begin: Begin = (next) => {
    options.progress?.(begun / steps, next);
    begun += 1;
  };
  for (const batch of new Set(candidates.map((candidate) => candidate.batch))) {
    const group = candidates.filter((candidate) => candidate.batch === batch);
    for (const [candidate, measurement] of await measureGroup(group, options, begin, modelOf))
      found.set(candidate, measurement);
  }
  // When nothing else is open any more.
  if (options.peaks !== null) begin('measuring the peaks of this machine');
  return await appraise(
    candidates.flatMap((candidate) => found.get(candidate) ?? []),
    options.peaks,
  );
}

type Begin = (next: string) => void;

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
  options: MeasureOptions,
  begin: Begin,
  modelOf: (file: string) => Promise<ModelReceipt>,
): Promise<(readonly [Candidate, Unappraised])[]> {
  const { effort } = options;
  const subjects: Subject[] = [];
  try {
    const running: Running[] = [];
    for (const candidate of group) {
      begin(`opening ${describe(candidate)}`);
      // Before it is opened: a file that is missing or no model is said so, and what is hashed is what is measured.
      const model = await modelOf(candidate.file);
      const subject = await openCandidate(candidate, options);
      subjects.push(subject);
      const latencyMs = quantiles(await subject.round(3))(0.5);
      const leadInRuns = Math.ceil(leadInMs / latencyMs);
      running.push({
        candidate,
        model,
        subject,
        leadInRuns,
        runs: runsOfRound(latencyMs, effort),
        roundsMs: [],
      });
    }
    for (let round = 0; round < effort.rounds; round++) {
      // Back and forth, so that none has the same one before it every time.
      for (const { candidate, subject, leadInRuns, runs, roundsMs } of round % 2 === 0
        ? running
        : running.toReversed()) {
        begin(`round ${round + 1} of ${effort.rounds}, ${describe(candidate)}`);
        roundsMs.push((await subject.round(leadInRuns + runs)).slice(leadInRuns));
      }
    }
    const measurements: (readonly [Candidate, Unappraised])[] = [];
    for (const one of running) {
      begin(`profiling ${describe(one.candidate)}`);
      measurements.push([one.candidate, await measurementOf(one, options)]);
    }
    return measurements;
  } finally {
    for (const subject of subjects) subject.kill();
  }
}

function openCandidate(candidate: Candidate, { allowFallback, open }: MeasureOptions): Promise<Subject> {
  const { file, provider, batch, threads, optimization } = candidate;
  return open(provider)({ file, provider, batch, threads, optimization, allowFallback });
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
  const { model: path, variant, file, provider: asked, batch, threads, optimization } = candidate;
  const { runtime, sessionMs, firstRunMs, warmUpRuns } = subject.opened;
  const { peakMemoryBytes, hostCopyMs, profile } = await subject.close();
  const placement = profile === null ? null : placementOf(profile, asked);
  if (placement !== null && !allowFallback) requirePlacement(placement, candidate);
  const execution: Execution = {
    asked,
    optimization,
    threads,
    batch,
    tf32: tf32Mode(asked, environment),
    placement,
  };
  const model = { ...receipt, path };
  const summary = summariseLatencies(roundsMs.flat(), batch);
  const work =
    model.macs === null || model.precision !== 'float32'
      ? null
      : {
          macs: model.macs,
          batch,
          // The peak is that of the fastest run, too.
          latencyMs: summary.minimumMs,
          movedBytes: await movedBytesOf(file, batch),
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
    cure: 'Pass --allow-fallback to measure it all the same; the receipt then names those nodes.',
  });
}

function describe({ model, variant, provider, batch, threads, optimization }: Candidate): string {
  return `${model} (${variant}, ${provider}, batch ${batch}, ${threads} threads, level ${optimization})`;
}
