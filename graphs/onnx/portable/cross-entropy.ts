// Softmax cross entropy in standard ONNX. Of maps, whose classes lie along the second axis, no second tensor of
// targets is made, and none is turned: what the label asks for is picked out of the logits, and put back into the gradient.
import type { Node, OperationAttributes } from '../../ir.js';
import { fixed } from '../../shapes.js';
import { int, text } from '../emitter.js';
import type { Lowering, PortableRule } from '../lowering.js';
import { inputName, valueAt, Writer } from './writer.js';

/** (1 - e) [k = label] + e / K, f32[N,K]. */
function targets(w: Writer, labels: string, classes: number, smoothing: number): string {
  const { emit } = w.low;
  const off = smoothing / classes;
  const values = emit.float32([off, 1 - smoothing + off], [2]);
  return w.one('OneHot', [labels, emit.int64([classes]), values], { axis: int(-1) });
}

interface OfMaps {
  readonly w: Writer;
  readonly classes: number;
  /** z - max z, f32[N,K,H,W]. */
  readonly shifted: string;
  /** log sum exp of it, f32[N,1,H,W]. */
  readonly logSum: string;
  /** i64[N,1,H,W]; one that is no class becomes some class, and weighs nothing. */
  readonly labels: string;
  /** f32[N,1,H,W]. */
  readonly weights: string;
}

function isOfMaps({ inputs }: Pick<Node, 'inputs'>): boolean {
  return valueAt(inputs, 0).shape.length === 4;
}

function ofMaps({ inputs, path }: Pick<Node, 'inputs' | 'path'>, low: Lowering): OfMaps {
  const w = new Writer(low, path);
  const classes = fixed(valueAt(inputs, 0).shape[1], path);
  const z = inputName(low, inputs, 0);
  const axis = low.emit.int64([1]);
  const onAxis = (name: string): string => w.one('Unsqueeze', [name, axis]);
  const shifted = w.sub(z, w.reduceMax(z, [1], true));
  const logSum = w.one('Log', [w.reduceSum(w.one('Exp', [shifted]), [1], true)]);
  const last = low.emit.int64([classes - 1]);
  const labels = w.one('Min', [onAxis(inputName(low, inputs, 1)), last]);
  return { w, classes, shifted, logSum, labels, weights: onAxis(inputName(low, inputs, 2)) };
}

/** weight (log sum - (1 - e) shifted_label - e / K sum shifted), over all pixels. */
function lossOfMaps(node: Node<'softmaxCrossEntropy'>, low: Lowering): string {
  const { w, classes, shifted, logSum, labels, weights } = ofMaps(node, low);
  const { labelSmoothing: e } = node.attributes;
  const own = w.one('GatherElements', [shifted, labels], { axis: int(1) });
  const certain = e === 0 ? own : w.mul(own, low.emit.scalar(1 - e));
  const losses = w.sub(logSum, certain);
  const smoothed =
    e === 0 ? losses : w.sub(losses, w.mul(w.reduceSum(shifted, [1], true), low.emit.scalar(e / classes)));
  return w.reduceSum(w.mul(smoothed, weights), [0, 1, 2, 3]);
}

/** dloss weight (exp(shifted - log sum) - t): the label's share of t is taken from its entry alone. */
function gradientOfMaps(
  node: Pick<Node, 'inputs' | 'path'>,
  { labelSmoothing: e }: OperationAttributes['softmaxCrossEntropyGrad'],
  low: Lowering,
): string {
  const { w, classes, shifted, logSum, labels, weights } = ofMaps(node, low);
  const factor = w.mul(weights, inputName(low, node.inputs, 3));
  const probabilities = w.one('Exp', [w.sub(shifted, logSum)]);
  const spread = e === 0 ? probabilities : w.sub(probabilities, low.emit.scalar(e / classes));
  const taken = w.mul(factor, low.emit.scalar(e - 1));
  const add = { axis: int(1), reduction: text('add') };
  return w.one('ScatterElements', [w.mul(spread, factor), labels, taken], add);
}

export const softmaxCrossEntropy: PortableRule<'softmaxCrossEntropy'> = (node, low) => {
  if (isOfMaps(node)) return [lossOfMaps(node, low)];
  const w = new Writer(low, node.path);
  const classes = fixed(valueAt(node.inputs, 0).shape[1], node.path);
  const logProbabilities = w.one('LogSoftmax', [inputName(low, node.inputs, 0)], { axis: int(1) });
  const target = targets(w, inputName(low, node.inputs, 1), classes, node.attributes.labelSmoothing);
  const losses = w.reduceSum(w.mul(logProbabilities, target), [1]);
  return [w.one('Neg', [w.reduceSum(w.mul(losses, inputName(low, node.inputs, 2)), [0])])];
};

export const softmaxCrossEntropyGrad: PortableRule<'softmaxCrossEntropyGrad'> = (node, low) => {
  if (isOfMaps(node)) return [gradientOfMaps(node, node.attributes, low)];
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
