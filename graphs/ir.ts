// The intermediate representation. A network, its loss, its backward pass and its optimizer are all one `Graph`: a list
// of nodes in execution order over immutable values. Tensors are logical NCHW; how a runtime lays them out in memory is
// the business of a lowering. A graph never changes once built: passes make new ones and share the values.

export type DType = 'float32' | 'int64' | 'bool';

/**
 * A size, or the name of one that is only known when the model runs (the batch of an exported model). Products have names,
 * too: `64*sequence`, the number first.
 */
export type Dimension = number | string;
export type Shape = readonly Dimension[];
export type Pair = readonly [number, number];

export interface TensorType {
  readonly shape: Shape;
  readonly dtype: DType;
}

/** One tensor of a graph. Values are compared by identity; `path` is where in the network it arises. */
export interface Value extends TensorType {
  readonly path: string;
}

/** Convolution geometry, as ONNX: pads are [top, left, bottom, right]. */
export interface ConvolutionAttributes {
  readonly strides: Pair;
  readonly pads: readonly [number, number, number, number];
  readonly dilations: Pair;
  readonly groups: number;
}

/** Pooling geometry, as ONNX: pads are [top, left, bottom, right]; output extents round down. */
export interface PoolAttributes {
  readonly kernel: Pair;
  readonly strides: Pair;
  readonly pads: readonly [number, number, number, number];
  /** Distances between neighbouring pixels of a window, 1 where it says nothing. */
  readonly dilations?: Pair;
}

/** Which pixels a FactorizedReduce reads: those at p, and those at p + shift, for p = 0, stride, 2 stride, ... */
export interface ReductionAttributes {
  /** 2 where it says nothing. */
  readonly stride?: 1 | 2;
  /** Down and to the right; 1 where it says nothing. */
  readonly shift?: number;
}

/**
 * How a resized map lies over its source: with the centres of the corner pixels on each other, or with the corners of the
 * maps on each other.
 */
export type Alignment = 'align-corners' | 'half-pixel';

/** Which of a batch norm's optional inputs follow `x`: nothing, a scale, or a scale and a shift. */
export type Affine = 'none' | 'scale' | 'scale-shift';
export interface BatchNormAttributes {
  readonly epsilon: number;
  readonly affine: Affine;
}

type None = Readonly<Record<never, never>>;

/** Every operation and what describes it beside its inputs. The tables of all interpretations are typed by this one. */
export interface OperationAttributes {
  constant: { readonly data: Float64Array; readonly shape: readonly number[]; readonly dtype: DType };

  conv2d: ConvolutionAttributes;
  conv2dInputGrad: ConvolutionAttributes & { readonly inputExtent: Pair };
  conv2dWeightGrad: ConvolutionAttributes & { readonly kernel: Pair };
  factorizedReduce: ReductionAttributes;
  /** The extent is twice that of the cotangent where it says nothing. */
  factorizedReduceInputGrad: ReductionAttributes & { readonly inputExtent?: Pair };
  factorizedReduceWeightGrad: ReductionAttributes;

  maxPool2d: PoolAttributes;
  maxPool2dGrad: PoolAttributes;
  averagePool2d: PoolAttributes;
  averagePool2dGrad: PoolAttributes & { readonly inputExtent: Pair };
  globalAveragePool: None;
  globalAveragePoolGrad: { readonly inputExtent: Pair };
  /** Bilinear. */
  resize: { readonly extent: Pair; readonly alignment: Alignment };
  resizeGrad: { readonly inputExtent: Pair; readonly alignment: Alignment };

  channelMean: None;
  batchNorm: BatchNormAttributes;
  batchNormApply: { readonly affine: Affine };
  batchNormGrad: BatchNormAttributes;
  batchNormInference: BatchNormAttributes;

  relu: None;
  reluGrad: None;
  neg: None;
  sqrt: None;
  sigmoid: None;
  tanh: None;
  reciprocal: None;
  add: None;
  sub: None;
  mul: None;
  div: None;
  minimum: None;
  sum: None;
  /** The value itself, to which no gradient flows back. */
  detach: None;
  and: None;
  not: None;

  matMul: { readonly transposeA: boolean; readonly transposeB: boolean };
  reduceSum: { readonly axes: readonly number[]; readonly keepDims: boolean };

  reshape: { readonly shape: Shape };
  transpose: { readonly permutation: readonly number[] };
  slice: { readonly axis: number; readonly start: number; readonly end: number };
  pad: { readonly axis: number; readonly before: number; readonly after: number };
  concat: { readonly axis: number };
  split: { readonly axis: number; readonly sizes: readonly number[] };
  expand: { readonly shape: Shape };
  gather: None;
  gatherGrad: { readonly rows: number };

  softmaxCrossEntropy: { readonly labelSmoothing: number };
  softmaxCrossEntropyGrad: { readonly labelSmoothing: number };
  /** Right is an answer whose label is among the so many largest logits. */
  correctCount: { readonly top: number };
  confusionCount: None;
  /** The rows are calculated in so many pieces, one after the other: logits of all of them may be too large to keep. */
  linearCrossEntropy: { readonly pieces: number };

  region: {
    readonly gateIndex: number;
    readonly body: Graph;
    /** For each capture, whether gradients stop there instead of flowing back into it. */
    readonly stopped: readonly boolean[];
  };

  scan: {
    /** (states..., an element of each sequence..., captures...) -> (next states..., results...). */
    readonly body: Graph;
    /** How many of the inputs are states, and how many are sequences behind them. */
    readonly states: number;
    readonly sequences: number;
    /** From the last element to the first. */
    readonly reversed: boolean;
  };
}

export type OperationName = keyof OperationAttributes;

type Attribute<K extends OperationName> = OperationAttributes[K][keyof OperationAttributes[K]];

/** Operations that hold graphs, and decide when those run. */
export type BodyOperation = {
  [K in OperationName]: [Extract<Attribute<K>, Graph | readonly Graph[]>] extends [never] ? never : K;
}[OperationName];

/** One application of an operation. */
export interface Node<K extends OperationName = OperationName> {
  readonly op: K;
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  readonly attributes: OperationAttributes[K];
  readonly path: string;
}

export interface Output {
  readonly name: string;
  readonly value: Value;
}

export interface Graph {
  readonly inputs: readonly Value[];
  /** In execution order: a node comes after the producers of its inputs. */
  readonly nodes: readonly Node[];
  readonly outputs: readonly Output[];
}

/** Narrows a node to one operation. */
export function isOp<K extends OperationName>(node: Node, op: K): node is Node<K> {
  return node.op === op;
}
