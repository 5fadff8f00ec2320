// What a rule sees while a graph is lowered: where to write, and what each value stands for by now: a node, or data that
// is known and that the rule may rearrange before it is written.
import { GenonnxError } from '../../graphs/errors.js';
import type { Node, OperationName, Value } from '../../graphs/ir.js';
import { type Data, storedData } from './layout.js';
import type { GraphWriter } from './writer.js';

/** A weight or constant, in the order of the graph. */
export interface Known extends Data {
  readonly name: string;
}

/** The name of the node that yields a value, or its data. */
export type Operand = string | Known;

export type Rule<K extends OperationName> = (node: Node<K>, lowering: Lowering) => Operand;

export class Lowering {
  readonly #operands = new Map<Value, Operand>();
  readonly #written = new Map<Known, Map<string, string>>();

  constructor(readonly writer: GraphWriter) {}

  place(value: Value, operand: Operand): void {
    this.#operands.set(value, operand);
  }

  /** The node that yields a value in stored layout: data is written as a weight. */
  name(value: Value): string {
    const operand = this.#operand(value);
    return typeof operand === 'string' ? operand : this.rearranged(operand, 'stored', storedData);
  }

  /** What is known of a value: its data, or undefined when it is calculated. */
  dataOf(value: Value): Known | undefined {
    const operand = this.#operand(value);
    return typeof operand === 'string' ? undefined : operand;
  }

  /** @throws GenonnxError `graph` when the value is only known when the model runs. */
  known(value: Value, { op, path }: Node): Known {
    const operand = this.#operand(value);
    if (typeof operand !== 'string') return operand;
    throw new GenonnxError('graph', `TensorFlow.js cannot run this ${op}.`, {
      where: path,
      expected: 'an input that is a weight or a constant',
      found: `${operand}, which is calculated`,
      cure: 'Bind the value to a weight before the export.',
    });
  }

  /** Writes known data in another arrangement, once for each. */
  rearranged(known: Known, arrangement: string, rearrange: (known: Data) => Data): string {
    const byArrangement = this.#written.get(known) ?? new Map<string, string>();
    this.#written.set(known, byArrangement);
    const found = byArrangement.get(arrangement);
    if (found !== undefined) return found;
    const name = this.writer.weight(known.name, rearrange(known));
    byArrangement.set(arrangement, name);
    return name;
  }

  #operand(value: Value): Operand {
    const found = this.#operands.get(value);
    if (found !== undefined) return found;
    throw new GenonnxError('graph', 'A value is used before it is made.', { where: value.path });
  }
}

/** An input or output by its position. */
export function valueAt(values: readonly Value[], index: number): Value {
  const value = values[index];
  if (value === undefined) throw new RangeError(`value ${index}`);
  return value;
}
