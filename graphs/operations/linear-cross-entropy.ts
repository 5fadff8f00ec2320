// The softmax cross entropy of a linear layer over many classes (words), whose logits are too many to keep. The gradients are
// taken together with the loss, piece by piece of the rows. With P = softmax(x W^T + b) and row weights r:
//
//   loss = -sum_n r_n log P[n, label_n]
//   dx = r (P W - W[label])      dW = P^T (r x) - sum_n e_label_n (r x)_n      db = P^T r - sum_n e_label_n r_n
//
// The parts of the labels never touch the large matrix. What nobody reads is not calculated: without gradients it is the loss.
import { GenonnxError } from '../errors.js';
import { elementCount, factorsOf, fixedShape, requireRank, requireSame } from '../shapes.js';
import { float32, input, type OperationRule, type VjpRule } from './rule.js';

/**
 * (x f32[N,H], weight f32[V,H], bias f32[V], labels i64[N], weights f32[N])
 * -> (loss f32[], dx f32[N,H], dweight f32[V,H], dbias f32[V]): the loss, and its gradients.
 */
export const linearCrossEntropy: OperationRule<'linearCrossEntropy'> = {
  infer(inputs) {
    const [x, weight, bias] = [input(inputs, 0), input(inputs, 1), input(inputs, 2)];
    requireRank(x, 2, 'linearCrossEntropy');
    requireRank(weight, 2, 'linearCrossEntropy');
    requireSame([x.shape[1] ?? 1], [weight.shape[1] ?? 1], 'linearCrossEntropy');
    requireSame([weight.shape[0] ?? 1], bias.shape, 'linearCrossEntropy');
    requireSame([x.shape[0] ?? 1], input(inputs, 3).shape, 'linearCrossEntropy');
    requireSame([x.shape[0] ?? 1], input(inputs, 4).shape, 'linearCrossEntropy');
    return [float32([]), float32(x.shape), float32(weight.shape), float32(bias.shape)];
  },
  macs(node) {
    const rows = node.inputs[0]?.shape[0] ?? 1;
    return factorsOf(rows).known * elementCount(fixedShape(node.inputs[1]?.shape ?? [], node.path));
  },
};

/** @throws GenonnxError `graph` when the derivative of a gradient or of the row weights is asked for. */
export const linearCrossEntropyVjp: VjpRule<'linearCrossEntropy'> = (
  node,
  { g, cotangents: [dloss, ...ofGradients], wanted },
) => {
  if (wanted[4] || ofGradients.some((cotangent) => cotangent !== undefined)) {
    throw new GenonnxError('graph', 'Only the loss of a linear cross entropy has a derivative.', {
      where: node.path,
      expected: 'the derivative with respect to x, weight or bias',
      cure: 'Let nothing but its first result, and none of its row weights, depend on what is learned.',
    });
  }
  // The cotangent of a loss is mostly 1, and the tensors are large.
  const isOne = dloss === g.scalar(1);
  return node.outputs.slice(1).map((gradient, i) => {
    if (dloss === undefined || !wanted[i]) return undefined;
    return isOne ? gradient : g.mul(gradient, dloss);
  });
};
