// Softmax cross entropy with element weights and label smoothing.
//
//   l_n = -sum_k t_nk log softmax(z_n)_k,   t_nk = (1 - e) [k = label_n] + e / K        loss = sum_n weight_n l_n
//   dL/dz_nk = dloss weight_n (softmax(z_n)_k - t_nk)
//
// The weights make a mean over a batch (1/N each) and leave out the padding of a last, incomplete one (0).
import { GenonnxError } from '../errors.js';
import { requireRank, requireSame } from '../shapes.js';
import { float32, input, type OperationRule, type VjpRule } from './rule.js';

/** (logits f32[N,K], labels i64[N], weights f32[N]) -> f32[]. */
export const softmaxCrossEntropy: OperationRule<'softmaxCrossEntropy'> = {
  infer(inputs) {
    const logits = input(inputs, 0);
    requireRank(logits, 2, 'softmaxCrossEntropy');
    requireSame([logits.shape[0] ?? 1], input(inputs, 1).shape, 'softmaxCrossEntropy');
    requireSame([logits.shape[0] ?? 1], input(inputs, 2).shape, 'softmaxCrossEntropy');
    return [float32([])];
  },
};

/** (logits, labels, weights, dloss f32[]) -> dlogits f32[N,K]. */
export const softmaxCrossEntropyGrad: OperationRule<'softmaxCrossEntropyGrad'> = {
  infer: (inputs) => [float32(input(inputs, 0).shape)],
};

/** Of the logits alone. @throws GenonnxError `graph` when the weights' derivative is asked for. */
export const softmaxCrossEntropyVjp: VjpRule<'softmaxCrossEntropy'> = (
  node,
  { g, cotangents: [dloss], wanted },
) => {
  if (wanted[2]) {
    throw new GenonnxError('graph', 'The example weights of a cross entropy have no derivative.', {
      where: node.path,
    });
  }
  return dloss ? [g.one('softmaxCrossEntropyGrad', [...node.inputs, dloss], node.attributes)] : [];
};
