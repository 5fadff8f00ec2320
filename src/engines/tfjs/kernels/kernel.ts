// What a kernel is: an operation evaluated on the device, from handles to handles. What it makes on the way is the
// arena's; the handles that it returns are the caller's, and share no tensor with its inputs.
import type { Graph, OperationAttributes, OperationName } from '../../../../graphs/ir.js';
import type { Arena } from '../arena.js';
import { extentsIn, type Form, type Handle, type HostValues, isZero, Stored } from '../handle.js';
import type { DeviceTensor } from '../tfjs.js';

export type Kernel<K extends OperationName> = (
  call: Call,
  attributes: OperationAttributes[K],
) => readonly Handle[];

/** Evaluates the bodies of regions and scans. */
export interface Bodies {
  runBody(body: Graph, captures: readonly Handle[]): readonly Handle[];
}

/** What is known of an operation's results before it runs. */
export interface Results {
  /** Logical shapes. */
  readonly shapes: readonly (readonly number[])[];
  /** What they are where all of them are zero. */
  readonly zeros: readonly Handle[];
  /** Whether anybody reads them; one that nobody reads may be anything. */
  readonly wanted: readonly boolean[];
}

/** One application of an operation: its inputs in the forms that a kernel wants. */
export class Call {
  constructor(
    readonly t: Arena,
    readonly inputs: readonly Handle[],
    readonly results: Results,
    readonly bodies: Bodies,
  ) {}

  handle(index: number): Handle {
    const found = this.inputs[index];
    if (found === undefined) throw new RangeError(`operand ${index} of ${this.inputs.length}`);
    return found;
  }

  has(index: number): boolean {
    return this.inputs[index] !== undefined;
  }

  shape(index: number): readonly number[] {
    return this.handle(index).shape;
  }

  isZero(index: number): boolean {
    return isZero(this.inputs[index]);
  }

  /** The logical shape of a result. */
  resultShape(index = 0): readonly number[] {
    const found = this.results.shapes[index];
    if (found === undefined) throw new RangeError(`result ${index} of ${this.results.shapes.length}`);
    return found;
  }

  /** In logical order. */
  plain(index: number): DeviceTensor {
    return this.inForm(this.handle(index), 'plain');
  }

  /** A feature map as [N,H,W,C]. */
  maps(index: number): DeviceTensor {
    return this.inForm(this.handle(index), 'maps');
  }

  host(index: number): HostValues {
    const handle = this.handle(index);
    if (handle.kind !== 'host') throw new TypeError(`operand ${index} lives on the device`);
    return handle;
  }

  inForm(handle: Handle, form: Form): DeviceTensor {
    if (handle.kind === 'host') throw new TypeError('labels and gates live on the host');
    if (handle.kind === 'zero') return this.t.zeros(extentsIn(form, handle.shape));
    return this.t.device.inForm(handle, form);
  }

  /** The form that costs nothing where the inputs agree: maps where one of them is nothing else. */
  get commonForm(): Form {
    return this.inputs.some(
      (handle) => handle.kind === 'stored' && handle.shape.length === 4 && handle.get('plain') === undefined,
    )
      ? 'maps'
      : 'plain';
  }

  /** A result, by default the only one. */
  result(form: Form, tensor: DeviceTensor, index = 0): Stored {
    return new Stored(this.resultShape(index), form, tensor);
  }
}

/** The extents of a feature map's logical shape. */
export function mapShape(shape: readonly number[]): readonly [number, number, number, number] {
  const [images, channels, height, width] = shape;
  if (images === undefined || channels === undefined || height === undefined || width === undefined)
    throw new RangeError(`[${shape.join(', ')}] is no feature map`);
  return [images, channels, height, width];
}
