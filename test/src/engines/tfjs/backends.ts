// The backends of TensorFlow.js that tests run on: the pure JavaScript one, which is always there, and tfjs-node's where
// that can be loaded. And small helpers to run graphs on an engine.
import type { Tensor } from '../../../../graphs/interpret/interpret.js';
import type { DType, Graph } from '../../../../graphs/ir.js';
import type { Engine, HostTensor } from '../../../../src/engines/engine.js';
import { createTfjsEngine } from '../../../../src/engines/tfjs/engine.js';
import { type LoadedTfjs, loadTfjs, probeTfjs } from '../../../../src/engines/tfjs/load.js';
import type { Tfjs } from '../../../../src/engines/tfjs/tfjs.js';
import { defined } from '../../../support/tensors.js';

export interface Backend {
  readonly name: string;
  readonly loaded: LoadedTfjs | undefined;
}

const { found, attempts } = await probeTfjs();
const native = found !== undefined && found.package !== '@tensorflow/tfjs' ? await loadTfjs() : undefined;

/** Backends are global in a process: where the native one is there, only it is tested. */
export const backends: readonly Backend[] =
  native === undefined
    ? [{ name: 'pure JavaScript', loaded: await loadTfjs({ packages: ['@tensorflow/tfjs'] }) }]
    : [{ name: native.found.description, loaded: native }];

/** Why tfjs-node is not tested here; undefined where it is. */
export const whyNotNative: string | undefined =
  native === undefined
    ? attempts.map(({ package: name, outcome, reason }) => `${name} ${reason ?? outcome}`).join(', ')
    : undefined;

export function engineOf(loaded: LoadedTfjs | undefined): Engine {
  return createTfjsEngine(defined(loaded));
}

/** Runs a graph without state; inputs are fed by path. */
export async function runGraph(
  engine: Engine,
  graph: Graph,
  feeds: Readonly<Record<string, Tensor>>,
): Promise<Record<string, Tensor>> {
  const program = { name: 'test', graph, stateInputs: {}, stateOutputs: {} };
  const prepared = await engine.prepare(program, await engine.createState({}));
  try {
    const fed = graph.inputs.map(({ path, dtype }) => [path, toHost(defined(feeds[path]), dtype)]);
    const results = await prepared.run(Object.fromEntries(fed));
    return Object.fromEntries(
      Object.entries(results).map(([name, { shape, data }]) => [
        name,
        { shape, data: Float64Array.from(Array.from<number | bigint>(data), Number) },
      ]),
    );
  } finally {
    await prepared.dispose();
  }
}

export function toHost({ shape, data }: Tensor, dtype: DType): HostTensor {
  if (dtype === 'float32') return { shape, data: Float32Array.from(data) };
  if (dtype === 'int64') return { shape, data: BigInt64Array.from(data, BigInt) };
  return { shape, data: Uint8Array.from(data) };
}

type RunKernel = ReturnType<Tfjs['engine']>['runKernel'];

/** TensorFlow.js with another way to run kernels: to watch them, or to let one fail. */
export function withKernels(tf: Tfjs, runKernel: (original: RunKernel) => RunKernel): Tfjs {
  const kernels = tf.engine();
  return {
    version: tf.version,
    enableProdMode: () => tf.enableProdMode(),
    setBackend: (name) => tf.setBackend(name),
    backend: () => tf.backend(),
    getBackend: () => tf.getBackend(),
    memory: () => tf.memory(),
    tensor: (...values) => tf.tensor(...values),
    engine: () => ({ runKernel: runKernel((...call) => kernels.runKernel(...call)) }),
  };
}
