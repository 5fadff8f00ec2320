// The float64 interpreter as an engine: slow, exact, and what an engine's tests of search code can be run on.
import { interpret, type Tensor, tensor } from '../../graphs/interpret/interpret.js';
import type { Value } from '../../graphs/ir.js';
import type { Program } from '../../graphs/program.js';
import type { Engine, EngineState, Feeds, Fetches } from '../../src/engines/engine.js';
import { defined } from './tensors.js';

/** State in float64, which `read` and `write` round to float32 as every engine's is. */
class InterpreterState implements EngineState {
  readonly vectors = new Map<string, Float64Array>();
  async read(name: string): Promise<Float32Array> {
    return Float32Array.from(defined(this.vectors.get(name)));
  }
  async write(name: string, data: Float32Array): Promise<void> {
    this.vectors.set(name, Float64Array.from(data));
  }
}

export function interpreterEngine(): Engine {
  return {
    description: 'float64 interpreter',
    async createState(layout) {
      const state = new InterpreterState();
      for (const [name, size] of Object.entries(layout)) state.vectors.set(name, new Float64Array(size));
      return state;
    },
    async prepare(program, state) {
      if (!(state instanceof InterpreterState)) throw new TypeError('state of another engine');
      return {
        loweringMs: 0,
        sessionMs: 0,
        nodes: program.graph.nodes.length,
        run: async (feeds) => run(program, state, feeds),
        dispose: async () => {},
      };
    },
    async dispose() {},
  };
}

function run({ graph, stateInputs, stateOutputs }: Program, state: InterpreterState, feeds: Feeds): Fetches {
  const bound = new Map<Value, Tensor>();
  for (const value of graph.inputs) {
    const name = stateInputs[value.path];
    const vector = name === undefined ? undefined : defined(state.vectors.get(name));
    const { shape, data } =
      vector === undefined ? defined(feeds[value.path]) : { shape: [vector.length], data: vector };
    bound.set(value, tensor(shape, Array.from(data, Number)));
  }
  const results = interpret(graph, bound);
  const fetches: Record<string, Fetches[string]> = {};
  for (const [name, { shape, data }] of Object.entries(results)) {
    const target = stateOutputs[name];
    if (target === undefined) fetches[name] = { shape, data: Float32Array.from(data) };
    else state.vectors.set(target, data);
  }
  return fetches;
}
