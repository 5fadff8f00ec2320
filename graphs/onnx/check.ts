// A structural checker for ONNX models, for what ONNX itself demands of a graph and for what this project adds: no
// initializer that nobody reads, and on demand a shape for every value. A runtime finds some of this too, but it names
// neither all of it nor the place; here every departure is a finding, and none means that the model is fine.
import type * as onnx from './proto.js';
import { proto } from './proto.js';

export type FindingKind =
  | 'header'
  | 'opset'
  | 'duplicate-name'
  | 'missing-input'
  | 'missing-output'
  | 'initializer-size'
  | 'unused-initializer'
  | 'missing-shape';

export interface Finding {
  readonly kind: FindingKind;
  /** The value, node or domain that it is about. */
  readonly where: string;
  readonly message: string;
}

export interface CheckOptions {
  /** Whether every value must have an element type and a shape, those inside of branches included. */
  readonly shapes?: boolean;
}

/** Versions of the operator sets that are written here, lowest and highest. */
const knownDomains: ReadonlyMap<string, readonly [number, number]> = new Map([
  ['', [17, 21]],
  ['com.microsoft', [1, 1]],
  ['com.microsoft.nchwc', [1, 1]],
]);

/** What is wrong with a model, in the order of its nodes; empty when nothing is. */
export function checkModel(model: onnx.IModelProto, { shapes = false }: CheckOptions = {}): Finding[] {
  const { graph } = model;
  if (!graph) return [{ kind: 'header', where: 'model', message: 'there is no graph' }];
  const checker = new Checker();
  checker.header(model, graph);
  checker.graph(graph, new Set());
  checker.unusedInitializers(graph);
  if (shapes) checker.shapes(graph);
  return checker.findings;
}

class Checker {
  readonly findings: Finding[] = [];
  /** Values of all scopes: an inner name must not hide an outer one. */
  readonly #values = new Set<string>();
  readonly #nodes = new Set<string>();
  readonly #read = new Set<string>();
  #imports: ReadonlySet<string> = new Set();

  #report(kind: FindingKind, where: string, message: string): void {
    this.findings.push({ kind, where, message });
  }

  header({ irVersion, opsetImport }: onnx.IModelProto, { name }: onnx.IGraphProto): void {
    if (!Number(irVersion ?? 0)) this.#report('header', 'model', 'there is no IR version');
    if (!name) this.#report('header', 'model', 'the graph has no name');
    const domains = (opsetImport ?? []).map(({ domain, version }) => ({
      domain: domain ?? '',
      version: Number(version ?? 0),
    }));
    for (const { domain, version } of domains) {
      const known = knownDomains.get(domain);
      if (known === undefined) this.#report('opset', domain, 'the domain is unknown');
      else if (version < known[0] || version > known[1])
        this.#report('opset', domain, `version ${version} is not within ${known[0]} to ${known[1]}`);
    }
    this.#imports = new Set(domains.map(({ domain }) => domain));
    if (this.#imports.size < domains.length) this.#report('opset', 'model', 'a domain is imported twice');
  }

  /** Checks a graph, or a branch that sees the values of the graphs around it. */
  graph(graph: onnx.IGraphProto, outer: ReadonlySet<string>): void {
    const own = new Set<string>();
    for (const { name } of graph.input ?? []) this.#declare(name, own);
    for (const initializer of graph.initializer ?? []) {
      // Until IR version 3 an initializer was an input too; a default for an input still is.
      if (!own.has(initializer.name ?? '')) this.#declare(initializer.name, own);
      this.#initializerSize(initializer);
    }
    for (const node of graph.node ?? []) this.#node(node, own, outer);
    for (const { name } of graph.output ?? []) {
      this.#read.add(name ?? '');
      if (!own.has(name ?? '')) this.#report('missing-output', name ?? '', 'no node of the graph yields it');
    }
  }

  #declare(name: string | null | undefined, own: Set<string>): void {
    const declared = name ?? '';
    if (declared === '') this.#report('header', 'graph', 'an input or initializer has no name');
    else if (this.#values.has(declared))
      this.#report('duplicate-name', declared, 'two values have this name');
    this.#values.add(declared);
    own.add(declared);
  }

  #node(node: onnx.INodeProto, own: Set<string>, outer: ReadonlySet<string>): void {
    const where = node.name || node.output?.[0] || '?';
    if (!node.opType) this.#report('header', where, 'the node has no operator');
    if (node.name && this.#nodes.has(node.name))
      this.#report('duplicate-name', where, 'two nodes have this name');
    this.#nodes.add(node.name ?? '');
    if (!this.#imports.has(node.domain ?? ''))
      this.#report('opset', where, `${node.opType} is of the domain "${node.domain}", which is not imported`);
    for (const name of node.input ?? []) {
      if (name === '') continue;
      this.#read.add(name);
      if (!own.has(name) && !outer.has(name))
        this.#report('missing-input', where, `nothing before it yields ${name}`);
    }
    for (const { g, graphs } of node.attribute ?? []) {
      const visible = new Set([...outer, ...own]);
      for (const branch of [...(g ? [g] : []), ...(graphs ?? [])]) this.graph(branch, visible);
    }
    const outputs = (node.output ?? []).filter((name) => name !== '');
    if (outputs.length === 0) this.#report('header', where, 'the node yields nothing');
    for (const name of outputs) this.#declare(name, own);
  }

  #initializerSize({ name, dims, dataType, rawData, dataLocation }: onnx.ITensorProto): void {
    const size = elementSizes.get(dataType ?? 0);
    const external = proto.TensorProto.DataLocation.EXTERNAL;
    if (size === undefined || !rawData?.length || dataLocation === external) return;
    const expected = (dims ?? []).reduce<number>((product, extent) => product * Number(extent), size);
    if (rawData.length !== expected)
      this.#report('initializer-size', name ?? '', `${rawData.length} bytes instead of ${expected}`);
  }

  /** After `graph`, which notes what is read. */
  unusedInitializers(graph: onnx.IGraphProto): void {
    for (const { name } of graph.initializer ?? [])
      if (!this.#read.has(name ?? '')) this.#report('unused-initializer', name ?? '', 'nobody reads it');
  }

  shapes(graph: onnx.IGraphProto, outer: ReadonlyMap<string, onnx.IValueInfoProto> = new Map()): void {
    const { input, output, valueInfo, node } = graph;
    const known = new Map(outer);
    for (const info of [...(input ?? []), ...(output ?? []), ...(valueInfo ?? [])])
      known.set(info.name ?? '', info);
    const named = [...(input ?? []), ...(output ?? [])].map(({ name }) => name ?? '');
    const produced = (node ?? []).flatMap((each) => each.output ?? []);
    for (const name of new Set([...named, ...produced]))
      if (name !== '' && !hasShape(known.get(name)))
        this.#report('missing-shape', name, 'its element type or shape is unknown');
    for (const { attribute } of node ?? []) for (const { g } of attribute ?? []) if (g) this.shapes(g, known);
  }
}

const { DataType } = proto.TensorProto;
const elementSizes: ReadonlyMap<number, number> = new Map([
  [DataType.FLOAT, 4],
  [DataType.FLOAT16, 2],
  [DataType.INT64, 8],
  [DataType.BOOL, 1],
]);

function hasShape(info: onnx.IValueInfoProto | undefined): boolean {
  const type = info?.type?.tensorType;
  const { dim } = type?.shape ?? {};
  // A scalar's shape has no dimensions, but it is there.
  return Boolean(type?.elemType && type.shape && (dim ?? []).every(isKnown));
}

/** A dimension of known size or with a name. */
function isKnown(dim: onnx.IDimension): boolean {
  return Boolean(dim.dimParam) || Object.hasOwn(dim, 'dimValue');
}
