// Segmentation networks that PyTorch computed: their settings, weights and results. See test/fixtures/README.md.
import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { z } from 'zod';
import { decodeSafetensors } from '../../graphs/safetensors.js';
import type { Slot } from '../../graphs/slots.js';
import type { Engine, Fetches, HostTensor } from '../../src/engines/engine.js';
import { OUTPUT_STRIDES } from '../../src/networks/deeplab/network.js';
import type { SegmentationNetwork } from '../../src/networks/deeplab/programs.js';
import { type Step, stateLayout } from '../../src/networks/step.js';
import { type ConvolutionalOperation, PRIMITIVES } from '../../src/spaces/convolutional.js';
import type { CellGenotype } from '../../src/spaces/genotype.js';
import { defined } from './tensors.js';

export interface FixtureArray {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

export interface VisionFixture {
  readonly tensors: ReadonlyMap<string, FixtureArray>;
  readonly settings: ReadonlyMap<string, string>;
}

/** A file of `test/fixtures/vision`, whatever its numbers are stored as. */
export function readVisionFixture(name: string): VisionFixture {
  const bytes = readFileSync(new URL(`../fixtures/vision/${name}.safetensors`, import.meta.url));
  const { tensors, metadata } = decodeSafetensors(bytes, name);
  const arrays = [...tensors].map(([key, { shape, data }]): [string, FixtureArray] => [
    key,
    { shape, data: Float64Array.from(Array.from<number | bigint>(data), Number) },
  ]);
  return { tensors: new Map(arrays), settings: metadata };
}

const pairs = z.array(z.array(z.tuple([z.enum(PRIMITIVES).exclude(['none']), z.int()])));
const cells = z.object({
  normal: pairs,
  normal_concat: z.array(z.int()),
  reduce: pairs,
  reduce_concat: z.array(z.int()),
});
const extentSchema = z.tuple([z.int(), z.int()]);
const ratesSchema = z.tuple([z.int(), z.int(), z.int()]);

function cellOf(nodes: z.infer<typeof pairs>, concat: number[]): CellGenotype<ConvolutionalOperation> {
  return { nodes: nodes.map((node) => node.map(([primitive, input]) => ({ primitive, input }))), concat };
}

/** The network of a fixture, whose batch is that of its images. */
export function fixtureSegmentation({ tensors, settings }: VisionFixture): SegmentationNetwork {
  const said = (key: string): unknown => JSON.parse(defined(settings.get(key)));
  const number = (key: string): number => Number(defined(settings.get(key)));
  const genotype = cells.parse(said('genotype'));
  const [height, width] = extentSchema.parse(said('image'));
  return {
    genotype: {
      normal: cellOf(genotype.normal, genotype.normal_concat),
      reduce: cellOf(genotype.reduce, genotype.reduce_concat),
    },
    cells: number('cells'),
    initChannels: number('channels'),
    classes: number('classes'),
    image: { channels: 3, height, width },
    batch: defined(tensors.get('image')?.shape[0]),
    outputStride: defined(OUTPUT_STRIDES.find((stride) => stride === number('output_stride'))),
    asppWidth: number('aspp_width'),
    rates: ratesSchema.parse(said('rates')),
    alignment: said('align_corners') === true ? 'align-corners' : 'half-pixel',
  };
}

/** A flat vector of what is called as the slots are, behind a prefix. */
export function flatVector(slots: readonly Slot[], { tensors }: VisionFixture, prefix: string): Float32Array {
  return Float32Array.from(
    slots.flatMap(({ name, shape }) => {
      const found = defined(tensors.get(`${prefix}${name}`));
      expect(found.shape, name).toEqual(shape);
      return [...found.data];
    }),
  );
}

/** Names of the fixture behind a prefix that no slot has. */
export function unusedNames(step: Step, { tensors }: VisionFixture, prefix: string): string[] {
  const used = new Set([...step.state.parameters, ...step.state.statistics].map(({ name }) => prefix + name));
  return [...tensors.keys()].filter((name) => name.startsWith(prefix) && !used.has(name));
}

export const asFloats = ({ shape, data }: FixtureArray): HostTensor => ({
  shape,
  data: Float32Array.from(data),
});
export const asIntegers = ({ shape, data }: FixtureArray): HostTensor => ({
  shape,
  data: BigInt64Array.from(data, BigInt),
});

export interface Ran {
  readonly fetches: Fetches;
  readonly after: Readonly<Record<string, Float32Array>>;
}

/** One run of a step from the fixture's weights, and its state after it. */
export async function runStep(
  engine: Engine,
  step: Step,
  fixture: VisionFixture,
  prefix: string,
  feeds: Readonly<Record<string, HostTensor>>,
): Promise<Ran> {
  const layout = stateLayout(step.state);
  const state = await engine.createState(layout);
  await state.write('parameters', flatVector(step.state.parameters, fixture, prefix));
  await state.write('statistics', flatVector(step.state.statistics, fixture, prefix));
  const prepared = await engine.prepare(step.program, state);
  try {
    const fetches = await prepared.run(feeds);
    const after = await Promise.all(
      Object.keys(layout).map(
        async (name): Promise<[string, Float32Array]> => [name, await state.read(name)],
      ),
    );
    return { fetches, after: Object.fromEntries(after) };
  } finally {
    await prepared.dispose();
  }
}

/** Largest difference, and largest magnitude of what is expected. */
export function departure(
  actual: ArrayLike<number | bigint>,
  expected: ArrayLike<number>,
): { readonly difference: number; readonly largest: number } {
  expect(actual.length).toBe(expected.length);
  let [difference, largest] = [0, 0];
  for (let i = 0; i < expected.length; i++) {
    const wanted = expected[i] ?? Number.NaN;
    const departs = Math.abs(Number(actual[i]) - wanted);
    // What is no number departs by more than anything.
    if (!(departs <= difference)) difference = departs;
    largest = Math.max(largest, Math.abs(wanted));
  }
  return { difference, largest };
}
