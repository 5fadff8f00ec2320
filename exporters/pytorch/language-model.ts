// What the PyTorch target needs to know of a language model, described by structure.
import type { PyTorchWeight } from './model.js';

export type PyTorchActivation = 'tanh' | 'relu' | 'sigmoid' | 'identity';

/** A recurrent cell: state 0 is made of the input and the hidden state, state 1 + i is node i. */
export interface PyTorchRecurrentCell {
  /** For every node the operations that enter it, each from the state `input`. */
  readonly nodes: readonly (readonly { readonly primitive: PyTorchActivation; readonly input: number }[])[];
  /** The states whose mean is the next hidden state. */
  readonly concat: readonly number[];
}

/** A language model and its weights, as far as PyTorch code is made of them. */
export interface PyTorchLanguageModel {
  readonly network: {
    readonly words: number;
    /** Of embeddings and hidden states. */
    readonly width: number;
    /** How a node joins its operations. */
    readonly combination: 'mean' | 'sum';
  };
  readonly genotype: { readonly recurrent: PyTorchRecurrentCell };
  /** Names as in a state dict of the released definitions, `rnns.0._Ws.0`; the decoder's matrix is the table's. */
  readonly weights: readonly PyTorchWeight[];
  /** What the model says of itself. */
  readonly metadata: Readonly<Record<string, string>>;
}
