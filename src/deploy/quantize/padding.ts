// What the padding of maps to whole blocks of channels costs. Integer kernels are worth the zeros where a network is wide: 36
// channels become 48. Of 8 they make 16, twice the work of depthwise convolutions and up to four times that of pointwise
// ones, more than integers save: such a network is refused, unless it is wanted all the same.
import { GenonnxError } from '../../errors.js';
import { channelBlock, type FloatModel } from './float-model.js';

/** So many times the multiply-adds, and the quantized form is no longer surely the faster one. */
const muchPadding = 1.4;

/** Undefined where little was padded, and else how much, in words. @throws GenonnxError `usage` unless `evenIfSlower`. */
export function paddingWarning(
  { path, macs }: { readonly path: string; readonly macs: FloatModel['macs'] | undefined },
  evenIfSlower: boolean,
): string | undefined {
  if (macs === undefined || macs.padded < muchPadding * macs.needed) return undefined;
  const times = (macs.padded / macs.needed).toFixed(1);
  const why = `maps are padded with zeros to multiples of ${channelBlock} channels, which integer kernels want, and that makes ${times} times the multiply-adds`;
  if (evenIfSlower) return `This network is narrow: ${why}; in 8 bits it may be slower than in float32.`;
  throw new GenonnxError('usage', 'This network is narrow, and would be slower in 8 bits than in float32.', {
    where: path,
    expected: `at most ${muchPadding} times the multiply-adds`,
    found: why,
    cure: 'Keep float32, take `form` dynamic for a smaller file, or say `evenIfSlower`.',
  });
}
