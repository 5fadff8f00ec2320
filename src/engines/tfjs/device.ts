// What all programs of an engine share: the loaded TensorFlow.js, its constants, and what it was found to do.
import { elementCount } from '../../../graphs/shapes.js';
import type { Form, Stored } from './handle.js';
import type { DeviceTensor, KernelAttributes, KernelInputs, Tfjs } from './tfjs.js';

export class Device {
  readonly #tf: Tfjs;
  readonly #kernels: ReturnType<Tfjs['engine']>;
  readonly #constants = new Map<string, DeviceTensor>();
  /**
   * The pure JavaScript backend reduces outer axes by transposing the whole tensor first; there the product with a row of
   * 1/m is many times faster. Elsewhere a mean is a mean, also where products are rounded to TF32.
   */
  readonly meansByProduct: boolean;
  /**
   * Whether the kernel of max pooling's gradient takes the first of equal maxima. The processors' kernels do; what a
   * GPU's library does is its own affair, so it is tried.
   */
  readonly firstMaximumWins: boolean;

  constructor(tf: Tfjs) {
    this.#tf = tf;
    this.#kernels = tf.engine();
    this.meansByProduct = tf.getBackend() === 'cpu';
    this.firstMaximumWins = this.#takesFirstMaximum();
  }

  run(name: string, inputs: KernelInputs, attributes: KernelAttributes = {}): DeviceTensor | DeviceTensor[] {
    return this.#kernels.runKernel(name, inputs, attributes);
  }

  /** A value in a form. A feature map that stands in the other one is turned, and keeps both. */
  inForm(stored: Stored, form: Form): DeviceTensor {
    const found = stored.get(form);
    if (found !== undefined) return found;
    const other = stored.get(form === 'maps' ? 'plain' : 'maps');
    if (other === undefined || stored.shape.length !== 4)
      throw new TypeError('only feature maps have two forms');
    const turned = this.run(
      'Transpose',
      { x: other },
      { perm: form === 'maps' ? [0, 2, 3, 1] : [0, 3, 1, 2] },
    );
    if (Array.isArray(turned)) throw new TypeError('Transpose');
    stored.add(form, turned);
    return turned;
  }

  /** The array becomes the tensor's: it must not be written to afterwards. */
  upload(data: Float32Array, shape: readonly number[]): DeviceTensor {
    return this.#tf.tensor(data, [...shape], 'float32');
  }

  uploadIndices(data: Int32Array, shape: readonly number[]): DeviceTensor {
    return this.#tf.tensor(data, [...shape], 'int32');
  }

  memory(): { readonly numTensors: number; readonly numBytes: number } {
    return this.#tf.memory();
  }

  /** A tensor that is made once and stays. */
  constant(key: string, shape: readonly number[], fill: (data: Float32Array) => void): DeviceTensor {
    const found = this.#constants.get(key);
    if (found !== undefined) return found;
    const data = new Float32Array(elementCount(shape));
    fill(data);
    const made = this.upload(data, shape);
    this.#constants.set(key, made);
    return made;
  }

  scalar(value: number): DeviceTensor {
    return this.constant(`scalar ${value}`, [], (data) => data.fill(value));
  }

  /** f32[1, count], all 1 / count. */
  averaging(count: number): DeviceTensor {
    return this.constant(`averaging ${count}`, [1, count], (data) => data.fill(1 / count));
  }

  dispose(): void {
    for (const tensor of this.#constants.values()) tensor.dispose();
    this.#constants.clear();
  }

  /** Three windows over a constant row of three pixels, with padding: each must choose its leftmost pixel. */
  #takesFirstMaximum(): boolean {
    const input = this.upload(new Float32Array(3).fill(-2), [1, 1, 3, 1]);
    const dy = this.upload(Float32Array.of(1, 10, 100), [1, 1, 3, 1]);
    const attributes = { filterSize: [1, 3], strides: [1, 1], pad: 'same' };
    const output = this.run('MaxPool', { x: input }, attributes);
    if (Array.isArray(output)) return false;
    const dx = this.run('MaxPoolGrad', { dy, input, output }, attributes);
    if (Array.isArray(dx)) return false;
    const found = Array.from(dx.dataSync(), Number);
    for (const tensor of [input, dy, output, dx]) tensor.dispose();
    return found.join() === '11,100,0';
  }
}
