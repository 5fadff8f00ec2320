// Scans: their derivative against differences, their inner structure, and lengths that are only known when they run.
import { describe, expect, it } from 'vitest';
import { Builder, type ScanValues } from '../../../graphs/builder.js';
import { differentiate } from '../../../graphs/differentiate.js';
import { interpret, type Tensor, tensor } from '../../../graphs/interpret/interpret.js';
import { type Graph, isOp, type Node, type Value } from '../../../graphs/ir.js';
import { prune } from '../../../graphs/passes/prune.js';
import { checkGradients } from '../../support/gradients.js';
import { runOnnx } from '../../support/run-onnx.js';
import { defined, expectClose, random } from '../../support/tensors.js';

const [steps, rows, width] = [4, 2, 3];
const [h0, xs, weight, bias, mask] = [
  random([rows, width], 1),
  random([steps, rows, width], 2),
  random([width, width], 3),
  random([width], 4),
  random([rows, width], 5),
];

type Traced = { readonly states: readonly Value[]; readonly results: readonly Value[] };

/** tanh((m h) W + x + b), with the state as a result. */
function cell(g: Builder, { states, elements, captures }: ScanValues): Traced {
  const [h, x] = [defined(states[0]), defined(elements[0])];
  const [w, b, m] = [defined(captures[0]), defined(captures[1]), defined(captures[2])];
  const next = g.tanh(g.add(g.add(g.matMul(g.mul(m, h), w), x), b));
  return { states: [next], results: [next, g.mul(h, x)] };
}

function trace(g: Builder, values: readonly Value[], reversed: boolean): Traced {
  const [h, x, w, b, m] = values.map(defined);
  return g.scan(
    { states: [defined(h)], sequences: [defined(x)], captures: [w, b, m].map(defined), reversed },
    cell,
  );
}

describe('the derivative of a scan', () => {
  const points = [h0, xs, weight, bias, mask];

  it.each([false, true])('of states, elements and captures (reversed: %s)', (reversed) => {
    checkGradients(points, (g, ...values) => {
      const { states, results } = trace(g, values, reversed);
      const flat = [...states, ...results].map((value) =>
        g.reshape(value, [value.shape.length === 2 ? rows * width : steps * rows * width]),
      );
      return g.concat(flat, 0);
    });
  });

  it('of its last state alone', () => {
    checkGradients(points, (g, ...values) => defined(trace(g, values, false).states[0]));
  });

  it('of a result that does not reach the states', () => {
    checkGradients(points, (g, ...values) => defined(trace(g, values, false).results[1]));
  });

  it('where a weight is used twice in a step, and once outside', () => {
    checkGradients([h0, xs, weight], (g, h, x, w) => {
      const { states } = g.scan({ states: [h], sequences: [x], captures: [w] }, (body, inner) => {
        const [own] = inner.captures;
        const product = (value: Value, transposed: boolean): Value =>
          body.matMul(value, defined(own), false, transposed);
        return {
          states: [
            body.sigmoid(
              product(body.add(defined(inner.states[0]), product(defined(inner.elements[0]), true)), false),
            ),
          ],
          results: [],
        };
      });
      return g.matMul(defined(states[0]), w);
    });
  });

  it('where a state only counts, and another passes on nothing but itself', () => {
    checkGradients([h0, h0, xs], (g, kept, counted, x) => {
      const { states, results } = g.scan(
        { states: [kept, counted], sequences: [x], captures: [] },
        (body, inner) => {
          const [a, c] = inner.states.map(defined);
          const [element] = inner.elements.map(defined);
          return {
            states: [defined(a), body.add(defined(c), body.scalar(1))],
            results: [body.mul(defined(a), defined(element))],
          };
        },
      );
      return g.add(defined(states[0]), g.reduceSum(defined(results[0]), [0]));
    });
  });

  it('of a scan in a scan', () => {
    checkGradients([h0, random([2, 3, rows, width], 7)], (g, h, x) => {
      const { states } = g.scan(
        { states: [h], sequences: [x], captures: [] },
        (body, { states: [own], elements: [inner] }) => ({
          states: body.scan(
            { states: [defined(own)], sequences: [defined(inner)], captures: [] },
            (deep, values) => ({
              states: [deep.tanh(deep.mul(defined(values.states[0]), defined(values.elements[0])))],
              results: [],
            }),
          ).states,
          results: [],
        }),
      );
      return defined(states[0]);
    });
  });

  /** The gradient of the weight of a step with so many rows, and the nodes behind the loop that yield it. */
  function weightGradient(rowCount: number) {
    const g = new Builder();
    const [h, x, w] = [
      g.input('h', [rowCount, width]),
      g.input('x', [steps, rowCount, width]),
      g.input('w', [width, width]),
    ];
    const { states } = g.scan({ states: [h], sequences: [x], captures: [w] }, (body, inner) => {
      const product = body.matMul(defined(inner.states[0]), defined(inner.captures[0]));
      return { states: [body.tanh(body.add(product, defined(inner.elements[0])))], results: [] };
    });
    const loss = g.reduceSum(defined(states[0]), [0, 1]);
    const [dweight] = differentiate(g, loss, [w]);
    const graph = prune(g.build([{ name: 'gradient', value: defined(dweight) }]));
    const [, back] = scansOf(graph);
    const products = defined(back).attributes.body.nodes.filter((node) => isOp(node, 'matMul'));
    return { back: defined(back), products: products.length, last: graph.nodes.at(-1) };
  }

  it('multiplies all rows behind the loop where a matrix is larger than the rows of a step', () => {
    const { back, products, last } = weightGradient(1);
    expect(back.attributes.reversed).toBe(true);
    expect(products).toBe(1);
    expect(last?.op).toBe('matMul');
    expect(last?.inputs.map(({ shape }) => shape)).toEqual([
      [steps, width],
      [steps, width],
    ]);
  });

  it('adds up the matrix step by step where it is smaller', () => {
    const { back, products, last } = weightGradient(2);
    expect(products).toBe(2);
    expect(last).toBe(back);
    expect(back.attributes.states).toBe(2);
  });
});

function scansOf(graph: Graph): Node<'scan'>[] {
  return graph.nodes.filter((node) => isOp(node, 'scan'));
}

describe('a scan that is pruned', () => {
  it('keeps the states that its results need, and no others', () => {
    const g = new Builder();
    const [a, b, x, y] = [g.input('a', [2]), g.input('b', [2]), g.input('x', [3, 2]), g.input('y', [3, 2])];
    const { results } = g.scan({ states: [a, b], sequences: [x, y], captures: [a, b] }, (body, inner) => {
      const [h, c] = inner.states.map(defined);
      const [p, q] = inner.elements.map(defined);
      return {
        states: [body.add(defined(h), defined(p)), body.add(defined(c), defined(q))],
        results: [body.relu(defined(h)), body.relu(defined(c))],
      };
    });
    const graph = prune(g.build([{ name: 'result', value: defined(results[1]) }]));
    const { inputs, outputs, attributes } = defined(scansOf(graph)[0]);
    expect(inputs).toEqual([b, y]);
    expect(outputs).toHaveLength(2);
    expect(attributes).toMatchObject({ states: 1, sequences: 1 });
  });

  it('keeps one sequence, which says how many steps there are', () => {
    const g = new Builder();
    const [a, x] = [g.input('a', [2]), g.input('x', [3, 2])];
    const { states } = g.scan({ states: [a], sequences: [x], captures: [] }, (body, { states: [h] }) => ({
      states: [body.add(defined(h), body.scalar(1))],
      results: [],
    }));
    const graph = prune(g.build([{ name: 'result', value: defined(states[0]) }]));
    const { result } = interpret(graph, { a: tensor([2], [1, 2]), x: random([3, 2]) });
    expect([...defined(result).data]).toEqual([4, 5]);
  });
});

describe('lengths that are only known when a scan runs', () => {
  /** The loss of all results, its gradients, and the results with their first two axes as one. */
  function gradientGraph(): Graph {
    const g = new Builder();
    const values = [
      g.input('h', [rows, width]),
      g.input('x', ['steps', rows, width]),
      g.input('w', [width, width]),
      g.input('b', [width]),
      g.input('m', [rows, width]),
    ];
    const { results } = trace(g, values, false);
    const joined = g.reshape(defined(results[0]), [`${rows}*steps`, width]);
    const loss = g.reduceSum(g.mul(joined, joined), [0, 1]);
    const gradients = differentiate(g, loss, values);
    return g.build([
      { name: 'joined', value: joined },
      ...gradients.map((value, i) => ({ name: `gradient${i}`, value })),
    ]);
  }

  it.each([1, 3, 6])('%d steps agree in the interpreter and in ONNX', async (length) => {
    const graph = gradientGraph();
    const feeds: Record<string, Tensor> = {
      h: h0,
      x: random([length, rows, width], 9),
      w: weight,
      b: bias,
      m: mask,
    };
    const expected = interpret(graph, feeds);
    const found = await runOnnx(graph, feeds);
    for (const [name, value] of Object.entries(expected))
      expectClose(found[name], value, { absolute: 1e-5, relative: 1e-5 }, name);
  });
});

describe('the builder', () => {
  it('refuses weights inside of a scan', () => {
    const g = new Builder();
    const x = g.input('x', [3, 2]);
    expect(() =>
      g.scan({ states: [], sequences: [x], captures: [] }, (body, { elements: [own] }) => ({
        states: [],
        results: [body.mul(defined(own), body.parameter('w', [2], { kind: 'constant', value: 1 }))],
      })),
    ).toThrow('weights of its own');
  });
});
