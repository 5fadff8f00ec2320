// Elementwise operations. Truth values are combined on the host.
import { sameShape } from '../../../../graphs/shapes.js';
import type { Arena } from '../arena.js';
import { extentsIn, type Form, type Handle, isZero, zero } from '../handle.js';
import type { DeviceTensor } from '../tfjs.js';
import type { Call } from './kernel.js';

type Elementwise = (call: Call) => readonly Handle[];

function unary(of: (t: Arena, x: DeviceTensor) => DeviceTensor): Elementwise {
  return (call) => {
    const form = call.commonForm;
    return [call.result(form, of(call.t, call.inForm(call.handle(0), form)))];
  };
}

function binary(of: (t: Arena, a: DeviceTensor, b: DeviceTensor) => DeviceTensor): Elementwise {
  return (call) => {
    const form = call.commonForm;
    const [a, b] = [broadcastable(call, 0, form), broadcastable(call, 1, form)];
    const y = of(call.t, a, b);
    const shape = extentsIn(form, call.resultShape());
    const fits = y.shape.length === shape.length;
    return [call.result(form, fits ? y : call.t.reshape(y, shape))];
  };
}

/**
 * An operand as it broadcasts to the result in a form. One element becomes a scalar and one row of channels a vector:
 * kernels are fastest where nothing but leading axes broadcast.
 */
function broadcastable(call: Call, index: number, form: Form): DeviceTensor {
  const handle = call.handle(index);
  const { shape } = handle;
  const { t } = call;
  if (form === 'plain' || call.resultShape().length !== 4) return t.scalar(call.inForm(handle, 'plain'));
  if (shape.length < 4) {
    const padded = t.reshape(call.inForm(handle, 'plain'), [
      ...new Array<number>(4 - shape.length).fill(1),
      ...shape,
    ]);
    return t.scalar(t.transpose(padded, [0, 2, 3, 1]));
  }
  const [images, channels = 1, height, width] = shape;
  const onlyChannels = images === 1 && height === 1 && width === 1;
  return onlyChannels
    ? t.scalar(t.reshape(call.inForm(handle, 'plain'), [channels]))
    : call.inForm(handle, 'maps');
}

export const relu = unary((t, x) => t.relu(x));
export const sqrt = unary((t, x) => t.sqrt(x));
export const sigmoid = unary((t, x) => t.sigmoid(x));
export const tanh = unary((t, x) => t.tanh(x));
export const reciprocal = unary((t, x) => t.reciprocal(x));
export const detach = unary((t, x) => t.identity(x));
export const mul = binary((t, a, b) => t.mul(a, b));
export const div = binary((t, a, b) => t.div(a, b));
export const minimum = binary((t, a, b) => t.minimum(a, b));
/** (dy, y). */
export const reluGrad = binary((t, dy, y) => t.mul(dy, t.compared('Greater', y, t.device.scalar(0))));

/** A zero adds nothing to what has the result's shape. */
export const add: Elementwise = (call) =>
  unchanged(call, 0, 1) ?? unchanged(call, 1, 0) ?? binary((t, a, b) => t.add(a, b))(call);

export const sub: Elementwise = (call) => unchanged(call, 0, 1) ?? binary((t, a, b) => t.sub(a, b))(call);

/** The operand at `index`, where the other one is a zero that does not widen it. */
function unchanged(call: Call, index: number, other: number): readonly Handle[] | undefined {
  if (!call.isZero(other) || !sameShape(call.shape(index), call.resultShape())) return undefined;
  const form = call.commonForm;
  return [call.result(form, call.t.identity(call.inForm(call.handle(index), form)))];
}

/** Terms of closed regions are left out. */
export const sum: Elementwise = (call) => {
  const terms = call.inputs.filter((term) => !isZero(term));
  if (terms.length === 0) return [zero(call.resultShape())];
  const form = call.commonForm;
  return [call.result(form, call.t.addAll(terms.map((term) => call.inForm(term, form))))];
};

export const and: Elementwise = (call) => {
  const [a, b] = [call.host(0).data, call.host(1).data];
  return [{ ...call.host(0), data: a.map((value, i) => (value !== 0 && b[i] !== 0 ? 1 : 0)) }];
};

export const not: Elementwise = (call) => {
  const values = call.host(0);
  return [{ ...values, data: values.data.map((value) => (value === 0 ? 1 : 0)) }];
};
