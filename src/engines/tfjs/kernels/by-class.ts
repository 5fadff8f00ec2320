// Tables of examples and classes that labels say, made on the host, where the labels are.
import type { DeviceTensor } from '../tfjs.js';
import type { Call } from './kernel.js';

/** f32[N,K] from the label of each example, the operation's second input, and each class of the first. */
export function byClass(call: Call, entry: (label: number, k: number) => number): DeviceTensor {
  const labels = call.host(1);
  const [images = 0, classes = 0] = call.shape(0);
  const data = new Float32Array(images * classes);
  labels.data.forEach((label, n) => {
    for (let k = 0; k < classes; k++) data[n * classes + k] = entry(label, k);
  });
  return call.t.upload(data, [images, classes]);
}
