// The programs of a search on an engine, sharing one state: fresh, or as a checkpoint left it.
import { prepareChecked } from '../engines/checked.js';
import type { Engine, PreparedProgram } from '../engines/engine.js';
import { METHOD_TABLE, routeOf } from '../estimators/methods.js';
import { initialState } from '../networks/initial-state.js';
import {
  architectureStep,
  evaluation,
  jointStep,
  type SupernetTracer,
  weightStep,
} from '../networks/search-programs.js';
import { type Step, stateLayout, stateNames } from '../networks/step.js';
import { openStream } from '../random.js';
import type { Arrays } from '../runs/snapshot.js';
import type { SearchRecipe } from '../tasks/recipes.js';
import { prepareSecondOrder, type SecondOrder } from './second-order.js';

export interface SearchPrograms {
  readonly joint?: PreparedProgram;
  readonly architecture: PreparedProgram;
  readonly weights: PreparedProgram;
  readonly evaluation: PreparedProgram;
  /** Takes the place of `architecture` in methods of second order. */
  readonly secondOrder?: SecondOrder;
  readState(): Promise<Arrays>;
}

export async function prepareSearch(
  engine: Engine,
  supernet: SupernetTracer,
  config: SearchRecipe,
  resumed: Arrays | undefined,
): Promise<SearchPrograms> {
  const { mode, weights, seed, method } = config;
  // One after the other, so that only one graph is held at a time.
  const steps: (() => Step)[] =
    mode === 'joint'
      ? [() => jointStep(supernet, weights, routeOf('joint', config))]
      : [
          () => architectureStep(supernet, routeOf('architecture', config)),
          () => weightStep(supernet, weights),
        ];
  const slots = evaluation(supernet).state;
  const state = await engine.createState(stateLayout(slots));
  const fresh = initialState(slots, openStream(seed, 'weights'));
  const names = Object.values(stateNames);
  for (const name of names) {
    const saved = resumed?.[name]?.data;
    const values =
      saved instanceof Float32Array
        ? saved
        : name === stateNames.velocity
          ? undefined
          : fresh[name === stateNames.parameters ? 'parameters' : 'statistics'];
    if (values !== undefined) await state.write(name, values);
  }
  const prepared: PreparedProgram[] = [];
  for (const trace of [...steps, () => evaluation(supernet)])
    prepared.push(await prepareChecked(engine, trace().program, state));
  const [first, second] = prepared;
  const last = prepared.at(-1);
  if (first === undefined || second === undefined || last === undefined) throw new RangeError('programs');
  const readState = async (): Promise<Arrays> => {
    const arrays: Record<string, Arrays[string]> = {};
    for (const name of names) {
      const data = await state.read(name);
      arrays[name] = { shape: [data.length], data };
    }
    return arrays;
  };
  return mode === 'joint'
    ? { joint: first, architecture: first, weights: first, evaluation: last, readState }
    : {
        architecture: first,
        weights: second,
        evaluation: last,
        readState,
        ...(METHOD_TABLE[method].secondOrder
          ? { secondOrder: await prepareSecondOrder(engine, supernet, state) }
          : {}),
      };
}
