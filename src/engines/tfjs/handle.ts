// What a value of the graph stands for while a program runs. Feature maps are kept as the device's kernels want them,
// [N,H,W,C] ("maps"); everything else in its logical order ("plain"). A value is turned into the other form only where a
// kernel asks for it, once. Labels and gates stay on the host: what they decide is decided there, so that no step waits
// for the device. Zero tensors (results of closed regions, mostly) are kept as the knowledge that they are zero.
import type { DeviceTensor } from './tfjs.js';

export type Form = 'plain' | 'maps';

/** The axis of [N,H,W,C] that an axis of [N,C,H,W] becomes. */
export const mapsAxes = [0, 3, 1, 2] as const;

/** float32 values on the device, in one form or both. */
export class Stored {
  readonly kind = 'stored';
  #plain: DeviceTensor | undefined;
  #maps: DeviceTensor | undefined;

  /** `shape` is the logical one. */
  constructor(
    readonly shape: readonly number[],
    form: Form,
    tensor: DeviceTensor,
  ) {
    this.add(form, tensor);
  }

  get(form: Form): DeviceTensor | undefined {
    return form === 'plain' ? this.#plain : this.#maps;
  }

  add(form: Form, tensor: DeviceTensor): void {
    if (form === 'plain') this.#plain = tensor;
    else this.#maps = tensor;
  }

  get tensors(): readonly DeviceTensor[] {
    return [this.#plain, this.#maps].filter((tensor) => tensor !== undefined);
  }

  dispose(): void {
    for (const tensor of this.tensors) tensor.dispose();
  }
}

/** A zero tensor that nobody has made. */
export interface Zero {
  readonly kind: 'zero';
  readonly shape: readonly number[];
}

/** Labels or truth values (0 and 1). */
export interface HostValues {
  readonly kind: 'host';
  readonly shape: readonly number[];
  readonly dtype: 'int64' | 'bool';
  readonly data: Float64Array;
}

export type Handle = Stored | Zero | HostValues;

export function zero(shape: readonly number[]): Zero {
  return { kind: 'zero', shape };
}

export function isZero(handle: Handle | undefined): boolean {
  return handle?.kind === 'zero';
}

/** Whether a tensor is one of a handle's. */
export function holds(handle: Handle, tensor: DeviceTensor): boolean {
  return handle.kind === 'stored' && (handle.get('plain') === tensor || handle.get('maps') === tensor);
}

export function dispose(handle: Handle | undefined): void {
  if (handle?.kind === 'stored') handle.dispose();
}

/** Extents of the logical shape in the order of a form. */
export function extentsIn(form: Form, shape: readonly number[]): number[] {
  const [images = 1, channels = 1, height = 1, width = 1] = shape;
  return form === 'maps' ? [images, height, width, channels] : [...shape];
}
