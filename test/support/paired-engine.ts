// Two engines at the same work: each program is run by both from the state of the first, so that what differs is of that run alone and
// does not add up.
import type { StateLayout } from '../../graphs/program.js';
import type { Engine, EngineState, Feeds, Fetches } from '../../src/engines/engine.js';
import { readState, writeState } from '../../src/engines/transfer.js';

/** A result, or a part of the state behind the run, as both have it. */
export interface Pair {
  readonly own: ArrayLike<number>;
  readonly other: ArrayLike<number>;
}

/** Results and state by their names. */
export type Run = ReadonlyMap<string, Pair>;

/** @param heard is told of each run. */
export function pairedEngine(own: Engine, other: Engine, heard: (run: Run) => void): Engine {
  const states = new Map<EngineState, { readonly twin: EngineState; readonly layout: StateLayout }>();
  return {
    description: `${own.description} beside ${other.description}`,
    async createState(layout) {
      const state = await own.createState(layout);
      states.set(state, { twin: await other.createState(layout), layout });
      return state;
    },
    async prepare(program, state) {
      const known = states.get(state);
      if (known === undefined) throw new RangeError('a state of another engine');
      const { twin, layout } = known;
      const [mine, theirs] = [await own.prepare(program, state), await other.prepare(program, twin)];
      return {
        loweringMs: mine.loweringMs,
        sessionMs: mine.sessionMs,
        nodes: mine.nodes,
        async run(feeds) {
          await writeState(twin, layout, await readState(state, layout));
          // What is fed is handed over.
          const copies = copied(feeds);
          const fetches = await mine.run(feeds);
          heard(
            new Map([
              ...pairsOf(fetches, await theirs.run(copies)),
              ...pairsOf(await readState(state, layout), await readState(twin, layout)),
            ]),
          );
          return fetches;
        },
        async dispose() {
          await mine.dispose();
          await theirs.dispose();
        },
      };
    },
    async dispose() {
      await own.dispose();
      await other.dispose();
    },
  };
}

function copied(feeds: Feeds): Feeds {
  return Object.fromEntries(
    Object.entries(feeds).map(([name, { shape, data }]) => [name, { shape, data: data.slice() }]),
  );
}

type Arrays = Readonly<Record<string, { readonly data: Fetches[string]['data'] }>>;

function pairsOf(own: Arrays, other: Arrays): [string, Pair][] {
  return Object.entries(own).map(([name, { data }]) => [
    name,
    { own: Float64Array.from(data, Number), other: Float64Array.from(other[name]?.data ?? [], Number) },
  ]);
}
