// The recurrent supernet: a language model whose cell holds every edge, with its loss over a window. Which edges take part, a step
// is fed: for each node the predecessors that learn, in the exact form also those that only run forward, and whether there is
// any that takes part. Their code is gathered outside of the loop.
import type { Builder } from '../../../graphs/builder.js';
import type { Value } from '../../../graphs/ir.js';
import type { RecurrentPrimitive, RecurrentSpace } from '../../spaces/recurrent.js';
import { type CellType, edgesOfNode, isOperation, nodeStates } from '../../spaces/search-space.js';
import {
  type Regularisation,
  type TracedLanguage,
  traceLanguage,
  type WindowShape,
} from './language-loss.js';
import { type EdgeSet, type RunningNorm, recurrentSearchCell, type SearchNode } from './search-cell.js';
import { recurrentName, recurrentWeights } from './weights.js';

export interface RecurrentSupernet {
  readonly space: RecurrentSpace;
  readonly words: number;
  readonly width: number;
  readonly training: boolean;
  /** Whether the code entries of edges that do not learn have a gradient, too. */
  readonly exact: boolean;
}

/** Names of the inputs that steer it, beside `code`, f32[entries]. */
export const edgeInputs = {
  /** i64[n] for each node: the predecessors that learn. */
  learning: (node: number): string => `learning.${node}`,
  /** i64[n]: the others, which run forward. */
  forward: (node: number): string => `forward.${node}`,
  /** f32[nodes]: 1 where a node has an edge that learns. */
  alive: 'alive',
} as const;

export interface SupernetLanguage extends TracedLanguage {
  readonly code: Value;
}

/** The loss of a window, from the hidden state f32[B,H] that it begins with. */
export function recurrentSupernet(
  g: Builder,
  { space, words, width, training, exact }: RecurrentSupernet,
  window: WindowShape,
  hidden: Value,
  regularisation: Regularisation,
): SupernetLanguage {
  const [cellType] = space.cellTypes;
  if (cellType === undefined) throw new RangeError(space.name);
  const weights = recurrentWeights(g, { words, width, nodes: cellType.nodes });
  const statistics = {
    mean: g.statistic(`${recurrentName.norm}.running_mean`, [width], { kind: 'constant', value: 0 }),
    variance: g.statistic(`${recurrentName.norm}.running_var`, [width], { kind: 'constant', value: 1 }),
  };
  const code = g.input('code', [cellType.primitives.length * edgeTotal(cellType)]);
  const alive = g.split(
    g.input(edgeInputs.alive, [cellType.nodes]),
    0,
    new Array<number>(cellType.nodes).fill(1),
  );
  const nodes = nodesOf(g, cellType, code, alive, exact);

  const traced = traceLanguage(g, weights, window, regularisation, (fromInput, mask) => {
    const given = flatten(nodes);
    const matrices = [weights.ofHidden, ...weights.ofNodes];
    const masks = mask === undefined ? [] : [mask];
    const { states, results } = g.scan(
      {
        states: training ? [hidden, statistics.mean, statistics.variance] : [hidden],
        sequences: [fromInput],
        captures: [
          ...matrices,
          ...given,
          ...masks,
          ...(training ? [] : [statistics.mean, statistics.variance]),
        ],
      },
      (body, inner) => {
        const [previous, ...carried] = inner.states;
        const [element] = inner.elements;
        const captures = [...inner.captures];
        const [ofHidden, ...ofNodes] = captures.splice(0, matrices.length);
        const own = captures.splice(0, given.length);
        const ownMask = mask === undefined ? undefined : captures.shift();
        const [mean, variance] = training ? carried : captures;
        if (!previous || !element || !ofHidden || !mean || !variance) throw new RangeError('scan');
        const { next, norm } = recurrentSearchCell(
          body,
          {
            fromInput: element,
            hidden: previous,
            ofHidden,
            ofNodes,
            mask: ownMask,
            nodes: restored(nodes, own),
            norm: { mean, variance },
          },
          { width, training },
        );
        return {
          states: training ? [next, norm.mean, norm.variance] : [next],
          results: [next, previous],
        };
      },
    );
    const [last, mean, variance] = states;
    const [raw, previous] = results;
    if (!last || !raw || !previous) throw new RangeError('scan');
    if (mean !== undefined && variance !== undefined) setStatistics(g, statistics, { mean, variance });
    return { raw, previous, last };
  });
  return { ...traced, code };
}

function setStatistics(g: Builder, old: RunningNorm, next: RunningNorm): void {
  g.setStatistic(old.mean, next.mean);
  g.setStatistic(old.variance, next.variance);
}

function edgeTotal(cellType: CellType): number {
  return nodeStates(cellType).reduce((sum, _, node) => sum + edgesOfNode(cellType, node).length, 0);
}

/** The sets of edges of each node, from what is fed. */
function nodesOf(
  g: Builder,
  cellType: CellType<string, RecurrentPrimitive>,
  code: Value,
  alive: readonly Value[],
  exact: boolean,
): SearchNode[] {
  const { primitives } = cellType;
  const perNode = nodeStates(cellType).map((_, node) => edgesOfNode(cellType, node).length);
  const ofNodes = g.split(
    code,
    0,
    perNode.map((edges) => edges * primitives.length),
  );
  return perNode.map((edges, node) => {
    const own = ofNodes[node];
    const ownAlive = alive[node];
    if (own === undefined || ownAlive === undefined) throw new RangeError(`node ${node}`);
    const rows = g.reshape(own, [edges, primitives.length]);
    const setOf = (name: string, learns: boolean): EdgeSet => {
      const from = g.input(name, [name], 'int64');
      const gathered = g.gather(rows, from);
      const columns = g.split(gathered, 1, new Array<number>(primitives.length).fill(1));
      const entries = new Map(
        primitives.flatMap((primitive, column) => {
          const value = columns[column];
          return value === undefined || !isOperation(primitive)
            ? []
            : [[primitive, g.reshape(value, [name, 1, 1])] as const];
        }),
      );
      return { from, code: entries, total: g.sum([...entries.values()]), learns };
    };
    return {
      alive: ownAlive,
      sets: [
        setOf(edgeInputs.learning(node), true),
        ...(exact ? [setOf(edgeInputs.forward(node), false)] : []),
      ],
    };
  });
}

/** What the loop captures of the nodes, and the nodes again of what it captured. */
function flatten(nodes: readonly SearchNode[]): Value[] {
  return nodes.flatMap(({ alive, sets }) => [
    alive,
    ...sets.flatMap(({ from, code, total }) => [from, ...code.values(), total]),
  ]);
}

function restored(nodes: readonly SearchNode[], values: readonly Value[]): SearchNode[] {
  const rest = [...values];
  const next = (): Value => {
    const value = rest.shift();
    if (value === undefined) throw new RangeError('captures');
    return value;
  };
  return nodes.map(({ sets }) => ({
    alive: next(),
    sets: sets.map(({ code, learns }) => ({
      from: next(),
      code: new Map([...code.keys()].map((primitive) => [primitive, next()] as const)),
      total: next(),
      learns,
    })),
  }));
}
