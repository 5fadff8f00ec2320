// The inputs of a model, and seeded numbers for them.
import { tensor } from '../../../graphs/interpret/interpret.js';
import type * as onnx from '../../../graphs/onnx/proto.js';
import { proto } from '../../../graphs/onnx/proto.js';
import { elementCount, shapeText } from '../../../graphs/shapes.js';
import { GenonnxError } from '../../errors.js';
import { openStream } from '../../random.js';
import type { InputType, Values } from './side.js';

/** More images at once, or more bytes of them as float32, are a slip of the keyboard. */
const mostImages = 4096;
const mostInputBytes = 2 ** 28;

/**
 * What a model file wants to be fed; initializers may be listed among its inputs and are not.
 * @throws GenonnxError `usage` for inputs that normal noise cannot fill.
 */
export function inputTypes({ graph }: onnx.ModelProto, where: string): InputType[] {
  const initializers = new Set((graph?.initializer ?? []).map(({ name }) => name));
  return (graph?.input ?? [])
    .filter(({ name }) => !initializers.has(name))
    .map(({ name, type }) => inputType(name ?? '', type?.tensorType ?? undefined, where));
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
  const sizes = rest.filter((size) => typeof size === 'number');
  if (sizes.length !== rest.length) {
    throw refuse(
      'numbers behind the batch',
      shapeText([batch, ...rest]),
      'Export the model with fixed extents; only the first dimension may stay open.',
    );
  }
  return { name, shape: [batch, ...sizes] };
}

/** @throws GenonnxError `usage` for more images than a comparison needs, before any memory is taken. */
export function requireModestBatch(inputs: readonly InputType[], batch: number): void {
  const elements = inputs.reduce((sum, input) => sum + elementCount(shapeOf(input, batch)), 0);
  const bytes = 4 * elements;
  if (batch <= mostImages && bytes <= mostInputBytes) return;
  throw new GenonnxError('usage', 'This batch is too large to be compared.', {
    where: `a batch of ${batch}`,
    expected: `at most ${mostImages} images and ${mostInputBytes / 2 ** 20} MiB of inputs`,
    found: `${batch} images, ${(bytes / 2 ** 20).toFixed(1)} MiB`,
    cure: 'Choose a smaller `batch`: a fault shows with one image.',
  });
}

/** Standard normal numbers for every input, from a stream of its own. */
export function randomFeeds(inputs: readonly InputType[], batch: number, seed: number): Values {
  return new Map(
    inputs.map((input) => {
      const stream = openStream(seed, `${input.name}-${batch}`);
      const shape = shapeOf(input, batch);
      // Rounded to float32, so that both sides see the same numbers.
      const values = Float32Array.from({ length: elementCount(shape) }, () => stream.normal());
      return [input.name, tensor(shape, values)];
    }),
  );
}

function shapeOf({ shape: [, ...rest] }: InputType, batch: number): number[] {
  return [batch, ...rest];
}
