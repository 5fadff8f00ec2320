// What is known of a graph before it runs: which kernel evaluates each node, in which slot each value stands, and after
// which node each value is needed no more. What has no kernel is replaced by what it is composed of. Constants are uploaded
// once and stay with the plan.
import { bodiesOf } from '../../../graphs/bodies.js';
import { type Graph, isOp, type Node, type OperationName, type Value } from '../../../graphs/ir.js';
import { expandOperations } from '../../../graphs/passes/expand-operations.js';
import { elementCount, fixedShape } from '../../../graphs/shapes.js';
import type { Device } from './device.js';
import { dispose, type Handle, Stored, zero } from './handle.js';
import { kernels } from './kernels/index.js';
import type { Call, Kernel } from './kernels/kernel.js';
import { type ZeroRule, zeroRules } from './zero-rules.js';

export interface Step {
  readonly node: Node;
  readonly apply: (call: Call) => readonly Handle[];
  readonly isZero: ZeroRule;
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly shapes: readonly (readonly number[])[];
  /** The results where they are zero. */
  readonly zeros: readonly Handle[];
  /** Whether no result has an element. */
  readonly isEmpty: boolean;
  readonly wanted: readonly boolean[];
  /** Slots that nothing reads after this step. */
  readonly frees: readonly number[];
}

export interface Plan {
  readonly graph: Graph;
  readonly slots: number;
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly constants: readonly { readonly slot: number; readonly handle: Handle }[];
  readonly steps: readonly Step[];
}

/** The plans of a graph and of all bodies in it. */
export class Plans {
  readonly #plans = new Map<Graph, Plan>();
  readonly #constants: Handle[] = [];
  readonly main: Plan;

  constructor(
    graph: Graph,
    readonly device: Device,
  ) {
    this.main = this.#plan(expandOperations(graph, ({ op }) => Object.hasOwn(kernels, op)));
  }

  of(graph: Graph): Plan {
    const found = this.#plans.get(graph);
    if (found === undefined) throw new RangeError('a body without a plan');
    return found;
  }

  /** Nodes of all graphs together. */
  get nodes(): number {
    return [...this.#plans.values()].reduce((total, { graph }) => total + graph.nodes.length, 0);
  }

  dispose(): void {
    for (const handle of this.#constants.splice(0)) dispose(handle);
  }

  #plan(graph: Graph): Plan {
    const slots = new Map<Value, number>();
    const slotOf = (value: Value): number => {
      const found = slots.get(value);
      if (found !== undefined) return found;
      slots.set(value, slots.size);
      return slots.size - 1;
    };
    const inputs = graph.inputs.map(slotOf);
    const constants = graph.nodes
      .filter((node) => isOp(node, 'constant'))
      .flatMap((node) => {
        const [value] = node.outputs;
        return value === undefined ? [] : [{ slot: slotOf(value), handle: this.#constant(node) }];
      });
    const frees = lastReads(graph);
    const kept = new Set(graph.outputs.map(({ value }) => value));
    const read = new Set(graph.nodes.flatMap((node) => node.inputs));
    const steps = graph.nodes.flatMap((node, i): Step[] => {
      if (isOp(node, 'constant')) return [];
      for (const body of bodiesOf(node)) this.#planBody(body);
      const shapes = node.outputs.map(({ shape }) => fixedShape(shape, node.path));
      return [
        {
          node,
          ...rulesOf(node),
          inputs: node.inputs.map(slotOf),
          outputs: node.outputs.map(slotOf),
          shapes,
          zeros: shapes.map(zero),
          isEmpty: shapes.every((shape) => elementCount(shape) === 0),
          wanted: node.outputs.map((value) => kept.has(value) || read.has(value)),
          frees: (frees[i] ?? []).map(slotOf),
        },
      ];
    });
    const outputs = graph.outputs.map(({ value }) => slotOf(value));
    const plan = { graph, slots: slots.size, inputs, outputs, constants, steps };
    this.#plans.set(graph, plan);
    return plan;
  }

  #planBody(body: Graph): void {
    if (!this.#plans.has(body)) this.#plan(body);
  }

  /** A scalar of zero stays a number: multiplying by it is how probes find what is not finite. */
  #constant({ attributes }: Node<'constant'>): Handle {
    const { data, shape, dtype } = attributes;
    const handle: Handle =
      dtype !== 'float32'
        ? { kind: 'host', shape, dtype, data }
        : shape.length > 0 && data.every((value) => value === 0)
          ? zero(shape)
          : new Stored(shape, 'plain', this.device.upload(Float32Array.from(data), shape));
    this.#constants.push(handle);
    return handle;
  }
}

function rulesOf<K extends OperationName>({ op, attributes }: Node<K>): Pick<Step, 'apply' | 'isZero'> {
  const kernel: Kernel<K> | undefined = kernels[op];
  const isZero: ZeroRule | undefined = zeroRules[op];
  if (kernel === undefined || isZero === undefined) throw new RangeError(`no kernel of ${op}`);
  return { apply: (call) => kernel(call, attributes), isZero };
}

/** For each node, the values that are read there for the last time, or never. Outputs are not among them. */
function lastReads({ nodes, outputs }: Graph): Value[][] {
  const last = new Map<Value, number>();
  nodes.forEach((node, i) => {
    for (const value of node.outputs) last.set(value, i);
    for (const value of node.inputs) last.set(value, i);
  });
  for (const { value } of outputs) last.delete(value);
  const lists: Value[][] = nodes.map(() => []);
  for (const [value, i] of last) lists[i]?.push(value);
  return lists;
}
