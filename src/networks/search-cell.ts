// The cell of a supernet, whatever its states are: every edge holds all candidates, each in a gated region of its own and
// multiplied by its code entry, and a node adds up what enters it. What a state is (a feature map with its ReLU, a hidden
// vector) and what a candidate computes of one, whoever builds the network says; which entry of the code and which gate are a
// candidate's, the space's offset table does.
//
// Two vectors of gates steer the candidates. `forwardGates` say which run; `backwardGates` which of those also get gradients
// for their weights and inputs. In the `exact` form a candidate is two regions with gates that exclude each other: one under
// the backward gate, and one that only runs forward and whose only derivative is that of its code entry. In the `active` form
// there is one, and a candidate that runs is one that learns.
import type { Builder } from '../../graphs/builder.js';
import type { Value } from '../../graphs/ir.js';
import { GenonnxError } from '../errors.js';
import {
  cellEntryCount,
  isOperation,
  type Operation,
  type PerCellType,
  perCellType,
  type SearchSpace,
  type Section,
} from '../spaces/search-space.js';
import { step } from './paths.js';

/** What steers a supernet; `entries` are those of its space, cell type by cell type. */
export interface CodeInputs {
  /** f32[entries] */
  readonly code: Value;
  /** bool[entries] */
  readonly forwardGates: Value;
  readonly backwardGates: Value;
}

/** `exact`: the code gradient of candidates that run forward only; `active`: of those that learn. */
export type CodeRoute = 'exact' | 'active';

/** The gates of one of a candidate's regions. */
export interface GatePair {
  readonly gates: Value;
  readonly backwardGates: Value;
  readonly learns: boolean;
}

/** One pair for each region of a candidate. */
export function gatePairs(
  g: Builder,
  { forwardGates, backwardGates }: Omit<CodeInputs, 'code'>,
  route: CodeRoute,
): GatePair[] {
  if (route === 'active') return [{ gates: forwardGates, backwardGates, learns: true }];
  const forwardOnly = g.one('and', [forwardGates, g.one('not', [backwardGates], {})], {});
  return [
    { gates: backwardGates, backwardGates, learns: true },
    { gates: forwardOnly, backwardGates: forwardOnly, learns: false },
  ];
}

/** The code of each cell type, f32[its entries]. */
export function codesByType<Name extends string>(
  g: Builder,
  { cellTypes }: SearchSpace<Name>,
  code: Value,
): PerCellType<Name, Value> {
  const codes = cellTypes.length === 1 ? [code] : g.split(code, 0, cellTypes.map(cellEntryCount));
  return perCellType(cellTypes, (_, index) => {
    const own = codes[index];
    if (own === undefined) throw new RangeError('code');
    return own;
  });
}

/** Where a candidate is. */
export interface CandidatePlace<State, Primitive extends string> {
  readonly primitive: Operation<Primitive>;
  /** The state that it reads, and its number in the cell. */
  readonly state: State;
  readonly input: number;
  readonly edge: number;
  /** Of the primitive in its space. */
  readonly column: number;
}

/** What a candidate computes. */
export interface Candidate {
  /** What it reads of the state: the only value that its region takes in, beside the code entry. */
  readonly reads: Value;
  /** Its output, multiplied by `scale`, f32[1]; `x` is what it reads, inside of its region. */
  readonly trace: (g: Builder, x: Value, scale: Value) => Value;
}

/** A cell to be built. */
export interface SearchCell<State, Primitive extends string> {
  readonly section: Section<string, Primitive>;
  /** Of the cell's type, f32[its entries]. */
  readonly code: Value;
  readonly gates: readonly GatePair[];
  /** As many as the cell type has. */
  readonly inputs: readonly State[];
  readonly candidate: (place: CandidatePlace<State, Primitive>) => Candidate;
  /** The state that the sum of a node's candidates is. */
  readonly stateOf: (sum: Value) => State;
}

/** Builds the cell; its nodes' sums, in order. @throws GenonnxError `graph` for other inputs than the cell type has. */
export function searchCell<State, Primitive extends string>(
  g: Builder,
  { section, code, gates, inputs, candidate, stateOf }: SearchCell<State, Primitive>,
): Value[] {
  const { cellType, start } = section;
  const { nodes, primitives } = cellType;
  if (inputs.length !== cellType.inputs) {
    throw new GenonnxError('graph', 'A cell is built with other inputs than its type has.', {
      where: `${cellType.name} cell`,
      expected: `${cellType.inputs}`,
      found: `${inputs.length}`,
    });
  }
  // Cut for each cell, so that the gradients of its entries are joined before they are summed over the cells.
  const entries = g.split(code, 0, new Array<number>(cellEntryCount(cellType)).fill(1));
  const states = [...inputs];
  const sums: Value[] = [];
  let edge = 0;
  for (let node = 0; node < nodes; node++) {
    const terms: Value[] = [];
    for (const [input, state] of states.entries()) {
      for (const [column, primitive] of primitives.entries()) {
        if (!isOperation(primitive)) continue;
        const entry = edge * primitives.length + column;
        const scale = entries[entry];
        if (scale === undefined) throw new RangeError('code entry');
        const { reads, trace } = candidate({ primitive, state, input, edge, column });
        const path = [step.node(node), step.candidate({ edge, column, primitive })].join('/');
        for (const { learns, ...pair } of gates) {
          const settings = {
            ...pair,
            gateIndex: start + entry,
            ...(learns ? {} : { differentiable: [scale] }),
          };
          terms.push(
            g.within(path, () =>
              g.region(settings, [reads, scale], (body, [x, own]) => {
                if (x === undefined || own === undefined) throw new RangeError('capture');
                return trace(body, x, own);
              }),
            ),
          );
        }
      }
      edge += 1;
    }
    const sum = g.within(step.node(node), () => g.sum(terms));
    sums.push(sum);
    states.push(stateOf(sum));
  }
  return sums;
}
