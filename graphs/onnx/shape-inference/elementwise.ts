// Operators that go through their inputs element by element: outputs have the shape of the input, or of all of them
// broadcast. Small tensors of whole numbers are calculated, since exporters make shapes of them.
import { broadcast } from '../../shapes.js';
import { proto } from '../proto.js';
import { type Known, mostValues } from './known.js';
import { type ShapeRule, type ShapeRules, sizeOf } from './rule.js';

/** The first output has the shape of the first input. */
const same: ShapeRule = (op) => [{ shape: op.shape(0) }];

/** All inputs broadcast, or those that are named. */
function together(inputs?: readonly number[]): ShapeRule {
  return (op) => {
    const taken = inputs ?? op.inputs.map((_, index) => index);
    return [{ shape: joint(taken.map((index) => op.known(index))) }];
  };
}

function joint(inputs: readonly Known[]): number[] {
  return inputs
    .map(({ shape }) => [...shape])
    .reduce((a, b) => broadcast(a, b, 'an operation of several inputs').map(Number));
}

/** All inputs broadcast, with the numbers where they are known, and of one axis at most. */
function calculated(count: number, of: (...numbers: number[]) => number): ShapeRule {
  return (op) => {
    const inputs = Array.from({ length: count }, (_, index) => op.known(index));
    const shape = joint(inputs);
    const size = sizeOf(shape);
    if (shape.length > 1 || size > mostValues || inputs.some(({ values }) => values === undefined))
      return [{ shape }];
    const number = ({ values = [] }: Known, i: number): number => values[values.length === 1 ? 0 : i] ?? 0;
    return [
      { shape, values: Array.from({ length: size }, (_, i) => of(...inputs.map((x) => number(x, i)))) },
    ];
  };
}

const { DataType } = proto.TensorProto;
const wholeTypes: readonly number[] = [DataType.INT64, DataType.INT32, DataType.BOOL];

const cast: ShapeRule = (op) => {
  const { shape, values } = op.known(0);
  return [wholeTypes.includes(op.int('to', 0)) ? { shape, values } : { shape }];
};

const one = [
  ...['Abs', 'BatchNormalization', 'Celu', 'Ceil', 'Clip', 'Cos', 'CumSum', 'DequantizeLinear', 'Elu', 'Erf'],
  ...[
    'Exp',
    'Floor',
    'Gelu',
    'GroupNormalization',
    'HardSigmoid',
    'HardSwish',
    'Hardmax',
    'InstanceNormalization',
  ],
  ...[
    'LRN',
    'LayerNormalization',
    'LeakyRelu',
    'Log',
    'LogSoftmax',
    'LpNormalization',
    'MeanVarianceNormalization',
  ],
  ...[
    'Mish',
    'Neg',
    'Not',
    'QuantizeLinear',
    'Reciprocal',
    'Relu',
    'Round',
    'Selu',
    'Shrink',
    'Sigmoid',
    'Sign',
    'Sin',
  ],
  ...['Softmax', 'Softplus', 'Softsign', 'Sqrt', 'Tan', 'Tanh', 'ThresholdedRelu', 'Trilu'],
  ...[
    'BiasGelu',
    'FastGelu',
    'Gelu',
    'QLinearLeakyRelu',
    'QLinearSigmoid',
    'QLinearSoftmax',
    'QuickGelu',
  ].map((name) => `com.microsoft.${name}`),
];
const several = ['And', 'Max', 'Mean', 'Min', 'Mod', 'Or', 'PRelu', 'Pow', 'Sum', 'Xor'];

export const elementwiseRules: ShapeRules = {
  ...Object.fromEntries(one.map((operator) => [operator, same])),
  ...Object.fromEntries(several.map((operator) => [operator, together()])),
  // x with its scale and zero point, then the other one with its own.
  'com.microsoft.QLinearAdd': together([0, 3]),
  'com.microsoft.QLinearMul': together([0, 3]),
  DynamicQuantizeLinear: (op) => [{ shape: op.shape(0) }, { shape: [] }, { shape: [] }],
  // The numbers, and which of them are left.
  Dropout: (op) => [{ shape: op.shape(0) }, { shape: op.shape(0) }],
  Identity: (op) => [op.known(0)],
  Cast: cast,
  Add: calculated(2, (a = 0, b = 0) => a + b),
  Sub: calculated(2, (a = 0, b = 0) => a - b),
  Mul: calculated(2, (a = 0, b = 0) => a * b),
  Div: calculated(2, (a = 0, b = 0) => Math.trunc(a / b)),
  Equal: calculated(2, (a, b) => Number(a === b)),
  Greater: calculated(2, (a = 0, b = 0) => Number(a > b)),
  GreaterOrEqual: calculated(2, (a = 0, b = 0) => Number(a >= b)),
  Less: calculated(2, (a = 0, b = 0) => Number(a < b)),
  LessOrEqual: calculated(2, (a = 0, b = 0) => Number(a <= b)),
  Where: calculated(3, (condition, a = 0, b = 0) => (condition === 0 ? b : a)),
};
