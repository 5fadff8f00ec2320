// Times a training step: forward, loss, backward and optimizer in one run of an engine.
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { cost } from '../../graphs/cost.js';
import type { Layout } from '../../graphs/onnx/lower.js';
import type { Engine, Feeds, PreparedProgram } from '../engines/engine.js';
import { createNodeOrtEngine } from '../engines/ort/node.js';
import { writeState } from '../engines/transfer.js';
import { initialState } from '../networks/initial-state.js';
import { type Step, stateLayout } from '../networks/step.js';
import { quantiles } from '../quantiles.js';
import { openStream, type RandomStream } from '../random.js';
import { readProfile } from './profile.js';
import { type TimePart, timeBreakdown } from './profile-summary.js';
import type { StepTiming } from './step-timing.js';

export interface TimedStep {
  readonly layout: Layout;
  readonly threads: number;
  /** That are counted. */
  readonly runs: number;
  /** Called once; its graph is not held any longer than it takes. */
  readonly trace: () => Step;
  /** Whether other runs behind the counted ones say which operators take the time. Default: no. */
  readonly profile?: boolean;
  /** What a run is fed beside the learning rate, from a stream of its own. */
  readonly feeds: (stream: RandomStream) => Feeds;
}

/** Runs that are not counted: the first ones fill the allocator's arena. */
const warmUpRuns = 2;

/** Runs of a profile: a supernet's file of ten steps has half a million lines. */
const profiledRuns = 3;

/** On ONNX Runtime, in a thread of its own, with fresh weights. @throws GenonnxError `engine`, and what tracing throws. */
export async function timeStep(timed: TimedStep): Promise<StepTiming> {
  const timing = await timedRuns(timed);
  return timed.profile === true ? { ...timing, operators: await operatorsOf(timed) } : timing;
}

async function timedRuns({ layout, threads, runs, trace, feeds }: TimedStep): Promise<StepTiming> {
  const engine = createNodeOrtEngine({ layout, threads, worker: true });
  try {
    const { prepared, work } = await prepareStep(engine, trace());
    const timesMs: number[] = [];
    for (let run = 0; run < runs + warmUpRuns; run++) {
      const fed = fedTo(run, feeds);
      const started = performance.now();
      await prepared.run(fed);
      if (run >= warmUpRuns) timesMs.push(performance.now() - started);
    }
    const quantile = quantiles(timesMs);
    return {
      medianMs: quantile(0.5),
      p10Ms: quantile(0.1),
      p90Ms: quantile(0.9),
      sessionMs: prepared.sessionMs,
      loweringMs: prepared.loweringMs,
      peakRssBytes: process.resourceUsage().maxRSS * 1024,
      ...work,
      layout: layout.kind === 'blocked' ? `blocked-${layout.block}` : 'portable',
      nodes: prepared.nodes,
    };
  } finally {
    await engine.dispose();
  }
}

/** Milliseconds of one run by operator, by the runtime's own profile. */
async function operatorsOf({ layout, threads, trace, feeds }: TimedStep): Promise<TimePart[]> {
  const folder = await mkdtemp(join(tmpdir(), 'genonnx-profile-'));
  try {
    const engine = createNodeOrtEngine({
      layout,
      threads,
      worker: false,
      profileFilePrefix: join(folder, 'profile'),
    });
    try {
      const { prepared } = await prepareStep(engine, trace());
      for (let run = 0; run < warmUpRuns + profiledRuns; run++) await prepared.run(fedTo(run, feeds));
    } finally {
      // Profiles are written when their sessions end.
      await engine.dispose();
    }
    const [name = ''] = await readdir(folder);
    const text = await readFile(join(folder, name), 'utf8');
    return timeBreakdown(readProfile(text, 'the profile of the step', { warmUpRuns })).byOperator;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function fedTo(run: number, feeds: TimedStep['feeds']): Feeds {
  return {
    ...feeds(openStream(run, 'gates')),
    learningRate: { shape: [1], data: Float32Array.of(0.01) },
  };
}

interface Prepared {
  readonly prepared: PreparedProgram;
  readonly work: Pick<StepTiming, 'macs' | 'resultBytes'>;
}

async function prepareStep(engine: Engine, { program, state: slots }: Step): Promise<Prepared> {
  const { macs, activationBytes: resultBytes } = cost(program.graph);
  const layout = stateLayout(slots);
  const state = await engine.createState(layout);
  await writeState(state, layout, initialState(slots, openStream(7, 'weights')));
  return { prepared: await engine.prepare(program, state), work: { macs, resultBytes } };
}

/** Noise as images, with labels by chance, each weighing as much as the others. */
export function noiseBatch(
  batch: number,
  { channels, height, width }: { readonly channels: number; readonly height: number; readonly width: number },
  classes: number,
  stream: RandomStream,
): Feeds {
  const pixels = batch * channels * height * width;
  return {
    images: {
      shape: [batch, channels, height, width],
      data: Float32Array.from({ length: pixels }, () => stream.uniform() * 2 - 1),
    },
    labels: {
      shape: [batch],
      data: BigInt64Array.from({ length: batch }, () => BigInt(stream.integer(classes))),
    },
    weights: { shape: [batch], data: new Float32Array(batch).fill(1 / batch) },
  };
}
