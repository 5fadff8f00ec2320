// The study file: YAML in, a resolved `Study` out. Whatever does not fit is refused with its line and its key, before
// anything is run.
import { isNode, LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { GenonnxError } from '../errors.js';
import { DERIVATION_NAMES } from '../estimators/derive-alphas.js';
import { didYouMean } from '../nearest-name.js';
import { objectionTo } from '../objections.js';
import { parseGenotypeOf } from '../spaces/parse.js';
import { printAnyGenotype, printGenotypeOf } from '../spaces/print.js';
import { anyZooEntry, findZooEntry } from '../spaces/zoo.js';
import {
  SEARCHED_TASK_NAMES,
  type SearchedTaskName,
  searchedTasks,
  TASK_NAMES,
  type TaskName,
  tasks,
} from '../tasks/tasks.js';
import { type ChildOption, type ChildOptions, findOption, namesOf, readValue } from './child-settings.js';
import {
  type ChildSettings,
  type Derivation,
  type Match,
  type Method,
  type RandomSettings,
  type Study,
  studySchema,
} from './config.js';

/** The method that searches nothing. */
const random = 'random';
/** What a method is whose genotype the file gives. */
const known = 'known';

/** What a study sets itself, for all of its runs. */
const ownSettings: readonly string[] = ['data', 'limit', 'seed', 'threads'];

/** What every method must have alike: the budget. */
const budgetSettings: readonly string[] = ['epochs', 'batch'];

const defaultTolerance = 0.1;
/** Drawing and counting one takes some milliseconds. */
const maxDraws = 1000;

const count = z.int().min(1);
const matchFileSchema = z.union([
  z.literal('parameters'),
  z.strictObject({
    parameters: z.union([count, z.string()]),
    tolerance: z.number().positive().default(defaultTolerance),
    draws: count.default(maxDraws),
  }),
]);
const operationsSchema = z.union([count, z.tuple([count, count]).refine(([low, high]) => low <= high)]);
const deriveSchema = z.strictObject({ rule: z.enum(DERIVATION_NAMES), operations: count.optional() });
const fileSchema = z.strictObject({
  name: z.string().min(1),
  task: z.enum(TASK_NAMES).optional(),
  data: z.string().min(1),
  limit: count.optional(),
  preset: z.string().default('small'),
  seeds: z.array(z.int().min(0)).min(1),
  'search-seed': z.int().min(0).optional(),
  'search-data': z.string().min(1).optional(),
  'search-preset': z.string().optional(),
  jobs: z.union([z.literal('auto'), count]).default('auto'),
  threads: count.default(1),
  'search-seconds': z.number().positive().optional(),
  methods: z
    .array(
      z.looseObject({
        name: z.string().min(1).optional(),
        method: z.string().min(1).optional(),
        genotype: z.string().min(1).optional(),
        derive: deriveSchema.optional(),
        kind: z.enum(['edges', 'operations', 'codes']).optional(),
        operations: operationsSchema.optional(),
        match: matchFileSchema.optional(),
      }),
    )
    .min(1),
  search: z.record(z.string(), z.unknown()).default({}),
  train: z.union([z.literal(false), z.record(z.string(), z.unknown())]).default({}),
  recipes: z.record(z.string().min(1), z.record(z.string(), z.unknown())).optional(),
});
type FileMethod = z.infer<typeof fileSchema>['methods'][number];

type Path = readonly PropertyKey[];

const seeExample = 'The help of genonnx study has an example, and docs/studies/small.yaml is another.';

/** Something at `path` that is not as it should be. */
class Refusal extends Error {
  constructor(
    readonly path: Path,
    readonly expected: string,
    readonly found: string,
    readonly cure: string = seeExample,
  ) {
    super(expected);
  }
}

/** The data that a study file names; undefined where it cannot be read, or says which task it is of. */
export function dataOfUnnamedTask(text: string): string | undefined {
  const document = parseDocument(text, { prettyErrors: false });
  const data = document.errors.length > 0 || document.has('task') ? undefined : document.get('data');
  return typeof data === 'string' ? data : undefined;
}

/**
 * @param optionsOf The options of a task's commands. @param ofData What the study's data is of, where the file names no task.
 * @throws GenonnxError `usage` with `source:line` and the key.
 */
export function parseStudy(
  text: string,
  source: string,
  optionsOf: (task: TaskName) => ChildOptions,
  ofData?: TaskName,
): Study {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const [broken] = document.errors;
  if (broken !== undefined) {
    const { line, col } = lines.linePos(broken.pos[0]);
    throw refused(`${source}:${line}:${col}`, 'YAML', broken.message);
  }
  const lineOf = (path: Path): number => {
    for (let depth = path.length; depth > 0; depth--) {
      const node = document.getIn(path.slice(0, depth), true);
      if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
    }
    return 1;
  };
  const at = (path: Path): string =>
    `${source}:${lineOf(path)}${path.length === 0 ? '' : `, ${path.map(String).join('.')}`}`;
  const content = plainData(document, source);
  const parsed = fileSchema.safeParse(content);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    if (issue?.code === 'unrecognized_keys') {
      const [key = ''] = issue.keys;
      const names = Object.keys(fileSchema.shape);
      throw refused(
        at([...issue.path, key]),
        `one of ${names.join(', ')}`,
        key,
        didYouMean(key, names, seeExample),
      );
    }
    const { path, expected, found, cure } = objectionTo(content, parsed.error, seeExample);
    throw refused(at(path), expected, found, cure);
  }
  try {
    const task = parsed.data.task ?? ofData ?? TASK_NAMES[0];
    return resolve(parsed.data, task, optionsOf(task));
  } catch (error) {
    if (error instanceof Refusal) throw refused(at(error.path), error.expected, error.found, error.cure);
    throw error;
  }
}

function plainData(document: ReturnType<typeof parseDocument>, source: string): unknown {
  try {
    return document.toJS();
  } catch (error) {
    // Aliases of nothing, or too many of them.
    throw refused(source, 'YAML', error instanceof Error ? error.message : String(error));
  }
}

function refused(where: string, expected: string, found: string, cure = seeExample): GenonnxError {
  return new GenonnxError('usage', 'This study file cannot be used.', { where, expected, found, cure });
}

function resolve(file: z.infer<typeof fileSchema>, task: TaskName, options: ChildOptions): Study {
  const searched = SEARCHED_TASK_NAMES.find((name) => name === task);
  requirePresets(task, searched, file);
  if (searched === undefined) requireNoSearches(task, file.methods);
  const {
    'search-seconds': searchSeconds,
    'search-seed': searchSeed,
    'search-data': searchData,
    'search-preset': searchPreset,
    limit,
    seeds,
  } = file;
  const twice = seeds.findIndex((seed, index) => seeds.indexOf(seed) < index);
  if (twice >= 0) throw new Refusal(['seeds', twice], 'each seed once', String(seeds[twice]));
  const search = settings(file.search, ['search'], options.search, ownSettings);
  if (searchSeconds !== undefined && search.epochs !== undefined) {
    throw new Refusal(['search-seconds'], 'a budget of seconds or of epochs', 'both');
  }
  const methods = file.methods.map((method, index) =>
    resolveMethod(method, ['methods', index], file, task, options),
  );
  methods.forEach(({ name }, index) => {
    if (methods.findIndex((method) => method.name === name) < index)
      throw new Refusal(['methods', index], 'methods of different names', `two of ${name}`);
  });
  return studySchema.parse({
    name: file.name,
    task,
    data: file.data,
    ...(limit === undefined ? {} : { limit }),
    preset: file.preset,
    seeds,
    jobs: file.jobs,
    threads: file.threads,
    ...(searchSeed === undefined ? {} : { searchSeed }),
    ...(searchData === undefined ? {} : { searchData }),
    ...(searchPreset === undefined ? {} : { searchPreset }),
    ...(searchSeconds === undefined ? {} : { searchSeconds }),
    ...(file.train === false ? { children: false } : {}),
    methods: underRecipes(methods, file, options.train),
    search,
    train: file.train === false ? {} : settings(file.train, ['train'], options.train, ownSettings),
  });
}

/** Every method under every recipe, one recipe after the other: rankings of networks depend on how they are trained. */
function underRecipes(
  methods: readonly Method[],
  { recipes, train }: z.infer<typeof fileSchema>,
  options: readonly ChildOption[],
): readonly Method[] {
  if (recipes === undefined) return methods;
  if (train === false) throw new Refusal(['recipes'], 'recipes, or train: false', 'both');
  const called = (name: string, recipe: string): string => `${name}, ${recipe}`;
  return Object.entries(recipes).flatMap(([recipe, given]) => {
    const own = settings(given, ['recipes', recipe], options, ownSettings);
    return methods.map((method): Method => {
      const { name, random } = method;
      const target = random?.match?.target;
      const matched =
        random?.match === undefined || typeof target !== 'string'
          ? random
          : { ...random, match: { ...random.match, target: called(target, recipe) } };
      return {
        ...method,
        name: called(name, recipe),
        of: name,
        recipe: { name: recipe, train: own },
        ...(matched === undefined ? {} : { random: matched }),
      };
    });
  });
}

/** One preset is for searches and trainings, unless searches have their own, or there are none. */
function requirePresets(
  task: TaskName,
  searched: SearchedTaskName | undefined,
  { methods, preset, 'search-preset': searchPreset }: z.infer<typeof fileSchema>,
): void {
  const trainings: readonly string[] = tasks[task].training.presets;
  const searches: readonly string[] = searched === undefined ? [] : searchedTasks[searched].search.presets;
  const isShared = searchPreset === undefined && searched !== undefined && methods.some(isSearched);
  requireOne(preset, isShared ? searches.filter((name) => trainings.includes(name)) : trainings, 'preset');
  if (searchPreset !== undefined) requireOne(searchPreset, searches, 'search-preset');
}

function requireOne(preset: string, known: readonly string[], key: string): void {
  if (!known.includes(preset))
    throw new Refusal([key], `one of ${known.join(', ')}`, preset, didYouMean(preset, known, seeExample));
}

/** Whether its genotypes are neither drawn nor known already. */
function isSearched({ method, genotype }: FileMethod): boolean {
  return method !== random && genotype === undefined;
}

/** Where nothing can be searched, genotypes are drawn. */
function requireNoSearches(task: TaskName, methods: readonly FileMethod[]): void {
  methods.forEach((method, index) => {
    if (isSearched(method))
      throw new Refusal(
        ['methods', index, 'method'],
        `${random}, or a genotype: networks for ${task} are not searched`,
        String(method.method),
        `Draw genotypes with method: ${random}, or search in a study of ${SEARCHED_TASK_NAMES[0]}.`,
      );
  });
}

function resolveMethod(
  { name, method, genotype, derive, kind, operations, match, ...further }: FileMethod,
  path: Path,
  file: z.infer<typeof fileSchema>,
  task: TaskName,
  { search }: ChildOptions,
): Method {
  if (genotype !== undefined) {
    const others = Object.entries({ method, derive, kind, operations, match, ...further });
    const [other] = others.find(([, value]) => value !== undefined) ?? [];
    if (other !== undefined)
      throw new Refusal([...path, other], 'name and genotype: what is known is not searched', other);
    return knownMethod(name ?? genotype, genotype, [...path, 'genotype'], task);
  }
  if (method === undefined) throw new Refusal([...path, 'method'], 'a method, or a genotype', 'neither');
  if (method === random) {
    if (derive !== undefined)
      throw new Refusal([...path, 'derive'], 'it only where something is searched', 'derive');
    const [key] = Object.keys(further);
    if (key !== undefined)
      throw new Refusal([...path, key], 'name, kind, operations or match: random searches nothing', key);
    const [low, high] = typeof operations === 'object' ? operations : [operations ?? 2, operations ?? 2];
    const found: RandomSettings = { kind: kind ?? 'edges', operations: [low, high] };
    if (match !== undefined) found.match = resolveMatch(match, [...path, 'match'], file);
    return { name: name ?? method, method, settings: {}, random: found };
  }
  for (const [key, value] of Object.entries({ kind, operations, match })) {
    if (value !== undefined) throw new Refusal([...path, key], 'it only with method: random', key);
  }
  const own = settings(further, path, search, [...ownSettings, ...budgetSettings]);
  const choice = search.find((option) => option.path === 'method');
  const derived = derive === undefined ? {} : { derive: resolveDerivation(derive, [...path, 'derive']) };
  if (choice === undefined) {
    if (method !== 'egs') throw new Refusal([...path, 'method'], 'egs or random', method);
    return { name: name ?? method, method, settings: own, ...derived };
  }
  readSetting(choice, method, [...path, 'method']);
  return { name: name ?? method, method, settings: { method, ...own }, ...derived };
}

/** A genotype by its name in the zoo, or as text. */
function knownMethod(name: string, genotype: string, path: Path, task: TaskName): Method {
  try {
    const { form } = tasks[task];
    const text = findZooEntry(genotype) === undefined ? genotype : printAnyGenotype(anyZooEntry(genotype));
    return {
      name,
      method: known,
      settings: {},
      genotype: printGenotypeOf(form, parseGenotypeOf(form, text)),
    };
  } catch (error) {
    if (!(error instanceof GenonnxError)) throw error;
    throw new Refusal(path, error.details.expected ?? 'a genotype', genotype, error.details.cure);
  }
}

function resolveDerivation({ rule, operations }: z.infer<typeof deriveSchema>, path: Path): Derivation {
  if (operations === undefined) return { rule };
  if (rule !== 'darts') throw new Refusal([...path, 'operations'], 'it only with rule: darts', rule);
  return { rule, operations };
}

function resolveMatch(
  match: z.infer<typeof matchFileSchema>,
  path: Path,
  file: z.infer<typeof fileSchema>,
): Match {
  const names = file.methods.flatMap(({ name, method, genotype }) =>
    method === random ? [] : (name ?? genotype ?? method ?? []),
  );
  if (match === 'parameters') {
    const [target] = names;
    if (target === undefined) throw new Refusal(path, 'another method to match', 'random only');
    return { target, tolerance: defaultTolerance, draws: maxDraws };
  }
  const { parameters: target, tolerance, draws } = match;
  if (typeof target === 'string' && !names.includes(target))
    throw new Refusal(
      [...path, 'parameters'],
      `a number, or one of ${names.join(', ')}`,
      target,
      didYouMean(target, names, seeExample),
    );
  return { target, tolerance, draws };
}

function settings(
  given: Readonly<Record<string, unknown>>,
  path: Path,
  options: readonly ChildOption[],
  reserved: readonly string[],
): ChildSettings {
  const found: ChildSettings = {};
  for (const { keys, value } of leaves(given)) {
    const key = keys.join('.');
    const here = [...path, ...keys];
    const option = findOption(options, key);
    if (option === undefined) {
      const names = namesOf(options);
      const paths = options.map((known) => known.path);
      const cure = didYouMean(key, [...names, ...paths], seeExample);
      throw new Refusal(here, `one of ${names.join(', ')}`, key, cure);
    }
    if (reserved.includes(option.path)) {
      const isBudget = budgetSettings.includes(option.path);
      throw new Refusal(
        here,
        isBudget ? 'one budget for all, under search' : 'it at the top of the study',
        key,
      );
    }
    if (found[option.path] !== undefined) throw new Refusal(here, 'each setting once', key);
    found[option.path] = readSetting(option, value, here);
  }
  return found;
}

function readSetting(option: ChildOption, value: unknown, path: Path): ChildSettings[string] {
  try {
    return readValue(option, value);
  } catch (error) {
    if (error instanceof GenonnxError)
      throw new Refusal(path, error.details.expected ?? error.message, String(value), error.details.cure);
    if (error instanceof RangeError) throw new Refusal(path, error.message, JSON.stringify(value));
    throw error;
  }
}

/** The members that are no objects, with the keys that lead to them: `temperature: {start: 3}` has one. */
function leaves(
  value: Readonly<Record<string, unknown>>,
  keys: readonly string[] = [],
): { keys: string[]; value: unknown }[] {
  return Object.entries(value).flatMap(([key, member]) => {
    const nested = z.record(z.string(), z.unknown()).safeParse(member);
    return nested.success ? leaves(nested.data, [...keys, key]) : [{ keys: [...keys, key], value: member }];
  });
}
