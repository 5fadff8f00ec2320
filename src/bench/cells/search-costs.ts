// A latency table in the form that a search's budget needs: one cost for each entry of a code, summed over all cells of a
// type, and one for what every child has.
import { sha256Hex } from '../../hash.js';
import { cellType, operationStride } from '../../networks/cells.js';
import {
  CELL_INPUTS,
  type ConvolutionalOperation,
  type ConvolutionalSpace,
} from '../../spaces/convolutional.js';
import { edgesOfNode, entryCount, isOperation, perSection, sectionOf } from '../../spaces/search-space.js';
import type { Device } from '../receipt.js';
import {
  calibrationOf,
  type LatencyEntry,
  type LatencyTable,
  type PartLatencies,
  sumOfParts,
} from './latency-table.js';
import { cellExtents, partsOfEveryChild } from './network-parts.js';
import { type Extent, operationPart } from './parts.js';

/** As `ChildCosts` of the search, in milliseconds a batch. */
export interface LatencyCosts {
  /** Of each entry, over all cells of its type, f64[entries]; `none` costs nothing. */
  readonly costs: Float64Array;
  /** Of what every child has. */
  readonly fixed: number;
}

/** What an operation costs on an edge whose input has this extent. @throws GenonnxError `usage` for one not measured. */
export function operationLatencyMs(
  table: PartLatencies,
  operation: ConvolutionalOperation,
  extent: Extent,
  stride: 1 | 2,
): number {
  return sumOfParts(table, [{ part: operationPart(operation, extent, stride), count: 1 }], medianOf);
}

/**
 * The costs of a space's entries. Their sum over a genotype is `predictLatency`, but for two things that are no sum over
 * operations: every node is taken to have an operation that is no convolution, and every map that an operation reads to
 * need a ReLU of its own. @throws GenonnxError `usage` for a primitive that the table lacks.
 */
export function latencyCosts(table: PartLatencies, space: ConvolutionalSpace): LatencyCosts {
  const { network } = table;
  const { scale, offsetMs } = calibrationOf(table);
  const costs = new Float64Array(entryCount(space));
  cellExtents(network).forEach(({ input, inner }, index) => {
    const type = cellType(index, network.cells);
    const { cellType: shape, start } = sectionOf(space, type);
    const { nodes, primitives } = shape;
    for (let node = 0; node < nodes; node++) {
      edgesOfNode(shape, node).forEach((edge, state) => {
        const extent = state < CELL_INPUTS ? input : inner;
        const stride = operationStride(type, state);
        primitives.forEach((primitive, column) => {
          if (!isOperation(primitive)) return;
          const entry = start + edge * primitives.length + column;
          costs[entry]! += scale * operationLatencyMs(table, primitive, extent, stride);
        });
      });
    }
  });
  const fixed = scale * sumOfParts(table, partsOfEveryChild(network, space), medianOf) + offsetMs;
  return { costs, fixed };
}

/** What the settings of a search keep of a table. @throws GenonnxError as `latencyCosts`. */
export function latencySettings(table: LatencyTable, sha256: string, space: ConvolutionalSpace) {
  const { costs, fixed } = latencyCosts(table, space);
  return {
    sha256,
    network: table.network,
    costs: perSection(space, ({ start, end }) => [...costs.subarray(start, end)]),
    fixed,
  };
}

/** By which a run knows its table again. */
export function checksumOf(file: Uint8Array): string {
  return sha256Hex(file);
}

/** In words, where a table was measured on another kind of machine than this one. */
export function foreignDevice({ device }: Pick<LatencyTable, 'device'>, here: Device): string | undefined {
  const words = ({ processor, platform }: Device) => `${processor.model} (${platform})`;
  const [there, own] = [words(device), words(here)];
  return there === own ? undefined : `the latencies are those of ${there}, and this machine is ${own}`;
}

function medianOf({ medianMs }: LatencyEntry): number {
  return medianMs;
}
