// The cross entropy of a linear layer in standard ONNX, piece by piece of its rows, so that only the logits of one piece are
// kept. How many rows there are may be open: N rows are cut into pieces of
//
//   floor((N + p) / pieces),  p = 0 .. pieces - 1,
//
// which together are N. The large tensors of a piece are the logits, their log softmax, and P = exp of that in its place.
// A runtime may order nodes as it likes, and would begin with the logits of all pieces: so a piece begins where the one before
// it ended, and where that is, is read off the results that were made of it.
import { int } from '../emitter.js';
import type { PortableRule } from '../lowering.js';
import { inputName, valueAt, Writer } from './writer.js';

export const linearCrossEntropy: PortableRule<'linearCrossEntropy'> = (node, low) => {
  const w = new Writer(low, node.path);
  const names = node.inputs.map((_, i) => inputName(low, node.inputs, i));
  const [x = '', weight = '', bias = '', labels = '', weights = ''] = names;
  const [wantsX, wantsWeight, wantsBias] = node.outputs.slice(1).map((value) => low.used(value));
  const r = w.one('Unsqueeze', [weights, low.emit.int64([1])]);
  const negative = wantsWeight || wantsBias ? w.one('Neg', [r]) : '';
  const pieces = new Pieces(w, x, node.attributes.pieces);

  const likelihoods: string[] = [];
  const gradients: string[] = [];
  let dweight: string[] = [];
  let dbias: string[] = [];
  for (let p = 0; p < node.attributes.pieces; p++) {
    const [ownX = '', ownLabels = '', ownR = ''] = pieces.cut(p, [x, labels, r]);
    const logits = w.one('Gemm', [ownX, weight, bias], { transB: int(1) });
    const logProbabilities = w.one('LogSoftmax', [logits], { axis: int(1) });
    const column = w.one('Unsqueeze', [ownLabels, low.emit.int64([1])]);
    const ofLabels = w.one('GatherElements', [logProbabilities, column], { axis: int(1) });
    likelihoods.push(w.reduceSum(w.mul(ofLabels, ownR), [0, 1]));
    if (!(wantsX || wantsWeight || wantsBias)) {
      pieces.end(p, [ofLabels]);
      continue;
    }
    const probabilities = w.one('Exp', [logProbabilities]);
    if (wantsX) {
      // r (P W - W[label])
      const expected = w.one('Gemm', [probabilities, weight]);
      gradients.push(w.mul(w.sub(expected, w.one('Gather', [weight, ownLabels], { axis: int(0) })), ownR));
    }
    // P^T (r x) and P^T r, added to those of the pieces before.
    const transposed = { transA: int(1) };
    if (wantsWeight) dweight = [w.one('Gemm', [probabilities, w.mul(ownX, ownR), ...dweight], transposed)];
    if (wantsBias) dbias = [w.one('Gemm', [probabilities, ownR, ...dbias], transposed)];
    pieces.end(p, [ofLabels, ...gradients.slice(-1), ...dweight, ...dbias]);
  }
  const loss = w.one('Neg', [joined(w, 'Sum', likelihoods)]);
  return [
    loss,
    wantsX ? joined(w, 'Concat', gradients) : '',
    ...dweight.map((sum) => w.addRows(sum, labels, w.mul(x, negative))),
    ...(wantsWeight ? [] : ['']),
    ...dbias.map((sum) => w.reshape(w.addRows(sum, labels, negative), valueAt(node.outputs, 3).shape)),
    ...(wantsBias ? [] : ['']),
  ];
};

/** Where pieces begin and end, i64[1] each. */
class Pieces {
  readonly #sizes: readonly string[];
  #start: string;

  constructor(
    readonly w: Writer,
    rows: string,
    readonly count: number,
  ) {
    const { emit } = w.low;
    this.#start = emit.int64([0]);
    if (count === 1) {
      this.#sizes = [];
      return;
    }
    const moved = w.one('Add', [rowsOf(w, rows), emit.int64(Array.from({ length: count }, (_, p) => p))]);
    const sizes = w.one('Div', [moved, emit.int64([count])]);
    const ones = emit.int64(new Array<number>(count).fill(1));
    this.#sizes = emit.node(w.path, 'Split', [sizes, ones], { axis: int(0) }, { outputs: count });
  }

  /** Piece `p` of each of `all`. */
  cut(p: number, all: readonly string[]): readonly string[] {
    const size = this.#sizes[p];
    if (size === undefined) return all;
    const end = this.w.one('Add', [this.#start, size]);
    const axis = this.w.low.emit.int64([0]);
    return all.map((rows) => this.w.one('Slice', [rows, this.#start, end, axis]));
  }

  /** Piece `p` ends once `results` are there, of which the first has its rows. */
  end(p: number, results: readonly string[]): void {
    if (p >= this.#sizes.length - 1) return;
    const { w } = this;
    const [own, ...others] = results.map((result) => rowsOf(w, result));
    const nothing = w.low.emit.int64([0]);
    this.#start = [own ?? nothing, ...others.map((rows) => w.mul(rows, nothing))].reduce(
      (sum, term) => w.add(sum, term),
      this.#start,
    );
  }
}

function rowsOf(w: Writer, x: string): string {
  return w.one('Shape', [x], { start: int(0), end: int(1) });
}

function joined(w: Writer, op: 'Sum' | 'Concat', parts: readonly string[]): string {
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) return only;
  return w.one(op, parts, op === 'Concat' ? { axis: int(0) } : {});
}
