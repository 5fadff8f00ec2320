// One scope of a model being lowered. It knows under which names each value stands and in which memory layout, converts
// where a rule asks for the other one, and turns gated regions into `If`.
//
// A closed region's results are zero tensors. Nobody materialises them where that can be avoided: for a large term of a
// sum the closed branch yields a tensor without extent along the axis that the terms are joined on; for a value that only
// regions under a gate of the same index read, any empty tensor will do.
import { hasBodies, isBodyOperation } from '../bodies.js';
import { GenonnxError } from '../errors.js';
import {
  type BodyOperation,
  type Dimension,
  type Graph,
  isOp,
  type Node,
  type OperationName,
  type Value,
} from '../ir.js';
import { compositionOf } from '../passes/expand-operations.js';
import { elementCount, factorsOf, fixedShape } from '../shapes.js';
import { type FusionPlan, isNorm, planFusion } from './blocked/fusion.js';
import { blockedRules } from './blocked/index.js';
import { memoryShape, type Packing, packingOf, shapeOf } from './blocked/packing.js';
import { type BlockedLowering, type BlockedRule, type Placed, Writer } from './blocked/rule.js';
import { type Emitter, graph as graphAttribute, int, ints } from './emitter.js';
import type { LowerOptions } from './lower.js';
import type { PortableRule } from './lowering.js';
import { portable } from './portable/index.js';
import type * as onnx from './proto.js';

/** What all scopes of a model share. */
export interface Shared {
  readonly options: LowerOptions;
  readonly opset: number;
  readonly root: Emitter;
  readonly filled: Map<string, string>;
  /** What the model is fed, and where the extents of its symbolic dimensions stand. */
  readonly inputs: readonly Value[];
  readonly extents: Map<string, string>;
}

/** The names under which a value stands, by layout. */
type Forms = { -readonly [L in Placed['layout']]?: string };

/** What a region yields for a result when it is closed. */
type Closed = 'term' | 'saved' | 'zeros';

/** One scope of the model: the main graph, or the body of a region or a scan. */
export class Scope implements BlockedLowering {
  readonly #forms = new Map<Value, Forms>();
  readonly #unread: ReadonlySet<Value>;
  readonly #closed = new Map<Value, Closed>();
  readonly #gates = new Map<Value, readonly string[]>();
  readonly fused: FusionPlan;

  constructor(
    readonly graph: Graph,
    readonly shared: Shared,
    readonly emit: Emitter,
    readonly parent?: Scope,
    /** What captures stand for in the parent. */
    readonly captures: ReadonlyMap<Value, Value> = new Map(),
  ) {
    const read = new Set([
      ...graph.nodes.flatMap(({ inputs }) => inputs),
      ...graph.outputs.map(({ value }) => value),
    ]);
    this.#unread = new Set(graph.nodes.flatMap(({ outputs }) => outputs.filter((value) => !read.has(value))));
    this.fused = planFusion(graph, this);
    this.#classify();
  }

  get opset(): number {
    return this.shared.opset;
  }

  get block(): number {
    const { layout } = this.shared.options;
    return layout.kind === 'blocked' ? layout.block : 0;
  }

  used(value: Value): boolean {
    return !this.#unread.has(value);
  }

  packing(value: Value): Packing | undefined {
    return this.block === 0 ? undefined : packingOf(value, this.block);
  }

  mayBeEmpty(value: Value): boolean {
    return this.#closed.get(value) === 'term';
  }

  filled(value: number, shape: readonly number[]): string {
    const key = `${value}:${shape.join()}`;
    const { filled, root } = this.shared;
    const found = filled.get(key);
    if (found !== undefined) return found;
    const bytes = new Uint8Array(Float32Array.of(value).buffer);
    const name = root.one('filled', 'ConstantOfShape', [root.int64(shape)], {
      value: { tensor: { dims: [1], dataType: 1, rawData: bytes } },
    });
    filled.set(key, name);
    return name;
  }

  /** Read from the inputs of the model, once for each name. */
  extent(dimension: Dimension): string {
    const { root, extents, inputs } = this.shared;
    const { known, names } = factorsOf(dimension);
    const type = { shape: [1], dtype: 'int64' as const };
    const ofName = (name: string): string => {
      const input = inputs.find(({ shape }) => shape.includes(name));
      if (input === undefined) {
        throw new GenonnxError('shape', 'No input says how large a dimension is.', {
          expected: 'an input that has it',
          found: name,
          cure: 'Build the graph with a number in its place.',
        });
      }
      const start = input.shape.indexOf(name);
      const found = extents.get(name);
      if (found !== undefined) return found;
      const attributes = { start: int(start), end: int(start + 1) };
      const made = root.one(name, 'Shape', [input.path], attributes, { types: [type] });
      extents.set(name, made);
      return made;
    };
    const factors = [...(known === 1 && names.length > 0 ? [] : [root.int64([known])]), ...names.map(ofName)];
    return factors.reduce((a, b) => root.one(String(dimension), 'Mul', [a, b], {}, { types: [type] }));
  }

  // -- where values stand

  *plainNames(): Generator<[Value, string]> {
    for (const [value, { plain }] of this.#forms) if (plain !== undefined) yield [value, plain];
  }

  place(value: Value, { layout, name }: Placed): void {
    this.#formsOf(value)[layout] = name;
    const p = layout === 'blocked' ? this.packing(value) : undefined;
    if (p !== undefined) this.emit.shaped(name, shapeOf(p));
  }

  #formsOf(value: Value): Forms {
    const found = this.#forms.get(value);
    if (found !== undefined) return found;
    const made: Forms = {};
    this.#forms.set(value, made);
    return made;
  }

  /** A form of the value: its own, or for a capture the parent's. */
  #form(value: Value, layout: Placed['layout']): string | undefined {
    const own = this.#forms.get(value)?.[layout];
    if (own !== undefined) return own;
    const outer = this.captures.get(value);
    const { parent } = this;
    return outer === undefined || parent === undefined ? undefined : parent.#form(outer, layout);
  }

  /** Whether a conversion of the value may happen outside, for all regions at once: not when it may be empty. */
  #convertsOutside(value: Value): Value | undefined {
    const outer = this.captures.get(value);
    return outer !== undefined && this.parent?.isPlaced(outer) && !this.parent.#closed.has(outer)
      ? outer
      : undefined;
  }

  isPlaced(value: Value): boolean {
    return (['blocked', 'memory', 'plain'] as const).some(
      (layout) => this.#form(value, layout) !== undefined,
    );
  }

  plain(value: Value): string {
    const found = this.#form(value, 'plain');
    if (found !== undefined) return found;
    const outer = this.#convertsOutside(value);
    if (outer !== undefined && this.parent !== undefined) return this.parent.plain(outer);
    const p = this.packing(value);
    if (p === undefined) throw missing(value);
    const { emit } = this;
    const [blocks] = memoryShape(p);
    const pixels = p.height * p.width;
    const rows = emit.reshape(value.path, this.memory(value), [blocks, pixels, p.block]);
    const swapped = emit.one(value.path, 'Transpose', [rows], { perm: ints([0, 2, 1]) });
    const stored = emit.reshape(value.path, swapped, [p.images, p.stored, p.height, p.width]);
    const name = new Writer(this, value.path).crop(stored, p, 1);
    this.place(value, { layout: 'plain', name });
    return name;
  }

  memory(value: Value): string {
    return this.#form(value, 'memory') ?? this.#form(value, 'blocked') ?? this.#toBlocked(value);
  }

  blocked(value: Value): string {
    const found = this.#form(value, 'blocked');
    if (found !== undefined) return found;
    const outer = this.#convertsOutside(value);
    if (outer !== undefined && this.parent !== undefined) return this.parent.blocked(outer);
    const inMemory = this.#form(value, 'memory');
    const p = this.packing(value);
    if (inMemory === undefined || p === undefined) return this.#toBlocked(value);
    const name = this.emit.reshape(value.path, inMemory, shapeOf(p));
    this.place(value, { layout: 'blocked', name });
    return name;
  }

  #toBlocked(value: Value): string {
    const outer = this.#convertsOutside(value);
    if (outer !== undefined && this.parent !== undefined) return this.parent.blocked(outer);
    const p = this.packing(value);
    const from = this.#form(value, 'plain');
    if (p === undefined || from === undefined) throw missing(value);
    const { emit } = this;
    const [blocks] = memoryShape(p);
    const stored = new Writer(this, value.path).extend(from, p, 4, 1);
    const rows = emit.reshape(value.path, stored, [blocks, p.block, p.height * p.width]);
    const swapped = emit.one(value.path, 'Transpose', [rows], { perm: ints([0, 2, 1]) });
    const name = emit.reshape(value.path, swapped, shapeOf(p));
    this.place(value, { layout: 'blocked', name });
    return name;
  }

  // -- nodes

  run(): void {
    for (const node of this.graph.nodes) {
      if (!this.fused.absorbed.has(node)) this.#lower(node);
    }
  }

  #lower(node: Node): void {
    if (hasBodies(node)) {
      this.#lowerBodies(node);
      return;
    }
    if (
      isOp(node, 'sum') &&
      this.packing(firstOutput(node)) === undefined &&
      node.inputs.some((v) => this.mayBeEmpty(v))
    ) {
      this.place(firstOutput(node), { layout: 'plain', name: this.#sumOfTerms(node) });
      return;
    }
    const placed = (this.block === 0 ? undefined : lowerBlocked(node, this)) ?? this.#lowerPortable(node);
    if (placed === undefined) {
      this.#lowerComposition(node);
      return;
    }
    node.outputs.forEach((value, i) => {
      const at = placed[i];
      if (at !== undefined) this.place(value, at);
    });
    if (isNorm(node) && this.fused.appliesRelu(node)) this.#placeRectified(node);
  }

  #lowerPortable(node: Node): readonly (Placed | undefined)[] | undefined {
    const { op } = node;
    if (isBodyOperation(op)) throw missing(firstOutput(node));
    return lowerPortable({ ...node, op }, this)?.map((name) =>
      name === '' ? undefined : { layout: 'plain', name },
    );
  }

  /** Here and not before: it is the blocked rules that know which nodes they do not take. */
  #lowerComposition(node: Node): void {
    const composition = compositionOf(node, (value) => this.used(value));
    if (composition === undefined) throw missing(firstOutput(node));
    for (const inner of composition.nodes) this.#lower(inner);
  }

  /** The ReLU behind a batch norm that applies it stands where the batch norm's result does. */
  #placeRectified(node: Node): void {
    const result = firstOutput(node);
    const reader = this.graph.nodes.find(
      (candidate) => isOp(candidate, 'relu') && candidate.inputs[0] === result,
    );
    const name = this.#form(result, 'blocked');
    if (reader !== undefined && name !== undefined)
      this.place(firstOutput(reader), { layout: 'blocked', name });
  }

  /** Terms side by side along an axis where a closed region's has no extent, summed over it. Plain layout. */
  #sumOfTerms(node: Node<'sum'>): string {
    const { emit } = this;
    const shape = fixedShape(firstOutput(node).shape, node.path);
    const axis = termAxis(shape);
    const names = node.inputs.map((term) => this.plain(term));
    const joined = emit.one(node.path, 'Concat', names, { axis: int(axis) });
    const lead = shape.slice(0, axis);
    const stacked = emit.one(node.path, 'Reshape', [
      joined,
      emit.int64([...lead, -1, elementCount(shape.slice(axis))]),
    ]);
    const summed = emit.one(node.path, 'ReduceSum', [stacked, emit.int64([axis])], { keepdims: int(0) });
    return emit.one(node.path, 'Reshape', [summed, emit.int64(shape)]);
  }

  // -- control flow

  readonly #bodyRules: { readonly [K in BodyOperation]: (node: Node<K>) => void } = {
    region: (node) => this.#lowerRegion(node),
    scan: (node) => this.#lowerScan(node),
  };

  #lowerBodies<K extends BodyOperation>(node: Node<K>): void {
    const lower: (node: Node<K>) => void = this.#bodyRules[node.op];
    lower(node);
  }

  #classify(): void {
    const readers = new Map<Value, Node[]>();
    for (const node of this.graph.nodes) {
      for (const value of node.inputs) {
        const list = readers.get(value);
        if (list === undefined) readers.set(value, [node]);
        else list.push(node);
      }
    }
    const results = new Set(this.graph.outputs.map(({ value }) => value));
    for (const node of this.graph.nodes) {
      if (!isOp(node, 'region')) continue;
      const { gateIndex } = node.attributes;
      for (const value of node.outputs) {
        const by = readers.get(value) ?? [];
        const onlySums = by.every((reader) => isOp(reader, 'sum')) && isLarge(value);
        // The same gate, or the one of the region's derivative, which is open only where the region itself is.
        const onlyRegions = by.every(
          (reader) =>
            isOp(reader, 'region') &&
            reader.attributes.gateIndex === gateIndex &&
            node.inputs.slice(0, 2).some((gates) => gates === reader.inputs[0]),
        );
        if (results.has(value)) this.#closed.set(value, 'zeros');
        else this.#closed.set(value, onlySums ? 'term' : onlyRegions ? 'saved' : 'zeros');
      }
    }
  }

  #gate(gates: Value, index: number): string {
    let names = this.#gates.get(gates);
    if (names === undefined) {
      const [count = 0] = fixedShape(gates.shape, gates.path);
      const sizes = this.emit.int64(new Array<number>(count).fill(1));
      names = this.emit.node(
        gates.path,
        'Split',
        [this.plain(gates), sizes],
        { axis: int(0) },
        { outputs: count },
      );
      this.#gates.set(gates, names);
    }
    const name = names[index];
    if (name === undefined)
      throw new GenonnxError('graph', 'A region reads a gate that does not exist.', { found: String(index) });
    return name;
  }

  #lowerRegion(node: Node<'region'>): void {
    const { body, gateIndex } = node.attributes;
    const [gates] = node.inputs;
    if (gates === undefined) throw missing(firstOutput(node));
    const outer = node.inputs.slice(node.inputs.length - body.inputs.length);
    const captures = new Map(body.inputs.map((inner, i) => [inner, outer[i] ?? inner]));
    const open = new Scope(body, this.shared, this.emit.child(), this, captures);
    open.run();
    const closed = this.emit.child();
    const names = new Set<string>();
    const placements = body.outputs.map(({ value }, i) => {
      const result = node.outputs[i];
      const how = result === undefined ? 'zeros' : (this.#closed.get(result) ?? 'zeros');
      const at = open.#resultOf(value, how);
      const name =
        names.has(at.name) || !open.#produces(at.name)
          ? open.emit.one(node.path, 'Identity', [at.name])
          : at.name;
      names.add(name);
      return { value, how, layout: at.layout, name };
    });
    const savedNames = this.#emptyTensors(closed, placements.filter(({ how }) => how === 'saved').length);
    const closedNames = placements.map(({ value, how }) =>
      how === 'saved'
        ? (savedNames.shift() ?? '')
        : how === 'term'
          ? this.#emptyTerm(closed, value)
          : this.#zeros(closed, value),
    );
    const results = this.emit.node(
      node.path,
      'If',
      [this.#gate(gates, gateIndex)],
      {
        then_branch: graphAttribute(
          branch(
            'open',
            open.emit,
            placements.map(({ name }) => name),
          ),
        ),
        else_branch: graphAttribute(branch('closed', closed, closedNames)),
      },
      { outputs: placements.length },
    );
    placements.forEach(({ layout }, i) => {
      const result = node.outputs[i];
      const name = results[i];
      if (result !== undefined && name !== undefined) this.place(result, { layout, name });
    });
  }

  /** States and elements are inputs of the body; captures are values of the scopes outside. */
  #lowerScan({ attributes, inputs, outputs, path }: Node<'scan'>): void {
    const { body, states, sequences, reversed } = attributes;
    const { parts } = this.emit;
    const given = body.inputs.slice(0, states + sequences);
    const captures = new Map(
      body.inputs.slice(given.length).map((inner, i) => [inner, inputs[given.length + i] ?? inner]),
    );
    const inside = new Scope(body, this.shared, this.emit.child(), this, captures);
    const input = given.map((value) => {
      const name = parts.unique(`${path}/${value.path}`);
      inside.place(value, { layout: 'plain', name });
      return parts.info(name, value);
    });
    inside.run();
    const names = new Set<string>();
    const output = body.outputs.map(({ value }) => {
      const own = inside.plain(value);
      const isFree = inside.#produces(own) && !names.has(own);
      const name = isFree ? own : inside.emit.one(path, 'Identity', [own], {}, { types: [value] });
      names.add(name);
      return parts.info(name, value);
    });
    const descriptions = parts.takeDescriptions((name) => inside.#produces(name) && !names.has(name));
    const directions = (count: number) => ints(new Array<number>(count).fill(reversed ? 1 : 0));
    const results = this.emit.node(
      path,
      'Scan',
      inputs.slice(0, given.length).map((value) => this.plain(value)),
      {
        body: graphAttribute({
          name: parts.unique('step'),
          node: inside.emit.nodes,
          input,
          output,
          valueInfo: descriptions.filter(({ name }) => !names.has(name ?? '')),
        }),
        num_scan_inputs: int(sequences),
        scan_input_directions: directions(sequences),
        scan_output_directions: directions(body.outputs.length - states),
      },
      { outputs: outputs.length, types: outputs },
    );
    outputs.forEach((value, i) => {
      const name = results[i];
      if (name !== undefined) this.place(value, { layout: 'plain', name });
    });
  }

  /** The form in which a body hands a result out: terms as their sum wants them, saved values as they are. */
  #resultOf(value: Value, how: Closed): Placed {
    if (how === 'saved') {
      for (const layout of ['blocked', 'memory', 'plain'] as const) {
        const name = this.#form(value, layout);
        // Without a reshape in between: as the last node of a branch it would copy the tensor.
        if (name !== undefined) return { layout, name };
      }
    }
    if (how === 'term' && this.packing(value) !== undefined)
      return { layout: 'blocked', name: this.blocked(value) };
    return { layout: 'plain', name: this.plain(value) };
  }

  #produces(name: string): boolean {
    return this.emit.produced(name);
  }

  #emptyTensors(emit: Emitter, count: number): string[] {
    if (count === 0) return [];
    const empty = emit.float32([], [0]);
    if (count === 1) return [emit.one('closed', 'Identity', [empty])];
    const sizes = emit.int64(new Array<number>(count).fill(0));
    return emit.node('closed', 'Split', [empty, sizes], { axis: int(0) }, { outputs: count });
  }

  #emptyTerm(emit: Emitter, value: Value): string {
    const p = this.packing(value);
    const shape = p === undefined ? fixedShape(value.shape, value.path) : shapeOf(p);
    const axis = p === undefined ? termAxis(shape) : 1;
    const empty = emit.float32(
      [],
      shape.map((size, i) => (i === axis ? 0 : size)),
    );
    return emit.one('closed', 'Identity', [empty]);
  }

  #zeros(emit: Emitter, value: Value): string {
    const shape = fixedShape(value.shape, value.path);
    if (elementCount(shape) === 1) return emit.one('closed', 'Identity', [emit.float32([0], shape)]);
    return emit.one('closed', 'ConstantOfShape', [emit.int64(shape)]);
  }
}

/** Zeros of small tensors are cheaper to make and to add than to avoid. */
function isLarge({ shape, path }: Value): boolean {
  return shape.length > 0 && elementCount(fixedShape(shape, path)) > 1024;
}

/** The axis along which terms of a sum are joined. */
function termAxis(shape: readonly number[]): number {
  return shape.length > 1 ? 1 : 0;
}

function branch(name: string, emit: Emitter, outputs: readonly string[]): onnx.IGraphProto {
  const output = outputs.map((value) => ({ name: value, type: { tensorType: { elemType: 1 } } }));
  return { name: emit.parts.unique(name), node: emit.nodes, output };
}

function lowerPortable<K extends Exclude<OperationName, BodyOperation>>(
  node: Node<K>,
  low: Scope,
): readonly string[] | undefined {
  const rule: PortableRule<K> | undefined = portable[node.op];
  return rule?.(node, low);
}

function lowerBlocked<K extends OperationName>(
  node: Node<K>,
  low: Scope,
): readonly (Placed | undefined)[] | undefined {
  const rule: BlockedRule<K> | undefined = blockedRules[node.op];
  return rule?.(node, low);
}

function firstOutput(node: Node): Value {
  const [value] = node.outputs;
  if (value === undefined)
    throw new GenonnxError('graph', `${node.op} without a result.`, { where: node.path });
  return value;
}

function missing(value: Value): GenonnxError {
  return new GenonnxError('graph', 'A value is read before it is produced.', { where: value.path });
}
