// The latency of a table's networks, the last stage of its making and one by itself: some networks at a time, each in a process
// of its own, in turn, on a machine that does nothing else.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { z } from 'zod';
import { lowerModel } from '../../exporters/onnx.js';
import { type Candidate, measure } from '../bench/measure.js';
import { nodeSubjects } from '../bench/node/node-subject.js';
import { asGiven } from '../bench/results.js';
import { bindWeights, type InferenceGraph } from '../networks/inference-graph.js';
import { freshWeights } from '../networks/initial-state.js';
import { openStream } from '../random.js';

/** A line of the table's folder for each network. */
export const latencySchema = z.object({ architecture: z.string(), latencyMs: z.number().positive() });
export type LatencyRow = z.infer<typeof latencySchema>;

export const latencyJournal = 'latency.jsonl';

const together = 8;
const effort = { rounds: 5, runs: 50, seconds: 0.2 } as const;

export interface LatencyWork {
  readonly networks: readonly { readonly architecture: string; readonly inference: () => InferenceGraph }[];
  readonly threads: number;
  readonly keep: (row: LatencyRow) => Promise<void>;
  readonly signal: AbortSignal;
  readonly progress: (done: number, note: string) => void;
}

/** @throws GenonnxError for a network that does not run. */
export async function measureTable({
  networks,
  threads,
  keep,
  signal,
  progress,
}: LatencyWork): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'genonnx-table-'));
  try {
    for (let from = 0; from < networks.length && !signal.aborted; from += together) {
      const group = networks.slice(from, from + together);
      const candidates = await Promise.all(
        group.map(async ({ architecture, inference }, index): Promise<Candidate> => {
          const file = join(folder, `${index}.onnx`);
          const graph = inference();
          const weights = freshWeights(graph.weights, openStream(0, 'weights'));
          await writeFile(file, lowerModel(bindWeights(graph, weights), { metadata: {} }).bytes);
          const common = { variant: asGiven, provider: 'cpu', batch: 1, optimization: 'all' } as const;
          return { model: architecture, file, threads, ...common };
        }),
      );
      const { measurements } = await measure(candidates, {
        effort,
        allowFallback: false,
        open: () => nodeSubjects(),
        environment: process.env,
        peaks: null,
      });
      for (const [index, { summary }] of measurements.entries()) {
        const architecture = group[index]?.architecture;
        if (architecture !== undefined) await keep({ architecture, latencyMs: summary.medianMs });
      }
      progress((from + group.length) / networks.length, 'latency');
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
