// Small graphs with bound weights for tests of passes: three maps, and whatever a test builds of them.
import { expect } from 'vitest';
import type { BoundGraph } from '../../../graphs/bound-graph.js';
import { Builder } from '../../../graphs/builder.js';
import type { Value } from '../../../graphs/ir.js';
import { expectedOutputs } from '../../exporters/export-case.js';
import { defined, expectClose, random } from '../../support/tensors.js';

export interface Bench {
  readonly g: Builder;
  /** Maps of 3, 5 and 3 channels: the images, a convolution of them, and their negative. */
  readonly parts: readonly [Value, Value, Value];
  readonly weight: (name: string, shape: number[], isBound?: boolean) => Value;
}

/** The graph of output `y`. */
export function bound(build: (bench: Bench) => Value): BoundGraph {
  const g = new Builder();
  const images = g.input('images', [2, 3, 5, 4]);
  const weights = new Map<Value, { name: string; data: Float32Array }>();
  const weight = (name: string, shape: number[], isBound = true): Value => {
    const value = g.input(name, shape);
    const positive = name.includes('variance');
    const data = Float32Array.from(random(shape, weights.size + 1).data, (x) => (positive ? 1 + x * x : x));
    if (isBound) weights.set(value, { name, data });
    return value;
  };
  const parts = [images, g.conv2d(images, weight('stem', [5, 3, 1, 1])), g.neg(images)] as const;
  return { graph: g.build([{ name: 'y', value: build({ g, parts, weight }) }]), weights };
}

export function operationsOf({ graph }: BoundGraph): string[] {
  return graph.nodes.map(({ op }) => op);
}

export function namesOf({ weights }: BoundGraph): string[] {
  return [...weights.values()].map(({ name }) => name);
}

/** The same graph without any numbers. */
export function withoutNumbers({ graph, weights }: BoundGraph): BoundGraph {
  const empty = [...weights].map(
    ([value, { name }]) => [value, { name, data: new Float32Array(0) }] as const,
  );
  return { graph, weights: new Map(empty) };
}

/** The same outputs up to rounding, weights with names of their own, and nothing else fed. */
export function expectSame(before: BoundGraph, after: BoundGraph): void {
  const images = random([2, 3, 5, 4], 9);
  const tolerance = { absolute: 1e-12, relative: 1e-6 };
  expectClose(
    defined(expectedOutputs(after, images).y),
    defined(expectedOutputs(before, images).y),
    tolerance,
  );
  expect(after.graph.inputs[0]).toBe(before.graph.inputs[0]);
  expect(after.graph.inputs.slice(1)).toEqual([...after.weights.keys()]);
  expect(new Set(namesOf(after)).size).toBe(namesOf(after).length);
}
