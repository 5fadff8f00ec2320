// A network as it is deployed, whatever it answers to: its graph, its weights in order, and what it costs.
import type { BoundGraph } from '../../graphs/bound-graph.js';
import type { Builder } from '../../graphs/builder.js';
import type { GraphCost } from '../../graphs/cost.js';
import type { Graph, Value } from '../../graphs/ir.js';
import type { Slot } from '../../graphs/slots.js';

/** A slot with the graph input that stands for it. */
export interface Weight extends Slot {
  readonly value: Value;
  readonly trainable: boolean;
}

/** A network as a graph, without the values of its weights. */
export interface InferenceGraph {
  readonly graph: Graph;
  /** Parameters and running statistics that the graph reads. */
  readonly weights: readonly Weight[];
  /** Of one image, or one word, whatever the batch. */
  readonly cost: GraphCost;
  /** Trainable numbers outside of the auxiliary head, and inside. */
  readonly parameters: number;
  readonly auxiliaryParameters: number;
}

/** Everything that was asked for while tracing, as inputs of their own. */
export function slotWeights(g: Builder): Weight[] {
  return [...ofKind(g, 'parameters', true), ...ofKind(g, 'statistics', false)];
}

function ofKind(g: Builder, kind: 'parameters' | 'statistics', trainable: boolean): Weight[] {
  const values = g.slotInputs(kind);
  return g.slots(kind).flatMap((slot, i) => {
    const value = values[i];
    return value === undefined ? [] : [{ ...slot, value, trainable }];
  });
}

/** All work is proportional to the batch. An open batch counts as one example already. */
export function perExample({ macs, activationBytes, perNode }: GraphCost, batch: number | string): GraphCost {
  const examples = typeof batch === 'number' ? batch : 1;
  return {
    macs: macs / examples,
    activationBytes: activationBytes / examples,
    perNode: perNode.map((node) => ({
      ...node,
      macs: node.macs / examples,
      outputBytes: node.outputBytes / examples,
    })),
  };
}

/** Numbers in all weights together. */
export function weightTotal(weights: readonly Weight[]): number {
  return weights.reduce((sum, { size }) => sum + size, 0);
}

/** An inference graph with its weights, given in the order of `weights`. */
export function bindWeights({ graph, weights }: InferenceGraph, data: readonly Float32Array[]): BoundGraph {
  const bound = weights.flatMap(({ value, path }, i) => {
    const values = data[i];
    return values === undefined ? [] : [[value, { name: path, data: values }] as const];
  });
  return { graph, weights: new Map(bound) };
}
