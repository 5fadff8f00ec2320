// Which sides can be compared, which cannot, and what they are called.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { afterEach, describe, expect, it } from 'vitest';
import { type Tensor, tensor } from '../../../graphs/interpret/interpret.js';
import type { Precision } from '../../../graphs/onnx/emitter.js';
import type * as onnx from '../../../graphs/onnx/proto.js';
import { proto } from '../../../graphs/onnx/proto.js';
import { foldBatchNorm } from '../../../graphs/passes/fold-batch-norm.js';
import { encodeSafetensors, type SafeTensor } from '../../../graphs/safetensors.js';
import { operationTolerance, outputTolerance, worstElement } from '../../../src/deploy/compare.js';
import { compileModel } from '../../../src/deploy/compile-model.js';
import { inputTypes } from '../../../src/deploy/sides/inputs.js';
import { cellPlace } from '../../../src/deploy/sides/network-places.js';
import { openSides } from '../../../src/deploy/sides/open.js';
import type { SideKind } from '../../../src/deploy/sides/side.js';
import { parseSide, sidePair } from '../../../src/deploy/sides/side-names.js';
import { validatePair } from '../../../src/deploy/validate.js';
import { GenonnxError } from '../../../src/errors.js';
import { metadataOf } from '../../../src/networks/metadata.js';
import { zooEntry } from '../../../src/spaces/zoo.js';
import { freshFolder } from '../../e2e/command.js';
import { caseImages, exportCase } from '../../exporters/export-case.js';

const folder = freshFolder();

function write(name: string, bytes: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

const stem = 'stem/conv/weight';

type Case = ReturnType<typeof exportCase>;

/** A compiled model; nine weights of the one that is named by `change` are other ones. */
function modelOf(
  subject: Case,
  name: string,
  {
    fold = false,
    precision = 'float32',
    change = '',
  }: { fold?: boolean; precision?: Precision; change?: string } = {},
): string {
  const weights = new Map(
    [...subject.bound.weights].map(([value, weight]) => {
      const data = weight.name === change ? weight.data.map((x, i) => (i < 9 ? 5 - x : x)) : weight.data;
      return [value, { ...weight, data }];
    }),
  );
  const bound = { graph: subject.bound.graph, weights };
  const metadata = metadataOf({
    network: subject.network,
    toolVersion: '0',
    optimization: fold ? 'fold' : 'none',
    precision,
    cost: { parameters: 1, macs: 1 },
  });
  return write(
    name,
    compileModel(fold ? foldBatchNorm(bound) : bound, {
      precision,
      metadata,
    }).bytes,
  );
}

const subject = exportCase(zooEntry('DATA_M4').genotype);
const model = modelOf(subject, 'model.onnx');

interface Foreign {
  readonly input?: onnx.ITypeProto;
  readonly nodes?: readonly onnx.INodeProto[];
  readonly initializers?: readonly onnx.ITensorProto[];
  readonly output?: string;
}

const { FLOAT, INT64, STRING } = proto.TensorProto.DataType;

function floats(shape: readonly (number | string)[], elemType: number = FLOAT): onnx.ITypeProto {
  const dim = shape.map((size) =>
    typeof size === 'number' ? { dimValue: size } : size === '' ? {} : { dimParam: size },
  );
  return { tensorType: { elemType, shape: { dim } } };
}

/** y = relu(x) * w + x, by somebody else. */
function foreign(
  name: string,
  { input = floats(['n', 3]), nodes, initializers, output = 'y' }: Foreign = {},
) {
  const factors = (data: readonly number[]): onnx.ITensorProto => ({
    name: 'w',
    dataType: FLOAT,
    dims: [data.length],
    rawData: new Uint8Array(Float32Array.from(data).buffer),
  });
  const bytes = proto.ModelProto.encode({
    irVersion: 8,
    opsetImport: [{ domain: '', version: 17 }],
    graph: {
      name: 'foreign',
      node: [
        ...(nodes ?? [
          { opType: 'Relu', name: 'first', input: ['x'], output: ['r'] },
          { opType: 'Mul', name: 'second', input: ['r', 'w'], output: ['m'] },
          { opType: 'Add', input: ['m', 'x'], output: [output] },
        ]),
      ],
      input: [{ name: 'x', type: input }],
      output: [{ name: output }],
      initializer: [...(initializers ?? [factors([1, 2, 3])])],
    },
  }).finish();
  return write(name, bytes);
}

async function refusal(promise: Promise<unknown>): Promise<GenonnxError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof GenonnxError) return error;
    throw error;
  }
  throw new Error('accepted');
}

describe('names of sides', () => {
  const here = process.cwd();
  afterEach(() => process.chdir(here));

  it('have a prefix, or the kind that the file suggests', () => {
    expect(parseSide('m.onnx')).toEqual({ kind: 'node', path: 'm.onnx' });
    expect(parseSide('node:m.onnx')).toEqual({ kind: 'node', path: 'm.onnx' });
    expect(parseSide('web:m.onnx')).toEqual({ kind: 'web', path: 'm.onnx' });
    expect(parseSide('interpreter:a:b.onnx')).toEqual({ kind: 'interpreter', path: 'a:b.onnx' });
    expect(parseSide('expected:values')).toEqual({ kind: 'expected', path: 'values' });
    expect(parseSide('values.safetensors')).toEqual({ kind: 'expected', path: 'values.safetensors' });
  });

  it('take neither a drive nor an unknown word nor an existing file for a prefix', () => {
    expect(parseSide('C:\\models\\m.onnx')).toEqual({ kind: 'node', path: 'C:\\models\\m.onnx' });
    expect(parseSide('other:m.onnx')).toEqual({ kind: 'node', path: 'other:m.onnx' });
    process.chdir(folder);
    writeFileSync('web:odd.onnx', '');
    expect(parseSide('web:odd.onnx')).toEqual({ kind: 'node', path: 'web:odd.onnx' });
    expect(parseSide('web:web:odd.onnx')).toEqual({ kind: 'web', path: 'web:odd.onnx' });
  });

  it('refuse a prefix alone', () => {
    expect(() => parseSide('web:')).toThrow(GenonnxError);
  });

  it.each([
    ['node', 'interpreter'],
    ['web', 'interpreter'],
    ['interpreter', 'node'],
  ] as const)('%s alone is compared with %s', (kind: SideKind, other: SideKind) => {
    expect(sidePair({ kind, path: 'm' }, undefined)[1]).toEqual({ kind: other, path: 'm' });
  });

  it('expected outputs are not compared with nothing, nor with others', () => {
    const expected = { kind: 'expected', path: 'e' } as const;
    expect(() => sidePair(expected, undefined)).toThrow(GenonnxError);
    expect(() => sidePair(expected, expected)).toThrow(GenonnxError);
  });
});

describe('places in a network', () => {
  it.each([
    ['cells.12/node2/5.sep_conv_3x3@1/first/norm', { cell: 12, node: 2, edge: '5.sep_conv_3x3@1' }],
    ['cells.3/node0', { cell: 3, node: 0, edge: null }],
    ['cells.3/preprocess0/norm', { cell: 3, node: null, edge: null }],
    ['stem/conv', { cell: null, node: null, edge: null }],
    ['', { cell: null, node: null, edge: null }],
  ])('%s', (path, place) => {
    expect(cellPlace(path)).toEqual(place);
  });

  it('are those of every edge of a compiled model', async () => {
    const changed = modelOf(subject, 'changed.onnx', { change: stem });
    const { firstDeparture } = await validatePair({
      a: { kind: 'node', path: changed },
      b: { kind: 'node', path: model },
    });
    expect(firstDeparture).toMatchObject({ path: 'stem/conv', operation: 'conv2d', cell: null });
    expect(firstDeparture?.position).toHaveLength(4);
    expect(firstDeparture?.unseen).toEqual([]);
  });
});

describe('models of one network', () => {
  it.each([
    ['node', 'web'],
    ['web', 'node'],
    ['web', 'interpreter'],
    ['interpreter', 'interpreter'],
  ] as const)('agree: %s and %s', async (a, b) => {
    const validation = await validatePair({ a: { kind: a, path: model }, b: { kind: b, path: model } });
    expect(validation.ok, validation.summary).toBe(true);
    expect(validation.sides.map(({ kind, isReference }) => [kind, isReference])).toEqual([
      [a, false],
      [b, true],
    ]);
    expect(validation.comparisons.map(({ batch }) => batch)).toEqual([1, 2]);
  });

  it('have the interpreter as the reference, wherever it stands', async () => {
    const { sides } = await validatePair({ a: { kind: 'interpreter', path: model } });
    expect(sides.map(({ isReference }) => isReference)).toEqual([true, false]);
  });

  it.each(['web', 'interpreter'] as const)('that differ are told apart on %s', async (kind) => {
    const changed = modelOf(subject, 'changed.onnx', { change: stem });
    const { ok, firstDeparture } = await validatePair({
      a: { kind, path: changed },
      b: { kind, path: model },
    });
    expect(ok).toBe(false);
    expect(firstDeparture?.path).toBe('stem/conv');
  });

  it('agree whether their batch norms are folded or not, and the difference is named across', async () => {
    const folded = modelOf(subject, 'folded.onnx', { fold: true });
    for (const b of ['node', 'interpreter'] as const) {
      const validation = await validatePair({
        a: { kind: 'node', path: folded },
        b: { kind: b, path: folded },
      });
      expect(validation.ok, validation.summary).toBe(true);
    }
    const whole = { kind: 'node', path: model } as const;
    expect((await validatePair({ a: { kind: 'node', path: folded }, b: whole })).ok).toBe(true);
    const changed = modelOf(subject, 'changed.onnx', { fold: true, change: stem });
    const { ok, firstDeparture, summary } = await validatePair({
      a: { kind: 'node', path: changed },
      b: whole,
    });
    expect(ok).toBe(false);
    // The stem's convolution and its norm are one operation there: what reads them is the first that both have.
    expect(firstDeparture?.path).toBe('cells.0/preprocess0');
    expect(firstDeparture?.unseen).toEqual([
      { path: 'stem/conv', operation: 'conv2d' },
      { path: 'stem/norm', operation: 'batchNormInference' },
    ]);
    expect(summary).toContain('conv2d at stem/conv and 1 more before it');
    // What folding has changed on the way (convolutions, the halves of a reduction) is not blamed.
    const late = modelOf(subject, 'late.onnx', { fold: true, change: 'linear/weight' });
    const atTheEnd = await validatePair({ a: { kind: 'node', path: late }, b: whole });
    expect(atTheEnd.firstDeparture).toMatchObject({ path: 'linear', operation: 'matMul', unseen: [] });
  });

  it('find wrong weights in a folded model too, and accept right ones', async () => {
    const weights = namedOf(subject);
    const right = modelOf(subject, 'folded.onnx', { fold: true });
    expect((await validatePair({ a: { kind: 'node', path: right }, weights })).ok).toBe(true);
    const changed = modelOf(subject, 'changed.onnx', { fold: true, change: stem });
    const { ok, firstDeparture } = await validatePair({ a: { kind: 'node', path: changed }, weights });
    expect(ok).toBe(false);
    expect(firstDeparture?.path).toMatch(/^stem\//);
  });

  it.each(['node', 'web', 'interpreter'] as const)('are judged operation by operation: %s', async (kind) => {
    const changed = modelOf(subject, 'changed.onnx', { change: stem });
    const [found, reference] = await openSides(
      [
        { kind: 'node', path: changed },
        { kind, path: model },
      ],
      undefined,
    );
    const feeds = new Map([['images', caseImages(subject, 1)]]);
    const values = (await found.trace?.values(feeds)) ?? new Map<string, Tensor>();
    const recomputed = (await reference.trace?.recomputed(feeds, values)) ?? new Map<string, Tensor>();
    await Promise.all([found.release(), reference.release()]);
    // Everything behind the stem differs between the two models; but only the stem computes something else.
    const departing = [...recomputed].filter(([name, expected]) => {
      const value = values.get(name);
      return value !== undefined && worstElement(expected, value, operationTolerance.float32).ofTolerance > 1;
    });
    expect(departing.map(([name]) => name)).toEqual(['stem/conv/Conv']);
    expect(recomputed.size).toBeGreaterThan(50);
  });

  it('in float16 have a wider tolerance by default, which is said, and another only when asked for', async () => {
    const half = modelOf(subject, 'half.onnx', { precision: 'float16' });
    const a = { kind: 'node', path: half } as const;
    const validation = await validatePair({ a });
    expect(validation.ok, validation.summary).toBe(true);
    expect(validation.precision).toBe('float16');
    expect(validation.tolerance).toEqual(outputTolerance.float16);
    expect(validation.summary).toContain('that for float16');
    const strict = await validatePair({ a, tolerance: { relative: 1e-6, absolute: 1e-9 } });
    expect(strict.ok).toBe(false);
    expect(strict.tolerance).toEqual({ relative: 1e-6, absolute: 1e-9 });
    expect(strict.summary).not.toContain('that for float16');
    expect(strict.firstDeparture).toBeUndefined();
    const changed = modelOf(subject, 'changed.onnx', { precision: 'float16', change: stem });
    for (const b of [undefined, { kind: 'node', path: model } as const]) {
      const named = await validatePair({
        a: { kind: 'node', path: changed },
        ...(b === undefined ? { weights: namedOf(subject) } : { b }),
      });
      expect(named.firstDeparture?.path).toBe('stem/conv');
    }
  });

  it('with a fixed batch are run with that alone', async () => {
    const fixed = exportCase(zooEntry('DATA_M4').genotype, { batch: 3 });
    const path = modelOf(fixed, 'fixed.onnx');
    const alone = await validatePair({ a: { kind: 'node', path }, batches: [1, 2] });
    expect(alone.comparisons.map(({ batch }) => batch)).toEqual([3]);
    const pair = await validatePair({ a: { kind: 'node', path: model }, b: { kind: 'node', path } });
    expect(pair.ok).toBe(true);
    expect(pair.comparisons.map(({ batch }) => batch)).toEqual([3]);
    const other = modelOf(exportCase(zooEntry('DATA_M4').genotype, { batch: 2 }), 'two.onnx');
    const error = await refusal(
      validatePair({ a: { kind: 'node', path: other }, b: { kind: 'node', path } }),
    );
    expect(error.code).toBe('shape');
  });

  it('are not compared with more images than make sense', async () => {
    const enough = await refusal(validatePair({ a: { kind: 'node', path: model }, batches: [1, 4097] }));
    expect(enough.code).toBe('usage');
    expect(enough.message).toContain('4096');
  });

  it('refuse weights where nobody interprets', async () => {
    const a = { kind: 'node', path: model } as const;
    expect((await refusal(validatePair({ a, b: { ...a, kind: 'web' }, weights: new Map() }))).code).toBe(
      'usage',
    );
    expect((await refusal(validatePair({ a, weights: new Map() }))).code).toBe('weights-mismatch');
  });
});

function namedOf({ inference, data }: Case) {
  return new Map(
    inference.weights.map(({ name, shape }, i) => [name, { shape, data: data[i] ?? new Float32Array(0) }]),
  );
}

describe('models of different networks', () => {
  const a = { kind: 'node', path: model } as const;

  it.each([
    [
      'other images',
      exportCase(zooEntry('DATA_M4').genotype, { image: { channels: 3, height: 32, width: 32 } }),
    ],
    ['other classes', exportCase(zooEntry('DATA_M4').genotype, { classes: 6 })],
  ])('of %s: the shapes differ', async (name, other) => {
    const path = modelOf(other, 'other.onnx');
    const error = await refusal(validatePair({ a, b: { kind: 'node', path } }));
    expect(error.code, name).toBe('shape');
    expect(error.details.expected).toMatch(/\[/);
    expect(error.details.found).toMatch(/\[/);
  });

  it('with other inputs or outputs: the names are given', async () => {
    const b = { kind: 'node', path: foreign('foreign.onnx') } as const;
    const inputs = await refusal(validatePair({ a, b }));
    expect(inputs.code).toBe('usage');
    expect(inputs.message).toContain('images');
    expect(inputs.message).toContain('x for');
    const z = { kind: 'node', path: foreign('z.onnx', { output: 'z' }) } as const;
    const outputs = await refusal(validatePair({ a: b, b: z }));
    expect(outputs.message).toContain('different outputs');
  });
});

describe('models of others', () => {
  it('run on both runtimes, with any batch, and are compared node by node', async () => {
    const path = foreign('foreign.onnx');
    const same = await validatePair({ a: { kind: 'web', path }, b: { kind: 'node', path }, batches: [1, 5] });
    expect(same.ok).toBe(true);
    const w = {
      name: 'w',
      dataType: FLOAT,
      dims: [3],
      rawData: new Uint8Array(Float32Array.of(1, 2, 9).buffer),
    };
    const changed = foreign('changed-foreign.onnx', { initializers: [w] });
    const { firstDeparture, comparisons } = await validatePair({
      a: { kind: 'web', path: changed },
      b: { kind: 'node', path },
      batches: [4],
    });
    expect(firstDeparture).toMatchObject({
      path: 'second',
      operation: 'Mul',
      value: 'm',
      cell: null,
      edge: null,
    });
    const { expected, found, position } = firstDeparture ?? {};
    expect((found ?? 0) / (expected ?? 1)).toBeCloseTo(3, 5);
    expect(position?.[1]).toBe(2);
    expect(comparisons[0]?.position).toEqual(position);
  });

  it('are named by what a node makes where it has no name, and are told apart by shape', async () => {
    const nodes = (axis: number): onnx.INodeProto[] => [
      { opType: 'Concat', input: ['x', 'x'], output: ['c'], attribute: [{ name: 'axis', type: 2, i: axis }] },
      {
        opType: 'ReduceMax',
        input: ['c'],
        output: ['y'],
        attribute: [{ name: 'keepdims', type: 2, i: 0 }],
      },
    ];
    const [one, two] = [1, 2].map((axis) =>
      foreign(`concat-${axis}.onnx`, { input: floats(['n', 2, 2]), nodes: nodes(axis), initializers: [] }),
    );
    // The same maximum: the outputs agree, so nothing is looked for.
    const { ok } = await validatePair({
      a: { kind: 'node', path: one ?? '' },
      b: { kind: 'node', path: two ?? '' },
    });
    expect(ok).toBe(true);
    const changed = nodes(2);
    for (const node of changed) if (node.opType === 'ReduceMax') node.opType = 'ReduceSum';
    const three = foreign('concat-3.onnx', { input: floats(['n', 2, 2]), nodes: changed, initializers: [] });
    const { firstDeparture, summary } = await validatePair({
      a: { kind: 'node', path: three },
      b: { kind: 'node', path: one ?? '' },
    });
    // Its reader changed too, so that the concatenation counts as another value.
    expect(firstDeparture).toBeUndefined();
    expect(summary).toContain('no single operation');
  });

  it('with another shape inside say both shapes', async () => {
    const nodes = (axis: number): onnx.INodeProto[] => [
      { opType: 'Concat', input: ['x', 'x'], output: ['c'], attribute: [{ name: 'axis', type: 2, i: axis }] },
      { opType: 'Shape', input: ['c'], output: ['s'] },
      { opType: 'Cast', input: ['s'], output: ['f'], attribute: [{ name: 'to', type: 2, i: FLOAT }] },
      { opType: 'Add', input: ['f', 'f'], output: ['y'] },
    ];
    const [one = '', two = ''] = [1, 2].map((axis) =>
      foreign(`shape-${axis}.onnx`, { input: floats(['n', 2, 2]), nodes: nodes(axis), initializers: [] }),
    );
    const { firstDeparture, summary } = await validatePair({
      a: { kind: 'node', path: one },
      b: { kind: 'node', path: two },
      batches: [1],
    });
    expect(firstDeparture).toMatchObject({ path: 'c', operation: 'Concat' });
    expect(firstDeparture?.shapes).toEqual({ expected: [1, 2, 4], found: [1, 4, 2] });
    expect(summary).toContain('[1, 4, 2], not [1, 2, 4]');
  });

  it('are refused by the interpreter', async () => {
    const path = foreign('foreign.onnx');
    const error = await refusal(validatePair({ a: { kind: 'node', path } }));
    expect(error.code).toBe('foreign-model');
    expect(error.message).toContain('genonnx compiled');
  });

  it.each([
    ['integers', floats(['n', 3], INT64), 'float32'],
    ['an open extent', floats(['n', 'length']), 'fixed extents'],
    ['an extent without a name', floats(['n', '']), 'fixed extents'],
    ['no shape', { tensorType: { elemType: FLOAT } }, 'shapes'],
    ['a scalar', floats([]), 'shapes'],
    ['a sequence', { sequenceType: {} }, 'float32'],
  ])('are refused for inputs of %s, with the cure', async (_, input, cure) => {
    const path = foreign('refused.onnx', { input });
    const error = await refusal(validatePair({ a: { kind: 'node', path }, b: { kind: 'web', path } }));
    expect(error.code).toBe('usage');
    expect(error.details.cure).toContain(cure);
  });

  it('may leave their batch without a name, and list initializers among their inputs', () => {
    const graph = {
      input: [
        { name: 'x', type: floats(['', 3]) },
        { name: 'w', type: floats([3]) },
      ],
      initializer: [{ name: 'w' }],
    };
    expect(inputTypes(proto.ModelProto.fromObject({ graph }), 'm')).toEqual([
      { name: 'x', shape: ['?', 3], batchAxis: 0 },
    ]);
  });

  it('are refused where an output holds no numbers', async () => {
    const nodes = [
      { opType: 'Cast', input: ['x'], output: ['y'], attribute: [{ name: 'to', type: 2, i: STRING }] },
    ];
    const path = foreign('text.onnx', { nodes, initializers: [] });
    const error = await refusal(validatePair({ a: { kind: 'node', path }, b: { kind: 'node', path } }));
    expect(error.message).toContain('no numbers');
  });

  it.each(['node', 'web'] as const)('that %s does not load are reported as such', async (kind) => {
    const nodes = [{ opType: 'NoSuchOperator', input: ['x'], output: ['y'] }];
    const path = foreign('unknown.onnx', { nodes, initializers: [] });
    const error = await refusal(validatePair({ a: { kind, path }, b: { kind, path } }));
    expect(error.code).toBe('model-corrupt');
    expect(error.message).toContain(`onnxruntime-${kind} does not load`);
    expect(error.message).not.toContain('\n    at ');
  });
});

describe('expected outputs', () => {
  const path = foreign('foreign.onnx');
  const x = tensor([2, 3], [-1, 2, 0.5, 3, -0.25, 1]);
  const y = tensor([2, 3], [-1, 6, 2, 6, -0.25, 4]);
  const single = ({ shape, data }: Tensor): SafeTensor => ({
    dtype: 'F32',
    shape,
    data: Float32Array.from(data),
  });
  const store = (tensors: Readonly<Record<string, SafeTensor>>): string =>
    write('expected.safetensors', encodeSafetensors(Object.entries(tensors)));
  const validate = (expected: string) =>
    validatePair({ a: { kind: 'expected', path: expected }, b: { kind: 'node', path } });

  it.each(['x', 'input', 'images'])('find their only input as %s', async (name) => {
    const { ok, sides, comparisons } = await validate(store({ [name]: single(x), y: single(y) }));
    expect(ok).toBe(true);
    expect(sides.map(({ isReference }) => isReference)).toEqual([true, false]);
    expect(comparisons.map(({ batch }) => batch)).toEqual([2]);
  });

  it('say which element is the worst, and the operation where they know', async () => {
    const wrong = tensor([2, 3], [-1, 6, 2, 6, -0.25, 5]);
    const unknown = await validate(store({ x: single(x), y: single(wrong) }));
    expect(unknown.ok).toBe(false);
    expect(unknown.firstDeparture).toBeUndefined();
    expect(unknown.comparisons[0]).toMatchObject({ position: [1, 2], expected: 5, found: 4 });
    const m = tensor([2, 3], [0, 4, 1.5, 3, 0, 99]);
    const known = await validate(store({ x: single(x), y: single(wrong), m: single(m) }));
    expect(known.firstDeparture).toMatchObject({
      operation: 'Mul',
      expected: 99,
      found: 3,
      position: [1, 2],
    });
  });

  it('may leave outputs out, which is said', async () => {
    const two = exportCase(zooEntry('DATA_M4').genotype, {
      auxiliary: true,
      image: { channels: 3, height: 32, width: 32 },
    });
    const both = modelOf(two, 'auxiliary.onnx');
    const images = caseImages(two, 1);
    const { openInterpreterSide } = await import('../../../src/deploy/sides/interpreter-side.js');
    const logits = (await (await openInterpreterSide(both)).run(new Map([['images', images]]))).get('logits');
    if (logits === undefined) throw new Error('no logits');
    const expected = store({ images: single(images), logits: single(logits) });
    const { ok, notCompared, summary } = await validatePair({
      a: { kind: 'web', path: both },
      b: { kind: 'expected', path: expected },
    });
    expect(ok, summary).toBe(true);
    expect(notCompared).toEqual(['auxiliaryLogits']);
    expect(summary).toContain('auxiliaryLogits');
  });

  const integers: SafeTensor = { dtype: 'I32', shape: [2, 3], data: new Int32Array(6) };
  it.each([
    ['no input', { y: single(y) }, 'usage', 'x or images or input'],
    ['no output', { x: single(x), other: single(y) }, 'usage', 'every output'],
    ['an input of integers', { x: integers, y: single(y) }, 'usage', 'I32'],
    ['an output of integers', { x: single(x), y: integers }, 'usage', 'I32'],
    ['an input of another width', { x: single(tensor([3, 2], x.data)), y: single(y) }, 'shape', '[3, 2]'],
    ['an input of no image', { x: single(tensor([0, 3], [])), y: single(y) }, 'shape', '[0, 3]'],
    ['an output of another shape', { x: single(x), y: single(tensor([3, 2], y.data)) }, 'shape', '[3, 2]'],
  ])('with %s are refused', async (_, tensors, code, says) => {
    const error = await refusal(validate(store(tensors)));
    expect(error.code).toBe(code);
    expect(error.message).toContain(says);
  });

  it('that are no safetensors file are refused', async () => {
    const error = await refusal(validate(write('broken.safetensors', Uint8Array.of(1, 2, 3))));
    expect(error.code).toBe('file-corrupt');
  });
});
