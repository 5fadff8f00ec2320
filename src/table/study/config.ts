// A study on a table, as its file says it (YAML): methods, seeds, and the table in which their choices are looked up.
import { LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { GenonnxError } from '../../errors.js';
import { METHODS } from '../../estimators/methods.js';
import { didYouMean } from '../../nearest-name.js';
import { objectionTo } from '../../objections.js';
import { type ChildOption, findOption, namesOf, readValue } from '../../study/child-settings.js';
import type { ChildSettings } from '../../study/config.js';

/** What chooses without a supernet. */
export const LOOKUPS = [
  /** A code that has a path, uniformly drawn; or, with `samples`, what is derived of alphas that have learned nothing. */
  'random',
  /** The best of so many of them, by the validation score of one seed. */
  'random-search',
  /** Regularized evolution (Real et al., 2019), by the same. */
  'evolution',
  /** The most parameters, or multiply-adds, among so many that are drawn; of all where it says nothing. */
  'parameters',
  'macs',
  /** The largest score of an untrained network, likewise. */
  'synflow',
  'gradient-norm',
] as const;
export type LookupName = (typeof LOOKUPS)[number];

const count = z.int().min(1);
const value = z.union([z.string(), z.number(), z.boolean(), z.array(z.number())]);

const lookupSchema = z.object({
  name: z.string().min(1),
  /** The method that it is held against, where that is not the study's reference. */
  against: z.string().optional(),
  method: z.enum(LOOKUPS),
  queries: count.optional(),
  population: count,
  sample: count,
  /** M and the scope of the search whose derivation is taken. */
  samples: count.optional(),
  scope: z.enum(['edge', 'node']).optional(),
});
export type Lookup = z.infer<typeof lookupSchema>;

const searchSchema = z.object({
  name: z.string().min(1),
  against: z.string().optional(),
  method: z.enum(METHODS),
  /** By their paths, those of all searches among them. */
  settings: z.record(z.string(), value),
});
export type Searched = z.infer<typeof searchSchema>;

export const tableStudySchema = z.object({
  name: z.string().min(1),
  /** As the file says it. */
  table: z.string().min(1),
  seeds: z.array(z.int().min(0)).min(1),
  threads: count,
  /** By which examples of the table choices are judged. */
  split: z.enum(['validation', 'test']),
  /** What was tuned, on what, and with which seeds, as the authors say it. */
  tuned: z.string().exactOptional(),
  /** The method that others are held against. */
  reference: z.string(),
  methods: z.array(z.union([lookupSchema, searchSchema])).min(1),
});
export type TableStudy = z.infer<typeof tableStudySchema>;
export type TableMethod = TableStudy['methods'][number];

export function isLookup(method: TableMethod): method is Lookup {
  return LOOKUPS.some((name) => name === method.method);
}

const fileSchema = z.strictObject({
  name: z.string().min(1),
  table: z.string().min(1),
  /** How many, from 1 on, or which. */
  seeds: z.union([count, z.array(z.int().min(0)).min(1)]),
  threads: count.default(1),
  split: z.enum(['validation', 'test']).default('test'),
  tuned: z.string().min(1).exactOptional(),
  reference: z.string().optional(),
  methods: z
    .array(
      z.looseObject({
        name: z.string().min(1).optional(),
        against: z.string().min(1).optional(),
        method: z.string(),
        queries: count.optional(),
        population: count.default(10),
        sample: count.default(3),
        samples: count.optional(),
        scope: z.enum(['edge', 'node']).optional(),
      }),
    )
    .min(1),
  search: z.record(z.string(), value).default({}),
});

const cure = 'docs/tables/study.yaml is an example.';

/** Whether a study file is of a table. */
export function isTableStudy(text: string): boolean {
  const document = parseDocument(text, { prettyErrors: false });
  return document.errors.length === 0 && document.has('table');
}

/** @param options of searches of the table's task. @throws GenonnxError `usage` with line or key. */
export function parseTableStudy(text: string, source: string, options: readonly ChildOption[]): TableStudy {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const content: unknown = document.toJS();
  const parsed = fileSchema.safeParse(content);
  if (!parsed.success) {
    const { path, expected, found } = objectionTo(content, parsed.error, cure);
    throw refused(`${source}, ${path.map(String).join('.')}`, expected, found);
  }
  const { seeds, search, methods, reference, ...rest } = parsed.data;
  const common = settingsOf(search, `${source}, search`, options);
  const resolved = methods.map((given, index): TableMethod => {
    const { name: called, against, method, queries, population, sample, samples, scope, ...others } = given;
    const name = called ?? method;
    const other = against === undefined ? {} : { against };
    const derivation = {
      ...(samples === undefined ? {} : { samples }),
      ...(scope === undefined ? {} : { scope }),
    };
    const own = method === 'random' ? others : { ...derivation, ...others };
    const where = `${source}, methods.${index}`;
    const lookup = LOOKUPS.find((known) => known === method);
    if (lookup !== undefined) {
      const [foreign] = Object.keys(own);
      if (foreign !== undefined)
        throw refused(
          where,
          'name, queries, population and sample; of random also samples and scope',
          foreign,
        );
      const asked = queries === undefined ? {} : { queries };
      return {
        name,
        ...other,
        method: lookup,
        population,
        sample,
        ...asked,
        ...(lookup === 'random' ? derivation : {}),
      };
    }
    const searched = METHODS.find((known) => known === method);
    const words = [...LOOKUPS, ...METHODS];
    if (searched === undefined)
      throw refused(where, words.join(', '), method, didYouMean(method, words, cure));
    return {
      name,
      ...other,
      method: searched,
      settings: { ...common, ...settingsOf(own, where, options), method },
    };
  });
  const names = resolved.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice !== undefined) throw refused(source, 'methods of different names', `two of ${twice}`);
  const held = reference ?? resolved.find(({ method }) => method === 'random')?.name ?? names[0] ?? '';
  if (!names.includes(held)) throw refused(`${source}, reference`, names.join(', '), held);
  resolved.forEach(({ against }, index) => {
    if (against !== undefined && !names.includes(against))
      throw refused(`${source}, methods.${index}.against`, names.join(', '), against);
  });
  return {
    ...rest,
    seeds: typeof seeds === 'number' ? Array.from({ length: seeds }, (_, index) => index + 1) : seeds,
    reference: held,
    methods: resolved,
  };
}

/** What the study and its table set. */
const reserved: readonly string[] = ['task', 'data', 'limit', 'seed', 'threads', 'method'];

function settingsOf(
  given: Readonly<Record<string, unknown>>,
  where: string,
  options: readonly ChildOption[],
): ChildSettings {
  return Object.fromEntries(
    Object.entries(given).map(([key, one]) => {
      const option = findOption(options, key);
      if (option === undefined) {
        const names = namesOf(options);
        throw refused(where, `one of ${names.join(', ')}`, key, didYouMean(key, names, cure));
      }
      if (reserved.includes(option.path)) throw refused(where, 'it in the study or its table', key);
      try {
        return [option.path, readValue(option, one)];
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
        throw refused(`${where}.${key}`, error.message, JSON.stringify(one));
      }
    }),
  );
}

function refused(where: string, expected: string, found: string, how = cure): GenonnxError {
  const details = { where, expected, found, cure: how };
  return new GenonnxError('usage', 'This study on a table cannot be used.', details);
}
