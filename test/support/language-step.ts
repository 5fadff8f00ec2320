// The language models of the fixtures: windows as feeds, flat vectors from PyTorch's tensors.
import type { Slot } from '../../graphs/slots.js';
import { type FixtureTensor, tensorOf } from './fixtures.js';

export type Fixture = ReadonlyMap<string, FixtureTensor>;

export const settingsOf = (io: Fixture): Readonly<Record<string, number>> =>
  Object.fromEntries(
    [...io].flatMap(([name, { data }]) =>
      name.startsWith('settings.') ? [[name.slice('settings.'.length), data[0] ?? Number.NaN]] : [],
    ),
  );

/** Tokens, targets, the weights of a mean, the masks that the fixture has, and the weights of both penalties. */
export function windowFeeds(
  io: Fixture,
  prefix: string,
  width: number,
  { activity = 0, slowness = 0 }: { readonly activity?: number; readonly slowness?: number } = {},
): Record<string, FixtureTensor> {
  const tokens = tensorOf(io, `${prefix}tokens`);
  const [steps = 0, batch = 0] = tokens.shape;
  const masks = ['rows', 'emb', 'x', 'h', 'out'].flatMap((name) => {
    const mask = io.get(`${prefix}mask.${name}`);
    return mask === undefined ? [] : [[`mask.${name}`, mask] as const];
  });
  return {
    tokens,
    targets: tensorOf(io, `${prefix}targets`),
    weights: filled([steps, batch], 1 / (steps * batch)),
    ...Object.fromEntries(masks),
    ...(activity === 0 ? {} : { activity: filled([1], activity / (steps * batch * width)) }),
    ...(slowness === 0
      ? {}
      : {
          slowness: {
            shape: [steps, 1, 1],
            data: Float64Array.from({ length: steps }, (_, t) =>
              t === 0 ? 0 : slowness / ((steps - 1) * batch * width),
            ),
          },
        }),
  };
}

export function filled(shape: readonly number[], value: number): FixtureTensor {
  return { shape, data: new Float64Array(shape.reduce((a, b) => a * b, 1)).fill(value) };
}

/** [1,B,H] as [B,H]. */
export function hiddenOf({ shape, data }: FixtureTensor): FixtureTensor {
  return { shape: shape.slice(1), data };
}

/** The flat vector of slots, from tensors named as they are. */
export function flatOf(slots: readonly Slot[], tensors: Fixture, prefix = ''): FixtureTensor {
  const data = Float64Array.from(slots.flatMap(({ name }) => [...tensorOf(tensors, prefix + name).data]));
  return { shape: [data.length], data };
}

/** The largest difference, as a share of the largest expected magnitude. */
export function departureOf(actual: ArrayLike<number | bigint> | undefined, expected: Float64Array): number {
  if (actual?.length !== expected.length) return Number.POSITIVE_INFINITY;
  const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-30);
  // A difference that is no number is the largest of all.
  const differences = expected.map((value, i) => Math.abs(Number(actual[i]) - value) / largest);
  return differences.some(Number.isNaN) ? Number.POSITIVE_INFINITY : Math.max(...differences);
}

/** Which edges into each node take part under a code f32[36,5]: of a node, those of which an operation has an entry. */
export function edgeFeeds(code: FixtureTensor, exact: boolean, nodes = 8): Record<string, FixtureTensor> {
  const [, columns = 0] = code.shape;
  const feeds: Record<string, FixtureTensor> = {};
  const alive: number[] = [];
  let edge = 0;
  for (let node = 0; node < nodes; node++) {
    const isOpen = (from: number): boolean =>
      code.data
        .subarray((edge + from) * columns + 1, (edge + from + 1) * columns)
        .some((entry) => entry !== 0);
    const all = Array.from({ length: node + 1 }, (_, from) => from);
    const open = all.filter(isOpen);
    const closed = all.filter((from) => !isOpen(from));
    const list = (values: number[]): FixtureTensor => ({
      shape: [values.length],
      data: Float64Array.from(values),
    });
    feeds[`learning.${node}`] = list(open);
    if (exact) feeds[`forward.${node}`] = list(closed);
    alive.push(open.length === 0 ? 0 : 1);
    edge += node + 1;
  }
  return { ...feeds, alive: { shape: [nodes], data: Float64Array.from(alive) } };
}
