// One step of the ImageNet recipe: the program, its state and feeds from PyTorch's file, and the comparison of what an
// interpretation of the step computes with what PyTorch computed (in float64, from the same float32 weights).
import { expect } from 'vitest';
import { optimizers } from '../../graphs/optimizers/index.js';
import { type Slot, totalSize } from '../../graphs/slots.js';
import { normalisationTable } from '../../src/data/normalise.js';
import type { HostTensor } from '../../src/engines/engine.js';
import { childStep } from '../../src/networks/child-programs.js';
import type { Step } from '../../src/networks/step.js';
import { zooEntry } from '../../src/spaces/zoo.js';
import { type FixtureTensor, readFixture, tensorOf } from './fixtures.js';

const [images, extent, classes] = [3, 224, 10];

/** What PyTorch's file has no room for. */
const generated = 'auxiliary_head.features.5.weight';
const kept = 64;

export interface ImagenetStep {
  readonly step: Step;
  /** By the names of the vectors. */
  readonly state: Readonly<Record<string, Float32Array>>;
  readonly feeds: Readonly<Record<string, HostTensor>>;
  /** Compares `loss`, `gradientNorm`, `logits`, `gradient` and the new vectors with PyTorch's. */
  check(outputs: Readonly<Record<string, { readonly data: ArrayLike<number | bigint> }>>): void;
}

export function imagenetStep(): ImagenetStep {
  const fixture = readFixture('vision/imagenet-step');
  const of = (name: string): Float64Array => tensorOf(fixture, name).data;
  const step = childStep(
    {
      name: 'imagenet',
      genotype: zooEntry('DATA_M7').genotype,
      cells: 3,
      initChannels: 4,
      classes,
      batch: images,
      image: { channels: 3, height: extent, width: extent },
      auxiliary: true,
    },
    optimizers.sgd({ momentum: 0.9, weightDecay: 3e-5, clipNorm: 5 }),
    { labelSmoothing: 0.1, auxiliaryWeight: 0.4, dropPath: true },
    true,
  );
  const { parameters, statistics } = step.state;
  const state = {
    parameters: joined(parameters, fixture),
    statistics: joined(statistics, fixture),
    velocity: new Float32Array(totalSize(parameters)),
  };
  const masks = tensorOf(fixture, 'drop_masks');
  return {
    step,
    state,
    feeds: {
      images: { shape: [images, 3, extent, extent], data: normalised(of('image_u8')) },
      labels: { shape: [images], data: BigInt64Array.from(of('labels'), BigInt) },
      weights: { shape: [images], data: new Float32Array(images).fill(1 / images) },
      dropMasks: { shape: masks.shape, data: Float32Array.from(masks.data) },
      learningRate: { shape: [1], data: Float32Array.of(0.1) },
    },
    check(outputs) {
      const found = (name: string) => Float64Array.from(outputs[name]?.data ?? [], Number);
      const norm = of('gradient_norm')[0] ?? Number.NaN;
      near('loss', found('loss'), of('loss'), 1e-5);
      near('gradientNorm', found('gradientNorm'), of('gradient_norm'), 1e-4 * norm);
      near('logits', found('logits'), of('logits'), 2e-5 * largest(of('logits')));
      const gradients = found('gradient');
      for (const slot of parameters) {
        const gradient = stored(fixture, `gradient.${slot.name}`);
        // A bias that a batch norm removes has a gradient of nothing but rounding.
        near(`gradient.${slot.name}`, cut(gradients, slot), gradient, 1e-3 * largest(gradient) + 1e-6 * norm);
      }
      for (const [vector, slots] of [
        ['parameters', parameters],
        ['statistics', statistics],
      ] as const) {
        const next = found(`${vector}.next`);
        for (const slot of slots)
          near(`after.${slot.name}`, cut(next, slot), stored(fixture, `after.${slot.name}`), 1e-5);
      }
    },
  };
}

/** How many tensors PyTorch has there. */
export function imagenetTensors(): number {
  return [...readFixture('vision/imagenet-step').keys()].filter((name) => name.startsWith('after.')).length;
}

function joined(slots: readonly Slot[], fixture: ReadonlyMap<string, FixtureTensor>): Float32Array {
  const vector = new Float32Array(totalSize(slots));
  for (const { name, size, offset } of slots)
    vector.set(name === generated ? formula(size) : tensorOf(fixture, `before.${name}`).data, offset);
  return vector;
}

function formula(size: number): Float32Array {
  return Float32Array.from(
    { length: size },
    (_, i) => (((i * 40503 + 12345) % 65536) / 65536 - 0.5) * 0.0625,
  );
}

/** A tensor of the file, or every 64th number of it. */
function stored(fixture: ReadonlyMap<string, FixtureTensor>, name: string): Float64Array {
  return tensorOf(fixture, name.endsWith(generated) ? `${name}.every${kept}` : name).data;
}

/** The numbers of a slot that the file has. */
function cut(vector: Float64Array, { name, offset, size }: Slot): Float64Array {
  const whole = vector.subarray(offset, offset + size);
  return name === generated ? whole.filter((_, i) => i % kept === 0) : whole;
}

function normalised(bytes: Float64Array): Float32Array {
  const table = normalisationTable({
    mean: [0.485, 0.456, 0.406],
    standardDeviation: [0.229, 0.224, 0.225],
  });
  return Float32Array.from(bytes, (byte, i) => {
    const channel = Math.floor(i / extent ** 2) % 3;
    return table[channel * 256 + byte] ?? Number.NaN;
  });
}

function largest(values: Float64Array): number {
  return values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}

function near(name: string, found: Float64Array, expected: Float64Array, tolerance: number): void {
  expect(found.length, `${name}: size`).toBe(expected.length);
  let [difference, worst] = [0, 0];
  expected.forEach((value, i) => {
    const departs = Math.abs(value - (found[i] ?? Number.NaN));
    if (!(departs <= difference)) [difference, worst] = [departs, i];
  });
  expect(
    difference,
    `${name}: element ${worst} is ${found[worst]}, not ${expected[worst]}`,
  ).toBeLessThanOrEqual(tolerance);
}
