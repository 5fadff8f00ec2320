import { describe, expect, it } from 'vitest';
import { noiseInputs } from '../../../src/bench/noise-inputs.js';

const images = { name: 'images', isTensor: true, type: 'float32', shape: ['batch', 3, 8, 8] };

describe('noiseInputs', () => {
  it('fills every input with normal noise, the same every time; an open dimension is the batch', () => {
    const second = { ...images, name: 'more', shape: [4, 2] };
    const [x, more] = noiseInputs([images, second], 4);
    expect([x?.name, x?.shape, more?.shape]).toEqual(['images', [4, 3, 8, 8], [4, 2]]);
    expect(x?.data.length).toBe(4 * 3 * 8 * 8);
    const values = Array.from(x?.data ?? [], Number);
    const mean = values.reduce((sum, value) => sum + value, 0) / 768;
    const power = values.reduce((sum, value) => sum + value * value, 0) / 768;
    expect(Math.abs(mean)).toBeLessThan(0.15);
    expect(Math.abs(power - 1)).toBeLessThan(0.2);
    expect(noiseInputs([images, second], 4)).toEqual([x, more]);
  });

  const tokens = { name: 'input_ids', isTensor: true, type: 'int64', shape: ['batch', 'sequence'] };
  const past = { name: 'past_recurrent.0', isTensor: true, type: 'float32', shape: [1, 'batch', 6] };
  const text = { length: 5, words: 7 };

  it('gives a language model words of its vocabulary, and noise for what it remembers', () => {
    const [ids, state] = noiseInputs([tokens, past], 3, text);
    expect([ids?.shape, state?.shape]).toEqual([
      [3, 5],
      [1, 3, 6],
    ]);
    expect(ids?.data).toBeInstanceOf(BigInt64Array);
    const found = new Set(Array.from(ids?.data ?? [], Number));
    expect(Math.max(...found)).toBeLessThan(7);
    expect(found.size).toBeGreaterThan(3);
    expect(state?.data).toBeInstanceOf(Float32Array);
    expect(() => noiseInputs([{ ...tokens, shape: [2, 'sequence'] }], 3, text)).toThrow(/Pass `batch` 2/);
    // What it remembers of a fixed batch begins with the number of layers.
    expect(noiseInputs([{ ...past, shape: [1, 3, 6] }], 3, text)[0]?.shape).toEqual([1, 3, 6]);
  });

  it('refuses a batch that the model is not fixed to, and says which it is', () => {
    expect(() => noiseInputs([{ ...images, shape: [1, 3, 8, 8] }], 8)).toThrow(
      /`batch` 8[\s\S]*Pass `batch` 1/,
    );
  });

  it.each([
    [{ ...images, type: 'int64' }, 1, /Only float32/],
    [{ name: 'images', isTensor: false }, 1, /Only float32/],
    [images, 2 ** 21, /absurdly large/],
    [{ ...images, shape: ['n', 3, 'h', 8] }, 1, /\[n, 3, h, 8\][\s\S]*fixed image size/],
  ])('refuses %o with batch %d', (input, batch, message) => {
    expect(() => noiseInputs([input], batch)).toThrow(message);
  });
});
