// `latency-table.json`: what each part of a network costs on a device, and how well sums of parts predict whole networks. The
// published JSON schema is made of the definition that checks the files.
import { z } from 'zod';
import { networkSchema } from '../../networks/network-limits.js';
import { quantiles } from '../../quantiles.js';
import { parseJson } from '../../runs/json.js';
import { type ConvolutionalGenotype, PRIMITIVES } from '../../spaces/convolutional.js';
import { deviceSchema, optimizationLevels, runtimeSchema } from '../receipt.js';
import { networkParts } from './network-parts.js';
import { missingPart, type PartCount, partKey, partKinds } from './parts.js';

const extent = z.int().min(1);
const milliseconds = z.number();

export const latencyEntrySchema = z.object({
  part: z.enum(partKinds),
  /** The primitive's name, the kind of preprocessing, or the part's own name. */
  operation: z.string(),
  /** Of a map that the part reads. */
  channels: extent,
  /** Channels of what it yields. */
  outputs: extent,
  height: extent,
  width: extent,
  stride: z.union([z.literal(1), z.literal(2)]),
  /**
   * What the part costs inside of a network, for the whole batch: the median over the rounds of differences of latencies. A
   * little below 0 where that is less than the noise.
   */
  medianMs: milliseconds,
  /** 10th and 90th percentile over the rounds. */
  lowMs: milliseconds,
  highMs: milliseconds,
  /** Latency of the part as a model of its own, with the costs of a run; null where it is none. */
  aloneMs: milliseconds.nullable(),
  /** Counted runs of the least measured model that the entry rests on. */
  runs: z.int().min(1),
});
export type LatencyEntry = z.infer<typeof latencyEntrySchema>;

const qualitySchema = z.object({
  /** Mean of |predicted - measured| / measured. */
  meanAbsolutePercentageError: z.number(),
  /** Mean of (predicted - measured) / measured. */
  meanPercentageError: z.number(),
  /** measured = scale predicted + offset by least squares; null where all predictions are equal. */
  fit: z
    .object({
      scale: z.number(),
      offsetMs: milliseconds,
      /** Of every network predicted by the line through the others. */
      leaveOneOutError: z.number(),
    })
    .nullable(),
  /** Null where one of the two does not vary. */
  pearson: z.number().nullable(),
  /** Kendall's tau-b. */
  kendall: z.number().nullable(),
});
export type PredictionQuality = z.infer<typeof qualitySchema>;

export const predictionSchema = z.object({
  networks: z
    .array(
      z.object({
        genotype: z.string(),
        predictedMs: milliseconds,
        /** The sum of the latencies that the parts have as models of their own. */
        aloneMs: milliseconds,
        measuredMs: z.number().positive(),
        lowMs: z.number().positive(),
        highMs: z.number().positive(),
      }),
    )
    .min(1),
  /** Of `predictedMs`, and of `aloneMs`. */
  quality: qualitySchema,
  qualityAlone: qualitySchema,
});
export type Prediction = z.infer<typeof predictionSchema>;

export const latencyTableSchema = z.object({
  format: z.literal(1),
  /** `genonnx 0.1.0`. */
  tool: z.string(),
  measuredAt: z.iso.datetime(),
  device: deviceSchema,
  runtime: runtimeSchema,
  provider: z.literal('cpu'),
  optimization: z.enum(optimizationLevels),
  foldBatchNorm: z.boolean(),
  threads: z.int().min(1),
  batch: z.int().min(1),
  /** Other data that was read before each run of a part: as much as the weights of a network. */
  readBytes: z.int().min(0),
  /** Rounds in which everything was measured once. */
  rounds: z.int().min(1),
  network: networkSchema.omit({ auxiliary: true, batch: true }),
  /** Those that the table knows. */
  primitives: z.array(z.enum(PRIMITIVES).exclude(['none'])).min(1),
  entries: z.array(latencyEntrySchema).min(1),
  /** Null where no network was measured. */
  prediction: predictionSchema.nullable(),
});
/** Latencies of the parts of networks on one device, and how well their sums predict whole ones. */
export type LatencyTable = z.infer<typeof latencyTableSchema>;

/** A table from the text of a file; `where` names it. @throws GenonnxError `file-corrupt`. */
export function parseLatencyTable(text: string, where: string): LatencyTable {
  return parseJson(text, where, latencyTableSchema);
}

/** The JSON schema (draft 2020-12) of the file. */
export function latencyTableJsonSchema(): object {
  return z.toJSONSchema(latencyTableSchema);
}

/**
 * How far the rounds of a network lie apart, as a ratio; the median of all networks. Whatever else runs on a machine slows
 * long models more than short ones, so that no sum of parts then predicts a network.
 */
export function spreadOfNetworks({ networks }: Prediction): number {
  return quantiles(networks.map(({ lowMs, highMs }) => highMs / lowMs))(0.5);
}

/** What of a table a prediction needs. */
export type PartLatencies = Pick<LatencyTable, 'network' | 'entries' | 'prediction'>;

/** What whole networks took, from the sums of their parts: scale sum + offset. */
export interface Calibration {
  readonly scale: number;
  readonly offsetMs: number;
}

/** A line through fewer networks says more of their noise than of the parts. */
const fewestNetworks = 5;

/** The line that the table's own networks lie on; the sum as it is where there are too few of them to tell. */
export function calibrationOf({ prediction }: Pick<LatencyTable, 'prediction'>): Calibration {
  const fit = prediction?.quality.fit;
  const isKnown = fit && prediction.networks.length >= fewestNetworks && fit.scale > 0;
  return isKnown ? { scale: fit.scale, offsetMs: fit.offsetMs } : { scale: 1, offsetMs: 0 };
}

/**
 * Milliseconds that the network of a genotype takes for a batch, in the sizes and on the device of the table: the sum of its
 * parts, calibrated by the networks that were measured beside them.
 * @throws GenonnxError `usage` where the table lacks a part; as `inferenceGraph` for a genotype that cannot be built.
 */
export function predictLatency(table: PartLatencies, genotype: ConvolutionalGenotype): number {
  const { scale, offsetMs } = calibrationOf(table);
  return (
    scale * sumOfParts(table, networkParts(table.network, genotype), ({ medianMs }) => medianMs) + offsetMs
  );
}

/** @throws GenonnxError `usage` where the table lacks a part. */
export function sumOfParts(
  { entries }: Pick<LatencyTable, 'entries'>,
  parts: readonly PartCount[],
  cost: (entry: LatencyEntry) => number,
): number {
  const known = new Map(entries.map((entry) => [partKey(entry), entry]));
  return parts.reduce((sum, { part, count }) => {
    const entry = known.get(partKey(part));
    if (entry === undefined) throw missingPart(part, entries.length);
    return sum + count * cost(entry);
  }, 0);
}
