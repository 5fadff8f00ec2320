// Collects what a graph model consists of: nodes in execution order, and the weights that its `Const` nodes stand for.
// A weight is written where it is first used, so the file holds none that nothing reads.
import { keyOf } from '../../graphs/bytes.js';
import type { TensorType } from '../../graphs/ir.js';
import { type Attributes, type NodeDef, type TfDType, tensorShape, type, typeOf } from './graph-def.js';
import type { Data } from './layout.js';

export interface StoredWeight {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: 'float32' | 'int32';
  readonly bytes: Uint8Array;
}

const manifestTypes: { readonly [D in TfDType]: StoredWeight['dtype'] } = {
  DT_FLOAT: 'float32',
  DT_INT32: 'int32',
};

export class GraphWriter {
  readonly nodes: NodeDef[] = [];
  readonly weights: StoredWeight[] = [];
  readonly #taken = new Set<string>();
  readonly #written = new Map<string, string>();

  /** A name that no other node has. Of the characters left out, ':' would separate an output's number from its node. */
  unique(wanted: string): string {
    const valid = wanted.replace(/[^\w./@-]/g, '_');
    let name = valid;
    for (let n = 1; this.#taken.has(name); n++) name = `${valid}_${n}`;
    this.#taken.add(name);
    return name;
  }

  /** Writes a node, named after its path, and returns its name, which is that of its first result too. */
  node(path: string, op: string, inputs: readonly string[], attributes: Attributes = {}): string {
    return this.nodeAs(this.unique(path === '' ? op : `${path}/${op}`), op, inputs, attributes);
  }

  /** A node that prepares an input, and that others which need it so prepared read too. */
  preparation(path: string, op: string, inputs: readonly string[], attributes: Attributes = {}): string {
    return this.#once(JSON.stringify([op, inputs, attributes]), () =>
      this.node(path, op, inputs, attributes),
    );
  }

  /** Writes a node under a name that is taken already. */
  nodeAs(name: string, op: string, inputs: readonly string[], attributes: Attributes = {}): string {
    this.nodes.push({ name, op, input: inputs, attr: { T: type('DT_FLOAT'), ...attributes } });
    return name;
  }

  placeholder(name: string, { shape, dtype }: TensorType): string {
    const attr = { dtype: type(typeOf(dtype)), shape: { shape: tensorShape(shape) } };
    this.nodes.push({ name, op: 'Placeholder', attr });
    return name;
  }

  /** Writes float32 data as a weight of its own. */
  weight(wanted: string, { shape, data }: Data): string {
    return this.#constant(
      wanted,
      'DT_FLOAT',
      shape,
      bytesOf(data instanceof Float32Array ? data : Float32Array.from(data)),
    );
  }

  /** A float32 constant that is no weight of the network; equal ones are written once. */
  floats(data: ArrayLike<number>, shape: readonly number[]): string {
    return this.#shared('const/float', 'DT_FLOAT', shape, bytesOf(Float32Array.from(data)));
  }

  /** Axes, sizes, paddings: as a vector, or in the shape that is given. */
  ints(values: readonly number[], shape: readonly number[] = [values.length]): string {
    return this.#shared(
      `const/${values.join('x') || 'empty'}`,
      'DT_INT32',
      shape,
      bytesOf(Int32Array.from(values)),
    );
  }

  #shared(wanted: string, dtype: TfDType, shape: readonly number[], bytes: Uint8Array): string {
    const key = `${dtype}:${shape.join()}:${keyOf(bytes)}`;
    return this.#once(key, () => this.#constant(wanted, dtype, shape, bytes));
  }

  #once(key: string, write: () => string): string {
    const found = this.#written.get(key);
    if (found !== undefined) return found;
    const name = write();
    this.#written.set(key, name);
    return name;
  }

  /** The values stand in the shards; the node says what they are. */
  #constant(wanted: string, dtype: TfDType, shape: readonly number[], bytes: Uint8Array): string {
    const name = this.unique(wanted);
    const value = { tensor: { dtype, tensorShape: tensorShape(shape) } };
    this.nodes.push({ name, op: 'Const', attr: { dtype: type(dtype), value } });
    this.weights.push({ name, shape: [...shape], dtype: manifestTypes[dtype], bytes });
    return name;
  }
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array | Int32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
