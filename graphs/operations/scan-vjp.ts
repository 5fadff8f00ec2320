// The derivative of a scan: the derivative of its body, run from the other end. The states of that scan are the cotangents
// of the states. It takes in what it needs of the body's values, which the forward scan hands out besides, stacked, or
// which it calculates again.
//
// What a step adds to the gradient of a capture is added up in one more state. Of a product a^T d that is larger than its
// factors, the factors are handed out instead, and multiplied behind the loop, since
//
//   sum_t a_t^T d_t = A^T D,      A and D the rows of all steps, one step's below the other's.
import type { Builder } from '../builder.js';
import { type Dimension, isOp, type Node, type Output, type Value } from '../ir.js';
import { partition, savedAsCopies } from '../partition.js';
import { factorsOf, fixedShape, times } from '../shapes.js';
import type { Derivative, VjpRule } from './rule.js';

type Cotangents = readonly (Value | undefined)[];

/** Where all instances of a value of the body stand, one for each step: f32[T, ...]. */
type Stacks = Map<Value, Value>;

export const scanVjp: VjpRule<'scan'> = (node, { g, cotangents, wanted, ofBody }) => {
  const { body, states, sequences, reversed } = node.attributes;
  const outer = new Map(body.inputs.flatMap((inner, i) => pairOf(inner, node.inputs[i])));
  const elements = body.inputs.slice(states, states + sequences);
  const captures = new Set(body.inputs.slice(states + sequences));
  const carried = carriedStates(node, cotangents);

  // A step takes in the cotangents of the states behind it, and those of its own results.
  const seeds = body.outputs.map(({ value }, i): Value | undefined =>
    (i < states ? carried[i] : cotangents[i]) ? { ...value, path: 'cotangent' } : undefined,
  );
  const derivative = ofBody(
    body,
    body.outputs.flatMap(({ value }, i) => pairOf(value, seeds[i])),
    body.inputs.filter((_, i) => (i < states ? carried[i] : wanted[i])),
  );
  const { gradients } = derivative;
  const summands = [...captures].flatMap((value) =>
    summandsOf(value, gradients.get(value), derivative, captures),
  );
  const ofElements = elements.flatMap((value) => gradients.get(value) ?? []);
  const factors = summands.flatMap(({ products }) => products.flat());

  const stacks: Stacks = new Map(elements.flatMap((value) => pairOf(value, outer.get(value))));
  body.outputs.forEach(({ value }, i) => {
    if (i < states) return;
    for (const [inner, stack] of [...pairOf(seeds[i], cotangents[i]), ...pairOf(value, node.outputs[i])])
      if (!stacks.has(inner)) stacks.set(inner, stack);
  });

  // What the derivative of a step takes in is given, or the forward scan hands it out.
  const given = new Set([...body.inputs, ...seeds]);
  const { inputs: read, repeated } = partition(
    derivative.forward,
    [...derivative.backward.flatMap(({ inputs }) => inputs), ...gradients.values()],
    (value) => given.has(value),
    savedAsCopies,
  );
  handOut(g, node, derivative, [...read, ...factors], stacks);

  const readElements = read.filter((value) => stacks.has(value));
  // One sequence says how many steps there are.
  const sequencesBack = readElements.length > 0 ? readElements : elements.slice(0, 1);
  const capturesBack = read.filter((value) => captures.has(value));
  const statesBack = body.inputs.filter((_, i) => i < states && carried[i]);
  const results = [...new Set([...ofElements, ...factors])].filter((value) => !stacks.has(value));
  const extra: Node[] = [];
  const next = statesBack.map((value) => gradients.get(value) ?? zeroOf(value, extra));
  const sums = summands.flatMap((summand) => accumulated(summand, extra));
  const made = g.apply(
    'scan',
    [
      ...statesBack.map((value) => cotangents[body.inputs.indexOf(value)] ?? g.zeros(value.shape)),
      ...sums.map(({ of }) => g.zeros(of.shape)),
      ...sequencesBack.flatMap((value) => stacks.get(value) ?? []),
      ...capturesBack.flatMap((value) => outer.get(value) ?? []),
    ],
    {
      states: statesBack.length + sums.length,
      sequences: sequencesBack.length,
      reversed: !reversed,
      body: {
        inputs: [
          ...statesBack.flatMap((value) => seeds[body.inputs.indexOf(value)] ?? []),
          ...sums.map(({ before }) => before),
          ...sequencesBack,
          ...capturesBack,
        ],
        nodes: [...repeated, ...derivative.backward, ...extra],
        outputs: [
          ...next.map((value, i): Output => ({ name: `next${i}`, value })),
          ...sums.map(({ after }, i): Output => ({ name: `sum${i}`, value: after })),
          ...results.map((value, i): Output => ({ name: `result${i}`, value })),
        ],
      },
    },
  );
  results.forEach((value, i) => {
    const stack = made[statesBack.length + sums.length + i];
    if (stack !== undefined) stacks.set(value, stack);
  });

  return body.inputs.map((inner, i) => {
    if (!wanted[i]) return undefined;
    if (i < states) return carried[i] ? made[statesBack.indexOf(inner)] : undefined;
    const gradient = gradients.get(inner);
    if (gradient === undefined) return undefined;
    if (i < states + sequences) return stacks.get(gradient);
    const added = sums.flatMap(({ of }, at) => (of === inner ? (made[statesBack.length + at] ?? []) : []));
    const products = summands.find(({ of }) => of === inner)?.products ?? [];
    return g.sum([...added, ...products.map((factors) => productOf(g, factors, stacks))]);
  });
};

function pairOf(key: Value | undefined, value: Value | undefined): (readonly [Value, Value])[] {
  return key === undefined || value === undefined ? [] : [[key, value]];
}

/** For each state, whether a cotangent flows through it: of its last value, or of a result that a step makes of it. */
function carriedStates({ attributes: { body, states } }: Node<'scan'>, cotangents: Cotangents): boolean[] {
  const dependents = body.inputs.slice(0, states).map((value) => {
    const found = new Set([value]);
    for (const { inputs, outputs } of body.nodes)
      if (inputs.some((read) => found.has(read))) for (const result of outputs) found.add(result);
    return found;
  });
  const flows = body.outputs.map((_, i) => cotangents[i] !== undefined);
  for (let before = -1; before !== flows.filter(Boolean).length; ) {
    before = flows.filter(Boolean).length;
    dependents.forEach((found, i) => {
      flows[i] ||= body.outputs.some(({ value }, output) => flows[output] && found.has(value));
    });
  }
  return flows.slice(0, states);
}

/** What a step adds to the gradient of a capture. */
interface Summands {
  readonly of: Value;
  /** To be added up step by step. */
  readonly values: readonly Value[];
  /** Factors a and d of products a^T d, to be multiplied behind the loop. */
  readonly products: readonly (readonly [Value, Value])[];
}

function summandsOf(
  of: Value,
  gradient: Value | undefined,
  { backward }: Derivative,
  captures: ReadonlySet<Value>,
): Summands[] {
  if (gradient === undefined) return [];
  const values: Value[] = [];
  const products: (readonly [Value, Value])[] = [];
  const add = (term: Value): void => {
    const node = backward.find(({ outputs }) => outputs[0] === term);
    const [a, d] = node?.inputs ?? [];
    if (node !== undefined && isOp(node, 'sum')) node.inputs.forEach(add);
    // A capture has no rows of its own for each step.
    else if (node !== undefined && isLargeProduct(node) && a && d && !captures.has(a) && !captures.has(d))
      products.push([a, d]);
    else values.push(term);
  };
  add(gradient);
  return [{ of, values, products }];
}

/** Whether a node is a product a^T d with more elements than a and d together; of open extents the least is counted. */
function isLargeProduct(node: Node): boolean {
  if (!isOp(node, 'matMul') || !node.attributes.transposeA || node.attributes.transposeB) return false;
  const count = (values: readonly Value[]): number =>
    values.reduce((sum, { shape }) => sum + factorsOf(times(...shape)).known, 0);
  return count(node.outputs) > count(node.inputs);
}

interface Accumulated {
  readonly of: Value;
  readonly before: Value;
  readonly after: Value;
}

/** The state in which values add up, and the node that adds them; nothing where there are none. */
function accumulated({ of, values }: Summands, nodes: Node[]): Accumulated[] {
  if (values.length === 0) return [];
  const before: Value = { ...of, path: 'sum' };
  const after: Value = { ...of, path: 'sum' };
  nodes.push({ op: 'sum', inputs: [before, ...values], outputs: [after], attributes: {}, path: of.path });
  return [{ of, before, after }];
}

/** Lets the scan hand out the states that a step begins with, and what it calculates, where they are asked for. */
function handOut(
  g: Builder,
  node: Node<'scan'>,
  { forward }: Derivative,
  wanted: readonly Value[],
  stacks: Stacks,
): void {
  const { attributes, outputs, path } = node;
  const { body, states } = attributes;
  const available = new Set([...body.inputs.slice(0, states), ...forward.flatMap((inner) => inner.outputs)]);
  const saved = [...new Set(wanted)].filter((value) => available.has(value) && !stacks.has(value));
  const stacked = saved.map((value): Value => ({ ...value, shape: [stepsOf(node), ...value.shape], path }));
  saved.forEach((value, i) => {
    const stack = stacked[i];
    if (stack !== undefined) stacks.set(value, stack);
  });
  g.replace(node, {
    ...node,
    outputs: [...outputs, ...stacked],
    attributes: {
      ...attributes,
      body: {
        ...body,
        nodes: forward,
        outputs: [...body.outputs, ...saved.map((value, i): Output => ({ name: `saved${i}`, value }))],
      },
    },
  });
}

function stepsOf({ inputs, attributes }: Node<'scan'>): Dimension {
  return inputs[attributes.states]?.shape[0] ?? 1;
}

/** A zero like a state, for one that no step passes a cotangent on to. */
function zeroOf({ shape, path }: Value, nodes: Node[]): Value {
  const value: Value = { shape, dtype: 'float32', path };
  const extents = fixedShape(shape, path);
  const data = new Float64Array(extents.reduce((a, b) => a * b, 1));
  const node: Node<'constant'> = {
    op: 'constant',
    inputs: [],
    outputs: [value],
    attributes: { data, shape: extents, dtype: 'float32' },
    path,
  };
  nodes.push(node);
  return value;
}

/** A^T D: the sum of a^T d over all steps. */
function productOf(g: Builder, factors: readonly [Value, Value], stacks: Stacks): Value {
  const [a, d] = factors.map((value) => {
    const stack = stacks.get(value);
    if (stack === undefined) throw new RangeError('a value that no step hands out');
    return allRows(g, stack);
  });
  if (a === undefined || d === undefined) throw new RangeError('a product without factors');
  return g.matMul(a, d, true);
}

/** f32[T,N,K] as f32[T N, K]. */
function allRows(g: Builder, stack: Value): Value {
  const [steps = 1, rows = 1, columns = 1] = stack.shape;
  return g.reshape(stack, [times(steps, rows), columns]);
}
