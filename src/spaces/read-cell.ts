// Gives the literals of one cell their meaning: which operations on which states make up its nodes, and which states are
// concatenated. What a cell may be, its type says. Everything that makes a cell impossible to build is found here, with its place in the text.

import { didYouMean } from '../nearest-name.js';
import type { CellGenotype, GenotypeEntry } from './genotype.js';
import type { ListLiteral, Literal, NumberLiteral, RecordLiteral } from './literals.js';
import { type CellForm, inputsOfNode, isOperation, nodeStates, type Operation } from './search-space.js';
import { errorAt, quoted } from './syntax-error.js';
import type { Place } from './tokens.js';

/** The cell of its two fields. @throws `genotype-syntax`, `unknown-primitive`, `node-out-of-range`. */
export function readCell<Primitive extends string>(
  form: CellForm<string, Primitive>,
  nodes: Literal,
  concat: Literal,
  source: string | undefined,
): CellGenotype<Operation<Primitive>> {
  const cell = readNodes(nodes, form, source);
  return { nodes: cell, concat: readConcat(concat, cell.length, form, source) };
}

function readNodes<Primitive extends string>(
  literal: Literal,
  form: CellForm<string, Primitive>,
  source: string | undefined,
): GenotypeEntry<Operation<Primitive>>[][] {
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
      return pairs.map((pair) => readPair(pair, node, form, source));
    });
  }
  const { kept } = form.derivation;
  if (items.length % kept !== 0) {
    throw errorAt(literal.place, source, `A flat list has ${kept} (operation, input) pairs a node.`, {
      expected: kept === 2 ? 'an even number of pairs' : `a multiple of ${kept} pairs`,
      found: `${items.length}`,
      cure: 'Add the missing pair, or give every node a list of its own: [[...], [...]].',
    });
  }
  return Array.from({ length: items.length / kept }, (_, node) =>
    items.slice(kept * node, kept * (node + 1)).map((pair) => readPair(pair, node, form, source)),
  );
}

function isPair(literal: Literal): boolean {
  return literal.kind === 'list' && literal.items[0]?.kind === 'text';
}

function readPair<Primitive extends string>(
  literal: Literal,
  node: number,
  form: CellForm<string, Primitive>,
  source: string | undefined,
): GenotypeEntry<Operation<Primitive>> {
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
      cure: `Write ('${form.primitives.find(isOperation)}', 0): the operation's name, then the state that it reads.`,
    });
  }
  const primitive = readOperation(name.value, name.place, form, source);
  const limit = inputsOfNode(form, node);
  const state = requireInteger(input, source);
  if (state < 0 || state >= limit) {
    throw errorAt(
      input.place,
      source,
      `Node ${node} (state ${form.inputs + node}) cannot read state ${state}.`,
      {
        expected: `an earlier state, 0 to ${limit - 1} (the cell's inputs come first: ${form.inputs})`,
        found: `${state}`,
        cure: 'Check the input, and whether every node has its operations.',
      },
      'node-out-of-range',
    );
  }
  return { primitive, input: state };
}

function readOperation<Primitive extends string>(
  name: string,
  place: Place,
  { primitives }: CellForm<string, Primitive>,
  source: string | undefined,
): Operation<Primitive> {
  if (name === 'none') {
    throw errorAt(place, source, 'A genotype lists operations, and `none` is not one.', {
      expected: 'an operation that computes something',
      found: '"none"',
      cure: 'Leave the pair out; where its node then has too few, give every node a list of its own.',
    });
  }
  const operations = primitives.filter(isOperation);
  const operation = operations.find((primitive) => primitive === name);
  if (operation !== undefined) return operation;
  throw errorAt(
    place,
    source,
    `There is no primitive ${quoted(name)}.`,
    {
      expected: operations.join(', '),
      found: quoted(name),
      cure: didYouMean(name, operations, 'Name one of these.'),
    },
    'unknown-primitive',
  );
}

function readConcat(
  literal: Literal,
  nodes: number,
  { inputs, inputsInOutput = false }: CellForm,
  source: string | undefined,
): number[] {
  const states = nodeStates({ inputs, nodes });
  const limit = inputs + nodes;
  const first = inputsInOutput ? 0 : inputs;
  const numbers =
    literal.kind === 'record' ? readRange(literal, states, source) : readNumbers(literal, states, source);
  if (numbers.length === 0) throw emptyError(literal.place, source, 'No state is concatenated.');
  const seen = new Set<number>();
  for (const { value, place } of numbers) {
    if (value < first || value >= limit) {
      throw errorAt(
        place,
        source,
        `State ${value} cannot be concatenated.`,
        {
          expected: `${inputsInOutput ? '' : 'intermediate nodes only, '}states ${first} to ${limit - 1}`,
          found: `${value}`,
          cure: `Name states of this cell; intermediate node 0 is state ${inputs}.`,
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

/** `states` are those of the cell's nodes. */
function readNumbers(
  literal: Literal,
  states: readonly number[],
  source: string | undefined,
): PlacedNumber[] {
  return requireList(literal, source, 'a list of states').items.map((item) => {
    if (item.kind !== 'number') {
      throw errorAt(item.place, source, 'A state is not a number.', {
        expected: 'a number',
        found: `a ${item.kind}`,
        cure: `Write the states to concatenate as ${exampleOf(states)}.`,
      });
    }
    return { value: requireInteger(item, source), place: item.place };
  });
}

/** `range(stop)`, `range(start, stop)`, `range(start, stop, step)`, and `list(...)` or `tuple(...)` of one. */
function readRange(
  call: RecordLiteral,
  states: readonly number[],
  source: string | undefined,
): PlacedNumber[] {
  const [inner] = call.fields;
  if ((call.name === 'list' || call.name === 'tuple') && call.fields.length === 1 && inner !== undefined) {
    return inner.value.kind === 'record'
      ? readRange(inner.value, states, source)
      : readNumbers(inner.value, states, source);
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
      expected: `a list ${exampleOf(states)} or range(${states[0]}, ${(states.at(-1) ?? 0) + 1})`,
      found: call.name === '' ? 'a dictionary' : `${quoted(call.name)} with ${call.fields.length} arguments`,
      cure: 'Write the states as a list.',
    });
  }
  const [start, stop] = second === undefined ? [0, first] : [first, second];
  // Valid states are few: a range is cut off behind the first that cannot be one, which the caller then reports.
  const longest = (states.at(-1) ?? 0) + 2;
  const length = Math.min(Math.max(Math.ceil((stop - start) / step), 0), longest);
  return Array.from({ length }, (_, i) => ({ value: start + i * step, place: call.place }));
}

/** Some of the states, as a list. */
function exampleOf(states: readonly number[]): string {
  return `[${states.slice(0, 4).join(', ')}]`;
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
