// Times a training step: forward, loss, backward and optimizer in one run of an engine.
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
import type { StepTiming } from './step-timing.js';

export interface TimedStep {
  readonly layout: Layout;
  readonly threads: number;
  /** That are counted. */
  readonly runs: number;
  /** Called once; its graph is not held any longer than it takes. */
  readonly trace: () => Step;
  /** What a run is fed beside the learning rate, from a stream of its own. */
  readonly feeds: (stream: RandomStream) => Feeds;
}

/** Runs that are not counted: the first ones fill the allocator's arena. */
const warmUpRuns = 2;

/** On ONNX Runtime, in a thread of its own, with fresh weights. @throws GenonnxError `engine`, and what tracing throws. */
export async function timeStep({ layout, threads, runs, trace, feeds }: TimedStep): Promise<StepTiming> {
  const engine = createNodeOrtEngine({ layout, threads, worker: true });
  try {
    const { prepared, work } = await prepareStep(engine, trace());
    const timesMs: number[] = [];
    for (let run = 0; run < runs + warmUpRuns; run++) {
      const fed = {
        ...feeds(openStream(run, 'gates')),
        learningRate: { shape: [1], data: Float32Array.of(0.01) },
      };
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
