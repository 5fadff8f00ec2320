// Costs against figures calculated by hand.
import { describe, expect, it } from 'vitest';
import { Builder } from '../../graphs/builder.js';
import { cost } from '../../graphs/cost.js';
import { differentiate } from '../../graphs/differentiate.js';
import type { Dimension, Graph } from '../../graphs/ir.js';
import { defined } from '../support/tensors.js';

function network(batch: Dimension): Graph {
  const g = new Builder();
  const x = g.input('images', [batch, 3, 8, 8]);
  const dense = g.within('dense', () =>
    g.conv2d(x, g.input('w', [4, 3, 3, 3]), { stride: 2, padding: 1, bias: g.input('b', [4]) }),
  );
  const depthwise = g.within('depthwise', () =>
    g.conv2d(dense, g.input('d', [4, 1, 5, 5]), { padding: 2, groups: 4 }),
  );
  const reduced = g.within('reduce', () =>
    g.one('factorizedReduce', [depthwise, g.input('f', [4, 4, 1, 1]), g.input('h', [4, 4, 1, 1])], {}),
  );
  const pooled = g.globalAveragePool(reduced);
  const logits = g.within('classifier', () => g.matMul(pooled, g.constant(new Array(80).fill(1), [8, 10])));
  return g.build([{ name: 'logits', value: logits }]);
}

const dense = 4 * 4 * (4 * 3 * 3 * 3);
const depthwise = 4 * 4 * (4 * 5 * 5);
const reduce = 2 * 2 * (8 * 4);
const classifier = 8 * 10;
const elements = 4 * 16 + 4 * 16 + 8 * 4 + 8 + 10;

describe('cost', () => {
  it('counts multiply-adds of convolutions and products, bias excluded', () => {
    const { macs, perNode } = cost(network(1));
    expect(macs).toBe(dense + depthwise + reduce + classifier);
    const byPath = Object.fromEntries(perNode.map(({ path, macs: count }) => [path, count]));
    expect(byPath).toMatchObject({ dense, depthwise, reduce });
  });

  it('counts the bytes of results, constants excluded', () => {
    const { activationBytes, perNode } = cost(network(1));
    expect(activationBytes).toBe(4 * elements);
    expect(perNode.find(({ path }) => path === 'dense')).toEqual({
      path: 'dense',
      op: 'conv2d',
      macs: dense,
      outputBytes: 4 * 4 * 16,
    });
  });

  it('is that of one image where the batch is symbolic, and grows with a fixed one', () => {
    expect(cost(network('batch')).macs).toBe(cost(network(1)).macs);
    expect(cost(network('batch')).activationBytes).toBe(cost(network(1)).activationBytes);
    expect(cost(network(6)).macs).toBe(6 * cost(network(1)).macs);
    expect(cost(network(6)).activationBytes).toBe(6 * cost(network(1)).activationBytes);
  });

  it('counts as much again for each gradient of a convolution or a product', () => {
    const forward = network(2);
    const g = Builder.continueFrom(forward);
    const loss = g.reduceSum(defined(forward.outputs[0]).value, [0, 1]);
    const gradients = differentiate(g, loss, forward.inputs);
    const { macs } = cost(g.build(gradients.map((value, i) => ({ name: `${i}`, value }))));
    // The classifier's weight is a constant, which has no gradient.
    expect(macs).toBe(2 * (3 * (dense + depthwise + reduce) + 2 * classifier));
  });

  it('counts the nodes in the bodies of regions', () => {
    const g = new Builder();
    const x = g.input('x', [2, 2, 3, 3]);
    const gates = g.input('gates', [1], 'bool');
    const y = g.region({ gates, backwardGates: gates, gateIndex: 0 }, [x], (body, [inner]) =>
      body.conv2d(defined(inner), body.parameter('w', [2, 2, 1, 1], { kind: 'constant', value: 1 })),
    );
    const { macs, perNode } = cost(g.build([{ name: 'y', value: y }]));
    expect(macs).toBe(2 * 9 * 4);
    expect(perNode.map(({ op }) => op)).not.toContain('region');
  });
});
