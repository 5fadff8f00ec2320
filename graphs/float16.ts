// IEEE 754 binary16: 1 bit of sign, 5 of exponent, 10 of fraction. A number is 2^(e - 15) (1 + f / 1024), or below
// 2^-14, where e is 0, f 2^-24. The largest is 65504.

/** The largest number that float16 has. */
export const largestFloat16 = 65504;

/** The number that 16 bits stand for. */
export function halfToFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** The bits of the nearest float16, ties to even; beyond the largest it is infinite. */
export function floatToHalf(value: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const magnitude = Math.abs(value);
  if (Number.isNaN(value)) return 0x7e00;
  // 65520 lies halfway between the largest number and the first that would need another exponent.
  if (magnitude >= 65520) return sign | 0x7c00;
  const exponent = Math.max(Math.floor(Math.log2(magnitude)), -14);
  // In units of the last place; a fraction that rounds up to 1024 carries into the exponent by itself.
  const units = roundHalfEven(magnitude / 2 ** (exponent - 10));
  return sign | (exponent === -14 ? units : ((exponent + 14) << 10) + units);
}

function roundHalfEven(x: number): number {
  const below = Math.floor(x);
  const rest = x - below;
  return rest > 0.5 || (rest === 0.5 && below % 2 === 1) ? below + 1 : below;
}

/** bfloat16 is the upper half of a float32. */
export function bfloat16ToFloat(bits: Uint16Array): Float32Array {
  return new Float32Array(Uint32Array.from(bits, (half) => half << 16).buffer);
}
