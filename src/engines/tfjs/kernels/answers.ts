// What answers come to against their labels (`graphs/operations/answers.ts` has the formulas).
import { byClass } from './by-class.js';
import type { Call, Kernel } from './kernel.js';

export const correctCount: Kernel<'correctCount'> = (call, { top }) => {
  const { t } = call;
  const z = call.plain(0);
  const classes = call.shape(0)[1] ?? 1;
  const own = t.sum(t.mul(z, ofLabels(call)), [1], true);
  const larger = t.mul(
    t.compared('Greater', own, z),
    byClass(call, (label, k) => (k < label ? 1 : 0)),
  );
  const notSmaller = t.mul(
    t.compared('GreaterEqual', own, z),
    byClass(call, (label, k) => (k < label ? 0 : 1)),
  );
  const passed = t.sum(t.add(larger, notSmaller), [1]);
  const right = t.compared('Greater', passed, t.device.scalar(classes - top));
  return [call.result('plain', t.sum(t.mul(right, call.plain(2)), [0]))];
};

/** The product of labels and answers, each as rows of one 1. An answer is the largest logit that has no equal before it. */
export const confusionCount: Kernel<'confusionCount'> = (call) => {
  const { t } = call;
  const z = call.plain(0);
  const classes = call.shape(0)[1] ?? 1;
  const largest = t.compared('Equal', z, t.max(z, 1));
  const after = Float32Array.from({ length: classes * classes }, (_, i) =>
    i % classes > Math.floor(i / classes) ? 1 : 0,
  );
  const equalsBefore = t.matMul(largest, t.upload(after, [classes, classes]));
  const zero = t.device.scalar(0);
  const answers = t.mul(largest, t.compared('Equal', equalsBefore, zero));
  const counted = t.compared('Greater', t.reshape(call.plain(2), [-1, 1]), zero);
  const labels = t.mul(ofLabels(call), counted);
  return [call.result('plain', t.matMul(labels, answers, true))];
};

/** Rows with a 1 at the label. */
function ofLabels(call: Call) {
  return byClass(call, (label, k) => (k === label ? 1 : 0));
}
