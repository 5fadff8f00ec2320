// Evaluates a plan, node by node. What a graph makes it owns, and disposes of after its last use; captures and constants
// belong to others. When a kernel fails, everything that the run owns is disposed of and the error says where it was.
import type { Node } from '../../../graphs/ir.js';
import { Arena } from './arena.js';
import type { Device } from './device.js';
import { dispose, type Handle, isZero, Stored } from './handle.js';
import { type Bodies, Call } from './kernels/kernel.js';
import type { Plan, Plans, Step } from './plan.js';

export interface Run extends Bodies {
  readonly device: Device;
  readonly plans: Plans;
  /** What a kernel's failure becomes. */
  readonly failure: (node: Node, error: unknown) => Error;
}

export interface Input {
  readonly handle: Handle;
  /** Whether the run disposes of it. */
  readonly owned: boolean;
}

/** The graph's results; they belong to the caller. */
export function evaluate(plan: Plan, inputs: readonly Input[], run: Run): Handle[] {
  const values = new Array<Handle | undefined>(plan.slots);
  const owned = new Set<number>();
  plan.inputs.forEach((slot, i) => {
    const input = inputs[i];
    values[slot] = input?.handle;
    if (input?.owned) owned.add(slot);
  });
  for (const { slot, handle } of plan.constants) values[slot] = handle;
  const results: Handle[] = [];
  try {
    for (const step of plan.steps) {
      for (const [i, result] of applyStep(step, values, run).entries()) {
        const slot = step.outputs[i];
        if (slot === undefined) throw new RangeError(`${step.node.op} has no result ${i}`);
        values[slot] = result;
        owned.add(slot);
      }
      for (const slot of step.frees) {
        if (owned.delete(slot)) dispose(values[slot]);
        values[slot] = undefined;
      }
    }
    for (const slot of plan.outputs) {
      const handle = read(values, slot);
      results.push(owned.delete(slot) ? handle : sharing(handle, run));
    }
    return results;
  } catch (error) {
    for (const handle of results) dispose(handle);
    throw error;
  } finally {
    for (const slot of owned) dispose(values[slot]);
  }
}

function read(values: readonly (Handle | undefined)[], slot: number): Handle {
  const found = values[slot];
  if (found === undefined) throw new RangeError('a value is read that is not there');
  return found;
}

function applyStep(
  { node, apply, isZero: known, inputs: slots, shapes, zeros, isEmpty, wanted }: Step,
  values: readonly (Handle | undefined)[],
  run: Run,
): readonly Handle[] {
  const inputs = slots.map((slot) => read(values, slot));
  // Kernels need not be asked for tensors of no element, such as the rows of an empty list, and not all of them know what to do.
  if (isEmpty || (inputs.some(isZero) && known((i) => isZero(inputs[i]), inputs.length))) return zeros;
  const arena = new Arena(run.device);
  try {
    const results = apply(new Call(arena, inputs, { shapes, zeros, wanted }, run));
    arena.close(results);
    return results;
  } catch (error) {
    arena.close([]);
    throw run.failure(node, error);
  }
}

/** What a run needs, with the way into regions. */
export function startRun(setting: Omit<Run, 'runBody'>): Run {
  const run: Run = {
    ...setting,
    runBody: (body, captures) =>
      evaluate(
        setting.plans.of(body),
        captures.map((handle) => ({ handle, owned: false })),
        run,
      ),
  };
  return run;
}

/** Another handle on the same memory. */
function sharing(handle: Handle, { device }: Run): Handle {
  if (handle.kind !== 'stored') return handle;
  const form = handle.get('plain') === undefined ? 'maps' : 'plain';
  const tensor = handle.get(form);
  if (tensor === undefined) throw new RangeError('a value without a tensor');
  const same = device.run('Identity', { x: tensor });
  if (Array.isArray(same)) throw new TypeError('Identity');
  return new Stored(handle.shape, form, same);
}
