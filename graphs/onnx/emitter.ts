// Writes ONNX nodes. One `ModelParts` collects what a model has once (initializers, opsets, unique names); an `Emitter`
// writes into one scope of it: the main graph, or a branch of an `If`. Names of outer scopes are visible in inner ones.
import { keyOf, utf8 } from '../bytes.js';
import { GenonnxError } from '../errors.js';
import { floatToHalf, largestFloat16 } from '../float16.js';
import type { DType, Shape, TensorType } from '../ir.js';
import type * as onnx from './proto.js';
import { proto } from './proto.js';

/** ONNX attribute values. A JavaScript number alone would not say whether it is an integer. */
export type AttributeValue =
  | { readonly int: number }
  | { readonly float: number }
  | { readonly text: string }
  | { readonly ints: readonly number[] }
  | { readonly floats: readonly number[] }
  | { readonly tensor: onnx.ITensorProto }
  | { readonly graph: onnx.IGraphProto };
export type Attributes = Readonly<Record<string, AttributeValue>>;

export const int = (value: number): AttributeValue => ({ int: value });
export const float = (value: number): AttributeValue => ({ float: value });
export const text = (value: string): AttributeValue => ({ text: value });
export const ints = (value: readonly number[]): AttributeValue => ({ ints: value });
export const graph = (value: onnx.IGraphProto): AttributeValue => ({ graph: value });
export const floats = (value: readonly number[]): AttributeValue => ({ floats: value });

/** Domains beside ONNX's own, with the version that is imported when a node uses one. */
const domainVersions = { 'com.microsoft': 1, 'com.microsoft.nchwc': 1 } as const;
export type Domain = '' | keyof typeof domainVersions;

export function domainVersion(domain: keyof typeof domainVersions): number {
  return domainVersions[domain];
}

export interface NodeOptions {
  readonly domain?: Domain;
  /** Number of results; 1 when absent. */
  readonly outputs?: number;
  /** Types of the results, for models that carry `value_info`. */
  readonly types?: readonly TensorType[];
}

/** How the floats of a model are stored and calculated with; its inputs and outputs are float32 in any case. */
export const PRECISIONS = ['float32', 'float16'] as const;
export type Precision = (typeof PRECISIONS)[number];

const elementTypes: { readonly [D in DType | 'float16']: number } = {
  float32: proto.TensorProto.DataType.FLOAT,
  float16: proto.TensorProto.DataType.FLOAT16,
  int64: proto.TensorProto.DataType.INT64,
  bool: proto.TensorProto.DataType.BOOL,
};

/** What a model has once. */
export class ModelParts {
  readonly initializers: onnx.ITensorProto[] = [];
  readonly valueInfo: onnx.IValueInfoProto[] = [];
  readonly domains = new Set<Domain>(['']);
  readonly #constants = new Map<string, string>();
  readonly #keyed = new Map<string, string>();
  readonly #taken = new Set<string>();
  #count = 0;

  /** `readable` names carry the network's path and the operation; `short` ones only number (large training graphs). */
  constructor(
    readonly naming: 'readable' | 'short',
    readonly precision: Precision = 'float32',
  ) {}

  /** A name that no other value of the model has. */
  unique(wanted: string): string {
    if (this.naming === 'short') {
      this.#count += 1;
      return `v${this.#count.toString(36)}`;
    }
    let name = wanted;
    for (let n = 1; this.#taken.has(name); n++) name = `${wanted}_${n}`;
    this.#taken.add(name);
    return name;
  }

  /** Reserves a name for an input, an output or a weight: each has its own. */
  reserve(name: string): string {
    if (this.#taken.has(name)) throw new RangeError(`two values are called ${name}`);
    this.#taken.add(name);
    return name;
  }

  /** `bytes` of floats are float32; they are stored in the model's precision. @throws GenonnxError `usage` */
  initializer(name: string, dtype: DType, shape: readonly number[], bytes: Uint8Array): string {
    const isHalf = dtype === 'float32' && this.precision === 'float16';
    const rawData = isHalf ? halves(name, bytes) : bytes;
    this.initializers.push({ name, dataType: this.#elementType(dtype), dims: [...shape], rawData });
    return name;
  }

  /** Name, type and shape of an inner value. */
  describe(name: string, type: TensorType): void {
    this.valueInfo.push(this.info(name, type));
  }

  /** The same as a part of the model that stands elsewhere; floats are of the model's precision. */
  info(name: string, { shape, dtype }: TensorType): onnx.IValueInfoProto {
    return infoOf(name, this.#elementType(dtype), shape);
  }

  /** Takes out the inner values for which `isOf` is true: those of a body are described in the body. */
  takeDescriptions(isOf: (name: string) => boolean): onnx.IValueInfoProto[] {
    const taken = this.valueInfo.filter(({ name }) => isOf(name ?? ''));
    const kept = this.valueInfo.filter(({ name }) => !isOf(name ?? ''));
    this.valueInfo.splice(0, this.valueInfo.length, ...kept);
    return taken;
  }

  #elementType(dtype: DType): number {
    return elementTypes[dtype === 'float32' ? this.precision : dtype];
  }

  /** A constant of the main graph; equal ones are shared. */
  constant(wanted: string, dtype: DType, shape: readonly number[], bytes: Uint8Array): string {
    const key = `${dtype}:${shape.join()}:${keyOf(bytes)}`;
    const found = this.#constants.get(key);
    if (found !== undefined) return found;
    const name = this.initializer(this.unique(wanted), dtype, shape, bytes);
    this.#constants.set(key, name);
    return name;
  }

  /** The name of what `make` makes, which is asked once for each key: of what is large to make, or to compare. */
  keyed(key: string, make: () => string): string {
    const found = this.#keyed.get(key);
    if (found !== undefined) return found;
    const name = make();
    this.#keyed.set(key, name);
    return name;
  }
}

export class Emitter {
  nodes: onnx.INodeProto[] = [];
  readonly #produced = new Set<string>();
  /** What a reshaped tensor is a reshape of. */
  readonly #reshaped = new Map<string, string>();
  readonly #reshapes = new Map<string, string>();
  /** Shapes, where they are known. */
  readonly #shapes = new Map<string, string>();

  constructor(
    readonly parts: ModelParts,
    readonly parent?: Emitter,
  ) {}

  /** Writes into a branch of an `If`, or the body of a `Scan`. */
  child(): Emitter {
    return new Emitter(this.parts, this);
  }

  /** Emits a node and names its results after `path`. An empty input name is an absent optional input. */
  node(
    path: string,
    opType: string,
    inputs: readonly string[],
    attributes: Attributes = {},
    { domain = '', outputs = 1, types }: NodeOptions = {},
  ): string[] {
    const { parts } = this;
    const base = path === '' ? opType : `${path}/${opType}`;
    const names = Array.from({ length: outputs }, (_, i) =>
      parts.unique(outputs === 1 ? base : `${base}.${i}`),
    );
    names.forEach((name, i) => {
      this.#produced.add(name);
      const shape = types?.[i]?.shape;
      if (shape?.length === 1) this.shaped(name, shape);
    });
    if (domain !== '') parts.domains.add(domain);
    this.nodes.push({
      opType,
      domain,
      name: names[0] ?? base,
      input: [...inputs],
      output: [...names],
      attribute: Object.entries(attributes).map(([name, value]) => attributeProto(name, value)),
    });
    if (parts.naming === 'readable' && types !== undefined) {
      names.forEach((name, i) => {
        const type = types[i];
        if (type !== undefined) parts.describe(name, type);
      });
    }
    return names;
  }

  /** Whether a node of this very scope yields the value. */
  produced(name: string): boolean {
    return this.#produced.has(name);
  }

  /**
   * Emits a reshape to a known shape. Of a reshaped tensor the original is reshaped again, or taken as it is where it has that
   * shape, and equal reshapes are made once: what is left over, `sweep` removes.
   */
  reshape(path: string, x: string, shape: readonly number[], types?: readonly TensorType[]): string {
    const source = this.#sourceOf(x);
    if (this.#shapeOf(source) === shape.join()) return source;
    const key = `${source}:${shape.join()}`;
    const found = this.#reshapeBy(key);
    if (found !== undefined) return found;
    const name = this.one(
      path,
      'Reshape',
      [source, this.int64(shape)],
      {},
      types === undefined ? {} : { types },
    );
    this.#reshaped.set(name, source);
    this.#reshapes.set(key, name);
    return name;
  }

  /** Says what shape a value has, so that it is not reshaped to it. */
  shaped(name: string, shape: Shape): void {
    this.#shapes.set(name, shape.join());
  }

  #shapeOf(name: string): string | undefined {
    const own = this.#shapes.get(name);
    if (own !== undefined) return own;
    const { parent } = this;
    return parent === undefined ? undefined : parent.#shapeOf(name);
  }

  /** Scopes outside are searched too: what they made is visible here. */
  #sourceOf(x: string): string {
    const own = this.#reshaped.get(x);
    if (own !== undefined) return own;
    const { parent } = this;
    return parent === undefined ? x : parent.#sourceOf(x);
  }

  #reshapeBy(key: string): string | undefined {
    const own = this.#reshapes.get(key);
    if (own !== undefined) return own;
    const { parent } = this;
    return parent === undefined ? undefined : parent.#reshapeBy(key);
  }

  /** Emits a node with one result. */
  one(
    path: string,
    opType: string,
    inputs: readonly string[],
    attributes: Attributes = {},
    options: Omit<NodeOptions, 'outputs'> = {},
  ): string {
    const [name] = this.node(path, opType, inputs, attributes, options);
    if (name === undefined) throw new RangeError(opType);
    return name;
  }

  /** A cast of floats to another precision. */
  cast(path: string, x: string, to: Precision, type?: TensorType): string {
    const target = { to: int(elementTypes[to]) };
    return this.one(path, 'Cast', [x], target, type === undefined ? {} : { types: [type] });
  }

  /** A constant vector of 64-bit integers: axes, shapes, sizes. */
  int64(values: readonly number[]): string {
    const text = values.join('x') || 'empty';
    return this.parts.keyed(`int64:${text}`, () => {
      const bytes = new Uint8Array(BigInt64Array.from(values, BigInt).buffer);
      return this.parts.constant(`const/${text}`, 'int64', [values.length], bytes);
    });
  }

  /** A constant float tensor. */
  float32(values: ArrayLike<number>, shape: readonly number[]): string {
    return this.parts.constant(
      'const/float',
      'float32',
      shape,
      new Uint8Array(Float32Array.from(values).buffer),
    );
  }

  scalar(value: number): string {
    // As text, -0 would be 0.
    const key = Object.is(value, -0) ? '-0' : value;
    return this.parts.keyed(`scalar:${key}`, () => this.float32([value], []));
  }
}

function attributeProto(name: string, value: AttributeValue): onnx.IAttributeProto {
  const { AttributeType } = proto.AttributeProto;
  if ('int' in value) return { name, type: AttributeType.INT, i: value.int };
  if ('float' in value) return { name, type: AttributeType.FLOAT, f: value.float };
  if ('text' in value) return { name, type: AttributeType.STRING, s: utf8(value.text) };
  if ('ints' in value) return { name, type: AttributeType.INTS, ints: [...value.ints] };
  if ('floats' in value) return { name, type: AttributeType.FLOATS, floats: [...value.floats] };
  if ('tensor' in value) return { name, type: AttributeType.TENSOR, t: value.tensor };
  return { name, type: AttributeType.GRAPH, g: value.graph };
}

/** Name, element type and shape of an input or output; symbolic dimensions keep their names. */
export function valueInfo(name: string, { shape, dtype }: TensorType): onnx.IValueInfoProto {
  return infoOf(name, elementTypes[dtype], shape);
}

function infoOf(name: string, elemType: number, shape: Shape): onnx.IValueInfoProto {
  const dim = shape.map((size) => (typeof size === 'number' ? { dimValue: size } : { dimParam: size }));
  return { name, type: { tensorType: { elemType, shape: { dim } } } };
}

/**
 * The bytes of float32 numbers as those of float16, which has a minus infinity, too (the padding of a maximum).
 * @throws GenonnxError `usage` for numbers beyond its range.
 */
function halves(name: string, bytes: Uint8Array): Uint8Array {
  const floats = new Float32Array(Uint8Array.from(bytes).buffer);
  const beyond = floats.find(
    (value) => Math.abs(value) > largestFloat16 && value !== Number.NEGATIVE_INFINITY,
  );
  if (beyond !== undefined) {
    throw new GenonnxError('usage', 'A weight is too large for float16.', {
      where: name,
      expected: `numbers of at most ${largestFloat16}`,
      found: String(beyond),
      cure: 'Compile with `precision` float32.',
    });
  }
  return new Uint8Array(Uint16Array.from(floats, floatToHalf).buffer);
}

/** A float type of `shape`, as rules pass it for values that ONNX has and the graph has not. */
export function floatType(shape: Shape): TensorType {
  return { shape, dtype: 'float32' };
}
