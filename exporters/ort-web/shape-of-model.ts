// Reads off anybody's ONNX model what a page must know of it. Extents that the model leaves open somebody must say; the
// number of classes follows from the shape of the output, which is inferred where the model does not say it.
import { GenonnxError } from '../../graphs/errors.js';
import type * as onnx from '../../graphs/onnx/proto.js';
import { proto } from '../../graphs/onnx/proto.js';
import { inferShapes, operatorOf } from '../../graphs/onnx/shape-inference/infer.js';
import { type ClassifierShape, type ImageShape, requireColours, requireSingle } from './classifier-shape.js';

const { FLOAT } = proto.TensorProto.DataType;

/**
 * @param asked the extents of the images, where the model leaves some open.
 * @throws GenonnxError `shape`, `channels`, `usage` where the model cannot classify a picture.
 */
export function shapeOfModel(model: onnx.IModelProto, asked?: ImageShape): ClassifierShape {
  const input = imagesOf(model);
  const [batch, ...extents] = extentsOf(input);
  const image = imageOf(extents, asked);
  requireColours(image.channels);
  const fixed = withExtents(model, input, [batch ?? 'N', image.channels, image.height, image.width]);
  return { input: input.name ?? '', image, batch: requireSingle(batch), ...answerOf(fixed) };
}

/** The one input that is fed. */
function imagesOf({ graph }: onnx.IModelProto): onnx.IValueInfoProto {
  const constants = new Set((graph?.initializer ?? []).map(({ name }) => name));
  const fed = (graph?.input ?? []).filter(({ name }) => !constants.has(name));
  const [images] = fed;
  const isReal = images?.type?.tensorType?.elemType === FLOAT;
  if (images !== undefined && fed.length === 1 && isReal && extentsOf(images).length === 4) return images;
  throw new GenonnxError('shape', 'The model does not take images.', {
    expected: 'one input, float32 [N, C, H, W]',
    found: fed.map(inWords).join('; ') || 'no input',
    cure: 'Export the model with float32 images as its only input, the conversion inside.',
  });
}

function inWords(info: onnx.IValueInfoProto): string {
  const type = proto.TensorProto.DataType[info.type?.tensorType?.elemType ?? 0] ?? 'unknown';
  return `${info.name} ${type.toLowerCase()} [${extentsOf(info).join(', ')}]`;
}

/** Extents of a value: numbers, or what they are called where they are open. */
function extentsOf({ type }: onnx.IValueInfoProto): (number | string)[] {
  return (type?.tensorType?.shape?.dim ?? []).map(({ dimParam, dimValue }) => {
    const extent = Number(dimValue ?? 0);
    return extent > 0 ? extent : dimParam || '?';
  });
}

function imageOf(extents: readonly (number | string)[], asked: ImageShape | undefined): ImageShape {
  const [channels, height, width] = extents;
  const last = extents.at(-1);
  if (asked === undefined && (last === 1 || last === 3) && channels !== 1 && channels !== 3) {
    throw new GenonnxError('shape', 'The model takes images with their channels last.', {
      expected: '[N, C, H, W]',
      found: `[N, ${extents.join(', ')}]`,
      cure: 'Export the model with its channels first.',
    });
  }
  const known = (own: number | string | undefined, said: number | undefined): number | undefined =>
    typeof own === 'number' ? own : said;
  const c = known(channels, asked?.channels);
  const h = known(height, asked?.height);
  const w = known(width, asked?.width);
  if (c !== undefined && h !== undefined && w !== undefined) return { channels: c, height: h, width: w };
  throw new GenonnxError('usage', 'The model does not say how large its images are.', {
    where: '`image`',
    expected: 'a height, a width and channels',
    found: `[N, ${extents.join(', ')}]`,
    cure: 'Say it with `image`, as the model was trained.',
  });
}

/** The model with the extents of its input, for whoever infers shapes. */
function withExtents(
  model: onnx.IModelProto,
  input: onnx.IValueInfoProto,
  extents: readonly (number | string)[],
): onnx.IModelProto {
  const dim = extents.map((extent) =>
    typeof extent === 'number' ? { dimValue: extent } : { dimParam: extent },
  );
  const known = { name: input.name ?? '', type: { tensorType: { elemType: FLOAT, shape: { dim } } } };
  const others = (model.graph?.input ?? []).filter(({ name }) => name !== input.name);
  return { ...model, graph: { ...model.graph, input: [known, ...others] } };
}

/** The output that has a number for each class: the one called logits, or else the first of such a shape. */
function answerOf(model: onnx.IModelProto): Pick<ClassifierShape, 'output' | 'classes' | 'areProbabilities'> {
  const outputs = model.graph?.output ?? [];
  const { shapeOf } = inferShapes(model);
  const answers = outputs.flatMap(({ name, type }) => {
    const shape = shapeOf(name ?? '');
    const isReal = (type?.tensorType?.elemType ?? FLOAT) === FLOAT;
    if (typeof shape === 'string' || !isReal) return [];
    const [, classes = 0, ...rest] = shape;
    const isAnswer = shape.length >= 2 && classes > 1 && rest.every((extent) => extent === 1);
    return isAnswer ? [{ output: name ?? '', classes }] : [];
  });
  const answer = answers.find(({ output }) => output === 'logits') ?? answers[0];
  if (answer !== undefined) return { ...answer, areProbabilities: isSoftmax(model, answer.output) };
  throw new GenonnxError('shape', 'The model does not classify.', {
    expected: 'an output float32 [N, classes]',
    found: outputs.map(({ name }) => `${name} ${shapeText(shapeOf(name ?? ''))}`).join('; ') || 'no output',
    cure: 'Export a classifier, with the shape of its output.',
  });
}

function shapeText(shape: readonly number[] | string): string {
  return typeof shape === 'string' ? `of unknown shape (${shape})` : `[${shape.join(', ')}]`;
}

/** What changes the form of numbers and not which they are, up to rounding. */
const passing = ['Cast', 'DequantizeLinear', 'Flatten', 'Identity', 'QuantizeLinear', 'Reshape', 'Squeeze'];

function isSoftmax({ graph }: onnx.IModelProto, output: string): boolean {
  const makers = new Map(
    (graph?.node ?? []).flatMap((node) => (node.output ?? []).map((name) => [name, node])),
  );
  let maker = makers.get(output);
  while (maker !== undefined && passing.includes(operatorOf(maker)))
    maker = makers.get(maker.input?.[0] ?? '');
  return ['Softmax', 'com.microsoft.QLinearSoftmax'].includes(maker === undefined ? '' : operatorOf(maker));
}
