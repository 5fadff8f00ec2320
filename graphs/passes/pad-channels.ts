// Gives maps between convolutions as many channels as fill whole blocks. ONNX Runtime's fast integer kernels for depthwise
// convolutions want multiples of 16 channels on x86 (of 8 on ARM), and those for dense ones at least 16; with others, sums
// of 32 bits go through memory. With the weights padded by zeros,
//
//   y = conv([x, 0], [[W, 0], [0, 0]]) = [conv(x, W), 0],
//
// all channels are in blocks. Which maps are padded says `channel-layouts.ts`. Requires that weights are bound; whatever
// reads a map in a way that is not known pins it to its own channels. Ensures the same outputs, to the order of sums.
import { type BoundGraph, type BoundWeight, withNodes } from '../bound-graph.js';
import { isOp, type Node, type Value } from '../ir.js';
import { elementCount, fixedShape } from '../shapes.js';
import { type ChannelLayout, channelLayouts, channelRole, padding } from './channel-layouts.js';

export function padChannels(source: BoundGraph, block: number): BoundGraph {
  const layouts = channelLayouts(source, block);
  const weights = new PaddedWeights(source.weights);
  const padded = new Map(
    [...layouts].map(([value, { length }]): [Value, Value] => [
      value,
      { ...value, shape: value.shape.map((size, axis) => (axis === 1 ? length : size)) },
    ]),
  );
  const current = (value: Value): Value => padded.get(value) ?? value;

  const nodes = source.graph.nodes.map((node): Node => {
    const [x] = node.inputs;
    const role = channelRole(node, source.weights);
    const [y] = node.outputs;
    const [from, to] = [x && layouts.get(x), y && layouts.get(y)];
    const inputs = node.inputs.map((value) => {
      if (role === undefined || !source.weights.has(value)) return current(value);
      if (role.kind === 'follows') return weights.padded(value, { rows: to });
      if (role.kind === 'ends') return weights.padded(value, { columns: from });
      const isBias = role.kind === 'mixes' && value === role.bias;
      return weights.padded(value, isBias ? { rows: to } : { rows: to, columns: from });
    });
    const changed = { ...node, inputs, outputs: node.outputs.map(current) };
    if (to === undefined || !isOp(changed, 'conv2d') || role?.kind !== 'follows') return changed;
    return { ...changed, attributes: { ...changed.attributes, groups: to.length } };
  });
  return withNodes(source, nodes, weights.all);
}

/** Where the channels of a weight's first and second axis go; an absent one stays as it is. */
interface Places {
  readonly rows?: ChannelLayout | undefined;
  readonly columns?: ChannelLayout | undefined;
}

class PaddedWeights {
  readonly all: Map<Value, BoundWeight>;
  readonly #made = new Map<Value, { readonly key: string; readonly value: Value }[]>();

  constructor(weights: BoundGraph['weights']) {
    this.all = new Map(weights);
  }

  /** The weight with zeros where the layouts have padding. */
  padded(weight: Value, { rows, columns }: Places): Value {
    const bound = this.all.get(weight);
    if (bound === undefined || (rows === undefined && columns === undefined)) return weight;
    const key = JSON.stringify([rows, columns]);
    const made = this.#made.get(weight) ?? [];
    const found = made.find((other) => other.key === key);
    if (found !== undefined) return found.value;

    const byRows = scattered(fixedShape(weight.shape, weight.path), bound.data, 0, rows);
    const { shape, data } = scattered(byRows.shape, byRows.data, 1, columns);
    const value: Value = { ...weight, shape };
    // Read with a second layout, it is a second weight.
    this.all.set(value, { name: bound.name, data });
    this.#made.set(weight, [...made, { key, value }]);
    return value;
  }
}

/** Slices along an axis put where the layout has them, zeros between. */
function scattered(
  shape: readonly number[],
  data: Float32Array,
  axis: number,
  layout: ChannelLayout | undefined,
): { readonly shape: readonly number[]; readonly data: Float32Array } {
  if (layout === undefined) return { shape, data };
  const wide = shape.map((size, i) => (i === axis ? layout.length : size));
  const inner = elementCount(shape.slice(axis + 1));
  const [row, wideRow] = [(shape[axis] ?? 1) * inner, layout.length * inner];
  const result = new Float32Array((data.length / row) * wideRow);
  for (let outer = 0; outer * row < data.length; outer++) {
    layout.forEach((channel, place) => {
      if (channel === padding) return;
      const from = outer * row + channel * inner;
      result.set(data.subarray(from, from + inner), outer * wideRow + place * inner);
    });
  }
  return { shape: wide, data: result };
}
