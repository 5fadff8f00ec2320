// What a language model's file says of the texts that it reads.
import { decodeModel } from '../../graphs/onnx/model.js';
import type * as onnx from '../../graphs/onnx/proto.js';
import { readModelFile } from '../deploy/model-file.js';
import { languageModelNames } from '../networks/recurrent/inference.js';

export interface TextOfModel {
  /** Words of a text, where the model is fixed to so many. */
  readonly length: number | 'open';
  /** Of its vocabulary. */
  readonly words: number;
}

/** Undefined for a model of anything else. @throws GenonnxError `file-missing`, `model-corrupt`. */
export async function textOfModel(file: string): Promise<TextOfModel | undefined> {
  const { graph } = decodeModel(await readModelFile(file), file);
  const shapeOf = (values: readonly onnx.IValueInfoProto[] | null | undefined, name: string) =>
    dimensions(values?.find((value) => value.name === name));
  const [, length] = shapeOf(graph?.input, languageModelNames.tokens);
  const [, , words] = shapeOf(graph?.output, languageModelNames.logits);
  if (length === undefined || typeof words !== 'number') return undefined;
  return { words, length: typeof length === 'number' ? length : 'open' };
}

/** Numbers, and names of open dimensions. */
function dimensions(value: onnx.IValueInfoProto | undefined): (number | string)[] {
  return (value?.type?.tensorType?.shape?.dim ?? []).map(({ dimValue, dimParam }) =>
    dimParam ? dimParam : Number(dimValue ?? 0),
  );
}
