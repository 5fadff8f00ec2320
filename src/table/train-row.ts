// A row of a table from its place in the plan: settings, data and engine to a training and its scores. What goes wrong with one
// network is its row.
import type { Engine } from '../engines/engine.js';
import { GenonnxError } from '../errors.js';
import { withPaths } from '../tasks/given.js';
import type { TrainingRecipe } from '../tasks/recipes.js';
import type { Task, TaskShape } from '../tasks/task.js';
import type { Declaration } from './declaration.js';
import type { Row } from './rows.js';
import { trainCell } from './train-cell.js';

/** One training of the plan. */
export interface CellRun {
  readonly architecture: string;
  readonly genotype: string;
  readonly seed: number;
}

/** The settings of a training, as `genonnx train` would resolve them. @throws GenonnxError `usage`. */
export function settingsOf<S extends TaskShape>(
  { training }: Task<S>,
  { data, limit, preset: name, threads, train }: Declaration,
  { genotype, seed }: Pick<CellRun, 'genotype' | 'seed'>,
): S['training'] {
  const preset = training.presets.find((known) => known === name);
  if (preset === undefined) {
    throw new GenonnxError('usage', 'The task has no such preset.', {
      where: 'preset',
      expected: training.presets.join(', '),
      found: name,
    });
  }
  const given = { ...withPaths({}, new Map(Object.entries(train))), data, limit, seed, genotype };
  return training.resolve({ preset, given, threads });
}

export async function trainRow<S extends TaskShape>(
  task: Task<S>,
  declaration: Declaration,
  data: S['data'],
  engine: Engine,
  { architecture, genotype, seed }: CellRun,
): Promise<Row> {
  const startedAt = performance.now();
  try {
    const settings = settingsOf(task, declaration, { genotype, seed });
    const recipe: TrainingRecipe = settings;
    const problem = task.training.problem(settings, data);
    const { parameters, cost } = task.training.inference(settings, data);
    const isKept = (epoch: number): boolean => declaration.epochs?.includes(epoch) ?? true;
    const epochs = await trainCell({ recipe, problem, isKept }, engine);
    const seconds = (performance.now() - startedAt) / 1000;
    return { architecture, seed, parameters, macs: cost.macs, epochs, seconds };
  } catch (error) {
    return { architecture, seed, failure: error instanceof Error ? error.message : String(error) };
  }
}
