// DARTS's second-order architecture gradient on an engine (`estimators/unrolled.ts` has the formulas). The unrolled weights
// and the two points beside w live in a state of their own, so that the search's weights stay where they are.
import { prepareChecked } from '../engines/checked.js';
import { copyFeeds } from '../engines/copy-feeds.js';
import type { Engine, EngineState, Feeds, Fetches } from '../engines/engine.js';
import { GenonnxError } from '../errors.js';
import {
  hessianVectorPoints,
  secondOrderGradient,
  type UnrolledStep,
  unrolledWeights,
} from '../estimators/unrolled.js';
import { gradients, type SupernetTracer } from '../networks/search-programs.js';
import { stateLayout, stateNames } from '../networks/step.js';

export interface SecondOrder {
  /**
   * dL_val(w')/dcode less xi times the second-order term, f32[entries of both cells]; the reports are those of the
   * validation batch at w'. @throws GenonnxError `diverged`, `engine`.
   */
  gradient(batches: SecondOrderBatches, step: UnrolledStep): Promise<Judgement>;
}

export interface SecondOrderBatches {
  /** The task's feeds of a batch, code and gates. */
  readonly train: Feeds;
  readonly validation: Feeds;
}

export interface Judgement {
  readonly codeGradient: Float32Array;
  readonly fetches: Fetches;
}

/** Prepares the program; `state` is that of the search. */
export async function prepareSecondOrder(
  engine: Engine,
  supernet: SupernetTracer,
  state: EngineState,
): Promise<SecondOrder> {
  const traced = gradients(supernet);
  const trial = await engine.createState(stateLayout(traced.state));
  const program = await prepareChecked(engine, traced.program, trial);
  return {
    async gradient({ train, validation }, step) {
      const [weights, velocity] = [await state.read(stateNames.parameters), await state.read('velocity')];
      // They only say around which mean variances are taken; see `networks/norm.ts`.
      await trial.write(stateNames.statistics, await state.read(stateNames.statistics));
      const at = async (values: Float64Array | Float32Array, feeds: Feeds): Promise<Fetches> => {
        await trial.write(stateNames.parameters, Float32Array.from(values));
        return await program.run(copyFeeds(feeds));
      };
      const here = await at(weights, train);
      const unrolled = unrolledWeights(weights, velocity, vectorOf(here, 'gradient'), step);
      const judged = await at(unrolled, validation);
      const { plus, minus, epsilon } = hessianVectorPoints(weights, vectorOf(judged, 'gradient'));
      const above = vectorOf(await at(plus, train), 'gradient.code');
      const below = vectorOf(await at(minus, train), 'gradient.code');
      const gradient = secondOrderGradient(
        vectorOf(judged, 'gradient.code'),
        above,
        below,
        step.learningRate,
        epsilon,
      );
      return { codeGradient: Float32Array.from(gradient), fetches: judged };
    },
  };
}

function vectorOf(fetches: Fetches, name: string): Float32Array {
  const data = fetches[name]?.data;
  if (data instanceof Float32Array) return data;
  throw new GenonnxError('engine', `The engine gave no ${name}.`);
}
