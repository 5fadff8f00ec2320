// Which kind of file the bytes are, and what becomes of numbers that are not float32. Checkpoints: pytorch/.
import { describe, expect, it } from 'vitest';
import { encodeSafetensors } from '../../../graphs/safetensors.js';
import { decodeWeights } from '../../../src/deploy/decode-weights.js';

/** A safetensors file with one tensor, of a type that we do not write. */
function withTensor(dtype: string, bytes: Uint8Array, header = ''): Uint8Array {
  const json = `{"w":{"dtype":"${dtype}","shape":[2],"data_offsets":[0,${bytes.length}]}}${header}`;
  const length = new Uint8Array(BigUint64Array.of(BigInt(json.length)).buffer);
  return Buffer.concat([length, Buffer.from(json), bytes]);
}

const numbersIn = (bytes: Uint8Array): number[] => [
  ...(decodeWeights(bytes, 'file').weights.get('w')?.data ?? []),
];

describe('decodeWeights', () => {
  it('reads halves of safetensors exactly, and rounds doubles, saying how many', () => {
    expect(numbersIn(withTensor('F16', new Uint8Array(Uint16Array.of(0x3c00, 0xc000).buffer)))).toEqual([
      1, -2,
    ]);
    expect(numbersIn(withTensor('BF16', new Uint8Array(Uint16Array.of(0x3f80, 0xc000).buffer)))).toEqual([
      1, -2,
    ]);
    const doubles = encodeSafetensors([
      ['w', { dtype: 'F64', shape: [2], data: Float64Array.of(0.1, -1) }],
      ['v', { dtype: 'F32', shape: [1], data: Float32Array.of(3) }],
      ['norm.num_batches_tracked', { dtype: 'I64', shape: [], data: BigInt64Array.of(4n) }],
    ]);
    const { weights, rounded } = decodeWeights(doubles, 'file');
    expect(rounded).toBe(1);
    expect([...(weights.get('w')?.data ?? [])]).toEqual([Math.fround(0.1), -1]);
    expect([...weights.keys()].sort()).toEqual(['v', 'w']);
  });

  it('refuses what is no number of a weight', () => {
    const whole = encodeSafetensors([['w', { dtype: 'I32', shape: [1], data: Int32Array.of(3) }]]);
    expect(() => decodeWeights(whole, 'file')).toThrow(/file: w[\s\S]*I32/);
    const beyond = encodeSafetensors([['w', { dtype: 'F64', shape: [1], data: Float64Array.of(-1e39) }]]);
    expect(() => decodeWeights(beyond, 'file')).toThrow(/file: w[\s\S]*-1e\+39/);
  });

  it('does not take a header of 640 bytes for a pickle, which begins with the same two', () => {
    const plain = withTensor('F32', new Uint8Array(Float32Array.of(1, 2).buffer));
    const padding = ' '.repeat(640 - (plain.length - 8 - 8));
    const bytes = withTensor('F32', new Uint8Array(Float32Array.of(1, 2).buffer), padding);
    expect([...bytes.subarray(0, 2)]).toEqual([0x80, 0x02]);
    expect(numbersIn(bytes)).toEqual([1, 2]);
  });

  it('says how a pickle is converted, line by line, and what else it reads', () => {
    const legacy = Uint8Array.from([0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20]);
    expect(() => decodeWeights(legacy, 'old.pt')).toThrow(
      /before version 1\.6[\s\S]*\n {12}import torch; from safetensors\.torch import save_file\n {12}weights =/,
    );
    expect(() => decodeWeights(Buffer.from('GIF89a, a picture'), 'cat.gif')).toThrow(
      /safetensors[\s\S]*torch\.save/,
    );
    for (const short of [[], [1, 2, 3], [2, 0, 0, 0, 0, 0, 0, 0, 0x7b]])
      expect(() => decodeWeights(Uint8Array.from(short), 'cut')).toThrow('not a whole safetensors file');
  });
});
