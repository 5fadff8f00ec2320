// Tables of examples and classes that labels say, made on the host, where the labels are.
import type { DeviceTensor } from '../tfjs.js';
import type { Call } from './kernel.js';

/** f32[rows, K] from each label, of an example or a pixel, the operation's second input, and each class of the first. */
export function byClass(call: Call, entry: (label: number, k: number) => number): DeviceTensor {
  const labels = call.host(1);
  const [, classes = 0] = call.shape(0);
  const rows = labels.data.length;
  const data = new Float32Array(rows * classes);
  labels.data.forEach((label, n) => {
    for (let k = 0; k < classes; k++) data[n * classes + k] = entry(label, k);
  });
  return call.t.upload(data, [rows, classes]);
}
