// Batch norm of inference: FusedBatchNormV3, which wants a scale and a shift for every channel.
import type { Node, Value } from '../../graphs/ir.js';
import { fixed } from '../../graphs/shapes.js';
import { bool, float, text, type } from './graph-def.js';
import { type Lowering, type Rule, valueAt } from './lowering.js';

export const batchNormInference: Rule<'batchNormInference'> = (node, low) => {
  const { attributes, inputs, path } = node;
  const [x, mean, variance] = [valueAt(inputs, 0), valueAt(inputs, 1), valueAt(inputs, 2)];
  const channels = fixed(x.shape[1], path);
  const operands = [
    low.name(x),
    perChannel(node, low, inputs[3], 1, channels),
    perChannel(node, low, inputs[4], 0, channels),
    low.name(mean),
    low.name(variance),
  ];
  return low.writer.node(path, 'FusedBatchNormV3', operands, {
    U: type('DT_FLOAT'),
    data_format: text('NHWC'),
    epsilon: float(attributes.epsilon),
    is_training: bool(false),
  });
};

/** A vector of the channels: the value's, its one number for all of them, or `otherwise` where there is none. */
function perChannel(
  node: Node<'batchNormInference'>,
  low: Lowering,
  value: Value | undefined,
  otherwise: number,
  channels: number,
): string {
  if (value === undefined) return low.writer.floats(new Float32Array(channels).fill(otherwise), [channels]);
  if (value.shape[0] === channels) return low.name(value);
  return low.rearranged(low.known(value, node), `${channels} channels`, ({ data }) => ({
    shape: [channels],
    data: new Float32Array(channels).fill(data[0] ?? otherwise),
  }));
}
