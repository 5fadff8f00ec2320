// Gives the literals of one cell their meaning: which operations on which states make up its nodes, and which states are
// concatenated. Everything that makes a cell impossible to build is found here, with its place in the text.

import type { CellGenotype, GenotypeEntry } from './genotype.js';
import type { ListLiteral, Literal, NumberLiteral, RecordLiteral } from './literals.js';
import { isPrimitive, nearestPrimitive, type Operation, PRIMITIVES } from './primitives.js';
import { CELL_INPUTS, inputsOfNode } from './search-space.js';
import { errorAt, quoted } from './syntax-error.js';
import type { Place } from './tokens.js';

/** Operations a node in DARTS's flat form. */
const FLAT_PAIRS = 2;

/** The cell of its two fields. @throws `genotype-syntax`, `unknown-primitive`, `node-out-of-range`. */
export function readCell(nodes: Literal, concat: Literal, source: string | undefined): CellGenotype {
  const cell = readNodes(nodes, source);
  return { nodes: cell, concat: readConcat(concat, cell.length, source) };
}

function readNodes(literal: Literal, source: string | undefined): GenotypeEntry[][] {
  const { items } = requireList(literal, source, 'a list of nodes');
  const [first] = items;
  if (first === undefined) throw emptyError(literal.place, source, 'A cell has no nodes.');
  if (!isPair(first)) {
    return items.map((item, node) => {
      const pairs = requireList(
        item,
        source,
        'a list of (operation, input) pairs, as the first node has',
      ).items;
      if (pairs.length === 0) throw emptyError(item.place, source, `Node ${node} has no operation.`);
      return pairs.map((pair) => readPair(pair, node, source));
    });
  }
  if (items.length % FLAT_PAIRS !== 0) {
    throw errorAt(literal.place, source, 'A flat list has two (operation, input) pairs a node.', {
      expected: 'an even number of pairs',
      found: `${items.length}`,
      cure: 'Add the missing pair, or give every node a list of its own: [[...], [...]].',
    });
  }
  return Array.from({ length: items.length / FLAT_PAIRS }, (_, node) =>
    items.slice(FLAT_PAIRS * node, FLAT_PAIRS * (node + 1)).map((pair) => readPair(pair, node, source)),
  );
}

function isPair(literal: Literal): boolean {
  return literal.kind === 'list' && literal.items[0]?.kind === 'text';
}

function readPair(literal: Literal, node: number, source: string | undefined): GenotypeEntry {
  const { items, place } = requireList(literal, source, "a pair ('operation', input)");
  const [name, input] = items;
  if (name?.kind !== 'text' || input?.kind !== 'number' || items.length !== 2) {
    throw errorAt(place, source, 'An operation is not a pair.', {
      expected: "('operation', input)",
      found: `a list of ${
        items
          .map(({ kind }) => kind)
          .slice(0, 5)
          .join(', ') || 'nothing'
      }`,
      cure: "Write ('sep_conv_3x3', 0): the operation's name, then the state that it reads.",
    });
  }
  const primitive = readOperation(name.value, name.place, source);
  const limit = inputsOfNode(node);
  const state = requireInteger(input, source);
  if (state < 0 || state >= limit) {
    throw errorAt(
      input.place,
      source,
      `Node ${node} (state ${CELL_INPUTS + node}) cannot read state ${state}.`,
      {
        expected: `an earlier state, 0 to ${limit - 1} (0 and 1 are the cell's inputs)`,
        found: `${state}`,
        cure: 'Check the input, and whether every node has its operations.',
      },
      'node-out-of-range',
    );
  }
  return { primitive, input: state };
}

function readOperation(name: string, place: Place, source: string | undefined): Operation {
  if (!isPrimitive(name)) {
    throw errorAt(
      place,
      source,
      `There is no primitive ${quoted(name)}.`,
      {
        expected: PRIMITIVES.filter((primitive) => primitive !== 'none').join(', '),
        found: quoted(name),
        cure: `Did you mean ${nearestPrimitive(name)}?`,
      },
      'unknown-primitive',
    );
  }
  if (name === 'none') {
    throw errorAt(place, source, 'A genotype lists operations, and `none` is not one.', {
      expected: 'an operation that computes something',
      found: '"none"',
      cure: 'Leave the pair out; where its node then has not two, give every node a list of its own.',
    });
  }
  return name;
}

function readConcat(literal: Literal, nodes: number, source: string | undefined): number[] {
  const numbers =
    literal.kind === 'record' ? readRange(literal, nodes, source) : readNumbers(literal, source);
  if (numbers.length === 0) throw emptyError(literal.place, source, 'No state is concatenated.');
  const limit = inputsOfNode(nodes);
  const seen = new Set<number>();
  for (const { value, place } of numbers) {
    if (value < CELL_INPUTS || value >= limit) {
      throw errorAt(
        place,
        source,
        `State ${value} cannot be concatenated.`,
        {
          expected: `intermediate nodes only, states ${CELL_INPUTS} to ${limit - 1}`,
          found: `${value}`,
          cure: 'Name states of this cell; intermediate node 0 is state 2.',
        },
        'node-out-of-range',
      );
    }
    if (seen.has(value)) {
      throw errorAt(place, source, `State ${value} is concatenated twice.`, {
        expected: 'every state at most once',
        found: `${value} again`,
        cure: 'Remove one of the two.',
      });
    }
    seen.add(value);
  }
  return [...seen];
}

interface PlacedNumber {
  readonly value: number;
  readonly place: Place;
}

function readNumbers(literal: Literal, source: string | undefined): PlacedNumber[] {
  return requireList(literal, source, 'a list of states').items.map((item) => {
    if (item.kind !== 'number') {
      throw errorAt(item.place, source, 'A state is not a number.', {
        expected: 'a number',
        found: `a ${item.kind}`,
        cure: 'Write the states to concatenate as [2, 3, 4, 5].',
      });
    }
    return { value: requireInteger(item, source), place: item.place };
  });
}

/** `range(stop)`, `range(start, stop)`, `range(start, stop, step)`, and `list(...)` or `tuple(...)` of one. */
function readRange(call: RecordLiteral, nodes: number, source: string | undefined): PlacedNumber[] {
  const [inner] = call.fields;
  if ((call.name === 'list' || call.name === 'tuple') && call.fields.length === 1 && inner !== undefined) {
    return inner.value.kind === 'record'
      ? readRange(inner.value, nodes, source)
      : readNumbers(inner.value, source);
  }
  const values = call.fields.map(({ name, value }) =>
    name === undefined && value.kind === 'number' ? requireInteger(value, source) : undefined,
  );
  const [first, second, step = 1] = values;
  if (
    call.name !== 'range' ||
    values.length > 3 ||
    first === undefined ||
    values.includes(undefined) ||
    step === 0
  ) {
    throw errorAt(call.place, source, 'The states to concatenate are not understood.', {
      expected: 'a list [2, 3, 4, 5] or range(2, 6)',
      found: call.name === '' ? 'a dictionary' : `${quoted(call.name)} with ${call.fields.length} arguments`,
      cure: 'Write the states as a list.',
    });
  }
  const [start, stop] = second === undefined ? [0, first] : [first, second];
  // Valid states are few: a range is cut off behind the first that cannot be one, which the caller then reports.
  const longest = inputsOfNode(nodes) + 1;
  const length = Math.min(Math.max(Math.ceil((stop - start) / step), 0), longest);
  return Array.from({ length }, (_, i) => ({ value: start + i * step, place: call.place }));
}

function requireList(literal: Literal, source: string | undefined, expected: string): ListLiteral {
  if (literal.kind === 'list') return literal;
  throw errorAt(literal.place, source, 'A list is missing.', {
    expected,
    found: `a ${literal.kind}`,
    cure: 'Check the brackets before this place.',
  });
}

function requireInteger({ value, text, place }: NumberLiteral, source: string | undefined): number {
  if (Number.isSafeInteger(value)) return value;
  throw errorAt(place, source, 'A state is not a whole number.', {
    expected: 'a whole number',
    found: quoted(text),
    cure: 'States are counted 0, 1, 2, ...',
  });
}

function emptyError(place: Place, source: string | undefined, summary: string) {
  return errorAt(place, source, summary, {
    expected: 'at least one',
    found: 'an empty list',
    cure: 'Fill the list, or remove the node.',
  });
}
