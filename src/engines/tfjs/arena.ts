// The kernels of TensorFlow.js by name, for the length of one operation: whatever an arena makes and the operation does not
// hand out is disposed of when it closes, or earlier where the operation drops it. Shapes are those in memory.
import type { Alignment, Pair } from '../../../graphs/ir.js';
import { elementCount } from '../../../graphs/shapes.js';
import type { Device } from './device.js';
import { type Handle, holds } from './handle.js';
import type { DeviceTensor, KernelAttributes, KernelInputs } from './tfjs.js';

export type Padding = 'valid' | 'same';
/** [before, after] for each axis. */
export type Paddings = [number, number][];

export interface WindowOptions {
  readonly strides: Pair;
  readonly pad: Padding;
}

export class Arena {
  #made: DeviceTensor[] = [];

  constructor(readonly device: Device) {}

  /** Disposes of all that was made, but for what the results hold. */
  close(results: readonly Handle[]): void {
    const made = this.#made;
    this.#made = [];
    for (const tensor of made) if (!results.some((handle) => holds(handle, tensor))) tensor.dispose();
  }

  /** Disposes of tensors before the operation ends; of those that are not the arena's, nothing happens. */
  drop(...tensors: readonly DeviceTensor[]): void {
    for (const tensor of tensors) {
      const index = this.#made.indexOf(tensor);
      if (index < 0) continue;
      this.#made.splice(index, 1);
      tensor.dispose();
    }
  }

  /** Takes a tensor into the arena's care. */
  adopt(tensor: DeviceTensor): DeviceTensor {
    this.#made.push(tensor);
    return tensor;
  }

  #all(name: string, inputs: KernelInputs, attributes?: KernelAttributes): DeviceTensor[] {
    const result = this.device.run(name, inputs, attributes);
    const results = Array.isArray(result) ? result : [result];
    for (const tensor of results) this.#made.push(tensor);
    return results;
  }

  #one(name: string, inputs: KernelInputs, attributes?: KernelAttributes): DeviceTensor {
    const [result] = this.#all(name, inputs, attributes);
    if (result === undefined) throw new RangeError(`${name} has no result`);
    return result;
  }

  // -- making

  upload(data: Float32Array, shape: readonly number[]): DeviceTensor {
    return this.adopt(this.device.upload(data, shape));
  }

  zeros(shape: readonly number[]): DeviceTensor {
    return this.#one('Fill', {}, { shape: [...shape], value: 0, dtype: 'float32' });
  }

  /** Another tensor on the same memory. */
  identity(x: DeviceTensor): DeviceTensor {
    return this.#one('Identity', { x });
  }

  // -- elementwise, with broadcasting

  add(a: DeviceTensor, b: DeviceTensor): DeviceTensor {
    return this.#one('Add', { a, b });
  }
  sub(a: DeviceTensor, b: DeviceTensor): DeviceTensor {
    return this.#one('Sub', { a, b });
  }
  mul(a: DeviceTensor, b: DeviceTensor): DeviceTensor {
    return this.#one('Multiply', { a, b });
  }
  div(a: DeviceTensor, b: DeviceTensor): DeviceTensor {
    return this.#one('RealDiv', { a, b });
  }
  minimum(a: DeviceTensor, b: DeviceTensor): DeviceTensor {
    return this.#one('Minimum', { a, b });
  }
  squaredDifference(a: DeviceTensor, b: DeviceTensor): DeviceTensor {
    return this.#one('SquaredDifference', { a, b });
  }
  /** 1 where the comparison holds, else 0. */
  compared(how: 'Greater' | 'GreaterEqual' | 'Equal', a: DeviceTensor, b: DeviceTensor): DeviceTensor {
    const truth = this.#one(how, { a, b });
    const numbers = this.#one('Cast', { x: truth }, { dtype: 'float32' });
    this.drop(truth);
    return numbers;
  }
  relu(x: DeviceTensor): DeviceTensor {
    return this.#one('Relu', { x });
  }
  neg(x: DeviceTensor): DeviceTensor {
    return this.#one('Neg', { x });
  }
  sigmoid(x: DeviceTensor): DeviceTensor {
    return this.#one('Sigmoid', { x });
  }
  tanh(x: DeviceTensor): DeviceTensor {
    return this.#one('Tanh', { x });
  }
  sqrt(x: DeviceTensor): DeviceTensor {
    return this.#one('Sqrt', { x });
  }
  rsqrt(x: DeviceTensor): DeviceTensor {
    return this.#one('Rsqrt', { x });
  }
  reciprocal(x: DeviceTensor): DeviceTensor {
    return this.#one('Reciprocal', { x });
  }
  exp(x: DeviceTensor): DeviceTensor {
    return this.#one('Exp', { x });
  }
  log(x: DeviceTensor): DeviceTensor {
    return this.#one('Log', { x });
  }
  /** Of equally shaped terms. */
  addAll(terms: readonly DeviceTensor[]): DeviceTensor {
    const [first] = terms;
    return terms.length === 1 && first !== undefined ? this.identity(first) : this.#one('AddN', [...terms]);
  }

  // -- reductions and products

  sum(x: DeviceTensor, axes: readonly number[], keepDims = false): DeviceTensor {
    return axes.length === 0 ? this.identity(x) : this.#one('Sum', { x }, { axis: [...axes], keepDims });
  }
  max(x: DeviceTensor, axis: number): DeviceTensor {
    return this.#one('Max', { x }, { reductionIndices: [axis], axes: [axis], keepDims: true });
  }
  matMul(a: DeviceTensor, b: DeviceTensor, transposeA = false, transposeB = false): DeviceTensor {
    return this.#one('BatchMatMul', { a, b }, { transposeA, transposeB });
  }

  /** [..., C] -> [C], the mean over all other axes. */
  channelMean(x: DeviceTensor): DeviceTensor {
    const channels = x.shape.at(-1) ?? 1;
    if (!this.device.meansByProduct) return this.#one('Mean', { x }, { axis: outerAxes(x), keepDims: false });
    const rows = x.size / channels;
    const mean = this.matMul(this.device.averaging(rows), this.reshape(x, [rows, channels]));
    return this.reshape(mean, [channels]);
  }

  // -- moving elements

  reshape(x: DeviceTensor, shape: readonly number[]): DeviceTensor {
    return this.#one('Reshape', { x }, { shape: [...shape] });
  }
  transpose(x: DeviceTensor, permutation: readonly number[]): DeviceTensor {
    return permutation.every((axis, i) => axis === i)
      ? this.identity(x)
      : this.#one('Transpose', { x }, { perm: [...permutation] });
  }
  pad(x: DeviceTensor, paddings: Paddings, constantValue = 0): DeviceTensor {
    return this.#one('PadV2', { x }, { paddings, constantValue });
  }
  slice(x: DeviceTensor, begin: readonly number[], size: readonly number[]): DeviceTensor {
    return this.#one('Slice', { x }, { begin: [...begin], size: [...size] });
  }
  /** Every `steps[0]`-th row and `steps[1]`-th column of [N,H,W,C], from `start` on. */
  everyPixel(x: DeviceTensor, start: Pair, steps: Pair): DeviceTensor {
    const [images = 1, height = 1, width = 1, channels = 1] = x.shape;
    return this.#one(
      'StridedSlice',
      { x },
      {
        begin: [0, ...start, 0],
        end: [images, height, width, channels],
        strides: [1, ...steps, 1],
        beginMask: 0,
        endMask: 0,
        ellipsisMask: 0,
        newAxisMask: 0,
        shrinkAxisMask: 0,
      },
    );
  }
  /** Rows by their indices. */
  gather(x: DeviceTensor, indices: DeviceTensor): DeviceTensor {
    return this.#one('GatherV2', { x, indices }, { axis: 0, batchDims: 0 });
  }
  /** Rows added to a tensor of zeros at their indices, i32[M,1]. */
  scatter(indices: DeviceTensor, updates: DeviceTensor, shape: readonly number[]): DeviceTensor {
    return this.#one('ScatterNd', { indices, updates }, { shape: [...shape] });
  }
  indices(values: ArrayLike<number>, shape: readonly number[]): DeviceTensor {
    return this.adopt(this.device.uploadIndices(Int32Array.from(values), shape));
  }
  split(x: DeviceTensor, sizes: readonly number[], axis: number): DeviceTensor[] {
    return this.#all('SplitV', { x }, { numOrSizeSplits: [...sizes], axis });
  }
  concat(parts: readonly DeviceTensor[], axis: number): DeviceTensor {
    const [first] = parts;
    return parts.length === 1 && first !== undefined
      ? this.identity(first)
      : this.#one('Concat', [...parts], { axis });
  }
  tile(x: DeviceTensor, reps: readonly number[]): DeviceTensor {
    return reps.every((count) => count === 1)
      ? this.identity(x)
      : this.#one('Tile', { x }, { reps: [...reps] });
  }
  /** [N,H,W,C] -> [N bh bw, H/bh, W/bw, C]. */
  spaceToBatch(x: DeviceTensor, blockShape: Pair, paddings: Paddings): DeviceTensor {
    return this.#one('SpaceToBatchND', { x }, { blockShape: [...blockShape], paddings });
  }
  batchToSpace(x: DeviceTensor, blockShape: Pair, crops: Paddings): DeviceTensor {
    return this.#one('BatchToSpaceND', { x }, { blockShape: [...blockShape], crops });
  }

  // -- windows over [N,H,W,C]

  conv2d(x: DeviceTensor, filter: DeviceTensor, options: WindowOptions): DeviceTensor {
    return this.#one('Conv2D', { x, filter }, { ...convolution(options), dataFormat: 'NHWC' });
  }
  conv2dInputGrad(
    dy: DeviceTensor,
    filter: DeviceTensor,
    inputShape: readonly number[],
    options: WindowOptions,
  ): DeviceTensor {
    const attributes = { ...convolution(options), dataFormat: 'NHWC', inputShape: [...inputShape] };
    return this.#one('Conv2DBackpropInput', { dy, filter }, attributes);
  }
  conv2dFilterGrad(
    x: DeviceTensor,
    dy: DeviceTensor,
    filterShape: readonly number[],
    options: WindowOptions,
  ): DeviceTensor {
    const attributes = { ...convolution(options), dataFormat: 'NHWC', filterShape: [...filterShape] };
    return this.#one('Conv2DBackpropFilter', { x, dy }, attributes);
  }
  depthwise(x: DeviceTensor, filter: DeviceTensor, options: WindowOptions): DeviceTensor {
    return this.#one('DepthwiseConv2dNative', { x, filter }, convolution(options));
  }
  depthwiseInputGrad(
    dy: DeviceTensor,
    filter: DeviceTensor,
    inputShape: readonly number[],
    options: WindowOptions,
  ): DeviceTensor {
    const attributes = { ...convolution(options), inputShape: [...inputShape] };
    return this.#one('DepthwiseConv2dNativeBackpropInput', { dy, filter }, attributes);
  }
  depthwiseFilterGrad(
    x: DeviceTensor,
    dy: DeviceTensor,
    filterShape: readonly number[],
    options: WindowOptions,
  ): DeviceTensor {
    const attributes = { ...convolution(options), filterShape: [...filterShape] };
    return this.#one('DepthwiseConv2dNativeBackpropFilter', { x, dy }, attributes);
  }
  maxPool(x: DeviceTensor, kernel: Pair, options: WindowOptions): DeviceTensor {
    return this.#one('MaxPool', { x }, pooling(kernel, options));
  }
  maxPoolGrad(
    dy: DeviceTensor,
    input: DeviceTensor,
    output: DeviceTensor,
    kernel: Pair,
    options: WindowOptions,
  ): DeviceTensor {
    return this.#one('MaxPoolGrad', { dy, input, output }, pooling(kernel, options));
  }
  /** [N,H,W,C] -> [N,...size,C]. */
  resizeBilinear(images: DeviceTensor, size: Pair, alignment: Alignment): DeviceTensor {
    return this.#one(
      'ResizeBilinear',
      { images },
      {
        size: [...size],
        alignCorners: alignment === 'align-corners',
        halfPixelCenters: alignment === 'half-pixel',
      },
    );
  }
  averagePool(x: DeviceTensor, kernel: Pair, options: WindowOptions): DeviceTensor {
    return this.#one('AvgPool', { x }, pooling(kernel, options));
  }

  /** A tensor of one element as a scalar: kernels are fastest where nothing but the last axes broadcast. */
  scalar(x: DeviceTensor): DeviceTensor {
    return x.shape.length === 0 || elementCount(x.shape) !== 1 ? x : this.reshape(x, []);
  }
}

function convolution({ strides, pad }: WindowOptions): KernelAttributes {
  return { strides: [...strides], pad, dilations: [1, 1] };
}

function pooling(kernel: Pair, { strides, pad }: WindowOptions): KernelAttributes {
  return { filterSize: [...kernel], strides: [...strides], pad };
}

function outerAxes({ shape }: DeviceTensor): number[] {
  return shape.slice(0, -1).map((_, axis) => axis);
}
