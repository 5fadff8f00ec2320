// The cross entropy of a linear layer in standard ONNX, piece by piece of its rows, so that only the logits of one piece are
// kept. How many rows there are may be open: N rows are cut into pieces of
//
//   floor((N + p) / pieces),  p = 0 .. pieces - 1,
//
// which together are N. The large tensors of a piece are the logits, their log softmax, and P = exp of that in its place.
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
  const parts = [x, labels, r].map((rows) => cut(w, rows, node.attributes.pieces));

  const likelihoods: string[] = [];
  const gradients: string[] = [];
  let dweight: string[] = [];
  let dbias: string[] = [];
  for (let p = 0; p < node.attributes.pieces; p++) {
    const [ownX = '', ownLabels = '', ownR = ''] = parts.map((pieces) => pieces[p] ?? '');
    const logits = w.one('Gemm', [ownX, weight, bias], { transB: int(1) });
    const logProbabilities = w.one('LogSoftmax', [logits], { axis: int(1) });
    const column = w.one('Unsqueeze', [ownLabels, low.emit.int64([1])]);
    const ofLabels = w.one('GatherElements', [logProbabilities, column], { axis: int(1) });
    likelihoods.push(w.reduceSum(w.mul(ofLabels, ownR), [0, 1]));
    if (!(wantsX || wantsWeight || wantsBias)) continue;
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

/** The rows in pieces whose sizes are calculated when the model runs. */
function cut(w: Writer, rows: string, pieces: number): string[] {
  if (pieces === 1) return [rows];
  const { emit } = w.low;
  const count = w.one('Shape', [rows], { start: int(0), end: int(1) });
  const moved = w.one('Add', [count, emit.int64(Array.from({ length: pieces }, (_, p) => p))]);
  const sizes = w.one('Div', [moved, emit.int64([pieces])]);
  return emit.node(w.path, 'Split', [rows, sizes], { axis: int(0) }, { outputs: pieces });
}

function joined(w: Writer, op: 'Sum' | 'Concat', parts: readonly string[]): string {
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) return only;
  return w.one(op, parts, op === 'Concat' ? { axis: int(0) } : {});
}
