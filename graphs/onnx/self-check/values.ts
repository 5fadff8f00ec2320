// Numbers for the self-check: reproducible, spread over (-1, 1), and coarse enough that maxima tie now and then.

/** As many multiples of 1/64 in (-1, 1) as asked for; which ones depends on the name alone. */
export function seededValues(count: number, name: string): Float32Array {
  let state = 2166136261;
  for (const character of name) state = Math.imul(state ^ (character.codePointAt(0) ?? 0), 16777619);
  const next = (): number => {
    // A step of Marsaglia's xorshift; zero would stay zero.
    state = state === 0 ? 1 : state;
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
  return Float32Array.from({ length: count }, () => ((next() >>> 8) % 127) / 64 - 63 / 64);
}
