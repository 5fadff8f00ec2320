// What answers come to against their labels: how many are right, and which class was taken for which. Of equal logits that of
// the lower class is the larger one, so that with z the logits of an example and y its label
//
//   passed = #{j < y: z_y > z_j} + #{j >= y: z_y >= z_j}
//
// is K where the answer is right, and y is among the `top` largest of K logits where passed > K - top. A label whose logit is
// no number passes nobody.
import type { TensorType } from '../ir.js';
import { requireRank, requireSame } from '../shapes.js';
import { float32, input, type OperationRule } from './rule.js';

/** (logits f32[N,K], labels i64[N], weights f32[N]) -> f32[]: the sum of the weights of right answers. */
export const correctCount: OperationRule<'correctCount'> = {
  infer(inputs) {
    classesOf(inputs, 'correctCount');
    return [float32([])];
  },
};

/**
 * (logits f32[N,K], labels i64[N], weights f32[N]) -> f32[K,K]: how many examples of each label (row) got each answer (column).
 * Examples without a positive weight, and labels that are no class, count nowhere. Exact up to 2^24.
 */
export const confusionCount: OperationRule<'confusionCount'> = {
  infer(inputs) {
    const classes = classesOf(inputs, 'confusionCount');
    return [float32([classes, classes])];
  },
};

function classesOf(inputs: readonly TensorType[], where: string) {
  const { shape } = input(inputs, 0);
  requireRank(input(inputs, 0), 2, where);
  const [images = 1, classes = 1] = shape;
  requireSame([images], input(inputs, 1).shape, where);
  requireSame([images], input(inputs, 2).shape, where);
  return classes;
}
