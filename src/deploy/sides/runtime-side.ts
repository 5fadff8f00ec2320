// A model file on one of the two ONNX Runtimes, ours or a stranger's.
import type { Precision } from '../../../graphs/onnx/emitter.js';
import type * as onnx from '../../../graphs/onnx/proto.js';
import { proto } from '../../../graphs/onnx/proto.js';
import { sameShape } from '../../../graphs/shapes.js';
import { GenonnxError } from '../../errors.js';
import { readWholeModel, wholeModelBytes } from '../model-file.js';
import { inputTypes } from './inputs.js';
import { networkPlaces } from './network-places.js';
import {
  openSession,
  pick,
  type RuntimeKind,
  type RuntimeValue,
  runtimeNames,
  typedFeeds,
} from './runtimes.js';
import type { InputType, Side, Trace, TracedOperation, Values } from './side.js';
import {
  type GivenValue,
  recomputedName,
  valuesMade,
  withEveryOutput,
  withGivenValues,
} from './traced-model.js';

/** @throws GenonnxError `file-missing`, `model-corrupt`; `usage` for inputs that noise cannot fill. */
export async function openRuntimeSide(kind: RuntimeKind, path: string): Promise<Side> {
  const model = await readWholeModel(path);
  const inputs = inputTypes(model, path);
  const outputs = (model.graph?.output ?? []).map(({ name }) => name ?? '');
  const session = await openSession({
    kind,
    // A path, so that weights beside the file are found, however many there are.
    model: kind === 'node' ? path : await wholeModelBytes(path, model),
    where: path,
    optimized: true,
  });
  return {
    kind,
    path,
    label: `${runtimeNames[kind]} on ${path}`,
    precision: precisionOf(model),
    inputs,
    outputs,
    run: async (feeds) => pick(await session.run(typedFeeds(feeds, inputs)), outputs),
    trace: traceOf(kind, path, model, inputs),
    release: () => session.release(),
  };
}

/** Whether anything is rounded to float16 inside. */
function precisionOf({ graph }: onnx.ModelProto): Precision {
  const { FLOAT16 } = proto.TensorProto.DataType;
  const isHalf =
    (graph?.initializer ?? []).some(({ dataType }) => dataType === FLOAT16) ||
    (graph?.node ?? []).some(
      ({ opType, attribute }) =>
        opType === 'Cast' && (attribute ?? []).some(({ name, i }) => name === 'to' && Number(i) === FLOAT16),
    );
  return isHalf ? 'float16' : 'float32';
}

function traceOf(
  kind: RuntimeKind,
  path: string,
  model: onnx.ModelProto,
  inputs: readonly InputType[],
): Trace {
  const once = async (
    bytes: Uint8Array,
    what: string,
    feeds: Values,
  ): Promise<ReadonlyMap<string, RuntimeValue>> => {
    const where = `${path}, ${what}`;
    const session = await openSession({ kind, model: bytes, where, optimized: false });
    try {
      return await session.run(typedFeeds(feeds, inputs));
    } finally {
      await session.release();
    }
  };
  const values = (feeds: Values): Promise<ReadonlyMap<string, RuntimeValue>> =>
    once(
      encodedOnce(() => withEveryOutput(model), path),
      'with every value as an output',
      feeds,
    );
  return {
    operations: async () => operationsOf(model, path),
    values,
    async recomputed(feeds, given) {
      const own = await values(feeds);
      const { given: types, values: replaced } = givenValues(own, given);
      const results = await once(
        encodedOnce(() => withGivenValues(model, types), path),
        'with every value as an input',
        new Map([...feeds, ...replaced]),
      );
      return new Map(
        valuesMade(model).flatMap((name) => {
          const value = results.get(replaced.has(name) ? recomputedName(name) : name);
          return value === undefined ? [] : [[name, value] as const];
        }),
      );
    },
  };
}

/** Floats that both sides have in the same shape, in the type that this model has them in. */
function givenValues(
  own: ReadonlyMap<string, RuntimeValue>,
  given: Values,
): { given: GivenValue[]; values: ReadonlyMap<string, RuntimeValue> } {
  const { FLOAT, FLOAT16 } = proto.TensorProto.DataType;
  const types: GivenValue[] = [];
  const values = new Map<string, RuntimeValue>();
  for (const [name, { shape, type }] of own) {
    const value = given.get(name);
    if (value === undefined || !sameShape(value.shape, shape)) continue;
    if (type !== 'float32' && type !== 'float16') continue;
    types.push({ name, shape, elementType: type === 'float16' ? FLOAT16 : FLOAT });
    values.set(name, { ...value, type });
  }
  return { given: types, values };
}

/** @throws GenonnxError `usage` for a model that no protobuf message holds, which ends at 2 GiB. */
function encodedOnce(encode: () => Uint8Array, where: string): Uint8Array {
  try {
    return encode();
  } catch (error) {
    throw new GenonnxError(
      'usage',
      'This model is too large to be looked into.',
      { where, expected: 'less than 2 GiB', cure: 'Compare a smaller network of the same genotype.' },
      { cause: error },
    );
  }
}

function operationsOf(model: onnx.ModelProto, path: string): TracedOperation[] {
  const place = networkPlaces(model, path);
  const nodes = model.graph?.node ?? [];
  const readers = readersIn(nodes);
  return nodes.flatMap(({ opType, name, input, output }) =>
    (output ?? [])
      .filter((value) => value !== '')
      .map((value) => ({
        value,
        ...place({ value, node: name || value, operator: opType ?? '' }),
        operands: input ?? [],
        form: `${opType} of ${(input ?? []).length}, for ${readers(value).toSorted().join()}`,
      })),
  );
}

/**
 * The operators that read a value. A concatenation is looked through: the halves of a reduction are scaled where the norm
 * behind their concatenation is folded.
 */
function readersIn(nodes: readonly onnx.INodeProto[]): (value: string) => string[] {
  const direct = new Map<string, Set<onnx.INodeProto>>();
  for (const node of nodes) {
    for (const value of node.input ?? []) {
      const known = direct.get(value) ?? new Set();
      direct.set(value, known.add(node));
    }
  }
  const found = new Map<string, string[]>();
  const readers = (value: string): string[] => {
    const known = found.get(value);
    if (known !== undefined) return known;
    const operators = [...(direct.get(value) ?? [])].flatMap(({ opType, output }) =>
      opType === 'Concat' ? (output ?? []).flatMap(readers) : (opType ?? ''),
    );
    const distinct = [...new Set(operators)];
    found.set(value, distinct);
    return distinct;
  };
  return readers;
}
