// Times one supernet training step: forward, loss, backward and optimizer in one run of the engine, under random codes.

import process from 'node:process';
import type { Layout } from '../../graphs/onnx/lower.js';
import { optimizers } from '../../graphs/optimizers/index.js';
import type { Engine, PreparedProgram } from '../engines/engine.js';
import { createNodeOrtEngine } from '../engines/ort/node.js';
import { writeState } from '../engines/transfer.js';
import { initialState } from '../networks/initial-state.js';
import { jointStep } from '../networks/search-programs.js';
import { type Step, stateLayout } from '../networks/step.js';
import { quantiles } from '../quantiles.js';
import { openStream, type RandomStream } from '../random.js';
import type { ConvolutionalSpace } from '../spaces/convolutional.js';
import {
  type CellType,
  edgeCount,
  edgesOfNode,
  entryCount,
  type SearchSpace,
  sections,
} from '../spaces/search-space.js';
import { cifarSearch } from '../tasks/classification/search-settings.js';
import { imageSupernet } from '../tasks/classification/supernet.js';
import type { GatePattern, StepTiming } from './step-timing.js';

export interface BenchStepOptions {
  readonly space: ConvolutionalSpace;
  readonly cells: number;
  readonly channels: number;
  readonly batch: number;
  readonly image: { readonly height: number; readonly width: number; readonly channels: number };
  readonly gates: GatePattern;
  readonly layout: Layout;
  readonly threads: number;
  readonly runs: number;
}

/** Runs that are not counted: the first ones fill the allocator's arena. */
const warmUpRuns = 2;

export async function benchStep(options: BenchStepOptions): Promise<StepTiming> {
  const { layout, threads } = options;
  const engine = createNodeOrtEngine({ layout, threads, worker: true });
  try {
    return await timed(engine, options);
  } finally {
    await engine.dispose();
  }
}

async function timed(engine: Engine, options: BenchStepOptions): Promise<StepTiming> {
  const { space, cells, channels, batch, image, layout } = options;
  const prepared = await prepareStep(
    engine,
    jointStep(
      imageSupernet({ space, cells, initChannels: channels, classes: 10, batch, image }),
      optimizers.sgd(cifarSearch.weights),
      'active',
    ),
  );

  const timesMs: number[] = [];
  for (let run = 0; run < options.runs + warmUpRuns; run++) {
    const stream = openStream(run, 'gates');
    const { code, gates } = randomGates(options.gates, space, stream);
    const pixels = batch * image.channels * image.height * image.width;
    const feeds = {
      images: {
        shape: [batch, image.channels, image.height, image.width],
        data: Float32Array.from({ length: pixels }, () => stream.uniform() * 2 - 1),
      },
      labels: {
        shape: [batch],
        data: BigInt64Array.from({ length: batch }, () => BigInt(stream.integer(10))),
      },
      weights: { shape: [batch], data: new Float32Array(batch).fill(1 / batch) },
      code: { shape: [code.length], data: code },
      forwardGates: { shape: [gates.length], data: gates },
      backwardGates: { shape: [gates.length], data: gates.slice() },
      learningRate: { shape: [1], data: Float32Array.of(0.01) },
    };
    const started = performance.now();
    await prepared.run(feeds);
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
    layout: layout.kind === 'blocked' ? `blocked-${layout.block}` : 'portable',
    nodes: prepared.nodes,
  };
}

/** A step with fresh weights; its graph is not held any longer than it takes. */
async function prepareStep(engine: Engine, { program, state: slots }: Step): Promise<PreparedProgram> {
  const layout = stateLayout(slots);
  const state = await engine.createState(layout);
  await writeState(state, layout, initialState(slots, openStream(7, 'weights')));
  return engine.prepare(program, state);
}

/** Codes and gates, cell type by cell type. */
function randomGates(
  pattern: GatePattern,
  space: SearchSpace,
  stream: RandomStream,
): { code: Float32Array; gates: Uint8Array } {
  const code = new Float32Array(entryCount(space));
  for (const { cellType, start, end } of sections(space))
    fillCode(code.subarray(start, end), pattern, cellType, stream);
  return { code, gates: Uint8Array.from(code, (entry) => (entry === 0 ? 0 : 1)) };
}

function fillCode(code: Float32Array, pattern: GatePattern, cellType: CellType, stream: RandomStream): void {
  const candidates = cellType.primitives.length;
  if (pattern.kind === 'all') {
    code.fill(1 / candidates);
    return;
  }
  if (pattern.kind === 'edge') {
    for (let edge = 0; edge < edgeCount(cellType); edge++) {
      for (let draw = 0; draw < pattern.draws; draw++) {
        const at = edge * candidates + stream.integer(candidates);
        code[at] = (code[at] ?? 0) + 1 / pattern.draws;
      }
    }
    return;
  }
  for (let node = 0; node < cellType.nodes; node++) {
    const edges = edgesOfNode(cellType, node);
    const picks = new Set<number>();
    while (picks.size < Math.min(pattern.draws, edges.length * (candidates - 1))) {
      const edge = edges[stream.integer(edges.length)] ?? 0;
      picks.add(edge * candidates + 1 + stream.integer(candidates - 1));
    }
    for (const pick of picks) code[pick] = 2 / pattern.draws;
  }
}
