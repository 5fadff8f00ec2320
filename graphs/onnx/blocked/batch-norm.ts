// Batch norm in blocked layout. Means come from the runtime's blocked global average pool; E[x^2] and the other product
// sums from a depthwise convolution of a tensor with itself (or its cotangent) as the kernel; scaling and shifting is a
// depthwise 1x1 convolution, which also applies a following ReLU and adds a second term.
//
// The variance is E[x^2] - E[x]^2, clamped at 0: it is exact enough only for means that are not many times the standard
// deviation, which is why networks subtract the running mean in the convolution before (`src/networks/norm.ts`).
//
// Backward, with A = scale inverseStd, q = -mean(D xhat) and t = inverseStd q:
//   dx = A D + A t x - A (mean(D) + t mean)         dscale = -m q
import type { Value } from '../../ir.js';
import type { Packing } from './packing.js';
import { type BlockedLowering, type BlockedRule, blocked, plain, Writer } from './rule.js';

export const channelMean: BlockedRule<'channelMean'> = (node, low) => {
  const [x] = node.inputs;
  const p = x === undefined ? undefined : low.packing(x);
  if (x === undefined || p === undefined) return undefined;
  return [plain(new Writer(low, node.path).channelMean(low.blocked(x), p))];
};

export const batchNorm: BlockedRule<'batchNorm'> = (node, low) => {
  const [x, scale, shift] = node.inputs;
  const p = x === undefined ? undefined : low.packing(x);
  if (x === undefined || p === undefined) return undefined;
  const w = new Writer(low, node.path);
  const data = low.blocked(x);
  const mean = w.channelMean(data, p);
  const squares = w.meanOfRows(w.dot(data, data, p), p.images, 1 / (p.height * p.width));
  const variance = w.one('Max', [w.sub(squares, w.mul(mean, mean)), low.emit.scalar(0)]);
  const inverseStd = w.one('Reciprocal', [
    w.one('Sqrt', [w.add(variance, low.emit.scalar(node.attributes.epsilon))]),
  ]);
  const affine = { scale: nameOf(scale, low), shift: nameOf(shift, low), relu: low.fused.appliesRelu(node) };
  const y = normalise(w, data, p, { mean, inverseStd, ...affine });
  return [blocked(y), plain(mean), plain(variance), plain(inverseStd)];
};

export const batchNormApply: BlockedRule<'batchNormApply'> = (node, low) => {
  const [x, mean, inverseStd, scale, shift] = node.inputs;
  const p = x === undefined ? undefined : low.packing(x);
  if (x === undefined || p === undefined || mean === undefined || inverseStd === undefined) return undefined;
  const statistics = { mean: low.plain(mean), inverseStd: low.plain(inverseStd) };
  const affine = { scale: nameOf(scale, low), shift: nameOf(shift, low), relu: low.fused.appliesRelu(node) };
  return [blocked(normalise(new Writer(low, node.path), low.blocked(x), p, { ...statistics, ...affine }))];
};

interface Normalisation {
  readonly mean: string;
  readonly inverseStd: string;
  readonly scale: string | undefined;
  readonly shift: string | undefined;
  readonly relu: boolean;
}

/** (x - mean) factor + shift as factor x + (shift - mean factor), with factor = inverseStd scale. */
function normalise(
  w: Writer,
  x: string,
  p: Packing,
  { mean, inverseStd, scale, shift, relu }: Normalisation,
): string {
  const factor = scale === undefined ? inverseStd : w.mul(inverseStd, scale);
  const centred = w.mul(mean, factor);
  return w.affine(x, p, {
    scale: factor,
    shift: shift === undefined ? w.neg(centred) : w.sub(shift, centred),
    relu,
  });
}

function nameOf(vector: Value | undefined, low: BlockedLowering): string | undefined {
  return vector === undefined ? undefined : low.plain(vector);
}

export const batchNormGrad: BlockedRule<'batchNormGrad'> = (node, low) => {
  const [dy, dyMean, x, mean, inverseStd, scale] = node.inputs;
  const p = x === undefined ? undefined : low.packing(x);
  if (dy === undefined || dyMean === undefined || x === undefined || p === undefined) return undefined;
  if (mean === undefined || inverseStd === undefined) return undefined;
  const w = new Writer(low, node.path);
  const [d, data] = [low.blocked(dy), low.blocked(x)];
  const [meanName, std, dMean] = [low.plain(mean), low.plain(inverseStd), low.plain(dyMean)];
  const pixels = p.height * p.width;
  const products = w.meanOfRows(w.dot(d, data, p), p.images, 1 / pixels);
  const q = w.mul(std, w.sub(w.mul(meanName, dMean), products));
  const [dx, dscale] = node.outputs;
  const results = [];
  if (dx !== undefined && low.used(dx)) {
    const a = scale === undefined ? std : w.mul(std, low.plain(scale));
    const t = w.mul(std, q);
    const c = w.neg(w.mul(a, w.add(dMean, w.mul(t, meanName))));
    const b = w.mul(a, t);
    results.push(blocked(w.affine(data, p, { scale: b, sum: w.affine(d, p, { scale: a, shift: c }) })));
  } else {
    results.push(undefined);
  }
  if (dscale !== undefined && low.used(dscale)) {
    const count = low.emit.scalar(-p.images * pixels);
    const total = dscale.shape[0] === 1 && p.channels !== 1 ? w.reshape(w.reduceSum(q, [0]), [1]) : q;
    results.push(plain(w.mul(total, count)));
  }
  return results;
};
