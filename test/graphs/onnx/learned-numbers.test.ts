import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { learnedNumbers } from '../../../graphs/onnx/learned-numbers.js';
import { decodeModel } from '../../../graphs/onnx/model.js';
import { present } from '../../support/run-onnx.js';
import { modelOf, type Step, type Weight } from './quantize/small-models.js';

const attention = readFileSync(new URL('../../fixtures/pytorch-attention.onnx', import.meta.url));
const zeros = (...shape: readonly number[]): Weight => ({
  shape,
  data: new Array<number>(shape.reduce((a, b) => a * b, 1)).fill(0),
});
const count = (steps: readonly Step[], weights: Readonly<Record<string, Weight | readonly bigint[]>>) =>
  learnedNumbers(modelOf([1, 4], steps, weights));

describe('learnedNumbers', () => {
  it('are those of the module that PyTorch exported', () => {
    const layers = 16 * 3 * 4 * 4 + 16 + (16 * 48 + 48) + (16 * 16 + 16) + (16 * 5 + 5);
    const token = 16;
    expect(learnedNumbers(decodeModel(attention))).toEqual({ numbers: layers + token });
  });

  it.each<[string, readonly Step[], Readonly<Record<string, Weight | readonly bigint[]>>, number]>([
    ['weights and biases', [['Conv', ['x', 'w', 'b'], 'y']], { w: zeros(2, 4, 3, 3), b: zeros(2) }, 74],
    [
      'scales and biases of a batch norm, not what it measured',
      [['BatchNormalization', ['x', 's', 'b', 'm', 'v'], 'y']],
      { s: zeros(4), b: zeros(4), m: zeros(4), v: zeros(4) },
      8,
    ],
    [
      'a weight that is read twice, once',
      [
        ['MatMul', ['x', 'w'], 'a'],
        ['MatMul', ['a', 'w'], 'y'],
      ],
      { w: zeros(4, 4) },
      16,
    ],
    [
      'a weight that is transposed first',
      [
        ['Transpose', ['w'], 't'],
        ['MatMul', ['x', 't'], 'y'],
      ],
      { w: zeros(2, 4) },
      8,
    ],
    ['a bias by itself', [['Add', ['x', 'b'], 'y']], { b: zeros(4) }, 4],
    ['no single number', [['Mul', ['x', 'c'], 'y']], { c: zeros(1) }, 0],
    [
      'no limits, and no divisors',
      [
        ['Clip', ['x', 'c', 'c'], 'a'],
        ['Div', ['a', 'd'], 'y'],
      ],
      { c: zeros(), d: zeros(4) },
      0,
    ],
    [
      'no shapes, whatever reads them',
      [
        ['Reshape', ['x', 's'], 'a'],
        ['Concat', ['s', 's'], 'y'],
      ],
      { s: [2n, 2n] },
      0,
    ],
    ['what is nobody’s', [['Relu', ['x'], 'y']], { w: zeros(9) }, 0],
    [
      'integers of a quantized weight, not its scale',
      [
        ['DequantizeLinear', ['w', 's'], 'a'],
        ['MatMul', ['x', 'a'], 'y'],
      ],
      { w: zeros(4, 2), s: zeros(2) },
      8,
    ],
    [
      'weights of the operators of integers',
      [['QLinearConv', ['x', 's', 's', 'w', 's', 's', 's', 's', 'b'], 'y']],
      { w: zeros(2, 4, 3, 3), s: zeros(2), b: zeros(2) },
      74,
    ],
    [
      'weights of a recurrent layer',
      [['LSTM', ['x', 'w', 'r', 'b'], 'y']],
      { w: zeros(1, 8, 4), r: zeros(1, 8, 2), b: zeros(1, 16) },
      64,
    ],
  ])('count %s', (_, steps, weights, numbers) => {
    expect(count(steps, weights)).toEqual({ numbers });
  });

  it('are not told where an unknown operator reads constants', () => {
    expect(count([['Strange', ['x', 'w'], 'y']], { w: zeros(2) })).toEqual({
      unknown: 'it is not known what Strange reads',
    });
    expect(count([['Strange', ['x', 's', 'i'], 'y']], { s: zeros(1), i: [1n, 2n] })).toEqual({ numbers: 0 });
  });

  it('count constants of nodes, and of branches', () => {
    const model = modelOf([1, 4], [['MatMul', ['x', 'c'], 'y']], {});
    const graph = present(model.graph);
    const tensor = (name: string) => ({
      name,
      dims: [4, 2],
      dataType: 1,
      floatData: new Array<number>(8).fill(0),
    });
    const constant = {
      opType: 'Constant',
      output: ['c'],
      attribute: [{ name: 'value', type: 4, t: tensor('') }],
    };
    const branch = {
      initializer: [tensor('v')],
      node: [
        { opType: 'MatMul', input: ['x', 'v'], output: ['a'] },
        { opType: 'MatMul', input: ['x', 'c'], output: ['b'] },
      ],
    };
    const choice = {
      opType: 'If',
      input: ['x'],
      output: ['z'],
      attribute: [{ name: 'then_branch', type: 5, g: branch }],
    };
    graph.node = [constant, ...(graph.node ?? []), choice];
    expect(learnedNumbers(model)).toEqual({ numbers: 16 });
    expect(learnedNumbers({})).toEqual({ numbers: 0 });
  });
});
