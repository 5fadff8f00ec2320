// What the process of a measurement is asked, and what it answers: one answer a question, in order.
import { z } from 'zod';
import { errorCodes } from '../../../graphs/errors.js';
import { GenonnxError } from '../../errors.js';
import { providerNames } from '../providers.js';
import { optimizationLevels, runtimeSchema } from '../receipt.js';
import { rooflineSchema } from '../roofline.js';

const requestSchema = z.object({
  file: z.string(),
  provider: z.enum(providerNames),
  batch: z.int(),
  text: z.object({ length: z.int(), words: z.int() }).exactOptional(),
  threads: z.int(),
  optimization: z.enum(optimizationLevels),
  allowFallback: z.boolean(),
});

export const questionSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('open'), request: requestSchema }),
  z.object({ kind: z.literal('round'), runs: z.int().min(1) }),
  z.object({ kind: z.literal('close') }),
  z.object({ kind: z.literal('roofline'), provider: z.enum(providerNames), threads: z.int() }),
]);
export type Question = z.infer<typeof questionSchema>;

const milliseconds = z.number();
const openedSchema = z.object({
  runtime: runtimeSchema,
  sessionMs: milliseconds,
  firstRunMs: milliseconds,
  warmUpRuns: z.int(),
});
const profiledNodeSchema = z.object({
  name: z.string(),
  operator: z.string(),
  provider: z.string(),
  timeMs: milliseconds,
});
const closingSchema = z.object({
  peakMemoryBytes: z.number().nullable(),
  hostCopyMs: milliseconds.nullable(),
  profile: z.object({ runs: z.int(), nodes: z.array(profiledNodeSchema).readonly() }).nullable(),
});
const detailsSchema = z.object({
  expected: z.string().exactOptional(),
  found: z.string().exactOptional(),
  where: z.string().exactOptional(),
  cure: z.string().exactOptional(),
});

export const failedSchema = z.object({
  kind: z.literal('failed'),
  /** Null for an error that is none of ours. */
  code: z.enum(errorCodes).nullable(),
  summary: z.string(),
  details: detailsSchema,
});
export type Failed = z.infer<typeof failedSchema>;

export const answerSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('opened'), opened: openedSchema }),
  z.object({ kind: z.literal('round'), latenciesMs: z.array(milliseconds) }),
  z.object({ kind: z.literal('closed'), closing: closingSchema }),
  z.object({ kind: z.literal('roofline'), roofline: rooflineSchema }),
  failedSchema,
]);
export type Answer = z.infer<typeof answerSchema>;

export function failure(error: unknown): Failed {
  if (error instanceof GenonnxError) {
    const { code, details, message } = error;
    return { kind: 'failed', code, summary: message.split('\n')[0] ?? '', details };
  }
  const summary = error instanceof Error ? error.message : String(error);
  return { kind: 'failed', code: null, summary, details: {} };
}
