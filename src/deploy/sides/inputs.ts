// The inputs of a model, and seeded numbers for them: normal noise, and of a language model words.
import { tensor } from '../../../graphs/interpret/interpret.js';
import type * as onnx from '../../../graphs/onnx/proto.js';
import { proto } from '../../../graphs/onnx/proto.js';
import { elementCount, shapeText } from '../../../graphs/shapes.js';
import { GenonnxError } from '../../errors.js';
import { isLanguageModel } from '../../networks/deployed.js';
import { metadataIn, networkIn } from '../../networks/metadata.js';
import {
  type LanguageModel,
  languageInputShapes,
  languageModelNames,
} from '../../networks/recurrent/inference.js';
import { openStream } from '../../random.js';
import type { InputType, Values } from './side.js';

/** More examples at once, or more bytes of them as float32, are a slip of the keyboard. */
const mostExamples = 4096;
const mostBytes = 2 ** 28;

/** How much a model is fed. */
export interface FeedSize {
  readonly batch: number;
  /** Words of each text of a language model. */
  readonly length: number;
}

/**
 * What a model file wants to be fed; initializers may be listed among its inputs and are not.
 * @throws GenonnxError `usage` for inputs that random numbers cannot fill.
 */
export function inputTypes(model: onnx.ModelProto, where: string): InputType[] {
  const language = languageModelIn(model);
  if (language !== undefined) return languageInputs(language);
  const { graph } = model;
  const initializers = new Set((graph?.initializer ?? []).map(({ name }) => name));
  return (graph?.input ?? [])
    .filter(({ name }) => !initializers.has(name))
    .map(({ name, type }) => inputType(name ?? '', type?.tensorType ?? undefined, where));
}

/** Undefined for an image network, and for a stranger's model. */
function languageModelIn(model: onnx.ModelProto): LanguageModel | undefined {
  try {
    const network = networkIn(metadataIn(model), '');
    return isLanguageModel(network) ? network : undefined;
  } catch (error) {
    if (error instanceof GenonnxError) return undefined;
    throw error;
  }
}

/** What a language model of ours is fed. */
export function languageInputs(model: LanguageModel): InputType[] {
  const { tokens, past } = languageInputShapes(model);
  return [
    { name: languageModelNames.tokens, shape: tokens, batchAxis: 0, indicesBelow: model.words },
    { name: languageModelNames.past, shape: past, batchAxis: 1 },
  ];
}

function inputType(name: string, type: onnx.ITensorType | undefined, where: string): InputType {
  const { FLOAT } = proto.TensorProto.DataType;
  const refuse = (expected: string, found: string, cure: string): GenonnxError =>
    new GenonnxError('usage', 'This input cannot be filled with random numbers.', {
      where: `${where}: ${name}`,
      expected,
      found,
      cure,
    });
  if (type?.elemType !== FLOAT) {
    const found = type ? (proto.TensorProto.DataType[type.elemType ?? 0] ?? 'another type') : 'no tensor';
    throw refuse(
      'a float32 tensor',
      found.toLowerCase(),
      'Export the model with float32 inputs; the conversion belongs inside.',
    );
  }
  const [batch, ...rest] = (type.shape?.dim ?? []).map(({ dimParam, dimValue }) =>
    dimParam ? dimParam : Number(dimValue ?? 0) > 0 ? Number(dimValue) : '?',
  );
  if (batch === undefined)
    throw refuse('a shape', 'none', 'Export the model with the shapes of its inputs, the batch first.');
  if (!rest.every((size) => typeof size === 'number')) {
    throw refuse(
      'numbers behind the batch',
      shapeText([batch, ...rest]),
      'Export the model with fixed extents; only the first dimension may stay open.',
    );
  }
  return { name, shape: [batch, ...rest], batchAxis: 0 };
}

/** The batch that a model is fixed to; undefined where it is open. */
export function fixedBatch(inputs: readonly InputType[]): number | undefined {
  return inputs.map(({ shape, batchAxis }) => shape[batchAxis]).find((size) => typeof size === 'number');
}

/** Whether the length of the texts is open. */
export function hasOpenLength(inputs: readonly InputType[]): boolean {
  return inputs.some(({ shape, batchAxis }) =>
    shape.some((size, axis) => typeof size === 'string' && axis !== batchAxis),
  );
}

/** @throws GenonnxError `usage` for more examples than a comparison needs, before any memory is taken. */
export function requireModestSize(inputs: readonly InputType[], size: FeedSize): void {
  const { batch, length } = size;
  // Of a language model the answers are what is large: a number for each word that there is, at every place.
  const elements = inputs.reduce(
    (sum, input) => sum + elementCount(fedShape(input, size)) * (input.indicesBelow ?? 1),
    0,
  );
  const bytes = 4 * elements;
  if (batch <= mostExamples && bytes <= mostBytes) return;
  const places = hasOpenLength(inputs) ? ` of ${length} words` : '';
  throw new GenonnxError('usage', 'This batch is too large to be compared.', {
    where: `a batch of ${batch}${places}`,
    expected: `at most ${mostExamples} examples and ${mostBytes / 2 ** 20} MiB of numbers`,
    found: `${batch} examples, ${(bytes / 2 ** 20).toFixed(1)} MiB`,
    cure: 'Choose a smaller `batch`: a fault shows with one example.',
  });
}

/** Standard normal numbers, or indices all equally likely, for every input, from a stream of its own. */
export function randomFeeds(inputs: readonly InputType[], size: FeedSize, seed: number): Values {
  return new Map(
    inputs.map((input) => {
      const { name, indicesBelow } = input;
      const stream = openStream(seed, streamName(input, size));
      const shape = fedShape(input, size);
      // Rounded to float32, so that both sides see the same numbers.
      const draw = (): number =>
        indicesBelow === undefined ? Math.fround(stream.normal()) : stream.integer(indicesBelow);
      return [name, tensor(shape, Float64Array.from({ length: elementCount(shape) }, draw))];
    }),
  );
}

function streamName({ name, indicesBelow }: InputType, { batch, length }: FeedSize): string {
  return indicesBelow === undefined ? `${name}-${batch}` : `${name}-${batch}x${length}`;
}

function fedShape({ shape, batchAxis }: InputType, { batch, length }: FeedSize): number[] {
  return shape.map((size, axis) => (typeof size === 'number' ? size : axis === batchAxis ? batch : length));
}
