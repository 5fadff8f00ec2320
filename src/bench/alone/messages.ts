// What a process is asked that measures something as a whole, and what it says: progress, now and then, and one answer.
import { z } from 'zod';
import { NETWORK_NAMES } from '../../networks/evaluation.js';
import { PRIMITIVES } from '../../spaces/convolutional.js';
import { isOperation } from '../../spaces/search-space.js';
import { measuredSchema } from '../cells/measured.js';
import { failedSchema } from '../node/messages.js';
import { gatePatternSchema, stepTimingSchema } from '../step-timing.js';

const count = z.int().min(1);
const image = z.object({ channels: count, height: count, width: count });

/** How a step is run, and how often. */
const runs = {
  layout: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('portable') }),
    z.object({ kind: z.literal('blocked'), block: count }),
  ]),
  threads: count,
  runs: count,
  profile: z.boolean(),
};

/** A supernet's step; the space is that of DARTS. */
const stepQuestionSchema = z.object({
  kind: z.literal('step'),
  cells: count,
  channels: count,
  batch: count,
  image,
  gates: gatePatternSchema,
  ...runs,
});

/** A step of a genotype's network. */
const trainQuestionSchema = z.object({
  kind: z.literal('train'),
  /** As text. */
  genotype: z.string(),
  name: z.enum(NETWORK_NAMES),
  cells: count,
  initChannels: count,
  classes: count,
  image,
  auxiliary: z.boolean(),
  dropPath: z.number().min(0).lt(1),
  batch: count,
  ...runs,
});

/** The models of a plan for a latency table. */
const cellsQuestionSchema = z.object({
  kind: z.literal('cells'),
  plan: z.object({
    network: z.object({
      name: z.enum(NETWORK_NAMES),
      cells: count,
      initChannels: count,
      classes: count,
      image,
    }),
    primitives: z.array(z.enum(PRIMITIVES.filter(isOperation))),
    batch: count,
    foldBatchNorm: z.boolean(),
    genotypes: z.int().min(0),
    seed: z.int(),
  }),
  threads: count,
  rounds: count,
  runs: count,
  seconds: z.number().min(0),
});

export const questionSchema = z.discriminatedUnion('kind', [
  stepQuestionSchema,
  trainQuestionSchema,
  cellsQuestionSchema,
]);
export type Question = z.infer<typeof questionSchema>;

export const messageSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('progress'), done: z.number(), note: z.string() }),
  z.object({ kind: z.literal('step'), timing: stepTimingSchema }),
  z.object({ kind: z.literal('train'), timing: stepTimingSchema }),
  z.object({ kind: z.literal('cells'), measured: measuredSchema }),
  failedSchema,
]);
export type Message = z.infer<typeof messageSchema>;

/** The answer to a question of that kind. */
export type AnswerTo<K extends Question['kind']> = Extract<Message, { kind: K }>;
