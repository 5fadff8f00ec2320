// What a model is fed with when only its speed matters: normal noise, or words at random, the same every time.
import { GenonnxError } from '../errors.js';
import { openStream, type RandomStream } from '../random.js';
import { examplesOf, type TextWindow } from './sizes.js';

/** An input as ONNX Runtime describes it, in Node and in browsers. */
export interface DescribedInput {
  readonly name: string;
  readonly isTensor: boolean;
  readonly type?: string;
  readonly shape?: readonly (number | string)[];
}

export interface NoiseInput {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array | BigInt64Array;
}

/** What to do where a model does not run with a batch, whatever its inputs say. */
export const otherBatch = 'Choose another `batch`, or export the model with an open one.';

/** 512 MiB of float32, some 890 images of ImageNet's size: more would be measuring memory. */
const mostElements = 2 ** 27;

/**
 * Noise for every input; an open first dimension is the batch. A language model reads `text`.
 * @throws GenonnxError `usage` for inputs that are not float32, for another batch than a fixed one, for other dimensions
 *   that are open, and for absurd sizes.
 */
export function noiseInputs(
  inputs: readonly DescribedInput[],
  batch: number,
  text?: TextWindow,
): NoiseInput[] {
  const stream = openStream(1, 'bench');
  return text === undefined ? noiseOf(inputs, batch, stream) : wordsAndNoise(inputs, batch, text, stream);
}

/** Token ids, int64[batch, length], and float32 noise beside them, in which any open dimension is the batch. */
function wordsAndNoise(
  inputs: readonly DescribedInput[],
  batch: number,
  text: TextWindow,
  stream: RandomStream,
): NoiseInput[] {
  return inputs.flatMap((input): NoiseInput[] => {
    const { name, type, shape: described = [] } = input;
    if (type !== 'int64')
      return noiseOf(
        [{ ...input, shape: described.map((size) => (typeof size === 'number' ? size : batch)) }],
        undefined,
        stream,
      );
    const [first] = described;
    if (typeof first === 'number' && first !== batch) throw otherThanFixed(name, first, batch);
    const count = examplesOf({ batch, length: text.length });
    requireModest(count, batch);
    const data = BigInt64Array.from({ length: count }, () => BigInt(stream.integer(text.words)));
    return [{ name, shape: [batch, text.length], data }];
  });
}

/** Without a batch every first dimension may be what it is. */
function noiseOf(
  inputs: readonly DescribedInput[],
  batch: number | undefined,
  stream: RandomStream,
): NoiseInput[] {
  return inputs.map(({ name, isTensor, type, shape: described }) => {
    if (!isTensor || type !== 'float32' || described === undefined) {
      throw new GenonnxError('usage', 'Only float32 inputs can be filled with noise.', {
        where: name,
        expected: 'a float32 tensor',
        found: type ?? 'no tensor',
        cure: 'Export the model with float32 inputs.',
      });
    }
    const [first] = described;
    if (batch !== undefined && typeof first === 'number' && first !== batch)
      throw otherThanFixed(name, first, batch);
    const open = described.findIndex((size, axis) => axis > 0 && typeof size !== 'number');
    if (open > 0) {
      throw new GenonnxError('usage', 'The size of this input is not known.', {
        where: name,
        expected: 'every dimension but the first as a number',
        found: `[${described.join(', ')}]`,
        cure: 'Export the model with a fixed image size.',
      });
    }
    const shape = described.map((size) => (typeof size === 'number' ? size : (batch ?? 1)));
    const count = shape.reduce((a, b) => a * b, 1);
    requireModest(count, batch ?? 1);
    return { name, shape, data: Float32Array.from({ length: count }, () => stream.normal()) };
  });
}

function otherThanFixed(name: string, fixed: number, batch: number): GenonnxError {
  return new GenonnxError('usage', 'The model does not run with this batch.', {
    where: `\`batch\` ${batch}`,
    expected: `${fixed}, the batch that ${name} is fixed to`,
    found: String(batch),
    cure: `Pass \`batch\` ${fixed}, or compile the model with an open batch.`,
  });
}

function requireModest(count: number, batch: number): void {
  if (count <= mostElements) return;
  throw new GenonnxError('usage', 'This batch is absurdly large.', {
    where: `\`batch\` ${batch}`,
    expected: `at most ${mostElements.toLocaleString('en')} numbers of input`,
    found: count.toLocaleString('en'),
    cure: 'Choose a smaller `batch`.',
  });
}
