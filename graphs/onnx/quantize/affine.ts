// The arithmetic of 8-bit quantization. A real number r stands as an integer q with
//
//   r = s * (q - z),      q = clamp(round(r / s) + z),
//
// s the scale, z the zero point. Activations are unsigned, with s and z of a whole tensor; weights are signed and
// symmetric (z = 0), with an s for each output channel. Then a convolution or matrix product is one of integers,
//
//   sum_i x_i w_i + b = s_x s_w ( sum_i (q_i - z_x) p_i + B ),      B = round(b / (s_x s_w)),
//
// where B has 32 bits and the scale s_x s_w of the sum. Rounding is to the nearest, ties to even, as ONNX has it.

/** Least and largest value of a tensor. */
export interface Range {
  readonly min: number;
  readonly max: number;
}

export interface Affine {
  /** A positive float32. */
  readonly scale: number;
  /** 0 to 255. */
  readonly zeroPoint: number;
}

/**
 * The largest weight with which every x86 processor finds the right sums. Those with AVX2 or AVX-512 but without VNNI add
 * the products of two unsigned and signed bytes in 16 bits, and stop at 32767: 2 * 255 * 64 is below it, 2 * 255 * 127 is
 * not. The seventh bit is worth less than the same answer on every machine.
 */
export const safeWeight = 64;

/** Scales below it would be subnormal, and runtimes may take them for 0. */
const leastScale = 2 ** -126;

const positiveScale = (scale: number): number => Math.max(Math.fround(scale), leastScale);

/**
 * Scale and zero point of unsigned 8-bit numbers that cover a range. 0 is always covered, and has an integer of its own:
 * the padding of a convolution and what a ReLU cuts off stay exactly 0.
 */
export function unsignedAffine(range: Range): Affine {
  const min = Math.min(range.min, 0);
  const max = Math.max(range.max, 0);
  if (min === max) return { scale: 1, zeroPoint: 0 };
  const scale = positiveScale((max - min) / 255);
  return { scale, zeroPoint: clamp(roundHalfEven(-min / scale), 0, 255) };
}

/** The smallest range with both in it. */
export function union(a: Range, b: Range): Range {
  return { min: Math.min(a.min, b.min), max: Math.max(a.max, b.max) };
}

export function quantizeUnsigned(values: ArrayLike<number>, { scale, zeroPoint }: Affine): Uint8Array {
  return Uint8Array.from(values, (value) => clamp(roundHalfEven(value / scale) + zeroPoint, 0, 255));
}

/** A row-major weight as `[before, channels, after]`. */
export interface ChannelRows {
  readonly before: number;
  readonly channels: number;
  readonly after: number;
}

export interface QuantizedWeight {
  readonly values: Int8Array;
  /** f32[channels]. */
  readonly scales: Float32Array;
}

/**
 * Weights within -`largest` to `largest`, symmetric, for each output channel. The scale of a channel is also large
 * enough for its bias (given with the scale of the input) to fit in 32 bits, which matters where all weights of a channel
 * are near 0.
 */
export function quantizeWeight(
  weight: Float32Array,
  rows: ChannelRows,
  largest: number,
  bias?: { readonly values: Float32Array; readonly inputScale: number },
): QuantizedWeight {
  const scales = new Float32Array(rows.channels);
  weight.forEach((value, at) => {
    const channel = channelAt(at, rows);
    scales[channel] = Math.max(scales[channel] ?? 0, Math.abs(value));
  });
  scales.forEach((magnitude, channel) => {
    const forBias =
      bias === undefined ? 0 : Math.abs(bias.values[channel] ?? 0) / (bias.inputScale * 2 ** 30);
    const scale = Math.max(magnitude / largest, forBias);
    scales[channel] = scale === 0 ? 1 : positiveScale(scale);
  });
  const values = Int8Array.from(weight, (value, at) =>
    clamp(roundHalfEven(value / (scales[channelAt(at, rows)] ?? 1)), -largest, largest),
  );
  return { values, scales };
}

function channelAt(at: number, { channels, after }: ChannelRows): number {
  return Math.floor(at / after) % channels;
}

/** Biases with the scales of the sums that they are added to, s_x s_w. */
export function quantizeBias(bias: Float32Array, scales: Float32Array): Int32Array {
  return Int32Array.from(bias, (value, channel) =>
    clamp(roundHalfEven(value / (scales[channel] ?? 1)), -(2 ** 31), 2 ** 31 - 1),
  );
}

export function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest === 0.5) return floor % 2 === 0 ? floor : floor + 1;
  return rest < 0.5 ? floor : floor + 1;
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}
