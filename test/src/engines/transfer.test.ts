// A whole state, out of an engine and into another.
import { describe, expect, it } from 'vitest';
import { readState, vectorIn, writeState } from '../../../src/engines/transfer.js';
import { interpreterEngine } from '../../support/interpreter-engine.js';
import { refusal } from '../runs/helpers.js';

const layout = { parameters: 3, velocity: 3, count: 1 };
const vector = (...values: number[]) => ({ shape: [values.length], data: Float32Array.from(values) });
const vectors = { parameters: vector(1, 2, 3), velocity: vector(4, 5, 6), count: vector(7) };

describe('a state', () => {
  it('arrives as it left, and what is not of it is left behind', async () => {
    const [first, second] = [interpreterEngine(), interpreterEngine()];
    const state = await first.createState(layout);
    await writeState(state, layout, { ...vectors, alphas: { data: Float64Array.of(8) } });
    const read = await readState(state, layout);
    expect(read).toEqual(vectors);
    const other = await second.createState(layout);
    await writeState(other, layout, read);
    expect(await readState(other, layout)).toEqual(vectors);
  });

  it('is refused where a part of it is missing, or is no vector of float32', async () => {
    const state = await interpreterEngine().createState(layout);
    const { velocity: _, ...rest } = vectors;
    const missing = await refusal('file-corrupt', () => writeState(state, layout, rest));
    expect(missing.details).toMatchObject({ expected: 'velocity', found: 'parameters, count' });
    const wide = { ...vectors, count: { data: Float64Array.of(7) } };
    await refusal('file-corrupt', () => writeState(state, layout, wide));
    expect((await readState(state, layout)).parameters?.data).toEqual(Float32Array.of(0, 0, 0));
  });

  it('of a checkpoint that calls the parameters theta is read too', () => {
    const { parameters } = vectors;
    expect(vectorIn({ theta: parameters }, 'parameters')).toBe(parameters.data);
    expect(vectorIn({ theta: vector(0), parameters }, 'parameters')).toBe(parameters.data);
  });
});
