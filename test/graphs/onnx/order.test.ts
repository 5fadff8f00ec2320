// The order of nodes in a file, and what ONNX Runtime makes of it. `runtimeOrder` is its walk, as its own profiles show it.
import { describe, expect, it } from 'vitest';
import { lowerToOnnx } from '../../../graphs/onnx/lower.js';
import { decodeModel } from '../../../graphs/onnx/model.js';
import { orderForRuntime } from '../../../graphs/onnx/order.js';
import type * as onnx from '../../../graphs/onnx/proto.js';
import { optimizers } from '../../../graphs/optimizers/index.js';
import { childStep } from '../../../src/networks/child-programs.js';
import { defaultWeights } from '../../../src/optimizers/weight-settings.js';
import { zooEntry } from '../../../src/spaces/zoo.js';

type Node = onnx.INodeProto;

/** Depth first from the results, of results and inputs the one that stands last first; a node when its inputs are done. */
function runtimeOrder(nodes: readonly Node[]): Node[] {
  const producers = new Map(
    nodes.flatMap((node, i) => (node.output ?? []).map((name) => [name, i] as const)),
  );
  const needs = nodes.map(({ input }) => (input ?? []).flatMap((name) => producers.get(name) ?? []));
  const read = new Set(needs.flat());
  const stack = [...nodes.keys()].filter((i) => !read.has(i)).map((i) => ({ i, done: false }));
  const seen = new Set<number>();
  const order: Node[] = [];
  for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
    const { i, done } = top;
    if (done) order.push(...nodes.slice(i, i + 1));
    else if (!seen.has(i)) {
      seen.add(i);
      stack.push({ i, done: true });
      for (const producer of [...new Set(needs[i])].sort((a, b) => a - b))
        stack.push({ i: producer, done: false });
    }
  }
  return order;
}

/** How many maps are alive together where most are; nearly all of them come from convolutions and ReLUs. */
function mostAlive(nodes: readonly Node[]): number {
  const maps = nodes.filter(({ opType }) => opType === 'Conv' || opType === 'Relu');
  const counted = new Set(maps.flatMap(({ output }) => output ?? []));
  const last = new Map<string, number>();
  const named = nodes.map((node) => new Set([...(node.input ?? []), ...(node.output ?? [])]));
  named.forEach((names, i) => {
    for (const name of names) last.set(name, i);
  });
  let alive = 0;
  let most = 0;
  nodes.forEach((node, i) => {
    alive += (node.output ?? []).filter((name) => counted.has(name)).length;
    most = Math.max(most, alive);
    for (const name of named[i] ?? []) if (last.get(name) === i && counted.has(name)) alive -= 1;
  });
  return most;
}

describe('the order for a runtime', () => {
  const node = (output: string, ...input: string[]): Node => ({
    opType: 'Op',
    name: output,
    input,
    output: [output],
  });
  const names = (nodes: readonly Node[]): string[] => nodes.map(({ name }) => name ?? '');

  // Three layers: forward, cotangents from the last to the first, a gradient behind each cotangent, and all gradients joined.
  const traced = [
    node('y1', 'x', 'w1'),
    node('y2', 'y1', 'w2'),
    node('y3', 'y2', 'w3'),
    node('loss', 'y3'),
    node('d3', 'y3'),
    node('g3', 'd3', 'y2'),
    node('d2', 'd3', 'w3'),
    node('g2', 'd2', 'y1'),
    node('d1', 'd2', 'w2'),
    node('g1', 'd1', 'x'),
    node('flat', 'g1', 'g2', 'g3'),
  ];

  it('lets it take each gradient behind its cotangent', () => {
    expect(names(runtimeOrder(traced))).not.toEqual(names(traced));
    expect(names(runtimeOrder(orderForRuntime(traced)))).toEqual(names(traced));
  });

  it('takes reshapes of gradients for the gradients themselves', () => {
    const reshaped = ['g1', 'g2', 'g3'].map(
      (name): Node => ({ opType: 'Reshape', name: `${name}v`, input: [name], output: [`${name}v`] }),
    );
    const nodes = [...traced.slice(0, -1), ...reshaped, node('flat', 'g1v', 'g2v', 'g3v')];
    const found = names(runtimeOrder(orderForRuntime(nodes))).filter((name) => !name.endsWith('v'));
    expect(found).toEqual(names(traced));
  });

  it('counts what bodies read as read by the node that has them', () => {
    const body: onnx.IGraphProto = { node: [node('inner', 'late')], output: [{ name: 'inner' }] };
    const region: Node = { ...node('out', 'gate'), attribute: [{ name: 'then_branch', g: body }] };
    expect(names(orderForRuntime([node('late', 'x'), region]))).toEqual(['late', 'out']);
  });

  it('lets it hold hardly more of a training step than its trace holds', () => {
    const { genotype } = zooEntry('DARTS_V2');
    const { program } = childStep(
      {
        name: 'cifar',
        genotype,
        cells: 5,
        initChannels: 4,
        image: { channels: 3, height: 8, width: 8 },
        classes: 10,
        batch: 4,
        auxiliary: false,
      },
      optimizers.sgd(defaultWeights.sgd),
      { labelSmoothing: 0, auxiliaryWeight: 0.4, dropPath: false },
    );
    const [inTrace = [], forRuntime = []] = (['traced', 'runtime'] as const).map((nodeOrder) => {
      const options = {
        layout: { kind: 'blocked', block: 16 },
        name: 'step',
        naming: 'short',
        nodeOrder,
      } as const;
      return decodeModel(lowerToOnnx(program.graph, options).bytes).graph?.node ?? [];
    });
    expect(new Set(names(forRuntime))).toEqual(new Set(names(inTrace)));
    expect(forRuntime).toHaveLength(inTrace.length);
    const held = mostAlive(inTrace);
    expect(mostAlive(runtimeOrder(inTrace))).toBeGreaterThan(1.2 * held);
    expect(mostAlive(runtimeOrder(forRuntime))).toBeLessThan(1.05 * held);
  });
});
