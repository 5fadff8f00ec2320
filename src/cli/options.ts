// Reading option values: numbers, sizes, image shapes. What does not fit is a usage error that names the option.
import { GenonnxError } from '../errors.js';
import { didYouMean } from '../nearest-name.js';

/** A whole number from `least` to `most`. */
export function wholeNumber(option: string, least = 1, most?: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    const fits = Number.isSafeInteger(value) && value >= least && (most === undefined || value <= most);
    if (/^-?\d+$/.test(text.trim()) && fits) return value;
    throw new GenonnxError('usage', `--${option} takes a whole number.`, {
      expected:
        most === undefined
          ? `a whole number of at least ${least}`
          : `a whole number from ${least} to ${most}`,
      found: text,
      cure: `Pass for example --${option} ${Math.max(least, 1)}.`,
    });
  };
}

/** A number of at least `least`. */
export function number(option: string, least = Number.NEGATIVE_INFINITY): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== '' && Number.isFinite(value) && value >= least) return value;
    throw new GenonnxError('usage', `--${option} takes a number.`, {
      expected: least === Number.NEGATIVE_INFINITY ? 'a number' : `a number of at least ${least}`,
      found: text,
      cure: `Pass for example --${option} ${Math.max(least, 0.1)}.`,
    });
  };
}

export interface ImageShape {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/** HxWxC, `32x32x3`. */
export function imageShape(text: string): ImageShape {
  const [, height, width, channels] = /^(\d+)x(\d+)x(\d+)$/.exec(text) ?? [];
  const sizes = [height, width, channels].map(Number);
  if (sizes.every((size) => size >= 1 && size <= 65_536)) {
    const [h = 1, w = 1, c = 1] = sizes;
    return { height: h, width: w, channels: c };
  }
  throw new GenonnxError('usage', '--image takes height x width x channels.', {
    expected: 'three whole numbers, HxWxC',
    found: text,
    cure: 'Pass for example --image 32x32x3.',
  });
}

/** One of a list of words. */
export function oneOf<T extends string>(option: string, words: readonly T[]): (text: string) => T {
  return (text) => {
    const found = words.find((word) => word === text);
    if (found !== undefined) return found;
    throw new GenonnxError('usage', `--${option} does not know this value.`, {
      expected: words.join(', '),
      found: text,
      cure: didYouMean(text, words, 'Choose one of these.'),
    });
  };
}

/** Numbers separated by commas, `0.49,0.48,0.45`. */
export function numberList(option: string): (text: string) => number[] {
  const one = number(option);
  return (text) => text.split(',').map((part) => one(part.trim()));
}

/** Whole numbers separated by commas, `1,8,64`, each once. */
export function wholeNumbers(option: string): (text: string) => number[] {
  const one = wholeNumber(option);
  return (text) => [...new Set(text.split(',').map((part) => one(part.trim())))];
}

/** Words of a list separated by commas, each once. */
export function eachOf<T extends string>(option: string, words: readonly T[]): (text: string) => T[] {
  const one = oneOf(option, words);
  return (text) => [...new Set(text.split(',').map((part) => one(part.trim())))];
}
