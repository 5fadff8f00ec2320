// The probabilities of one cell type as a table that is coloured: an edge is a row, an operation a column. What the derived cell
// has is framed, what the last code had open has a dot: neither is told by colour alone.
import { type CellWords, cellWords } from '../../src/report/cell-words.js';
import { percent } from '../../src/report/format.js';
import type { GenotypeKind } from '../../src/spaces/kinds.js';
import { edgesOfNode } from '../../src/spaces/search-space.js';
import './heat-map.css';

export interface HeatMapProps {
  readonly kind: GenotypeKind;
  readonly title: string;
  /** States that the cell starts with. */
  readonly inputs: number;
  readonly primitives: readonly string[];
  /** [edge][primitive] */
  readonly probabilities: readonly (readonly number[])[];
  /** Of the derived cell: for each node its operations. */
  readonly derived?:
    | readonly (readonly { readonly primitive: string; readonly input: number }[])[]
    | undefined;
  /** Of the last code, by edge: a digit for each primitive. */
  readonly code?: readonly string[] | undefined;
}

/** Of an edge: where it comes from, and into which node. */
interface Edge {
  readonly node: number;
  readonly state: number;
}

export function HeatMap({ kind, title, inputs, primitives, probabilities, derived, code }: HeatMapProps) {
  const words = cellWords[kind];
  const highest = Math.max(0.01, ...probabilities.flat());
  const edges = edgesOf(probabilities.length, inputs);
  return (
    <div class="heat scroll">
      <table>
        <caption>{title}</caption>
        <thead>
          <tr>
            <td />
            {primitives.map((name) => (
              <th key={name} scope="col">
                <span>{name}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {probabilities.map((row, edge) => {
            const { node = 0, state = 0 } = edges[edge] ?? {};
            const isFirst = edges[edge - 1]?.node !== node;
            const taken = derived?.[node]?.filter(({ input }) => input === state) ?? [];
            return (
              <tr key={`${node}-${state}`} class={isFirst ? 'first' : ''}>
                <th scope="row">{edgeText(words, node, state, inputs)}</th>
                {row.map((value, column) => {
                  const name = primitives[column] ?? '';
                  const isTaken = taken.some(({ primitive }) => primitive === name);
                  const isOpen = code?.[edge]?.[column] === '1';
                  return (
                    <td
                      key={name}
                      class={`${isTaken ? 'taken' : ''}${isOpen ? ' open' : ''}`}
                      style={{ '--strength': `${Math.round((100 * value) / highest)}%` }}
                    >
                      {Math.round(100 * value)}
                      {isTaken && <span class="unseen"> derived</span>}
                      {isOpen && <span class="unseen"> sampled</span>}
                    </td>
                  );
                })}
              </tr>
            );
          })}
        </tbody>
      </table>
      <p class="muted">In percent; the darkest is {percent(highest)}.</p>
    </div>
  );
}

function edgeText(words: CellWords, node: number, state: number, inputs: number): string {
  return `${words.state(state, inputs)} → ${words.node(node).toLowerCase()}`;
}

function edgesOf(count: number, inputs: number): Edge[] {
  const edges: Edge[] = [];
  for (let node = 0; edges.length < count; node += 1)
    edges.push(...edgesOfNode({ inputs }, node).map((_, state) => ({ node, state })));
  return edges;
}
