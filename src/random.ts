// Randomness: one seed, many named streams. A stream's position is plain data, so that a checkpoint can hold it and a
// resumed run continues with the very next number. Streams with different names are independent of each other, and
// drawing from one never moves another.
import { xoroshiro128plus, xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';
import { sha256 } from './hash.js';

/** Where a stream stands: the generator's words, and how many of them were drawn. */
export interface StreamState {
  readonly words: readonly number[];
  readonly count: number;
}

/** A seeded source of numbers. Every draw advances `state()`. */
export interface RandomStream {
  /** Uniform in the open interval (0, 1), 53 bits: safe to take logarithms of. */
  uniform(): number;
  /** Standard normal, by Box and Muller; two uniforms a draw, so that the position stays a simple count. */
  normal(): number;
  /** Uniform integer in [0, limit), limit at most 2^32. */
  integer(limit: number): number;
  /** Standard Gumbel, -log(-log U). */
  gumbel(): number;
  /** Fisher-Yates shuffle, in place. */
  shuffle<T extends { length: number; [index: number]: number }>(items: T): T;
  state(): StreamState;
}

/** Opens the stream `name` of `seed` at its beginning, or at a `state` that was saved before. */
export function openStream(seed: number, name: string, state?: StreamState): RandomStream {
  const generator =
    state === undefined ? xoroshiro128plus(seedOf(seed, name)) : xoroshiro128plusFromState(state.words);
  let count = state?.count ?? 0;

  function word(): number {
    count += 1;
    return generator.next() >>> 0;
  }
  function uniform(): number {
    // 26 high bits and 27 low bits, then half a step up: 0 and 1 cannot occur.
    const high = word() >>> 6;
    const low = word() >>> 5;
    return (high * 2 ** 27 + low + 0.5) / 2 ** 53;
  }
  function integer(limit: number): number {
    // Rejects the incomplete last interval, so that every value is equally likely.
    const bound = 2 ** 32 - (2 ** 32 % limit);
    let drawn = word();
    while (drawn >= bound) drawn = word();
    return drawn % limit;
  }
  return {
    uniform,
    integer,
    normal: () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform()),
    gumbel: () => -Math.log(-Math.log(uniform())),
    shuffle(items) {
      for (let i = items.length - 1; i > 0; i--) {
        const j = integer(i + 1);
        const held = items[i]!;
        items[i] = items[j]!;
        items[j] = held;
      }
      return items;
    },
    state: () => ({ words: [...generator.getState()], count }),
  };
}

function seedOf(seed: number, name: string): number {
  const { buffer, byteOffset } = sha256(`${seed}/${name}`);
  return new DataView(buffer, byteOffset).getInt32(0, true);
}
