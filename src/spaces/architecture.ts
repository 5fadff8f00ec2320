// Reads the architecture string of a single cell, as tables name their networks (`src/table/cells.ts` writes it, and NAS-Bench-201
// began it): node by node, with every operation of an edge as `primitive~state`, and `none` where an edge has none.
//
//   |skip_connect~0|sep_conv_3x3~0|+|none~0|avg_pool_3x3~1|
import { didYouMean } from '../nearest-name.js';
import { ONE_CELL_FORM, ONE_CELL_PRIMITIVES, type OneCellGenotype } from './one-cell.js';
import { isOperation } from './search-space.js';
import { errorAt, quoted } from './syntax-error.js';

type Entry = OneCellGenotype['cell']['nodes'][number][number];

/** Whether a text is meant as one: no name, path or Python begins like this. */
export function isArchitecture(text: string): boolean {
  return text.trimStart().startsWith('|');
}

/**
 * The genotype of the network. A node that nothing reads may have no operations there; here it gets a skip connection, since no
 * node of a genotype is empty.
 * @throws GenonnxError `genotype-syntax`, `unknown-primitive`, `node-out-of-range`, with line and column.
 */
export function parseArchitecture(text: string, source?: string): OneCellGenotype {
  const start = text.length - text.trimStart().length;
  const texts = text.trim().split('+');
  let column = start + 1;
  const nodes = texts.map((node, index) => {
    const entries = entriesOf(node, index, column, source);
    column += node.length + 1;
    return entries;
  });
  const last = nodes.length - 1;
  const isEmpty = (node: number): boolean => nodes[node]?.length === 0;
  const readsNothing = nodes.some((entries) => entries.some(({ input }) => input > 0 && isEmpty(input - 1)));
  if (isEmpty(last) || readsNothing) {
    throw errorAt({ line: 1, column: start + 1 }, source, 'This architecture has no path.', {
      expected:
        'operations of the last node, whose output is that of the cell, and of every node that is read',
      found: quoted(text.trim()),
    });
  }
  const concat = [last + (ONE_CELL_FORM.cellTypes[0]?.inputs ?? 1)];
  const whole = nodes.map((entries): Entry[] =>
    entries.length > 0 ? entries : [{ primitive: 'skip_connect', input: 0 }],
  );
  return { cell: { nodes: whole, concat } };
}

function entriesOf(node: string, index: number, column: number, source: string | undefined): Entry[] {
  const edges = /^\|(.+)\|$/.exec(node)?.[1]?.split('|');
  const place = { line: 1, column };
  if (edges === undefined) {
    throw errorAt(place, source, 'This is no node of an architecture.', {
      expected: '|primitive~state|, as in |skip_connect~0|none~1|',
      found: quoted(node),
      cure: 'Nodes stand between bars, and + between nodes.',
    });
  }
  return edges.flatMap((edge): Entry[] => {
    const [, name = '', state = ''] = /^(\w+)~(\d+)$/.exec(edge) ?? [];
    const primitive = ONE_CELL_PRIMITIVES.find((known) => known === name);
    if (primitive === undefined) {
      const details = {
        expected: ONE_CELL_PRIMITIVES.map((known) => `${known}~state`).join(', '),
        found: quoted(edge),
        cure: didYouMean(name, ONE_CELL_PRIMITIVES, 'Check the spelling of the operation.'),
      };
      throw errorAt(place, source, 'There is no such operation.', details, 'unknown-primitive');
    }
    const input = Number(state);
    if (input > index) {
      const details = { expected: `a state from 0 to ${index}`, found: state, cure: 'Count the input as 0.' };
      throw errorAt(place, source, 'A node reads a state that comes later.', details, 'node-out-of-range');
    }
    return isOperation(primitive) ? [{ primitive, input }] : [];
  });
}
