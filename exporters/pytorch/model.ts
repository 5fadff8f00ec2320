// What the PyTorch target needs to know of a network: its sizes, its genotype and its weights. Described by structure,
// so that the exporter depends on neither genotypes nor networks.
import type { PyTorchPrimitive } from './operation-source.js';

export interface PyTorchCell {
  /** For every intermediate node the operations that enter it; states 0 and 1 are the cell's inputs, 2 + i is node i. */
  readonly nodes: readonly (readonly { readonly primitive: PyTorchPrimitive; readonly input: number }[])[];
  /** The states whose concatenation is the cell's output. */
  readonly concat: readonly number[];
}

export interface PyTorchGenotype {
  readonly normal: PyTorchCell;
  readonly reduce: PyTorchCell;
}

export interface PyTorchNetwork {
  readonly name: 'cifar' | 'imagenet';
  readonly cells: number;
  readonly initChannels: number;
  readonly classes: number;
  readonly image: { readonly channels: number; readonly height: number; readonly width: number };
  readonly auxiliary: boolean;
}

export interface PyTorchWeight {
  /** As in a state dict of the released definitions, `cells.0._ops.1.op.1.weight`. */
  readonly name: string;
  readonly shape: readonly number[];
  /** Row-major. */
  readonly data: Float32Array;
}

/** A network and its weights, as far as PyTorch code is made of them. */
export interface PyTorchModel {
  readonly network: PyTorchNetwork;
  readonly genotype: PyTorchGenotype;
  /** Parameters and running statistics. */
  readonly weights: readonly PyTorchWeight[];
  /** What the model says of itself. */
  readonly metadata: Readonly<Record<string, string>>;
}
