// Which operations a quantization costs most: each is quantized alone, its inputs and outputs included, and the logits are
// compared with those of the float model. Neighbours share the values between them: what rounds such a value counts for
// both, so that the squared errors add up to more than that of the whole, and excluding one of the two saves less.
import type * as onnx from '../../../graphs/onnx/proto.js';
import { ModelGraph } from '../../../graphs/onnx/quantize/model-graph.js';
import { role } from '../../../graphs/onnx/quantize/operators.js';
import { type Answers, answersOf, departure } from './answers.js';
import type { LabelledBatch } from './images.js';
import { groupOf } from './node-groups.js';

export interface Sensitivity {
  /** `cells.3/node2/5.sep_conv_3x3@1`; a pattern that `exclude` takes. */
  readonly operation: string;
  /** Of the logits where only this operation is quantized, relative to their mean square. */
  readonly relativeSquaredError: number;
  /** Change of the accuracy; negative where it is worse. */
  readonly accuracyChange: number;
}

export interface SensitivityOptions {
  /** Quantizes a model but for the excluded nodes. */
  readonly quantize: (excluded: (node: onnx.INodeProto) => boolean) => onnx.ModelProto;
  readonly images: () => Iterable<LabelledBatch>;
  readonly excluded: (node: onnx.INodeProto) => boolean;
  readonly onProgress?: (done: number, all: number) => void;
}

/** The costliest first. */
export async function sensitivities(
  model: onnx.ModelProto,
  { quantize, images, excluded, onProgress = () => {} }: SensitivityOptions,
): Promise<Sensitivity[]> {
  const graph = new ModelGraph(model);
  const weighted = graph.nodes.filter((node) => role(node, graph) === 'weighted' && !excluded(node));
  const groups = [...new Set(weighted.map(groupOf))];
  const expected: Answers = await answersOf(model, images());
  const found: Sensitivity[] = [];
  for (const [done, operation] of groups.entries()) {
    onProgress(done, groups.length);
    const alone = quantize((node) => excluded(node) || groupOf(node) !== operation);
    const answers = await answersOf(alone, images());
    found.push({
      operation,
      relativeSquaredError: departure(expected, answers).relativeSquaredError,
      accuracyChange: answers.accuracy - expected.accuracy,
    });
  }
  return found.sort((a, b) => b.relativeSquaredError - a.relativeSquaredError);
}
