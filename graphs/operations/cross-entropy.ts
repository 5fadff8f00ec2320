// Softmax cross entropy with element weights and label smoothing.
//
//   l_n = -sum_k t_nk log softmax(z_n)_k,   t_nk = (1 - e) [k = label_n] + e / K        loss = sum_n weight_n l_n
//   dL/dz_nk = dloss weight_n (softmax(z_n)_k - t_nk)
//
// The weights make a mean over a batch (1/N each) and leave out the padding of a last, incomplete one (0). Where logits have
// further axes, n stands for an image and a place in it: a pixel has a label and a weight of its own.
import { GenonnxError } from '../errors.js';
import { requireRank, requireSame } from '../shapes.js';
import { float32, input, type OperationRule, type VjpRule } from './rule.js';

/**
 * (logits f32[N,K], labels i64[N], weights f32[N]) -> f32[], or of maps: (f32[N,K,H,W], i64[N,H,W], f32[N,H,W]). A label that is
 * none of the K must have weight 0.
 */
export const softmaxCrossEntropy: OperationRule<'softmaxCrossEntropy'> = {
  infer(inputs) {
    const logits = input(inputs, 0);
    requireRank(logits, logits.shape.length === 4 ? 4 : 2, 'softmaxCrossEntropy');
    const places = logits.shape.filter((_, axis) => axis !== 1);
    requireSame(places, input(inputs, 1).shape, 'softmaxCrossEntropy');
    requireSame(places, input(inputs, 2).shape, 'softmaxCrossEntropy');
    return [float32([])];
  },
};

/** (logits, labels, weights, dloss f32[]) -> dlogits, of the logits' shape. */
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
