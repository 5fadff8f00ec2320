// A latency table of a device on which every operation has one price, twice that at stride 2, and of the rest only the stem,
// the head and the call cost anything: what a search expects of it can be written down.
import type { LatencyTable } from '../../../../src/bench/cells/latency-table.js';
import { partsOfSpace } from '../../../../src/bench/cells/network-parts.js';
import type { CellsNetwork, Part } from '../../../../src/bench/cells/parts.js';
import { DARTS_SPACE, SEARCH_PRIMITIVES } from '../../../../src/spaces/convolutional.js';
import { isOperation } from '../../../../src/spaces/search-space.js';
import { resultsOf } from '../../bench/results-case.js';

/** Milliseconds at stride 1. */
export const pricesMs: Readonly<Record<string, number>> = {
  none: 0,
  max_pool_3x3: 0.5,
  avg_pool_3x3: 0.75,
  skip_connect: 0.25,
  sep_conv_3x3: 4,
  sep_conv_5x5: 6,
  dil_conv_3x3: 2,
  dil_conv_5x5: 3,
};
const restMs: Readonly<Record<string, number>> = { stem: 1, head: 2, call: 4 };

/** What every child has: every node is taken to bring one addition too many. */
export const fixedMs = (cells: number): number => 7 - cells * 4 * (pricesMs.skip_connect ?? 0);

function priceMs({ part, operation, stride }: Part): number {
  return part === 'primitive' ? stride * (pricesMs[operation] ?? 0) : (restMs[part] ?? 0);
}

export function tableOf(network: CellsNetwork, changes: Partial<LatencyTable> = {}): LatencyTable {
  return {
    format: 1,
    tool: 'genonnx 0.1.0',
    measuredAt: '2026-01-02T03:04:05.678Z',
    device: resultsOf([]).device,
    runtime: { name: 'onnxruntime-node', version: '1.30.0', host: 'v20.20.2' },
    provider: 'cpu',
    optimization: 'all',
    foldBatchNorm: true,
    threads: 1,
    batch: 1,
    readBytes: 0,
    rounds: 1,
    network: { ...network, image: { ...network.image } },
    primitives: SEARCH_PRIMITIVES.filter(isOperation),
    entries: partsOfSpace(network, DARTS_SPACE).map((part) => {
      const medianMs = priceMs(part);
      return { ...part, medianMs, lowMs: medianMs, highMs: medianMs, aloneMs: null, runs: 1 };
    }),
    prediction: null,
    ...changes,
  };
}
