// Elementwise operations on blocked memory, sums of gated terms, and dot products.

import { isOp } from '../../ir.js';
import { int } from '../emitter.js';
import { convolve } from './conv2d.js';
import { isPadded, lanes, shapeOf, vectors } from './packing.js';
import { type BlockedRule, blocked, type Placed, plain, Writer } from './rule.js';

export const relu: BlockedRule<'relu'> = (node, low) => {
  const [x] = node.inputs;
  if (x === undefined || low.packing(x) === undefined) return undefined;
  return [blocked(low.emit.one(node.path, 'Relu', [low.blocked(x)]))];
};

/** dy times HardSigmoid(1e30 y), which is 1 where y > 0 and else 0: faster than Where or Sign on large tensors. */
export const reluGrad: BlockedRule<'reluGrad'> = (node, low) => {
  const [dy, y] = node.inputs;
  if (dy === undefined || y === undefined || low.packing(dy) === undefined) return undefined;
  const w = new Writer(low, node.path);
  const mask = w.one('HardSigmoid', [low.blocked(y)], { alpha: { float: 1e30 }, beta: { float: 0 } });
  return [blocked(w.mul(low.blocked(dy), mask))];
};

export const add: BlockedRule<'add'> = (node, low) => {
  const [a, b] = node.inputs;
  const [y] = node.outputs;
  if (a === undefined || b === undefined || y === undefined) return undefined;
  if (low.packing(a) === undefined || low.packing(b) === undefined) return undefined;
  if (a.shape.join() !== b.shape.join()) return undefined;
  return [blocked(low.emit.one(node.path, 'Add', [low.blocked(a), low.blocked(b)]))];
};

/** A product with one number, or with one number for each image: a depthwise 1x1 convolution. */
export const mul: BlockedRule<'mul'> = (node, low) => {
  const [a, b] = node.inputs;
  if (a === undefined || b === undefined) return undefined;
  const [x, factor] = a.shape.length === 4 && b.shape.join() !== a.shape.join() ? [a, b] : [b, a];
  const p = low.packing(x);
  if (p === undefined) return undefined;
  const w = new Writer(low, node.path);
  if (a.shape.join() === b.shape.join()) return [blocked(w.mul(low.blocked(a), low.blocked(b)))];
  if (factor.shape.every((size) => size === 1)) {
    const scale = w.one('Expand', [w.reshape(low.plain(factor), [1]), low.emit.int64([lanes(p)])]);
    return [
      blocked(w.affine(low.blocked(x), { ...p, channels: lanes(p), stored: lanes(p), packed: 1 }, { scale })),
    ];
  }
  if (
    factor.shape.length === 4 &&
    factor.shape[0] === p.images &&
    factor.shape.slice(1).every((size) => size === 1)
  ) {
    const rows = w.reshape(low.plain(factor), [p.images, 1]);
    const weight = w.reshape(w.one('Expand', [rows, low.emit.int64([p.images, p.stored])]), [
      vectors(p),
      1,
      1,
      1,
    ]);
    const wide = w.reshape(low.memory(x), [1, vectors(p), p.height, p.width]);
    const scaled = w.nchwc('Conv', [wide, weight], {
      group: int(vectors(p)),
      kernel_shape: { ints: [1, 1] },
    });
    return [blocked(w.reshape(scaled, shapeOf(p)))];
  }
  return undefined;
};

/**
 * Dense terms are added; convolutions that only this sum reads are accumulated one onto the other; with terms from gated
 * regions, all are laid side by side and summed over that axis, where a closed region's term has no extent.
 */
export const sum: BlockedRule<'sum'> = (node, low) => {
  const [y] = node.outputs;
  const p = y === undefined ? undefined : low.packing(y);
  if (p === undefined) return undefined;
  const w = new Writer(low, node.path);
  const chained = low.fused.convolutionsInto(node);
  let accumulated: Placed | undefined;
  for (const convolution of chained) {
    if (!isOp(convolution, 'conv2d')) return undefined;
    const onto =
      accumulated === undefined
        ? undefined
        : accumulated.layout === 'blocked'
          ? accumulated.name
          : w.reshape(accumulated.name, shapeOf(p));
    accumulated = convolve(convolution, low, onto)?.[0];
  }
  const absorbed = new Set(chained.flatMap(({ outputs }) => outputs));
  const others = node.inputs.filter((term) => !absorbed.has(term));
  if (others.length === 0 && accumulated !== undefined) return [accumulated];
  const names = others.map((term) => low.blocked(term));
  if (accumulated !== undefined) {
    names.push(accumulated.layout === 'blocked' ? accumulated.name : w.reshape(accumulated.name, shapeOf(p)));
  }
  if (!others.some((term) => low.mayBeEmpty(term))) {
    return [blocked(names.reduce((total, name) => w.add(total, name)))];
  }
  const images = p.images / p.packed;
  const beside = w.one('Concat', names, { axis: int(1) });
  const stacked = w.reshape(beside, [images, -1, lanes(p), p.height, p.width]);
  return [blocked(w.reduceSum(stacked, [1]))];
};

/** The sum of a whole product is a dot product. */
export const reduceSum: BlockedRule<'reduceSum'> = (node, low) => {
  const product = low.fused.productInto(node);
  const [a, b] = product?.inputs ?? [];
  const p = a === undefined ? undefined : low.packing(a);
  if (product === undefined || a === undefined || b === undefined || p === undefined) return undefined;
  const w = new Writer(low, node.path);
  return [plain(w.reduceSum(w.dot(low.memory(a), low.memory(b), p), [0, 1]))];
};

/** Side by side along the channels, where neither images are packed nor zeros stored. */
export const concat: BlockedRule<'concat'> = (node, low) => {
  if (node.attributes.axis !== 1) return undefined;
  const packings = node.inputs.map((part) => low.packing(part));
  if (!packings.every((p) => p !== undefined && p.packed === 1 && !isPadded(p))) return undefined;
  const parts = node.inputs.map((part) => low.blocked(part));
  return [blocked(low.emit.one(node.path, 'Concat', parts, { axis: int(1) }))];
};
