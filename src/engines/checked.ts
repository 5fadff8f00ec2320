// Programs that stop where their loss is no number any more, and say which operation was the first to yield one. The
// engine leaves the state as it was before such a step (`Program.guard`), so that the same step can be run again, with a
// probe at every value.
import { probeFinite } from '../../graphs/passes/probe-finite.js';
import type { Program } from '../../graphs/program.js';
import { GenonnxError } from '../errors.js';
import { copyFeeds } from './copy-feeds.js';
import type { Engine, EngineState, Feeds, Fetches, PreparedProgram } from './engine.js';

/** As `engine.prepare`; `run` throws GenonnxError `diverged` with the operation and its path. */
export async function prepareChecked(
  engine: Engine,
  program: Program,
  state: EngineState,
): Promise<PreparedProgram> {
  const { guard } = program;
  const prepared = await engine.prepare(program, state);
  if (guard === undefined) return prepared;
  const { loweringMs, sessionMs, nodes } = prepared;
  return {
    loweringMs,
    sessionMs,
    nodes,
    dispose: () => prepared.dispose(),
    run: async (feeds: Feeds): Promise<Fetches> => {
      // The arrays go to the engine, and the step may have to be run again.
      const kept = copyFeeds(feeds);
      const fetches = await prepared.run(feeds);
      if (hasFinite(fetches, guard)) return fetches;
      await prepared.dispose();
      throw await diverged(engine, program, state, kept, String(fetches[guard]?.data[0]));
    },
  };
}

/** Whether a result of one number is finite. */
function hasFinite(fetches: Fetches, name: string): boolean {
  return Number.isFinite(Number(fetches[name]?.data[0]));
}

async function diverged(
  engine: Engine,
  program: Program,
  state: EngineState,
  feeds: Feeds,
  loss: string,
): Promise<GenonnxError> {
  const first = await firstNonFinite(engine, program, state, feeds);
  const details =
    first === undefined
      ? { found: `${loss}, from values that are all finite when calculated again` }
      : { where: first.path, found: `${loss}; ${first.op} was the first operation to yield such a value` };
  return new GenonnxError('diverged', 'The loss is not finite any more.', {
    ...details,
    cure: 'Lower the learning rate, or resume from the last checkpoint with another seed.',
  });
}

/** The first node, in order of execution, that yields an infinite number or none; undefined where all are finite. */
async function firstNonFinite(
  engine: Engine,
  program: Program,
  state: EngineState,
  feeds: Feeds,
): Promise<{ readonly op: string; readonly path: string } | undefined> {
  const { graph, nodes } = probeFinite(program.graph);
  const probing: Program = {
    name: `${program.name}-probe`,
    graph,
    stateInputs: program.stateInputs,
    stateOutputs: {},
  };
  const prepared = await engine.prepare(probing, state);
  const { probes } = await prepared.run(feeds);
  await prepared.dispose();
  const index = Array.from(probes?.data ?? [], Number).findIndex((value) => !Number.isFinite(value));
  return nodes[index];
}
