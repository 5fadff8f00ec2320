// Operations that move elements. A feature map's axes are looked up where its form has them. Labels and gates are only
// ever reshaped.
import type { Form, Handle } from '../handle.js';
import { extentsIn, isZero, mapsAxes, zero } from '../handle.js';
import type { Kernel } from './kernel.js';

/** Where a logical axis lies in a form. */
function axisIn(form: Form, axis: number): number {
  return form === 'maps' ? (mapsAxes[axis] ?? axis) : axis;
}

/** Constants are uploaded once, when a program is prepared; see `constants.ts`. */
export const constant: Kernel<'constant'> = () => {
  throw new TypeError('a constant is no step of a program');
};

export const reshape: Kernel<'reshape'> = (call) => {
  const x = call.handle(0);
  if (x.kind === 'host') return [{ ...x, shape: call.resultShape() }];
  return [call.result('plain', call.t.reshape(call.inForm(x, 'plain'), call.resultShape()))];
};

export const transpose: Kernel<'transpose'> = (call, { permutation }) => [
  call.result('plain', call.t.transpose(call.plain(0), permutation)),
];

/** Repeated along the axes that broadcast. */
export const expand: Kernel<'expand'> = (call) => {
  const shape = call.resultShape();
  const from = call.shape(0);
  const padded = [...new Array<number>(shape.length - from.length).fill(1), ...from];
  const x = call.t.reshape(call.plain(0), padded);
  return [
    call.result(
      'plain',
      call.t.tile(
        x,
        shape.map((size, axis) => (padded[axis] === size ? 1 : size)),
      ),
    ),
  ];
};

/** Indices come from the host. */
export const gather: Kernel<'gather'> = (call) => {
  const { data, shape } = call.host(1);
  return [call.result('plain', call.t.gather(call.plain(0), call.t.indices(data, shape)))];
};

export const gatherGrad: Kernel<'gatherGrad'> = (call) => {
  const { data } = call.host(1);
  const column = call.t.indices(data, [data.length, 1]);
  return [call.result('plain', call.t.scatter(column, call.plain(0), call.resultShape()))];
};

export const slice: Kernel<'slice'> = (call, { axis, start }) => {
  const form = call.commonForm;
  const size = extentsIn(form, call.resultShape());
  const begin = size.map((_, i) => (i === axisIn(form, axis) ? start : 0));
  return [call.result(form, call.t.slice(call.inForm(call.handle(0), form), begin, size))];
};

export const pad: Kernel<'pad'> = (call, { axis, before, after }) => {
  const form = call.commonForm;
  const paddings = call
    .shape(0)
    .map((_, i): [number, number] => (i === axisIn(form, axis) ? [before, after] : [0, 0]));
  return [call.result(form, call.t.pad(call.inForm(call.handle(0), form), paddings))];
};

export const split: Kernel<'split'> = (call, { axis, sizes }) => {
  const form = call.commonForm;
  const parts = call.t.split(call.inForm(call.handle(0), form), sizes, axisIn(form, axis));
  return parts.map((part, i) => call.result(form, part, i));
};

/** Zeros next to each other are made as one. */
export const concat: Kernel<'concat'> = (call, { axis }) => {
  const form = call.commonForm;
  const parts = mergeZeros(call.inputs, axis).map((part) => call.inForm(part, form));
  return [call.result(form, call.t.concat(parts, axisIn(form, axis)))];
};

function mergeZeros(parts: readonly Handle[], axis: number): Handle[] {
  const merged: Handle[] = [];
  for (const part of parts) {
    const last = merged.at(-1);
    if (last === undefined || !isZero(last) || !isZero(part)) {
      merged.push(part);
      continue;
    }
    const size = (last.shape[axis] ?? 0) + (part.shape[axis] ?? 0);
    merged[merged.length - 1] = zero(last.shape.map((old, i) => (i === axis ? size : old)));
  }
  return merged;
}
