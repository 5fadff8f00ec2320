// DARTS's second-order architecture gradient on an engine (`estimators/unrolled.ts` has the formulas). L_train and L_val are both
// the loss that the alphas learn from. The unrolled weights and the two points beside w live in a state of their own, so that
// the search's weights stay where they are.
import type { Descent } from '../../graphs/optimizers/optimizer.js';
import { prepareChecked } from '../engines/checked.js';
import { copyFeeds } from '../engines/copy-feeds.js';
import type { Engine, EngineState, Feeds, Fetches } from '../engines/engine.js';
import { GenonnxError } from '../errors.js';
import { hessianVectorPoints, secondOrderGradient, unroll } from '../estimators/unrolled.js';
import { gradients, type SupernetTracer, searchStreams } from '../networks/search-programs.js';
import { stateLayout, stateNames, vectorOf } from '../networks/step.js';

export interface SecondOrder {
  /**
   * dL_val(w')/dcode less the second-order term, f32[entries]; the reports are those of the validation batch at w'.
   * @throws GenonnxError `diverged`, `engine`.
   */
  gradient(batches: SecondOrderBatches, learningRate: number): Promise<Judgement>;
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

/** Prepares the program; `state` is that of the search, whose weights move by `descent`. */
export async function prepareSecondOrder(
  engine: Engine,
  supernet: SupernetTracer,
  state: EngineState,
  descent: Descent,
): Promise<SecondOrder> {
  const traced = gradients(supernet);
  const trial = await engine.createState(stateLayout(traced.state));
  const { parameters: _, statistics: __, ...others } = traced.state;
  const carried = Object.keys(others);
  const program = await prepareChecked(engine, traced.program, trial);
  return {
    async gradient({ train, validation }, learningRate) {
      const weights = await state.read(stateNames.parameters);
      const velocity = descent.momentum === 0 ? undefined : await state.read('velocity');
      // They only say around which mean variances are taken; see `networks/norm.ts`.
      await trial.write(stateNames.statistics, await state.read(stateNames.statistics));
      const at = async (
        values: Float64Array | Float32Array,
        feeds: Feeds,
        stream?: typeof searchStreams.alphas,
      ): Promise<Fetches> => {
        await trial.write(stateNames.parameters, Float32Array.from(values));
        // Every run of a batch begins where the search's own sequence stands.
        for (const name of carried) await trial.write(name, await state.read(vectorOf(name, stream)));
        return await program.run(copyFeeds(feeds));
      };
      const here = await at(weights, train);
      const unrolled = unroll(weights, velocity, fetched(here, 'gradient'), { ...descent, learningRate });
      const judged = await at(unrolled.weights, validation, searchStreams.alphas);
      // As in the authors' code, the sequence of the alphas goes on from what it was at w'.
      for (const name of carried)
        await state.write(vectorOf(name, searchStreams.alphas), await trial.read(name));
      const direction = fetched(judged, 'gradient');
      const { plus, minus, epsilon } = hessianVectorPoints(weights, direction, descent.clipNorm);
      const above = fetched(await at(plus, train), 'gradient.code');
      const below = fetched(await at(minus, train), 'gradient.code');
      const gradient = secondOrderGradient(
        fetched(judged, 'gradient.code'),
        above,
        below,
        unrolled.rate,
        epsilon,
      );
      return { codeGradient: Float32Array.from(gradient), fetches: judged };
    },
  };
}

function fetched(fetches: Fetches, name: string): Float32Array {
  const data = fetches[name]?.data;
  if (data instanceof Float32Array) return data;
  throw new GenonnxError('engine', `The engine gave no ${name}.`);
}
