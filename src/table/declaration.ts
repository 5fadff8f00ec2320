// What a table is of, as its file says it (YAML): a task with its data, the space whose networks are trained, and the recipe that
// they are trained by, in the settings of `genonnx train`.
import { LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { GenonnxError } from '../errors.js';
import { didYouMean } from '../nearest-name.js';
import { objectionTo } from '../objections.js';
import type { SearchSpace } from '../spaces/search-space.js';
import { searchSpace } from '../spaces/search-space.js';
import { type ChildOption, findOption, namesOf, readValue } from '../study/child-settings.js';
import { TASK_NAMES, type TaskName, tasks } from '../tasks/tasks.js';

const positive = z.int().min(1);
const settingValue = z.union([z.string(), z.number(), z.boolean(), z.array(z.number())]);

export const declarationSchema = z.strictObject({
  name: z.string().min(1),
  task: z.enum(TASK_NAMES),
  data: z.string().min(1),
  limit: positive.optional(),
  preset: z.string().default('small'),
  seeds: z.array(z.int().min(0)).min(1),
  /** Of each training. */
  threads: positive.default(1),
  /** Nodes and primitives of all cell types, where they are not those that the task searches in. */
  space: z.strictObject({ nodes: positive, primitives: z.array(z.string()).min(1) }).optional(),
  /** Epochs whose validation and test scores are kept, from 1; the last one always is. Default: all. */
  epochs: z.array(positive).optional(),
  /** By their paths. */
  train: z.record(z.string(), settingValue).default({}),
});
export type Declaration = z.infer<typeof declarationSchema>;

const cure = 'docs/tables/one-cell.yaml is an example.';

/** @param optionsOf the options of the task's trainings. @throws GenonnxError `usage` with line or key. */
export function parseDeclaration(
  text: string,
  source: string,
  optionsOf: (task: TaskName) => readonly ChildOption[],
): Declaration {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const [broken] = document.errors;
  if (broken !== undefined) {
    const { line, col } = lines.linePos(broken.pos[0]);
    throw refused(`${source}:${line}:${col}`, 'YAML', broken.message);
  }
  const content: unknown = document.toJS();
  const parsed = declarationSchema.safeParse(content);
  if (!parsed.success) {
    const { path, expected = '', found = '' } = objectionTo(content, parsed.error, cure);
    throw refused(`${source}, ${path.map(String).join('.')}`, expected, found);
  }
  const { data: declaration } = parsed;
  const train = settingsOf(declaration.train, `${source}, train`, optionsOf(declaration.task));
  return { ...declaration, seeds: [...new Set(declaration.seeds)], train };
}

/** The space that is declared. @throws GenonnxError `usage` for one that cannot be. */
export function declaredSpace({ task, space }: Pick<Declaration, 'task' | 'space'>): SearchSpace {
  const own: SearchSpace = tasks[task].space;
  if (space === undefined) return own;
  const { nodes, primitives } = space;
  const form: { readonly cellTypes: readonly { readonly primitives: readonly string[] }[] } =
    tasks[task].form;
  const known = form.cellTypes.flatMap((cellType) => cellType.primitives);
  const foreign = primitives.find((primitive) => !known.includes(primitive));
  if (foreign !== undefined) throw refused('space.primitives', `some of ${known.join(', ')}`, foreign);
  const cellTypes = own.cellTypes.map((cellType) => ({ ...cellType, nodes, primitives }));
  return searchSpace({ name: own.name, cellTypes });
}

/** What a table sets itself. */
const reserved: readonly string[] = ['data', 'limit', 'seed', 'threads'];

function settingsOf(
  given: Declaration['train'],
  where: string,
  options: readonly ChildOption[],
): Declaration['train'] {
  return Object.fromEntries(
    Object.entries(given).map(([key, value]) => {
      const option = findOption(options, key);
      if (option === undefined) {
        const names = namesOf(options);
        throw refused(where, `one of ${names.join(', ')}`, key, didYouMean(key, names, cure));
      }
      if (reserved.includes(option.path)) throw refused(where, 'it at the top of the declaration', key);
      try {
        return [option.path, readValue(option, value)];
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
        throw refused(`${where}.${key}`, error.message, JSON.stringify(value));
      }
    }),
  );
}

function refused(where: string, expected: string, found: string, how = cure): GenonnxError {
  const details = { where, expected, found, cure: how };
  return new GenonnxError('usage', 'This declaration of a table cannot be used.', details);
}
