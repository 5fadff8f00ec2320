// Expected outputs, with the inputs that they belong to, from a safetensors file.
import { type Tensor, tensor } from '../../../graphs/interpret/interpret.js';
import type { SafeTensor } from '../../../graphs/safetensors.js';
import { shapeText } from '../../../graphs/shapes.js';
import { GenonnxError } from '../../errors.js';
import { readSafetensors } from '../../runs/safetensors-file.js';
import type { InputType, Side, Trace } from './side.js';

/** What a model's only input may be called in the file, beside its own name. */
const inputNames = ['images', 'input'];

/**
 * The outputs that the file has for a model, whose other outputs are not compared. Further tensors with names of values
 * inside the model say where a difference arises.
 * @throws GenonnxError `file-missing`, `file-corrupt`; `usage` when inputs or all outputs are missing or no numbers;
 * `shape` for inputs that the model does not take.
 */
export async function openExpectedSide(path: string, model: Side): Promise<Side> {
  const { tensors } = await readSafetensors(path);
  const missing = (what: string, expected: string): GenonnxError =>
    new GenonnxError('usage', `The file lacks ${what} of the model.`, {
      where: path,
      expected,
      found: brief([...tensors.keys()]),
      cure: `Store float32 tensors under these names; they are those of ${model.path}.`,
    });
  const feeds = new Map(
    model.inputs.map((input) => {
      const names = model.inputs.length === 1 ? [input.name, ...inputNames] : [input.name];
      const name = names.find((candidate) => tensors.has(candidate));
      const found = tensors.get(name ?? '');
      if (name === undefined || found === undefined)
        throw missing('an input', [...new Set(names)].join(' or '));
      const fed = fedNumbers(input, found, `${path}: ${name}`);
      requireShape(input, fed, `${path}: ${name}`);
      return [input.name, fed] as const;
    }),
  );
  const outputs = model.outputs.filter((name) => tensors.has(name));
  if (outputs.length === 0) throw missing('every output', model.outputs.join(' or '));
  const values = new Map(
    [...tensors].flatMap(([name, found]) =>
      found.dtype === 'F32' || found.dtype === 'F64' || outputs.includes(name)
        ? [[name, numbers(found, `${path}: ${name}`)] as const]
        : [],
    ),
  );
  const expected = new Map([...values].filter(([name]) => outputs.includes(name)));
  return {
    kind: 'expected',
    path,
    label: path,
    precision: 'float32',
    inputs: model.inputs,
    outputs,
    feeds,
    run: async () => expected,
    ...(model.trace === undefined ? {} : { trace: storedTrace(model.trace, values) }),
    release: async () => {},
  };
}

/** What the file has of the model's values. It cannot compute: each stored value is what it is. */
function storedTrace(model: Trace, values: ReadonlyMap<string, Tensor>): Trace {
  return {
    operations: () => model.operations(),
    values: async () => values,
    recomputed: async () => values,
  };
}

function numbers(stored: SafeTensor, where: string): Tensor {
  if (stored.dtype === 'F32' || stored.dtype === 'F64') return tensor(stored.shape, stored.data);
  throw new GenonnxError('usage', 'Inputs and outputs must be floating-point numbers.', {
    where,
    expected: 'F32, F64, F16 or BF16',
    found: stored.dtype,
    cure: 'Convert the tensor before it is saved.',
  });
}

/** Indices are whole numbers; float32 holds those of any vocabulary, too. */
function fedNumbers({ indicesBelow }: InputType, stored: SafeTensor, where: string): Tensor {
  if (indicesBelow === undefined) return numbers(stored, where);
  const found =
    stored.dtype === 'I64' || stored.dtype === 'I32'
      ? tensor(stored.shape, Float64Array.from(stored.data, Number))
      : numbers(stored, where);
  const other = found.data.find((index) => !(Number.isInteger(index) && index >= 0 && index < indicesBelow));
  if (other === undefined) return found;
  throw new GenonnxError('usage', 'This is no word of the model.', {
    where,
    expected: `whole numbers from 0 to ${indicesBelow - 1}`,
    found: String(other),
    cure: 'Compare with the model that the file was made for.',
  });
}

function requireShape({ shape }: InputType, found: Tensor, where: string): void {
  const sizes = found.shape;
  const fits = shape.every((size, axis) =>
    typeof size === 'string' ? (sizes[axis] ?? 0) > 0 : size === sizes[axis],
  );
  if (fits && sizes.length === shape.length) return;
  throw new GenonnxError('shape', 'The stored input is not one that the model takes.', {
    where,
    expected: shapeText(shape),
    found: shapeText(found.shape),
    cure: 'Compare with the model that the file was made for.',
  });
}

function brief(names: readonly string[]): string {
  const more = names.length > 6 ? ', ...' : '';
  return names.length === 0 ? 'no tensors' : `${names.slice(0, 6).join(', ')}${more}`;
}
