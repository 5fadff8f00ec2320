// The shapes of a model's values for one image, and what it multiplies. Every node is gone through once, in order; a value
// whose shape cannot be told keeps the reason why, which is that of the first node on the way to it.
import { GenonnxError } from '../../errors.js';
import type * as onnx from '../proto.js';
import { elementwiseRules } from './elementwise.js';
import { type Known, knownTensor, NotKnown } from './known.js';
import { layoutRules } from './layout.js';
import { matrixCosts, matrixRules } from './matrices.js';
import { Operation, type ShapeRules } from './rule.js';
import { windowCosts, windowRules } from './windows.js';

const rules: ShapeRules = { ...elementwiseRules, ...layoutRules, ...matrixRules, ...windowRules };
const costs = { ...matrixCosts, ...windowCosts };

/** What a model multiplies, or why that cannot be told. */
export type MultiplyAdds = { readonly macs: number } | { readonly unknown: string };

export interface ShapeInference {
  /** The shape of a value for one image; a reason where it is not known. */
  shapeOf(value: string): readonly number[] | string;
  /** Of convolutions and matrix products, for one image. */
  readonly multiplyAdds: MultiplyAdds;
}

/** An open batch counts as one image; of a fixed one, the work is shared by its images. */
export function inferShapes(model: onnx.IModelProto): ShapeInference {
  const { graph } = model;
  const facts = new Map<string, Known | string>();
  const batch = batchOf(graph ?? {});
  for (const tensor of graph?.initializer ?? []) facts.set(tensor.name ?? '', knownTensor(tensor));
  for (const input of graph?.input ?? []) {
    const name = input.name ?? '';
    if (!facts.has(name))
      facts.set(name, declared(input, batch.symbol) ?? `the input ${name} has open extents`);
  }
  const described = new Map(
    [...(graph?.valueInfo ?? []), ...(graph?.output ?? [])].map((info) => [info.name ?? '', info]),
  );
  const opset = opsetOf(model);
  let macs = 0;
  let unknown: string | undefined;
  for (const node of graph?.node ?? []) {
    const found = outputsOf(node, facts, opset);
    (node.output ?? []).forEach((name, index) => {
      const reason = typeof found === 'string' ? found : nameOf(node);
      const told = typeof found === 'string' ? undefined : found.outputs[index];
      facts.set(name, told ?? declared(described.get(name), batch.symbol) ?? reason);
    });
    if (typeof found !== 'string') macs += found.macs;
    else if (mayMultiply(node)) unknown ??= found;
  }
  const perImage = macs / batch.images;
  if (unknown === undefined && !Number.isSafeInteger(perImage))
    unknown = 'the batch is not that of all inputs';
  return {
    shapeOf: (value) => {
      const fact = facts.get(value) ?? 'there is no such value';
      return typeof fact === 'string' ? fact : fact.shape;
    },
    multiplyAdds: unknown === undefined ? { macs: perImage } : { unknown },
  };
}

interface Outputs {
  readonly outputs: readonly Known[];
  readonly macs: number;
}

/** What is known of a node's outputs, or why nothing is. */
function outputsOf(
  node: onnx.INodeProto,
  facts: ReadonlyMap<string, Known | string>,
  opset: number,
): Outputs | string {
  const operator = operatorOf(node);
  const rule = isKnownOperator(operator) ? rules[operator] : undefined;
  if (rule === undefined) return `there is no rule for ${operator} (${nameOf(node)})`;
  const inputs: (Known | undefined)[] = [];
  for (const name of node.input ?? []) {
    const fact = name === '' ? undefined : (facts.get(name) ?? `${name} is nowhere made`);
    if (typeof fact === 'string') return fact;
    inputs.push(fact);
  }
  const operation = new Operation(node, inputs, opset);
  try {
    const outputs = rule(operation);
    for (const { shape } of outputs) requireExtents(shape);
    const cost = Object.hasOwn(costs, operator) ? costs[operator] : undefined;
    return { outputs, macs: cost?.(operation, outputs) ?? 0 };
  } catch (error) {
    if (error instanceof NotKnown || error instanceof GenonnxError)
      return `${operator} (${nameOf(node)}): ${error.message.split('\n')[0]}`;
    throw error;
  }
}

function requireExtents(shape: readonly number[]): void {
  if (shape.every((extent) => Number.isSafeInteger(extent) && extent >= 0)) return;
  throw new NotKnown(`it would make [${shape}]`);
}

/** Whether there may be products in a node whose shapes are not known: not where it is known to have none. */
function mayMultiply(node: onnx.INodeProto): boolean {
  const operator = operatorOf(node);
  if (isKnownOperator(operator)) return Object.hasOwn(costs, operator);
  const branches = (node.attribute ?? []).flatMap(({ g, graphs }) => [...(g ? [g] : []), ...(graphs ?? [])]);
  // A node that chooses between branches multiplies nothing itself.
  if (branches.length > 0) return branches.some(({ node: inner }) => (inner ?? []).some(mayMultiply));
  return true;
}

/** The dimension that is the batch: the first of every input. */
interface Batch {
  readonly symbol: string | undefined;
  /** How many images there are in a fixed batch; 1 where it is open. */
  readonly images: number;
}

function batchOf({ input, output, initializer }: onnx.IGraphProto): Batch {
  const constants = new Set((initializer ?? []).map(({ name }) => name));
  const fed = (input ?? []).filter(({ name }) => !constants.has(name));
  const [first] = fed.map(firstExtent);
  if (typeof first !== 'number') return { symbol: first, images: 1 };
  // A first extent that inputs and outputs do not share is no batch.
  const isShared = [...fed, ...(output ?? [])].every((info) =>
    [first, undefined].includes(numberOf(firstExtent(info))),
  );
  return { symbol: undefined, images: isShared ? first : 1 };
}

function numberOf(extent: number | string | undefined): number | undefined {
  return typeof extent === 'number' ? extent : undefined;
}

/** A number, or a symbol (empty where it has no name); undefined for what has no extents. */
function firstExtent({ type }: onnx.IValueInfoProto): number | string | undefined {
  const [dim] = type?.tensorType?.shape?.dim ?? [];
  if (dim === undefined) return undefined;
  const extent = Number(dim.dimValue ?? 0);
  return extent > 0 ? extent : (dim.dimParam ?? '');
}

/** What a model says of a value; undefined where it leaves extents open that are no batch. */
function declared(info: onnx.IValueInfoProto | undefined, batch: string | undefined): Known | undefined {
  const dims = info?.type?.tensorType?.shape?.dim;
  if (!dims) return undefined;
  const shape: number[] = [];
  for (const [axis, { dimParam, dimValue }] of dims.entries()) {
    const extent = Number(dimValue ?? 0);
    const isBatch = batch !== undefined && (dimParam ?? '') === batch && (axis === 0 || batch !== '');
    if (extent <= 0 && !isBatch) return undefined;
    shape.push(extent > 0 ? extent : 1);
  }
  return { shape };
}

function opsetOf({ opsetImport }: onnx.IModelProto): number {
  const own = (opsetImport ?? []).find(({ domain }) => !domain || domain === 'ai.onnx');
  return Number(own?.version ?? 1);
}

/** Whether there is a rule for an operator. */
export function isKnownOperator(operator: string): boolean {
  return Object.hasOwn(rules, operator);
}

/** `Conv`, or with its domain where that is not ONNX's own: `com.microsoft.FusedConv`. */
export function operatorOf({ domain, opType }: onnx.INodeProto): string {
  return domain && domain !== 'ai.onnx' ? `${domain}.${opType}` : (opType ?? '');
}

function nameOf({ name, output }: onnx.INodeProto): string {
  return name || output?.[0] || 'a node without a name';
}
