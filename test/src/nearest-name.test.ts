import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { didYouMean, nearestName } from '../../src/nearest-name.js';
import { PRIMITIVES } from '../../src/spaces/convolutional.js';

describe('nearestName', () => {
  const nearest = (name: string) => nearestName(name, PRIMITIVES);

  it('finds the nearest to a misspelt one', () => {
    expect(nearest('sep_conv3x3')).toBe('sep_conv_3x3');
    expect(nearest('Skip_Conect')).toBe('skip_connect');
    expect(nearest('maxpool_3x3')).toBe('max_pool_3x3');
    expect(nearest('dill_conv_5x5')).toBe('dil_conv_5x5');
    for (const primitive of PRIMITIVES) expect(nearest(primitive)).toBe(primitive);
  });

  it('finds what a word is the beginning of', () => {
    expect(nearest('avg')).toBe('avg_pool_3x3');
    expect(nearestName('web', ['cpu', 'web-webgpu', 'web-wasm'])).toBe('web-wasm');
    expect(nearestName('we', ['cpu', 'web-webgpu', 'web-wasm'])).toBeUndefined();
  });

  it('counts two letters that are swapped as one slip', () => {
    expect(nearestName('otr', ['auto', 'ort', 'tfjs'])).toBe('ort');
    expect(nearestName('tset', ['fast', 'test'])).toBe('test');
  });

  it('takes nothing for meant that is far', () => {
    expect(nearest('x'.repeat(1e6))).toBeUndefined();
    expect(nearest('batch_norm')).toBeUndefined();
    expect(nearestName('gpu', ['cpu', 'cuda'])).toBeUndefined();
    expect(nearestName('', ['cpu', 'cuda'])).toBeUndefined();
    expect(nearestName('anything', [])).toBeUndefined();
  });

  it('takes a letter that is wrong or missing for a slip, whichever it is', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...PRIMITIVES),
        fc.nat(),
        fc.constantFrom('?', ''),
        (name, place, letter) => {
          const at = place % name.length;
          const slip = name.slice(0, at) + letter + name.slice(at + 1);
          expect(nearest(slip), slip).toBeDefined();
        },
      ),
    );
  });
});

describe('didYouMean', () => {
  it('asks for the near one, and says what else to do where there is none', () => {
    expect(didYouMean('tfs', ['onnx', 'tfjs'], 'Choose one.')).toBe('Did you mean tfjs?');
    expect(didYouMean('pytorch', ['onnx', 'tfjs'], 'Choose one.')).toBe('Choose one.');
  });
});
