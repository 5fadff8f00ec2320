// The study file: YAML in, a resolved `Study` out. Whatever does not fit is refused with its line and its key, before
// anything is run.
import { isNode, LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { GenonnxError } from '../errors.js';
import { didYouMean } from '../nearest-name.js';
import { objectionTo } from '../objections.js';
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
  type Match,
  type Method,
  type RandomSettings,
  type Study,
  studySchema,
} from './config.js';

/** The method that searches nothing. */
const random = 'random';

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
const fileSchema = z.strictObject({
  name: z.string().min(1),
  task: z.enum(TASK_NAMES).optional(),
  data: z.string().min(1),
  limit: count.optional(),
  preset: z.string().default('small'),
  seeds: z.array(z.int().min(0)).min(1),
  jobs: z.union([z.literal('auto'), count]).default('auto'),
  threads: count.default(1),
  'search-seconds': z.number().positive().optional(),
  methods: z
    .array(
      z.looseObject({
        name: z.string().min(1).optional(),
        method: z.string().min(1),
        kind: z.enum(['edges', 'operations', 'codes']).optional(),
        operations: operationsSchema.optional(),
        match: matchFileSchema.optional(),
      }),
    )
    .min(1),
  search: z.record(z.string(), z.unknown()).default({}),
  train: z.record(z.string(), z.unknown()).default({}),
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
  requirePreset(task, searched, file.preset);
  if (searched === undefined) requireNoSearches(task, file.methods);
  const { 'search-seconds': searchSeconds, limit, seeds } = file;
  const twice = seeds.findIndex((seed, index) => seeds.indexOf(seed) < index);
  if (twice >= 0) throw new Refusal(['seeds', twice], 'each seed once', String(seeds[twice]));
  const search = settings(file.search, ['search'], options.search, ownSettings);
  if (searchSeconds !== undefined && search.epochs !== undefined) {
    throw new Refusal(['search-seconds'], 'a budget of seconds or of epochs', 'both');
  }
  const methods = file.methods.map((method, index) =>
    resolveMethod(method, ['methods', index], file, options),
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
    ...(searchSeconds === undefined ? {} : { searchSeconds }),
    methods,
    search,
    train: settings(file.train, ['train'], options.train, ownSettings),
  });
}

/** One preset is for searches and trainings, where there are searches. */
function requirePreset(task: TaskName, searched: SearchedTaskName | undefined, preset: string): void {
  const trainings: readonly string[] = tasks[task].training.presets;
  const both =
    searched === undefined
      ? trainings
      : searchedTasks[searched].search.presets.filter((name) => trainings.includes(name));
  if (!both.some((name) => name === preset))
    throw new Refusal(['preset'], `one of ${both.join(', ')}`, preset, didYouMean(preset, both, seeExample));
}

/** Where nothing can be searched, genotypes are drawn. */
function requireNoSearches(task: TaskName, methods: readonly FileMethod[]): void {
  methods.forEach(({ method }, index) => {
    if (method !== random)
      throw new Refusal(
        ['methods', index, 'method'],
        `${random}: networks for ${task} are not searched`,
        method,
        `Draw genotypes with method: ${random}, or search in a study of ${SEARCHED_TASK_NAMES[0]}.`,
      );
  });
}

function resolveMethod(
  { name, method, kind, operations, match, ...further }: FileMethod,
  path: Path,
  file: z.infer<typeof fileSchema>,
  { search }: ChildOptions,
): Method {
  if (method === random) {
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
  if (choice === undefined) {
    if (method !== 'egs') throw new Refusal([...path, 'method'], 'egs or random', method);
    return { name: name ?? method, method, settings: own };
  }
  readSetting(choice, method, [...path, 'method']);
  return { name: name ?? method, method, settings: { method, ...own } };
}

function resolveMatch(
  match: z.infer<typeof matchFileSchema>,
  path: Path,
  file: z.infer<typeof fileSchema>,
): Match {
  const names = file.methods.flatMap(({ name, method }) => (method === random ? [] : [name ?? method]));
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
