// What `experiment.json` holds: the table or the figure with the paper's figures beside ours, and the study that ours come from.
import { z } from 'zod';
import { studyResultsSchema } from '../study/results.js';
import { COLUMN_NAMES } from './columns.js';
import { SCALES } from './names.js';
import { PUBLISHED_NETWORKS } from './networks.js';
import { SERIES_NAMES } from './series.js';

const text = z.string();
const number = z.number();

const common = {
  format: z.literal(1),
  name: text,
  title: text,
  source: text,
  shows: text,
  /** By which it is made again. */
  command: text,
  inconsistencies: z.array(text),
  incomparable: z.array(text),
};

/** Numbers one for each run, or a word. */
const oursSchema = z.union([
  z.object({ values: z.array(number), mean: number, standardDeviation: number.nullable() }),
  z.object({ text }),
]);
export type OursCell = z.infer<typeof oursSchema>;
const paperSchema = z.union([number, text]);
export type PaperCell = z.infer<typeof paperSchema>;

const rowSchema = z.object({
  name: text,
  ours: z.partialRecord(z.enum(COLUMN_NAMES), oursSchema),
  paper: z.partialRecord(z.enum(COLUMN_NAMES), paperSchema),
});
export type ExperimentRow = z.infer<typeof rowSchema>;

const networkSchema = z.object({
  genotype: text,
  network: z.enum(PUBLISHED_NETWORKS),
  title: text,
  parameters: z.int(),
  macs: z.int().optional(),
  /** The row of the paper's table, with what it has of the two in millions. */
  row: text,
  paperParameters: paperSchema.optional(),
  paperMacs: paperSchema.optional(),
});
export type NetworkRow = z.infer<typeof networkSchema>;

const lineSchema = z.object({
  name: text,
  points: z.array(z.object({ epoch: z.int(), mean: number, n: z.int() })),
});

const tableSchema = z.object({
  ...common,
  kind: z.literal('table'),
  scale: z.enum(SCALES),
  columns: z.array(z.enum(COLUMN_NAMES)),
  rows: z.array(rowSchema),
  series: z.object({ name: z.enum(SERIES_NAMES), lines: z.array(lineSchema) }).optional(),
  networks: z.array(networkSchema),
  study: studyResultsSchema,
});
export type TableResults = z.infer<typeof tableSchema>;

const codesSchema = z.object({
  ...common,
  kind: z.literal('codes'),
  probabilities: z.array(number),
  samples: z.int(),
  draws: z.int(),
  seed: z.int(),
  codes: z.array(z.object({ code: text, exact: number, drawn: number, paper: paperSchema.optional() })),
});
export type CodesResults = z.infer<typeof codesSchema>;

export const experimentResultsSchema = z.discriminatedUnion('kind', [tableSchema, codesSchema]);
export type ExperimentResults = z.infer<typeof experimentResultsSchema>;
