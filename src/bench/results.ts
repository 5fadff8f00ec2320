// What `genonnx bench --json` prints, and `--compare` reads: the receipt of every measurement, its runs round by round, and
// what they come to. The published JSON schema is made of the same definition that checks the files.
import { z } from 'zod';
import { errorCodes } from '../../graphs/errors.js';
import { parseJson } from '../runs/json.js';
import { timeBreakdownSchema } from './profile-summary.js';
import { deviceSchema, executionSchema, modelReceiptSchema, type Receipt, runtimeSchema } from './receipt.js';
import { achievedSchema, rooflineSchema } from './roofline.js';
import { withheldReasons } from './roofline-trust.js';

const milliseconds = z.number().positive();

export const latencySummarySchema = z.object({
  runs: z.int().min(1),
  minimumMs: milliseconds,
  medianMs: milliseconds,
  p90Ms: milliseconds,
  p99Ms: milliseconds,
  imagesPerSecond: z.number().positive().exactOptional(),
  /** Of a language model, in the place of images. */
  wordsPerSecond: z.number().positive().exactOptional(),
});

/** A model that is measured as it was given. */
export const asGiven = 'as given';

export const measurementSchema = z.object({
  model: modelReceiptSchema,
  /** How the measured model was made from the given one: `as given`, or the graph options, `folded, int8`. */
  variant: z.string().min(1),
  runtime: runtimeSchema,
  execution: executionSchema,
  /** Creating the session: loading, optimizing, placing the model. */
  sessionMs: milliseconds,
  /** Not among the rounds. */
  firstRunMs: milliseconds,
  /** Runs behind the first that are not counted. */
  warmUpRuns: z.int().min(0),
  /** Latencies of the counted runs; round i of all measurements of a file ran side by side. */
  roundsMs: z.array(z.array(milliseconds).min(1)).min(1),
  summary: latencySummarySchema,
  /** Of copying inputs to the device and outputs back, where that is apart from the latency; null where it is in it. */
  hostCopyMs: milliseconds.nullable(),
  /** Of the process that ran it; null where that cannot be told. */
  peakMemoryBytes: z.number().positive().nullable(),
  /** Of the provider and so many threads, measured on the spot; null where it was not. */
  roofline: rooflineSchema.nullable(),
  /** Null where multiply-adds are not known, or are no float32. */
  achieved: achievedSchema.nullable(),
  /** Why shares of the roofline are left out; absent where they are not, or none were asked for. */
  withheld: z.enum(withheldReasons).exactOptional(),
  /** Null where the runtime gives no profile. */
  time: timeBreakdownSchema.nullable(),
});
/** What was measured of one candidate, round by round, with its receipt. */
export type Measurement = z.infer<typeof measurementSchema>;

/** A candidate that could not be measured, beside others that were. */
export const failureSchema = z.object({
  /** As it was given. */
  model: z.string(),
  /** Null where its forms could not even be made. */
  candidate: z
    .object({
      variant: z.string().min(1),
      ...executionSchema.pick({ asked: true, optimization: true, threads: true, batch: true, length: true })
        .shape,
    })
    .nullable(),
  /** Null for an error that is none of ours. */
  code: z.enum(errorCodes).nullable(),
  message: z.string(),
});
export type Failure = z.infer<typeof failureSchema>;

export const benchResultsSchema = z.object({
  format: z.literal(2),
  /** `genonnx 0.1.0`. */
  tool: z.string(),
  /** ISO 8601. */
  measuredAt: z.iso.datetime(),
  device: deviceSchema,
  measurements: z.array(measurementSchema).min(1),
  failures: z.array(failureSchema).default([]),
});
/** A whole benchmark, as `genonnx bench --json` prints it. */
export type BenchResults = z.infer<typeof benchResultsSchema>;

/** Results from the text of a file; `where` names it. @throws GenonnxError `file-corrupt`. */
export function parseResults(text: string, where: string): BenchResults {
  return parseJson(text, where, z.preprocess(upgraded, benchResultsSchema));
}

const formerSchema = z.looseObject({
  format: z.literal(1),
  measurements: z.array(z.looseObject({ model: z.looseObject({ accuracy: z.number().nullable() }) })),
});

/** Results of format 1, which knew no other score than accuracy, as those of today; all else as it is. */
function upgraded(results: unknown): unknown {
  const former = formerSchema.safeParse(results);
  if (!former.success) return results;
  const measurements = former.data.measurements.map(({ model: { accuracy, ...model }, ...measurement }) => ({
    ...measurement,
    model: { ...model, scores: accuracy === null ? {} : { accuracy } },
  }));
  return { ...former.data, format: 2, measurements };
}

/** The JSON schema (draft 2020-12) of what `bench --json` prints. */
export function benchJsonSchema(): object {
  return z.toJSONSchema(benchResultsSchema);
}

/** All that decides whether a measurement compares with another one. */
export function receiptOf({ device }: BenchResults, { runtime, model, execution }: Measurement): Receipt {
  return { device, runtime, model, execution };
}
