import { describe, expect, it } from 'vitest';
import { Builder } from '../../../../graphs/builder.js';
import { primitiveRows } from '../../../../src/networks/operations/index.js';
import { PRIMITIVES } from '../../../../src/spaces/convolutional.js';
import { isOperation } from '../../../../src/spaces/search-space.js';

const OPERATIONS = PRIMITIVES.filter(isOperation);

/** What a primitive's trace reads of its features, and whether it computes anything. */
function traced(primitive: (typeof OPERATIONS)[number], stride: 1 | 2, scaled: boolean) {
  const g = new Builder();
  const [raw, relu] = [g.input('raw', [1, 4, 8, 8]), g.input('relu', [1, 4, 8, 8])];
  const scale = scaled ? g.input('scale', [1]) : undefined;
  const y = primitiveRows[primitive].build(
    g,
    { raw, relu },
    { name: 'op', stride, scale, training: true, affine: false, normPooling: scaled },
  );
  const graph = g.build([{ name: 'y', value: y }]);
  const reads = (value: typeof raw) =>
    y === value || graph.nodes.some(({ inputs }) => inputs.includes(value));
  return { raw: reads(raw), relu: reads(relu), isInput: y === raw, shape: y.shape };
}

describe.each(OPERATIONS)('the row of %s', (primitive) => {
  const { readsRelu, isIdentity } = primitiveRows[primitive];
  it.each([1, 2] as const)('says what it reads at stride %i', (stride) => {
    for (const scaled of [false, true]) {
      const { raw, relu, shape } = traced(primitive, stride, scaled);
      expect({ raw, relu }).toEqual({ raw: !readsRelu(stride), relu: readsRelu(stride) });
      expect(shape).toEqual([1, 4, 8 / stride, 8 / stride]);
    }
    expect(traced(primitive, stride, false).isInput).toBe(isIdentity(stride));
  });
});
