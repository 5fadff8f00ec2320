// What answers come to against their labels, in standard ONNX (`graphs/operations/answers.ts` has the formulas).
import { fixed } from '../../shapes.js';
import { int } from '../emitter.js';
import type { PortableRule } from '../lowering.js';
import { inputName, valueAt, Writer } from './writer.js';

export const correctCount: PortableRule<'correctCount'> = (node, low) => {
  const w = new Writer(low, node.path);
  const classes = fixed(valueAt(node.inputs, 0).shape[1], node.path);
  const [logits, labels, weights] = [0, 1, 2].map((i) => inputName(low, node.inputs, i));
  const column = w.one('Unsqueeze', [labels ?? '', low.emit.int64([1])]);
  const own = w.one('GatherElements', [logits ?? '', column], { axis: int(1) });
  const every = low.emit.int64(Array.from({ length: classes }, (_, k) => k));
  const isBehind = w.one('GreaterOrEqual', [every, column]);
  const isNotSmaller = w.one('GreaterOrEqual', [own, logits ?? '']);
  const isLarger = w.one('Greater', [own, logits ?? '']);
  const passes = w.one('Or', [isLarger, w.one('And', [isBehind, isNotSmaller])]);
  const passed = w.reduceSum(w.one('Cast', [passes], { to: int(1) }), [1]);
  const enough = low.emit.float32([classes - node.attributes.top], []);
  const right = w.one('Cast', [w.one('Greater', [passed, enough])], { to: int(1) });
  return [w.reduceSum(w.mul(right, weights ?? ''), [0])];
};

/** The product of labels and answers, each as rows of one 1. */
export const confusionCount: PortableRule<'confusionCount'> = (node, low) => {
  const w = new Writer(low, node.path);
  const { emit } = low;
  const classes = fixed(valueAt(node.inputs, 0).shape[1], node.path);
  const rows = (indices: string) =>
    w.one('OneHot', [indices, emit.int64([classes]), emit.float32([0, 1], [2])], { axis: int(-1) });
  const first = { axis: int(1), keepdims: int(0), select_last_index: int(0) };
  const answers = w.one('ArgMax', [inputName(low, node.inputs, 0)], first);
  const isCounted = w.one('Greater', [inputName(low, node.inputs, 2), emit.float32([0], [])]);
  const counted = w.one('Unsqueeze', [w.one('Cast', [isCounted], { to: int(1) }), emit.int64([1])]);
  const labels = w.mul(rows(inputName(low, node.inputs, 1)), counted);
  return [w.one('Gemm', [labels, rows(answers)], { transA: int(1) })];
};
