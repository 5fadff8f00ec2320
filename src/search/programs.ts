// The programs of a search on an engine, sharing one state: fresh, or as a checkpoint left it.
import type { Descent, Optimizer } from '../../graphs/optimizers/optimizer.js';
import { prepareChecked } from '../engines/checked.js';
import type { Engine, PreparedProgram } from '../engines/engine.js';
import { readState, writeState } from '../engines/transfer.js';
import { GenonnxError } from '../errors.js';
import { METHOD_TABLE, routeOf } from '../estimators/methods.js';
import { initialState } from '../networks/initial-state.js';
import {
  architectureStep,
  evaluation,
  jointStep,
  type SupernetTracer,
  searchState,
  weightStep,
} from '../networks/search-programs.js';
import { type Step, stateLayout } from '../networks/step.js';
import { openStream } from '../random.js';
import type { Arrays } from '../runs/snapshot.js';
import type { SearchRecipe } from '../tasks/recipes.js';
import { prepareSecondOrder, type SecondOrder } from './second-order.js';

export interface SearchPrograms {
  readonly joint?: PreparedProgram;
  readonly architecture: PreparedProgram;
  readonly weights: PreparedProgram;
  /** Prepared when it is asked for first, at the end of an epoch: steps need not wait for it. */
  evaluation(): Promise<PreparedProgram>;
  /** Takes the place of `architecture` in methods of second order. */
  readonly secondOrder?: SecondOrder;
  readState(): Promise<Arrays>;
}

export async function prepareSearch(
  engine: Engine,
  supernet: SupernetTracer,
  config: SearchRecipe,
  optimizer: Optimizer,
  resumed: Arrays | undefined,
): Promise<SearchPrograms> {
  const { mode, seed, method } = config;
  const descent = METHOD_TABLE[method].secondOrder ? unrolledDescent(optimizer, config) : undefined;
  const slots = searchState(supernet, optimizer);
  const layout = stateLayout(slots);
  const state = await engine.createState(layout);
  await writeState(state, layout, resumed ?? initialState(slots, openStream(seed, 'weights')));
  const prepared: PreparedProgram[] = [];
  const traces = searchTraces(supernet, config, optimizer).map(({ trace }) => trace);
  for (const trace of traces) prepared.push(await prepareChecked(engine, trace().program, state));
  const [first, second = first] = prepared;
  if (first === undefined || second === undefined) throw new RangeError('programs');
  let last: Promise<PreparedProgram> | undefined;
  const evaluating = (): Promise<PreparedProgram> => {
    // Unchecked: what a derived genotype comes to inside the supernet ends no search.
    last ??= engine.prepare(evaluation(supernet).program, state);
    return last;
  };
  const read = () => readState(state, layout);
  return mode === 'joint'
    ? { joint: first, architecture: first, weights: first, evaluation: evaluating, readState: read }
    : {
        architecture: first,
        weights: second,
        evaluation: evaluating,
        readState: read,
        ...(descent === undefined
          ? {}
          : { secondOrder: await prepareSecondOrder(engine, supernet, state, descent) }),
      };
}

export interface SearchTrace {
  /** Whose codes the step is fed. */
  readonly phase: 'joint' | 'architecture' | 'weights';
  readonly trace: () => Step;
}

/** The steps of a search, in order. They are traced one after the other, so that only one graph is held at a time. */
export function searchTraces(
  supernet: SupernetTracer,
  config: SearchRecipe,
  optimizer: Optimizer,
): SearchTrace[] {
  if (config.mode === 'joint')
    return [{ phase: 'joint', trace: () => jointStep(supernet, optimizer, routeOf('joint', config)) }];
  return [
    { phase: 'architecture', trace: () => architectureStep(supernet, routeOf('architecture', config)) },
    { phase: 'weights', trace: () => weightStep(supernet, optimizer) },
  ];
}

/** The step that a method of second order unrolls. @throws GenonnxError `usage` for an optimizer that is not SGD. */
function unrolledDescent(
  { name, descent }: Optimizer,
  { clipsUnrolled = false }: Pick<SearchRecipe, 'clipsUnrolled'>,
): Descent {
  if (descent === undefined) {
    throw new GenonnxError('usage', 'A method of second order unrolls a step of SGD.', {
      expected: 'sgd',
      found: name,
      cure: 'Search with SGD, or with a method of first order.',
    });
  }
  const { clipNorm: _, ...unclipped } = descent;
  return clipsUnrolled ? descent : unclipped;
}
