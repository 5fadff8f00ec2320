// Gives the fields of a genotype's record their meaning: which cells there are, and what they may compute, a space says, or the
// form of many spaces.
import { didYouMean } from '../nearest-name.js';
import { fieldNames, fieldsOf } from './fields.js';
import type { Genotype } from './genotype.js';
import type { Field, RecordLiteral } from './literals.js';
import { readCell } from './read-cell.js';
import { type Operation, perCellType, type SpaceForm } from './search-space.js';
import { errorAt, quoted } from './syntax-error.js';

/** @throws `genotype-syntax`, `unknown-primitive`, `node-out-of-range`, each with line and column. */
export function readGenotype<Name extends string, Primitive extends string>(
  record: RecordLiteral,
  form: SpaceForm<Name, Primitive>,
  source: string | undefined,
): Genotype<Name, Operation<Primitive>> {
  const found = fieldsIn(record, form, source);
  const field = (name: string): Field => {
    const given = found.get(name);
    if (given !== undefined) return given;
    throw errorAt(record.place, source, 'A genotype lacks a field.', {
      expected: fieldNames(form).join(', '),
      found: found.size === 0 ? 'no field' : [...found.keys()].join(', '),
      cure: `Add ${name}.`,
    });
  };
  // All of them, before any is read.
  const fields = form.cellTypes.map((type) => {
    const names = fieldsOf(type);
    return { name: type.name, type, nodes: field(names.nodes), concat: field(names.concat) };
  });
  return perCellType(fields, ({ type, nodes, concat }) => readCell(type, nodes.value, concat.value, source));
}

function fieldsIn(
  record: RecordLiteral,
  form: SpaceForm,
  source: string | undefined,
): ReadonlyMap<string, Field> {
  const names = fieldNames(form);
  const found = new Map<string, Field>();
  record.fields.forEach((field, position) => {
    const name = field.name ?? names[position];
    if (name === undefined || !names.includes(name)) {
      throw errorAt(field.place, source, 'A genotype has no such field.', {
        expected: names.join(', '),
        found: name === undefined ? `${record.fields.length} arguments` : quoted(name),
        cure: didYouMean(
          name ?? '',
          names,
          `Only ${form.name} genotypes, of the cells ${form.cellTypes.map((type) => type.name).join(' and ')}, are read.`,
        ),
      });
    }
    if (found.has(name)) {
      throw errorAt(field.place, source, 'A field is given twice.', {
        expected: `${name} once`,
        found: `${name} again`,
        cure: 'Remove one of the two.',
      });
    }
    found.set(name, field);
  });
  return found;
}
