// What a profile comes to: where the nodes ran, what fell back to the CPU, and where the time went, by operator, by
// primitive and by cell. Pure functions of a `Profile`.
import { z } from 'zod';
import { type Place, parsePath, step } from '../networks/paths.js';
import type { Profile, ProfiledNode } from './profile.js';
import { cpuProvider, type ProviderName, runtimeProvider } from './providers.js';

const share = z.number().min(0).max(1);
const count = z.int().min(0);

export const providerShareSchema = z.object({
  /** `CUDAExecutionProvider`. */
  provider: z.string(),
  nodes: count,
  /** Of the time of all nodes. */
  timeShare: share,
});

export const fallbackSchema = z.object({
  /** Nodes that ran on the CPU although another provider was asked for. */
  nodes: count,
  timeShare: share,
  /** How many of each operator. */
  operators: z.record(z.string(), count),
});
export type Fallback = z.infer<typeof fallbackSchema>;

export const timePartSchema = z.object({
  name: z.string(),
  nodes: count,
  timeMs: z.number().min(0),
  timeShare: share,
});
export type TimePart = z.infer<typeof timePartSchema>;

export const placementSchema = z.object({
  providers: z.array(providerShareSchema).min(1),
  cpuFallback: fallbackSchema,
  /** Nodes that copy between a device and the host, which the runtime inserts where the provider changes. */
  copyNodes: count,
});
export type Placement = z.infer<typeof placementSchema>;

/** Which provider really ran what, when `asked` was asked for. The largest share of the nodes comes first. */
export function placementOf({ nodes }: Profile, asked: ProviderName): Placement {
  const providers = partsBy(nodes, ({ provider }) => provider).map(({ name, nodes, timeShare }) => ({
    provider: name,
    nodes,
    timeShare,
  }));
  const isFallback = ({ provider }: ProfiledNode): boolean =>
    provider === cpuProvider && runtimeProvider[asked] !== cpuProvider;
  const fallen = nodes.filter(isFallback);
  const operators: Record<string, number> = {};
  for (const { operator } of fallen) operators[operator] = (operators[operator] ?? 0) + 1;
  return {
    providers: providers.sort((a, b) => b.nodes - a.nodes),
    cpuFallback: {
      nodes: fallen.length,
      timeShare: shareOf(timeOf(fallen), timeOf(nodes)),
      operators,
    },
    copyNodes: nodes.filter(({ operator }) => /^Memcpy(To|From)Host$/.test(operator)).length,
  };
}

export const timeBreakdownSchema = z.object({
  byOperator: z.array(timePartSchema),
  byPrimitive: z.array(timePartSchema),
  byCell: z.array(timePartSchema),
});
export type TimeBreakdown = z.infer<typeof timeBreakdownSchema>;

/** What has no place in a cell: stem, classifier, and nodes that the runtime inserts. */
export const elsewhere = 'elsewhere';

/**
 * Milliseconds of one run by ONNX operator (`Conv`), by primitive (`sep_conv_3x3`) and by cell (`cells.3`); a stranger's
 * nodes are all `elsewhere` in the latter two. Operators and primitives begin with the slowest, cells are in order.
 */
export function timeBreakdown({ nodes, runs }: Profile): TimeBreakdown {
  const ofOneRun = (parts: readonly TimePart[]): TimePart[] =>
    parts.map((part) => ({ ...part, timeMs: part.timeMs / runs }));
  const slowestFirst = (parts: readonly TimePart[]): TimePart[] =>
    ofOneRun(parts).sort((a, b) => b.timeMs - a.timeMs);
  const cellNumber = ({ name }: TimePart): number =>
    name === elsewhere ? Number.POSITIVE_INFINITY : (placeOf(name)?.cell ?? 0);
  return {
    byOperator: slowestFirst(partsBy(nodes, ({ operator }) => operator)),
    byPrimitive: slowestFirst(partsBy(nodes, ({ name }) => primitiveOf(name))),
    byCell: ofOneRun(partsBy(nodes, ({ name }) => cellOf(name))).sort((a, b) =>
      cellNumber(a) < cellNumber(b) ? -1 : 1,
    ),
  };
}

function cellOf(name: string): string {
  const place = placeOf(name);
  return place === undefined ? elsewhere : step.cell(place.cell);
}

function primitiveOf(name: string): string {
  const place = placeOf(name);
  return place?.kind === 'operation' ? place.primitive : elsewhere;
}

function placeOf(name: string): Place | undefined {
  return parsePath(name)?.place;
}

function partsBy(nodes: readonly ProfiledNode[], nameOf: (node: ProfiledNode) => string): TimePart[] {
  const total = timeOf(nodes);
  const groups = new Map<string, ProfiledNode[]>();
  for (const node of nodes) {
    const name = nameOf(node);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [node]);
    else group.push(node);
  }
  return [...groups].map(([name, members]) => {
    const timeMs = timeOf(members);
    return { name, nodes: members.length, timeMs, timeShare: shareOf(timeMs, total) };
  });
}

function timeOf(nodes: readonly ProfiledNode[]): number {
  return nodes.reduce((sum, { timeMs }) => sum + timeMs, 0);
}

/** Adding up in another order may end a last bit above the whole; a profile may say 0 for everything. */
function shareOf(part: number, whole: number): number {
  return whole === 0 ? 0 : Math.min(part / whole, 1);
}
