// A declaration: what one of the paper's tables or figures shows, what the paper has in it, how it is run at each scale, and what
// its figures cannot be compared with. YAML beside the documents in, checked data out; what is wrong in it is refused.
import { parseDocument } from 'yaml';
import { z } from 'zod';
import { GenonnxError } from '../errors.js';
import { objectionTo } from '../objections.js';
import { COLUMN_NAMES } from './columns.js';
import { PUBLISHED_NETWORKS } from './networks.js';
import { SERIES_NAMES } from './series.js';

const text = z.string().min(1);
const columnName = z.enum(COLUMN_NAMES);
const cell = z.union([z.number(), text]);

const common = {
  title: text,
  /** Where in the paper it is, in its words. */
  source: text,
  /** What it shows, in a sentence or two. */
  shows: text,
  /** What of the paper's own figures does not fit together. */
  inconsistencies: z.array(text).default([]),
  /** What may not be compared, and why. */
  incomparable: z.array(text).default([]),
};

const codesSchema = z.strictObject({
  ...common,
  kind: z.literal('codes'),
  probabilities: z.array(z.number().min(0).max(1)).min(1),
  samples: z.int().min(1),
  draws: z.int().min(1),
  seed: z.int().min(0),
  /** By code, `10`. */
  published: z.record(text, cell).default({}),
});

/** Noise of the form of known data sets, by which steps are timed where the data is not at hand; scenes are made of embedded data. */
const STAND_INS = ['cifar-10', 'imagenet', 'penn-treebank', 'wikitext-2', 'scenes'] as const;
export type StandIn = (typeof STAND_INS)[number];

const count = z.int().min(1);

/** Data that a user must have. */
const needSchema = z.strictObject({
  /** What it is, in words. */
  what: text,
  /** How much there is to learn from: images, or words. */
  examples: count,
  'stand-in': z.enum(STAND_INS),
});

/** How much an epoch has by which a run is timed; a training may need a smaller batch than its own, for memory. */
const measuredSchema = z.strictObject({
  search: count.default(128),
  train: count.default(128),
  batch: count.optional(),
  /** Of two epochs, where a recipe counts steps. */
  steps: count.optional(),
});

const scaleSchema = z.strictObject({
  /** On two idle cores, of the experiment alone, from measured epochs. Absent where nobody has an idea. */
  minutes: z.number().positive().optional(),
  data: needSchema.optional(),
  'search-data': needSchema.optional(),
  measured: measuredSchema.default({ search: 128, train: 128 }),
  /** A study file, but for its name and the data that the user has. */
  study: z.record(z.string(), z.unknown()),
});

const tableSchema = z.strictObject({
  ...common,
  kind: z.literal('table'),
  columns: z.array(columnName).min(1),
  series: z.enum(SERIES_NAMES).optional(),
  /** The paper's rows, with the names that our methods have where they are the same. */
  published: z.array(z.strictObject({ name: text, values: z.partialRecord(columnName, cell) })).default([]),
  /** Published genotypes, whose networks are counted exactly whatever the scale. */
  networks: z
    .array(z.strictObject({ genotype: text, network: z.enum(PUBLISHED_NETWORKS), row: text }))
    .default([]),
  scales: z.strictObject({ small: scaleSchema, paper: scaleSchema }),
});

const declarationSchema = z.discriminatedUnion('kind', [codesSchema, tableSchema]);
export type Declaration = z.infer<typeof declarationSchema>;
export type CodesDeclaration = z.infer<typeof codesSchema>;
export type TableDeclaration = z.infer<typeof tableSchema>;
export type ScaleDeclaration = z.infer<typeof scaleSchema>;

/** @throws GenonnxError `usage` with the file and the key. */
export function parseDeclaration(yaml: string, source: string): Declaration {
  const document = parseDocument(yaml, { prettyErrors: false });
  const [broken] = document.errors;
  if (broken !== undefined) throw refused(source, { expected: 'YAML', found: broken.message });
  const content: unknown = document.toJS();
  const parsed = declarationSchema.safeParse(content);
  if (parsed.success) return parsed.data;
  const { path, ...objection } = objectionTo(content, parsed.error, 'See docs/experiments/table-8.yaml.');
  throw refused(`${source}${path.length === 0 ? '' : `, ${path.map(String).join('.')}`}`, objection);
}

function refused(
  where: string,
  details: { readonly expected: string; readonly found: string; readonly cure?: string },
): GenonnxError {
  return new GenonnxError('usage', 'This declaration of an experiment cannot be used.', {
    where,
    ...details,
  });
}
