// What determines a study, with every default resolved: `config.json` of its folder holds it, and a study that is
// continued must agree with it.
import { z } from 'zod';
import { DERIVATION_NAMES } from '../estimators/derive-alphas.js';
import { taskField } from '../tasks/names.js';

const positive = z.int().min(1);

/** Settings of the commands `search` and `train`, by their paths in the configurations, `weights.learningRate`. */
const settingsSchema = z.record(
  z.string(),
  z.union([z.string(), z.number(), z.boolean(), z.array(z.number())]),
);
export type ChildSettings = z.infer<typeof settingsSchema>;

const matchSchema = z.object({
  /** Parameters of the trained child: a number, or the mean over the genotypes that the method of this name found. */
  target: z.union([positive, z.string()]),
  /** As a share of the target. */
  tolerance: z.number().positive(),
  /** Draws after which the nearest so far is taken. */
  draws: positive,
});
export type Match = z.infer<typeof matchSchema>;

const randomSchema = z.object({
  /** The space of genotypes, as `estimators/random.ts` has them. */
  kind: z.enum(['edges', 'operations', 'codes']),
  /** Operations of a node (of `codes` the most): each draw takes one number of this range for all of its nodes. */
  operations: z.tuple([positive, positive]),
  match: matchSchema.optional(),
});
export type RandomSettings = z.infer<typeof randomSchema>;

/** How a genotype is read off the alphas that a search leaves, where that is not the method's own rule. */
const derivationSchema = z.object({
  rule: z.enum(DERIVATION_NAMES),
  /** Of each edge that the rule `darts` keeps. */
  operations: positive.optional(),
});
export type Derivation = z.infer<typeof derivationSchema>;

const methodSchema = z.object({
  name: z.string().min(1),
  /** As `search --method` has it, or `random`: a genotype drawn without any search. */
  method: z.string().min(1),
  /** What this method's searches have beside those of all. */
  settings: settingsSchema,
  /** Present where nothing is searched. */
  random: randomSchema.optional(),
  /** The text of one that is known already: nothing is searched either. */
  genotype: z.string().optional(),
  derive: derivationSchema.optional(),
  /** Where children are trained under several recipes: the one of this row, and what it sets beside the settings of all trainings. */
  recipe: z.object({ name: z.string().min(1), train: settingsSchema }).optional(),
  /** The method whose searches it shares, where that is not its name. */
  of: z.string().min(1).optional(),
});
export type Method = z.infer<typeof methodSchema>;

export const studySchema = z.object({
  name: z.string().min(1),
  task: taskField,
  data: z.string().min(1),
  limit: positive.optional(),
  /** One that the task has for searches and for trainings. */
  preset: z.string(),
  seeds: z.array(z.int().min(0)).min(1),
  /** One search of each method for all seeds, which are then those of its children. */
  searchSeed: z.int().min(0).optional(),
  /** Of searches, where they are on other data than the trainings, or have another preset. */
  searchData: z.string().min(1).optional(),
  searchPreset: z.string().optional(),
  /** Absent where what is found is trained. */
  children: z.literal(false).optional(),
  /** Runs side by side. It changes no result. */
  jobs: z.union([positive, z.literal('auto')]),
  /** Of each run. */
  threads: positive,
  /** Time that every search gets, instead of epochs. */
  searchSeconds: z.number().positive().optional(),
  methods: z.array(methodSchema).min(1),
  search: settingsSchema,
  train: settingsSchema,
});
export type Study = z.infer<typeof studySchema>;
