// Softmax cross entropy in standard ONNX.
import { fixed } from '../../shapes.js';
import { int } from '../emitter.js';
import type { PortableRule } from '../lowering.js';
import { inputName, valueAt, Writer } from './writer.js';

/** (1 - e) [k = label] + e / K, f32[N,K]. */
function targets(w: Writer, labels: string, classes: number, smoothing: number): string {
  const { emit } = w.low;
  const off = smoothing / classes;
  const values = emit.float32([off, 1 - smoothing + off], [2]);
  return w.one('OneHot', [labels, emit.int64([classes]), values], { axis: int(-1) });
}

export const softmaxCrossEntropy: PortableRule<'softmaxCrossEntropy'> = (node, low) => {
  const w = new Writer(low, node.path);
  const classes = fixed(valueAt(node.inputs, 0).shape[1], node.path);
  const logProbabilities = w.one('LogSoftmax', [inputName(low, node.inputs, 0)], { axis: int(1) });
  const target = targets(w, inputName(low, node.inputs, 1), classes, node.attributes.labelSmoothing);
  const losses = w.reduceSum(w.mul(logProbabilities, target), [1]);
  return [w.one('Neg', [w.reduceSum(w.mul(losses, inputName(low, node.inputs, 2)), [0])])];
};

export const softmaxCrossEntropyGrad: PortableRule<'softmaxCrossEntropyGrad'> = (node, low) => {
  const w = new Writer(low, node.path);
  const [images, classes] = valueAt(node.inputs, 0).shape;
  const probabilities = w.one('Softmax', [inputName(low, node.inputs, 0)], { axis: int(1) });
  const target = targets(
    w,
    inputName(low, node.inputs, 1),
    fixed(classes, node.path),
    node.attributes.labelSmoothing,
  );
  const factor = w.mul(inputName(low, node.inputs, 2), inputName(low, node.inputs, 3));
  return [w.mul(w.sub(probabilities, target), w.reshape(factor, [images ?? 1, 1]))];
};
