// A weight or an attribute of a model is changed at random, and validation must name the operation that it belongs to: as
// the model next to the intact file, and next to the interpreter with the intact weights.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Tensor } from '../../../graphs/interpret/interpret.js';
import { decodeModel } from '../../../graphs/onnx/model.js';
import type * as onnx from '../../../graphs/onnx/proto.js';
import { proto } from '../../../graphs/onnx/proto.js';
import { encodeSafetensors } from '../../../graphs/safetensors.js';
import { compileModel } from '../../../src/deploy/compile-model.js';
import { openInterpreterSide } from '../../../src/deploy/sides/interpreter-side.js';
import { type Validation, validatePair } from '../../../src/deploy/validate.js';
import { GenonnxError } from '../../../src/errors.js';
import { openStream, type RandomStream } from '../../../src/random.js';
import { parseGenotype } from '../../../src/spaces/parse.js';
import { freshFolder } from '../../e2e/command.js';
import { caseImages, exportCase } from '../../exporters/export-case.js';

// Every primitive in both kinds of cell, at both strides in the reduction cell.
const edges =
  "[[('sep_conv_3x3', 0), ('max_pool_3x3', 1)], [('dil_conv_3x3', 0), ('skip_connect', 1)], [('sep_conv_5x5', 1), ('avg_pool_3x3', 0)], [('dil_conv_5x5', 2), ('conv_7x1_1x7', 1)], [('sep_conv_7x7', 0), ('skip_connect', 3)]]";
const subject = exportCase(
  parseGenotype(
    `Genotype(normal=${edges}, normal_concat=[2, 3, 4, 5, 6], reduce=${edges}, reduce_concat=[2, 3, 4, 5, 6])`,
  ),
);
const { bytes } = compileModel(subject.bound, { metadata: subject.metadata });
const named = new Map(
  subject.inference.weights.map(({ name, shape }, i) => [
    name,
    { shape, data: subject.data[i] ?? new Float32Array(0) },
  ]),
);
const folder = freshFolder();
const intact = join(folder, 'intact.onnx');
writeFileSync(intact, bytes);

interface Corruption {
  readonly path: string;
  /** The node that computes something else now. */
  readonly node: onnx.INodeProto;
  readonly what: string;
}

type Corrupt = (graph: onnx.IGraphProto, stream: RandomStream) => Omit<Corruption, 'path'>;

let written = 0;

function corrupted(corrupt: Corrupt, stream: RandomStream): Corruption {
  // A decoded model shares its bytes with what it was decoded from.
  const model = decodeModel(Uint8Array.from(bytes));
  if (!model.graph) throw new Error('no graph');
  const corruption = corrupt(model.graph, stream);
  written += 1;
  const path = join(folder, `corrupted-${written}.onnx`);
  writeFileSync(path, proto.ModelProto.encode(model).finish());
  return { path, ...corruption };
}

function oneOf<T>(items: readonly T[], stream: RandomStream): T {
  const item = items[stream.integer(items.length)];
  if (item === undefined) throw new Error('nothing to choose from');
  return item;
}

/** Changes one element of one tensor of floats. */
function weight(change: (old: number, stream: RandomStream) => number): Corrupt {
  return (graph, stream) => {
    const isFloat = ({ dataType }: onnx.ITensorProto): boolean =>
      dataType === proto.TensorProto.DataType.FLOAT;
    const target = oneOf((graph.initializer ?? []).filter(isFloat), stream);
    const raw = target.rawData ?? new Uint8Array(0);
    const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
    const at = 4 * stream.integer(raw.byteLength / 4);
    view.setFloat32(at, change(view.getFloat32(at, true), stream), true);
    const node = graph.node?.find(({ input }) => input?.includes(target.name ?? ''));
    if (!node) throw new Error(`nothing reads ${target.name}`);
    return { node, what: `${target.name}[${at / 4}]` };
  };
}

/** Attributes that change results; most other values of `group`, and those of `transB`, no runtime loads. */
const attributeNames = [
  'pads',
  'strides',
  'dilations',
  'kernel_shape',
  'axis',
  'epsilon',
  'count_include_pad',
];

/** Changes one attribute of one node to another value that it could have. */
const attribute: Corrupt = (graph, stream) => {
  const wanted = oneOf(attributeNames, stream);
  const candidates = (graph.node ?? []).flatMap((node) =>
    (node.attribute ?? []).filter(({ name }) => name === wanted).map((value) => ({ node, value })),
  );
  const { node, value } = oneOf(candidates, stream);
  const { AttributeType } = proto.AttributeProto;
  if (value.type === AttributeType.FLOAT) value.f = (value.f ?? 0) * 1e5;
  else if (value.type === AttributeType.INT) value.i = 1 - Number(value.i);
  else {
    const old = (value.ints ?? []).map(Number);
    const at = stream.integer(old.length);
    // Pads move from one side to the other, which keeps the shape; the rest grows or shrinks by one.
    const opposite = wanted === 'pads' ? (at + 2) % 4 : -1;
    const step = wanted === 'pads' || old[at] === 1 || stream.integer(2) === 0 ? 1 : -1;
    value.ints = old.map((n, i) => (i === at ? n + step : i === opposite ? Math.max(n - step, 0) : n));
  }
  return { node, what: `${wanted} of ${node.name}` };
};

function placeOf({ node }: Corruption): string {
  const name = node.name ?? '';
  return name.slice(0, name.lastIndexOf('/'));
}

/** Whether the report names the operation, and the very value that its node makes or goes into. */
function expectNamed(validation: Validation, corruption: Corruption): void {
  const { what, node } = corruption;
  expect(validation.ok, what).toBe(false);
  const { firstDeparture: departure } = validation;
  expect(departure?.path, what).toBe(placeOf(corruption));
  const { sides } = validation;
  if (sides.every(({ kind }) => kind !== 'interpreter'))
    expect(node.output, what).toContain(departure?.value);
  expect(validation.summary).toContain(`${departure?.operation} at ${placeOf(corruption)}`);
}

/** Tries corruptions until `count` of them change the outputs; `named` judges each of those. */
async function tryCorruptions(
  corrupt: Corrupt,
  seed: number,
  count: number,
  validate: (path: string) => Promise<Validation>,
): Promise<{ readonly unnoticed: readonly string[]; readonly refused: readonly string[] }> {
  const stream = openStream(seed, 'corruptions');
  const unnoticed: string[] = [];
  const refused: string[] = [];
  let seen = 0;
  for (let tried = 0; seen < count; tried++) {
    expect(tried, `refused: ${refused.join()}; unnoticed: ${unnoticed.join()}`).toBeLessThan(5 * count);
    const corruption = corrupted(corrupt, stream);
    try {
      const validation = await validate(corruption.path);
      if (validation.ok) unnoticed.push(corruption.what);
      else {
        expectNamed(validation, corruption);
        seen += 1;
      }
    } catch (error) {
      if (!(error instanceof GenonnxError)) throw error;
      expect(['model-corrupt', 'shape'], error.message).toContain(error.code);
      refused.push(corruption.what);
    }
  }
  return { unnoticed, refused };
}

const againstIntact = (path: string): Promise<Validation> =>
  validatePair({ a: { kind: 'node', path }, b: { kind: 'node', path: intact }, batches: [2] });
const againstInterpreter = (path: string): Promise<Validation> =>
  validatePair({ a: { kind: 'node', path }, batches: [2], weights: named });

describe('the operation at fault is named', { timeout: 180_000 }, () => {
  it('for an intact file: none', async () => {
    for (const validate of [againstIntact, againstInterpreter]) {
      const validation = await validate(intact);
      expect(validation.ok).toBe(true);
      expect(validation.firstDeparture).toBeUndefined();
    }
  });

  it.each([
    ['another model', againstIntact, 1],
    ['the interpreter', againstInterpreter, 2],
  ])('for 10 large changes of a weight, against %s', async (_, validate, seed) => {
    const { unnoticed, refused } = await tryCorruptions(
      weight((old) => old + 30),
      seed,
      10,
      validate,
    );
    expect(refused).toEqual([]);
    // Behind a ReLU that lets nothing through, a weight changes nothing.
    expect(unnoticed.length, unnoticed.join()).toBeLessThan(5);
  });

  it.each([
    ['another model', againstIntact, 3],
    ['the interpreter', againstInterpreter, 4],
  ])('for 5 small changes of a weight, against %s', async (_, validate, seed) => {
    await tryCorruptions(
      weight((old, stream) => old * (1 + 0.5 * stream.uniform())),
      seed,
      5,
      validate,
    );
  });

  it.each([
    ['another model', againstIntact, 5],
    ['the interpreter', againstInterpreter, 6],
  ])('for 10 changes of an attribute, against %s', async (_, validate, seed) => {
    await tryCorruptions(attribute, seed, 10, validate);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])('for weights that are %s', async (value) => {
    for (const validate of [againstIntact, againstInterpreter])
      await tryCorruptions(
        weight(() => value),
        7,
        5,
        validate,
      );
  });

  it('where the file itself holds NaN and the interpreter uses it', async () => {
    const corruption = corrupted(
      weight(() => Number.NaN),
      openStream(8, 'corruptions'),
    );
    const validation = await validatePair({ a: { kind: 'node', path: corruption.path }, batches: [1] });
    expectNamed(validation, corruption);
    expect(validation.comparisons[0]?.difference).toBe(Number.POSITIVE_INFINITY);
    expect(validation.comparisons[0]?.topOneAgreement).toBe(0);
  });

  it('against expected outputs, where they hold values on the way or the interpreter knows better', async () => {
    const { trace, run } = await openInterpreterSide(intact);
    const feeds = new Map([['images', caseImages(subject, 2)]]);
    const store = (values: ReadonlyMap<string, Tensor>): string => {
      const path = join(freshFolder(), 'expected.safetensors');
      const stored = [...feeds, ...values].map(
        ([name, value]) => [name, { dtype: 'F64', ...value }] as const,
      );
      writeFileSync(path, encodeSafetensors(stored));
      return path;
    };
    const outputs = store(await run(feeds));
    const everything = store((await trace?.values(feeds)) ?? new Map());
    const validate = (path: string, expected: string): Promise<Validation> =>
      validatePair({ a: { kind: 'node', path }, b: { kind: 'expected', path: expected } });
    for (const expected of [outputs, everything]) expect((await validate(intact, expected)).ok).toBe(true);

    const changedWeight = corrupted(
      (graph) => {
        const node = graph.node?.find(({ name }) => name?.startsWith('stem/conv'));
        const raw = graph.initializer?.find(({ name }) => name === 'stem/conv/weight')?.rawData;
        if (!node || !raw) throw new Error('no stem');
        raw.set(new Uint8Array(Float32Array.of(30).buffer));
        return { node, what: 'stem' };
      },
      openStream(0, 'none'),
    );
    expectNamed(await validate(changedWeight.path, everything), changedWeight);
    // The interpreter believes the weights in the file: nobody can say here which one is wrong.
    const unnamed = await validate(changedWeight.path, outputs);
    expect(unnamed.ok).toBe(false);
    expect(unnamed.firstDeparture).toBeUndefined();

    const changedAttribute = corrupted(
      (graph) => {
        const node = graph.node?.find(({ opType }) => opType === 'AveragePool');
        const value = node?.attribute?.find(({ name }) => name === 'count_include_pad');
        if (!node || !value) throw new Error('no average pool');
        value.i = 1;
        return { node, what: 'count_include_pad' };
      },
      openStream(0, 'none'),
    );
    for (const expected of [outputs, everything])
      expectNamed(await validate(changedAttribute.path, expected), changedAttribute);
  });
});
