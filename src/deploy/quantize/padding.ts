// What the padding of maps to whole blocks of channels costs, in words, where it costs much. Integer kernels are worth the
// zeros where a network is wide: 36 channels become 48. Of 8 they make 16, twice the work of depthwise convolutions and up
// to four times that of pointwise ones, more than integers save.
import { channelBlock, type FloatModel } from './float-model.js';

/** So many times the multiply-adds, and the quantized form is no longer surely the faster one. */
const muchPadding = 1.4;

/** Undefined where little was padded. */
export function paddingWarning(macs: FloatModel['macs']): string | undefined {
  if (macs === undefined || macs.padded < muchPadding * macs.needed) return undefined;
  const times = (macs.padded / macs.needed).toFixed(1);
  return `This network is narrow: maps are padded with zeros to multiples of ${channelBlock} channels, which integer kernels want, and that makes ${times} times the multiply-adds; in 8 bits it may be slower than in float32.`;
}
