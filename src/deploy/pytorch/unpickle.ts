// Python's pickle, read as data: a small stack machine that knows the opcodes of dicts, lists, tuples, numbers and strings,
// as `torch.save` writes them with protocols 2 to 5. Pickle proper calls whatever a file names; here a name is looked up in
// what the caller knows, the caller says what a call of it gives, and a name that it does not know is refused. No code runs.
// Source: CPython, Lib/pickletools.py.
import { GenonnxError } from '../../errors.js';

/** What a pickle holds; `T` stands for what the caller makes of names, calls and references. */
export type PickleValue<T> =
  | null
  | boolean
  | number
  | bigint
  | string
  | PickleValue<T>[]
  | Map<PickleValue<T>, PickleValue<T>>
  | T;

/** What the caller knows. Each may throw a GenonnxError of its own. */
export interface PickleHost<T> {
  /** What a name means; undefined where it means nothing. */
  named(module: string, name: string): T | undefined;
  /** What a call gives. */
  call(callee: PickleValue<T>, args: readonly PickleValue<T>[]): PickleValue<T>;
  /** What lies outside of the pickle, by what it is called there. */
  persistent(id: PickleValue<T>): PickleValue<T>;
}

/**
 * The value of a pickle. Tuples come as arrays, as lists do.
 * @throws GenonnxError `file-corrupt` for anything else; `usage` for a name that the caller does not know.
 */
export function unpickle<T extends object>(
  bytes: Uint8Array,
  host: PickleHost<T>,
  where: string,
): PickleValue<T> {
  return new Machine(bytes, host, where).run();
}

/** Marks the place of the stack where a collection begins. */
const mark = Symbol('mark');

class Machine<T extends object> {
  readonly #view: DataView;
  readonly #stack: (PickleValue<T> | typeof mark)[] = [];
  readonly #memo = new Map<number, PickleValue<T>>();
  #at = 0;

  constructor(
    readonly bytes: Uint8Array,
    readonly host: PickleHost<T>,
    readonly where: string,
  ) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  run(): PickleValue<T> {
    for (;;) {
      const opcode = this.uint8();
      if (opcode === stop) return this.pop();
      const operation = operations[String.fromCharCode(opcode)];
      if (operation === undefined) {
        const found = `0x${opcode.toString(16).padStart(2, '0')} at byte ${this.#at - 1}`;
        throw this.corrupt('opcodes of dicts, lists, tuples, numbers and strings', found);
      }
      operation(this);
    }
  }

  /** Where the next `count` bytes begin. */
  take(count: number): number {
    const begin = this.#at;
    if (begin + count > this.bytes.length)
      throw this.corrupt('a pickle up to its stop', 'one that is cut short');
    this.#at = begin + count;
    return begin;
  }

  uint8(): number {
    return this.#view.getUint8(this.take(1));
  }

  uint16(): number {
    return this.#view.getUint16(this.take(2), true);
  }

  uint32(): number {
    return this.#view.getUint32(this.take(4), true);
  }

  int32(): number {
    return this.#view.getInt32(this.take(4), true);
  }

  /** The only numbers that are big-endian. */
  float64(): number {
    return this.#view.getFloat64(this.take(8), false);
  }

  /** Two's complement, little-endian. */
  long(length: number): number | bigint {
    const begin = this.take(length);
    let value = 0n;
    for (let i = length - 1; i >= 0; i--) value = (value << 8n) | BigInt(this.bytes[begin + i] ?? 0);
    const signed = BigInt.asIntN(8 * length, value);
    const number = Number(signed);
    return Number.isSafeInteger(number) ? number : signed;
  }

  text(length: number): string {
    const begin = this.take(length);
    try {
      return utf8.decode(this.bytes.subarray(begin, begin + length));
    } catch (error) {
      throw this.corrupt('text in UTF-8', `other bytes at ${begin}`, error);
    }
  }

  /** Text up to the end of the line. */
  line(): string {
    const end = this.bytes.indexOf(newline, this.#at);
    if (end < 0) throw this.corrupt('the name of a global', 'one that is cut short');
    const text = this.text(end - this.#at);
    this.take(1);
    return text;
  }

  mark(): void {
    this.#stack.push(mark);
  }

  push(value: PickleValue<T>): void {
    this.#stack.push(value);
  }

  pop(): PickleValue<T> {
    const value = this.#stack.pop();
    if (value === undefined || value === mark) throw this.corrupt('a value', 'an empty stack');
    return value;
  }

  top(): PickleValue<T> {
    const value = this.pop();
    this.#stack.push(value);
    return value;
  }

  /** The uppermost values, the lowest first. */
  popMany(count: number): PickleValue<T>[] {
    return Array.from({ length: count }, () => this.pop()).reverse();
  }

  popToMark(): PickleValue<T>[] {
    const values: PickleValue<T>[] = [];
    for (let value = this.#stack.pop(); value !== mark; value = this.#stack.pop()) {
      if (value === undefined) throw this.corrupt('a collection that was begun', 'none');
      values.push(value);
    }
    return values.reverse();
  }

  append(items: readonly PickleValue<T>[]): void {
    const list = this.top();
    if (!Array.isArray(list)) throw this.corrupt('a list', 'something else');
    for (const item of items) list.push(item);
  }

  setItems(items: readonly PickleValue<T>[]): void {
    const dict = this.top();
    if (!(dict instanceof Map)) throw this.corrupt('a dict', 'something else');
    for (let i = 0; i + 1 < items.length; i += 2) dict.set(items[i] ?? null, items[i + 1] ?? null);
  }

  /** The attributes of an ordered dict say nothing of its entries. */
  skipAttributes(): void {
    this.pop();
    if (!(this.top() instanceof Map)) throw this.corrupt('attributes of a dict', 'those of something else');
  }

  remember(index = this.#memo.size): void {
    this.#memo.set(index, this.top());
  }

  recall(index: number): void {
    const value = this.#memo.get(index);
    if (value === undefined) throw this.corrupt('a value that came before', `number ${index}`);
    this.push(value);
  }

  named(module: PickleValue<T>, name: PickleValue<T>): void {
    if (typeof module !== 'string' || typeof name !== 'string')
      throw this.corrupt('the name of a global', 'something else');
    const known = this.host.named(module, name);
    if (known !== undefined) {
      this.push(known);
      return;
    }
    throw new GenonnxError('usage', 'The file holds more than tensors.', {
      where: this.where,
      expected: 'tensors, numbers and words in dicts and lists',
      found: `${module}.${name}`.slice(0, 120),
      cure: 'Save the tensors alone: torch.save(model.state_dict(), ...).',
    });
  }

  call(): void {
    const [callee = null, args] = this.popMany(2);
    if (!Array.isArray(args)) throw this.corrupt('a tuple of arguments', 'something else');
    this.push(this.host.call(callee, args));
  }

  protocol(): void {
    const protocol = this.uint8();
    if (protocol < 2 || protocol > 5) throw this.corrupt('protocol 2 to 5', `protocol ${protocol}`);
  }

  corrupt(expected: string, found: string, cause?: unknown): GenonnxError {
    const details = {
      where: this.where,
      expected,
      found,
      cure: 'Copy or download the file again, or save it anew with torch.save(model.state_dict(), ...).',
    };
    return new GenonnxError('file-corrupt', 'This is not a pickle that can be read.', details, { cause });
  }
}

const stop = 0x2e;
const newline = 0x0a;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

type Operation = <T extends object>(machine: Machine<T>) => void;

/** By opcode, in the order of pickletools; there each has its name. */
const operations: Readonly<Record<string, Operation>> = {
  J: (m) => m.push(m.int32()),
  K: (m) => m.push(m.uint8()),
  M: (m) => m.push(m.uint16()),
  '\x8a': (m) => m.push(m.long(m.uint8())),
  N: (m) => m.push(null),
  '\x88': (m) => m.push(true),
  '\x89': (m) => m.push(false),
  X: (m) => m.push(m.text(m.uint32())),
  '\x8c': (m) => m.push(m.text(m.uint8())),
  G: (m) => m.push(m.float64()),
  ']': (m) => m.push([]),
  a: (m) => m.append([m.pop()]),
  e: (m) => m.append(m.popToMark()),
  ')': (m) => m.push([]),
  t: (m) => m.push(m.popToMark()),
  '\x85': (m) => m.push(m.popMany(1)),
  '\x86': (m) => m.push(m.popMany(2)),
  '\x87': (m) => m.push(m.popMany(3)),
  '}': (m) => m.push(new Map()),
  s: (m) => m.setItems(m.popMany(2)),
  u: (m) => m.setItems(m.popToMark()),
  '(': (m) => m.mark(),
  h: (m) => m.recall(m.uint8()),
  j: (m) => m.recall(m.uint32()),
  q: (m) => m.remember(m.uint8()),
  r: (m) => m.remember(m.uint32()),
  '\x94': (m) => m.remember(),
  c: (m) => m.named(m.line(), m.line()),
  '\x93': (m) => {
    const [module = null, name = null] = m.popMany(2);
    m.named(module, name);
  },
  R: (m) => m.call(),
  b: (m) => m.skipAttributes(),
  '\x80': (m) => m.protocol(),
  // A frame says how many bytes follow; they are all there already.
  '\x95': (m) => {
    m.take(8);
  },
  Q: (m) => m.push(m.host.persistent(m.pop())),
};
