import { describe, expect, it } from 'vitest';
import { ModelGraph } from '../../../../graphs/onnx/quantize/model-graph.js';
import { planQuantization, quantizableValues } from '../../../../graphs/onnx/quantize/plan.js';
import { modelOf, type Step, type Weight } from './small-models.js';

const pointwise: Weight = { shape: [2, 2, 1, 1], data: [1, 2, 3, 4] };
const shape = ['N', 2, 4, 4] as const;

function plan(
  steps: readonly Step[],
  excluded: readonly string[] = [],
  constants: Readonly<Record<string, Weight>> = {},
) {
  const graph = new ModelGraph(modelOf(shape, steps, { w: pointwise, ...constants }));
  const { nodes, values, absorbed } = planQuantization(graph, ({ name }) => excluded.includes(name ?? ''));
  return {
    nodes: [...nodes].map(({ name }) => name),
    groups: [...new Set(values.values())].map((group) => [...group].sort()),
    absorbed: [...absorbed].map(({ name }) => name),
    observed: [...quantizableValues(graph)],
  };
}

describe('planQuantization', () => {
  it('begins with weights and follows through what lies between', () => {
    const { nodes, groups } = plan([
      ['Relu', ['x'], 'before'],
      ['Conv', ['before', 'w'], 'a'],
      ['Conv', ['before', 'w'], 'b'],
      ['Add', ['a', 'b'], 'sum'],
      ['Sigmoid', ['sum'], 'gate'],
      ['Mul', ['gate', 'sum'], 'y'],
    ]);
    expect(nodes).toEqual(['a', 'b', 'sum']);
    expect(groups).toEqual([['before'], ['a'], ['b'], ['sum']]);
  });

  it('leaves averages in float, and what adds or joins them up to the next weights', () => {
    const { nodes, groups } = plan([
      ['Conv', ['x', 'w'], 'a'],
      ['AveragePool', ['a'], 'p', { kernel_shape: [2, 2] }],
      ['Concat', ['p', 'p'], 'both', { axis: 1 }],
      ['Add', ['both', 'both'], 'sum'],
      ['Conv', ['sum', 'w'], 'b'],
      ['GlobalAveragePool', ['b'], 'mean'],
      ['Sigmoid', ['mean'], 'y'],
    ]);
    expect(nodes).toEqual(['a', 'b', 'mean']);
    expect(groups).toEqual([['x'], ['sum'], ['a'], ['b'], ['mean']]);
  });

  it('keeps the outputs of the model in float, and a convolution that yields one', () => {
    expect(plan([['Conv', ['x', 'w'], 'y']]).nodes).toEqual([]);
    const gemm = modelOf([1, 2], [['Gemm', ['x', 'w'], 'y']], { w: { shape: [2, 2], data: [1, 2, 3, 4] } });
    const { nodes, values } = planQuantization(new ModelGraph(gemm));
    expect([[...nodes].map(({ name }) => name), [...values.keys()]]).toEqual([['y'], ['x']]);
  });

  it('lets a ReLU fall away that alone reads what it rectifies', () => {
    const steps: Step[] = [
      ['Conv', ['x', 'w'], 'a'],
      ['Relu', ['a'], 'r'],
      ['Conv', ['r', 'w'], 'b'],
      ['Sigmoid', ['b'], 'y'],
    ];
    expect(plan(steps)).toEqual({
      nodes: ['a', 'r', 'b'],
      groups: [['x'], ['r'], ['b']],
      absorbed: ['r'],
      // Calibration looks at `a` all the same: it becomes an integer where the ReLU is excluded.
      observed: ['x', 'r', 'a', 'b'],
    });
    expect(plan(steps, ['r']).groups).toEqual([['x'], ['r'], ['a'], ['b']]);
  });

  it('shares the scale where others read the operand of a ReLU too', () => {
    const { groups, absorbed } = plan([
      ['Conv', ['x', 'w'], 'a'],
      ['Relu', ['a'], 'r'],
      ['Conv', ['r', 'w'], 'b'],
      ['Add', ['a', 'b'], 'sum'],
      ['Sigmoid', ['sum'], 'y'],
    ]);
    expect([groups, absorbed]).toEqual([[['x'], ['a', 'r'], ['b'], ['sum']], []]);
  });

  it('shares scales through what moves elements, which keeps the ReLUs of negative neighbours', () => {
    const concat = (second: string): Step[] => [
      ['Conv', ['x', 'w'], 'a'],
      ['Relu', ['a'], 'r'],
      ['Conv', ['x', 'w'], 'b'],
      ['Relu', ['b'], 's'],
      ['Concat', ['r', second], 'both', { axis: 1 }],
      ['MaxPool', ['both'], 'pooled', { kernel_shape: [2, 2] }],
      ['GlobalAveragePool', ['pooled'], 'mean'],
      ['Sigmoid', ['mean'], 'y'],
    ];
    const rectified = plan(concat('s'));
    expect(rectified.groups).toContainEqual(['both', 'pooled', 'r', 's']);
    expect(rectified.absorbed).toEqual(['r', 's']);
    const mixed = plan(concat('b'));
    expect(mixed.groups).toContainEqual(['a', 'b', 'both', 'pooled', 'r', 's']);
    expect(mixed.absorbed).toEqual([]);
  });

  it.each([
    ['keeps', -0.1, []],
    ['drops', 0, ['r']],
  ])('%s a ReLU that is joined with a constant of least element %d', (_, least, absorbed) => {
    const steps: Step[] = [
      ['Conv', ['x', 'w'], 'a'],
      ['Relu', ['a'], 'r'],
      ['Concat', ['r', 'c'], 'both', { axis: 1 }],
      ['MaxPool', ['both'], 'pooled', { kernel_shape: [2, 2] }],
      ['Sigmoid', ['pooled'], 'y'],
    ];
    const c = { shape: [1, 1, 4, 4], data: Array.from({ length: 16 }, (__, i) => (i === 9 ? least : i)) };
    expect(plan(steps, [], { c }).absorbed).toEqual(absorbed);
  });

  it('leaves excluded nodes in float, and what follows only them', () => {
    const steps: Step[] = [
      ['Conv', ['x', 'w'], 'a'],
      ['MaxPool', ['a'], 'm', { kernel_shape: [2, 2] }],
      ['Conv', ['m', 'w'], 'b'],
      ['Sigmoid', ['b'], 'y'],
    ];
    expect(plan(steps, ['a'])).toMatchObject({ nodes: ['b'], groups: [['m'], ['b']] });
    expect(plan(steps, ['a', 'b'])).toMatchObject({ nodes: [], groups: [] });
  });

  it('leaves forms alone that have no integer kernel', () => {
    const nodesOf = (step: Step, weights: Parameters<typeof modelOf>[2]) =>
      planQuantization(new ModelGraph(modelOf(shape, [step, ['Sigmoid', ['a'], 'y']], weights))).nodes.size;
    expect(nodesOf(['Conv', ['x', 'w'], 'a'], { w: pointwise })).toBe(1);
    expect(nodesOf(['Conv', ['x', 'x'], 'a'], {})).toBe(0);
    expect(nodesOf(['Gemm', ['x', 'w'], 'a', { transA: 1 }], { w: { shape: [1, 1], data: [1] } })).toBe(0);
    expect(nodesOf(['MatMul', ['x', 'w'], 'a'], { w: pointwise })).toBe(0);
  });
});
