// The supernet step of the fixtures: the program, its state and feeds from PyTorch's files, and the comparison of what
// an interpretation of the step computes with what PyTorch computed.

import { expect } from 'vitest';
import { optimizers } from '../../graphs/optimizers/index.js';
import type { Slot } from '../../graphs/slots.js';
import type { HostTensor } from '../../src/engines/engine.js';
import { jointStep } from '../../src/networks/search-programs.js';
import { DARTS_SPACE } from '../../src/spaces/convolutional.js';
import { imageSupernet } from '../../src/tasks/classification/supernet.js';
import { type FixtureTensor, readFixture, tensorOf } from './fixtures.js';

const sgd = optimizers.sgd({ momentum: 0.9, weightDecay: 3e-4, clipNorm: 5 });

export type StepKind = 'soft' | 'binary';

export interface StepCase {
  readonly step: ReturnType<typeof jointStep>;
  /** By graph input path. */
  readonly feeds: Readonly<Record<string, FixtureTensor>>;
  /** Compares the outputs with PyTorch's; `tolerance` is relative to the largest value of each tensor. */
  check(outputs: Readonly<Record<string, { data: ArrayLike<number | bigint> }>>, tolerance: number): void;
}

export function supernetStep(kind: StepKind): StepCase {
  const io = readFixture(`supernet-step-${kind}.io`);
  const before = readFixture(`supernet-step-${kind}.weights`);
  const after = readFixture(`supernet-step-${kind}.after`);
  const network = {
    space: DARTS_SPACE,
    cells: 3,
    initChannels: 4,
    classes: 10,
    batch: 4,
    image: { channels: 3, height: 16, width: 16 },
  };
  const step = jointStep(imageSupernet(network), sgd, 'all', true);
  const { parameters, statistics } = step.state;
  const code = Float64Array.from([...tensorOf(io, 'code.normal').data, ...tensorOf(io, 'code.reduce').data]);
  const gates = (open: (entry: number) => boolean) => tensor(code.map((entry) => (open(entry) ? 1 : 0)));
  const feeds = {
    images: tensorOf(io, 'input'),
    labels: tensorOf(io, 'labels'),
    weights: tensor(new Float64Array(4).fill(1 / 4)),
    code: tensor(code),
    forwardGates: gates(() => true),
    backwardGates: gates((entry) => entry !== 0),
    learningRate: tensor(Float64Array.of(0.025)),
    parameters: flatten(parameters, before),
    statistics: flatten(statistics, before),
    velocity: tensor(new Float64Array(flatten(parameters, before).data.length)),
  };
  return {
    step,
    feeds,
    check(outputs, tolerance) {
      const close = (name: string, expected: Float64Array): void =>
        expectClose(name, Float64Array.from(outputs[name]?.data ?? [], Number), expected, tolerance);
      close('logits', tensorOf(io, 'logits').data);
      close('loss', tensorOf(io, 'loss').data);
      close('gradientNorm', tensorOf(io, 'gradientNorm').data);
      const codeGradient = [
        ...tensorOf(io, 'gradient.code.normal').data,
        ...tensorOf(io, 'gradient.code.reduce').data,
      ];
      close('gradient.code', Float64Array.from(codeGradient));
      close('gradient', flatten(parameters, io, 'gradient.').data);
      close('parameters.next', flatten(parameters, after).data);
      close('statistics.next', flatten(statistics, after).data);
    },
  };
}

function tensor(data: Float64Array): FixtureTensor {
  return { shape: [data.length], data };
}

/** A flat vector from tensors named as the slots. */
export function flatten(
  slots: readonly Slot[],
  tensors: ReadonlyMap<string, FixtureTensor>,
  prefix = '',
): FixtureTensor {
  return tensor(Float64Array.from(slots.flatMap(({ name }) => [...tensorOf(tensors, prefix + name).data])));
}

/** Largest difference at most `tolerance` times the largest expected magnitude. */
export function expectClose(
  name: string,
  actual: Float64Array,
  expected: Float64Array,
  tolerance: number,
): void {
  expect(actual.length, `${name}: size`).toBe(expected.length);
  let largest = 0;
  let difference = 0;
  let worst = 0;
  expected.forEach((value, i) => {
    largest = Math.max(largest, Math.abs(value));
    const departs = Math.abs(value - (actual[i] ?? Number.NaN));
    if (!(departs <= difference)) {
      difference = departs;
      worst = i;
    }
  });
  const relative = difference / Math.max(largest, 1e-12);
  expect(
    relative,
    `${name}: element ${worst} is ${actual[worst]}, not ${expected[worst]}`,
  ).toBeLessThanOrEqual(tolerance);
}

/** Feeds as an engine takes them: state apart, the rest in the runtime's types. */
export function engineFeeds({ feeds }: StepCase): Record<string, HostTensor> {
  const { parameters: _, velocity: __, statistics: ___, ...fed } = feeds;
  return Object.fromEntries(
    Object.entries(fed).map(([name, { shape, data }]): [string, HostTensor] => [
      name,
      {
        shape,
        data:
          name === 'labels'
            ? BigInt64Array.from(data, BigInt)
            : name.endsWith('Gates')
              ? Uint8Array.from(data)
              : Float32Array.from(data),
      },
    ]),
  );
}
