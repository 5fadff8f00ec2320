// What answers come to against their labels.
import { addTo, at, extent, type Tensor, zeroTensor } from '../tensor.js';
import { type Kernel, operand } from './kernel.js';

/** The logits of each example, with its label and its weight. */
function* examples(inputs: readonly Tensor[]) {
  const [logits, labels, weights] = [operand(inputs, 0), operand(inputs, 1), operand(inputs, 2)];
  const classes = extent(logits, 1);
  for (let n = 0; n < extent(logits, 0); n++) {
    const z = logits.data.subarray(n * classes, (n + 1) * classes);
    yield { z, label: at(labels.data, n), weight: at(weights.data, n) };
  }
}

export const correctCount: Kernel<'correctCount'> = (inputs, { top }) => {
  const count = zeroTensor([]);
  for (const { z, label, weight } of examples(inputs)) {
    const own = at(z, label);
    const passed = z.filter((value, k) => (k < label ? own > value : own >= value)).length;
    if (passed > z.length - top) addTo(count.data, 0, weight);
  }
  return [count];
};

export const confusionCount: Kernel<'confusionCount'> = (inputs) => {
  const classes = extent(operand(inputs, 0), 1);
  const counts = zeroTensor([classes, classes]);
  for (const { z, label, weight } of examples(inputs)) {
    const answer = z.reduce((best, value, k) => (value > at(z, best) ? k : best), 0);
    if (weight > 0 && label >= 0 && label < classes) addTo(counts.data, label * classes + answer, 1);
  }
  return [counts];
};
