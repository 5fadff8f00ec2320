// Checks the blocked operations on the machine at hand. They use an internal domain of ONNX Runtime, so before anyone
// trains with them each is run on small inputs and compared with the float64 interpreter, which shares no code with the
// runtime. The runtime is injected: this room knows none.
//
// All cases are outputs of one model, in one session. Where the runtime refuses that model, each case is tried alone, so
// that the verdict names the operations at fault.
import { Builder } from '../builder.js';
import { interpret, type Tensor } from '../interpret/interpret.js';
import type { Graph } from '../ir.js';
import { elementCount, fixedShape } from '../shapes.js';
import { lowerToOnnx } from './lower.js';
import { type CheckCase, checkCases } from './self-check/cases.js';
import { seededValues } from './self-check/values.js';

/** A tensor as a runtime takes it; truth values are bytes of 0 and 1. */
export interface CheckTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array | Uint8Array;
}

/** Runs an ONNX model once and returns its outputs by name. */
export type ModelRunner = (
  model: Uint8Array,
  feeds: Readonly<Record<string, CheckTensor>>,
) => Promise<Readonly<Record<string, ArrayLike<number>>>>;

export interface CheckFailure {
  readonly operation: string;
  /** Largest difference, relative to the largest expected element; infinite where there was no result. */
  readonly difference: number;
}

export interface CheckVerdict {
  readonly ok: boolean;
  readonly failures: readonly CheckFailure[];
}

/** Float32 against float64 stays two orders of magnitude below this, and a wrong result far above. */
const tolerance = 1e-3;

/** Runs every blocked operation in the given runtime and compares it with the interpreter. Never throws. */
export async function checkBlocked(block: number, run: ModelRunner): Promise<CheckVerdict> {
  const failures = (await measure(checkCases(block), block, run)).filter(
    ({ difference }) => !(difference <= tolerance),
  );
  return { ok: failures.length === 0, failures };
}

async function measure(
  cases: readonly CheckCase[],
  block: number,
  run: ModelRunner,
): Promise<readonly CheckFailure[]> {
  const graph = join(cases);
  const inputs = graph.inputs.map(({ shape, dtype, path }) => {
    const sizes = fixedShape(shape, path);
    const data =
      dtype === 'bool' ? gatePattern(elementCount(sizes)) : seededValues(elementCount(sizes), path);
    return { path, shape: sizes, data };
  });
  const tensors = inputs.map(({ path, shape, data }): [string, Tensor] => [
    path,
    { shape, data: Float64Array.from(data) },
  ]);
  let actual: Readonly<Record<string, ArrayLike<number>>>;
  try {
    const { bytes } = lowerToOnnx(graph, {
      layout: { kind: 'blocked', block },
      name: 'self-check',
      naming: 'short',
    });
    actual = await run(bytes, Object.fromEntries(inputs.map(({ path, ...tensor }) => [path, tensor])));
  } catch {
    const [only] = cases;
    if (cases.length === 1 && only !== undefined)
      return [{ operation: only.operation, difference: Number.POSITIVE_INFINITY }];
    const alone: CheckFailure[] = [];
    for (const oneCase of cases) alone.push(...(await measure([oneCase], block, run)));
    return alone;
  }
  const expected = interpret(graph, Object.fromEntries(tensors));
  return cases.map(({ operation }) => {
    const differences = Object.entries(expected)
      .filter(([name]) => name.startsWith(`${operation}#`))
      .map(([name, { data }]) => difference(actual[name], data));
    return { operation, difference: Math.max(...differences) };
  });
}

/** All cases in one graph, with the outputs `operation#result`. */
function join(cases: readonly CheckCase[]): Graph {
  const g = new Builder();
  const outputs = cases.flatMap(({ operation, build }) => {
    let inputs = 0;
    const values = build(g, (shape, dtype = 'float32') => {
      inputs += 1;
      return g.input(`${operation}/${inputs}`, shape, dtype);
    });
    return values.map((value, i) => ({ name: `${operation}#${i}`, value }));
  });
  return g.build(outputs);
}

/** Gate 0 is open, gate 1 is closed. */
function gatePattern(count: number): Uint8Array {
  return Uint8Array.from({ length: count }, (_, i) => (i === 0 ? 1 : 0));
}

/** Largest difference, relative to the largest expected element; infinite for a missing result or one that is no number. */
function difference(actual: ArrayLike<number> | undefined, expected: Float64Array): number {
  if (actual?.length !== expected.length) return Number.POSITIVE_INFINITY;
  let largest = 0;
  let most = 0;
  expected.forEach((wanted, i) => {
    largest = Math.max(largest, Math.abs(wanted));
    const departs = Math.abs((actual[i] ?? Number.NaN) - wanted);
    most = Number.isNaN(departs) ? Number.POSITIVE_INFINITY : Math.max(most, departs);
  });
  return most / Math.max(largest, 1e-3);
}
