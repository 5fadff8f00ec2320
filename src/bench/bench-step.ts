// Times one supernet training step: forward, loss, backward and optimizer in one run of the engine, under random codes.
import type { Layout } from '../../graphs/onnx/lower.js';
import { optimizers } from '../../graphs/optimizers/index.js';
import { jointStep } from '../networks/search-programs.js';
import type { RandomStream } from '../random.js';
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
import { noiseBatch, timeStep } from './time-step.js';

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
  readonly profile: boolean;
}

export function benchStep(options: BenchStepOptions): Promise<StepTiming> {
  const { space, cells, channels, batch, image, gates: pattern, layout, threads, runs, profile } = options;
  const supernet = imageSupernet({ space, cells, initChannels: channels, classes, batch, image });
  return timeStep({
    layout,
    threads,
    runs,
    profile,
    trace: () => jointStep(supernet, optimizers.sgd(cifarSearch.weights), 'active'),
    feeds: (stream) => {
      const { code, gates } = randomGates(pattern, space, stream);
      return {
        ...noiseBatch(batch, image, classes, stream),
        code: { shape: [code.length], data: code },
        forwardGates: { shape: [gates.length], data: gates },
        backwardGates: { shape: [gates.length], data: gates.slice() },
      };
    },
  });
}

const classes = 10;

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
