// Opens both sides of a comparison, and sees that they can be compared.
import { shapeText } from '../../../graphs/shapes.js';
import { GenonnxError } from '../../errors.js';
import type { NamedWeights } from '../match-weights.js';
import type { InputType, Side, SideName } from './side.js';

/** @throws GenonnxError as the sides do; `usage` or `shape` for two sides of different inputs or outputs. */
export async function openSides(
  names: readonly [SideName, SideName],
  weights: NamedWeights | undefined,
): Promise<readonly [Side, Side]> {
  const [a, b] = names;
  if (weights !== undefined && a.kind !== 'interpreter' && b.kind !== 'interpreter') {
    throw new GenonnxError('usage', 'Weights are for the interpreter.', {
      expected: '`weights` together with an interpreter',
      found: `${a.kind}:${a.path} and ${b.kind}:${b.path}`,
      cure: `Compare with interpreter:${a.path}, or leave \`weights\` out.`,
    });
  }
  const opened: Side[] = [];
  try {
    // Expected outputs are those of a model, which is opened first.
    if (a.kind === 'expected') opened.push(await openModelSide(b, weights));
    else opened.push(await openModelSide(a, weights));
    const [first] = opened;
    const other = a.kind === 'expected' ? a : b;
    if (first === undefined) throw new RangeError('no side');
    const second =
      other.kind === 'expected' ? await openExpected(other.path, first) : await openModelSide(other, weights);
    opened.push(second);
    requireComparable(first, second);
    return a.kind === 'expected' ? [second, first] : [first, second];
  } catch (error) {
    for (const side of opened) await side.release();
    throw error;
  }
}

/** Each kind is loaded by itself: whoever needs one runtime does not wait for the other. */
async function openModelSide({ kind, path }: SideName, weights: NamedWeights | undefined): Promise<Side> {
  if (kind === 'interpreter') {
    const { openInterpreterSide } = await import('./interpreter-side.js');
    return openInterpreterSide(path, weights);
  }
  if (kind === 'expected') throw new RangeError('expected outputs need a model');
  const { openRuntimeSide } = await import('./runtime-side.js');
  return openRuntimeSide(kind, path);
}

async function openExpected(path: string, model: Side): Promise<Side> {
  const { openExpectedSide } = await import('./expected-side.js');
  return openExpectedSide(path, model);
}

function requireComparable(a: Side, b: Side): void {
  requireNames('inputs', a.inputs.map(nameOf), b.inputs.map(nameOf), a, b);
  // A file of expected outputs may leave some out.
  if (b.kind !== 'expected') requireNames('outputs', a.outputs, b.outputs, a, b);
  for (const input of a.inputs) {
    const other = b.inputs.find(({ name }) => name === input.name);
    if (other === undefined || fitsTogether(input, other)) continue;
    throw new GenonnxError('shape', 'The two sides take inputs of different shapes.', {
      where: input.name,
      expected: `${shapeText(input.shape)}, as ${a.label}`,
      found: `${shapeText(other.shape)} for ${b.label}`,
      cure: 'Compare two models of the same network.',
    });
  }
}

const nameOf = ({ name }: InputType): string => name;

function requireNames(
  what: 'inputs' | 'outputs',
  a: readonly string[],
  b: readonly string[],
  sideA: Side,
  sideB: Side,
): void {
  if (a.toSorted().join('\n') === b.toSorted().join('\n')) return;
  throw new GenonnxError('usage', `The two sides have different ${what}.`, {
    expected: `${a.join(', ')}, as ${sideA.label}`,
    found: `${b.join(', ')} for ${sideB.label}`,
    cure: 'Compare two models of the same network, exported with the same names.',
  });
}

/** What is open takes any number. */
function fitsTogether(a: InputType, b: InputType): boolean {
  const fits = a.shape.every((size, axis) => {
    const other = b.shape[axis];
    return typeof size === 'string' || typeof other === 'string' || size === other;
  });
  return fits && a.shape.length === b.shape.length;
}
