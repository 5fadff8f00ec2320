import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GenonnxError } from '../../../graphs/errors.js';
import { Emitter, floatType, ModelParts } from '../../../graphs/onnx/emitter.js';
import { decodeModel, encodeModel, type ModelDescription } from '../../../graphs/onnx/model.js';
import type * as onnx from '../../../graphs/onnx/proto.js';
import { present } from '../../support/run-onnx.js';

/** y = (x + 1) * x, with an initializer that nobody reads. */
function description(): ModelDescription {
  const parts = new ModelParts('readable');
  const emitter = new Emitter(parts);
  const type = floatType(['N', 2]);
  emitter.float32([5, 6, 7], [3]);
  const sum = emitter.one('net', 'Add', [parts.reserve('x'), emitter.scalar(1)], {}, { types: [type] });
  emitter.nodes.push({ opType: 'Mul', name: 'y', input: [sum, 'x'], output: [parts.reserve('y')] });
  return {
    parts,
    emitter,
    name: 'small',
    inputs: [{ name: 'x', type }],
    outputs: [{ name: 'y', type }],
    opset: 17,
    irVersion: 8,
    metadata: { genotype: 'none at all', note: 'Grüße' },
  };
}

describe('encodeModel', () => {
  const model = decodeModel(encodeModel(description()).bytes);
  const graph = present(model.graph);

  it('writes who made the model, for which versions, and the metadata', () => {
    expect(model.producerName).toBe('genonnx');
    expect(Number(model.irVersion)).toBe(8);
    expect(model.opsetImport.map(({ domain, version }) => [domain, Number(version)])).toEqual([['', 17]]);
    expect(model.metadataProps.map(({ key, value }) => [key, value])).toEqual([
      ['genotype', 'none at all'],
      ['note', 'Grüße'],
    ]);
  });

  it('imports the domains that nodes are of', () => {
    const other = description();
    other.emitter.node('', 'FusedMatMul', ['x', 'x'], {}, { domain: 'com.microsoft' });
    const { opsetImport } = decodeModel(encodeModel(other).bytes);
    expect(opsetImport.map(({ domain, version }) => [domain, Number(version)])).toEqual([
      ['', 17],
      ['com.microsoft', 1],
    ]);
  });

  it('writes the types of inputs, outputs and what lies between', () => {
    const dims = (info: onnx.IValueInfoProto) =>
      info.type?.tensorType?.shape?.dim?.map(({ dimParam, dimValue }) => dimParam || Number(dimValue));
    expect(present(graph.input).map((info) => [info.name, dims(info)])).toEqual([['x', ['N', 2]]]);
    expect(present(graph.output).map((info) => [info.name, dims(info)])).toEqual([['y', ['N', 2]]]);
    expect(present(graph.valueInfo).map((info) => [info.name, dims(info)])).toEqual([['net/Add', ['N', 2]]]);
  });

  it('leaves out constants that nobody reads', () => {
    expect(present(graph.initializer).map(({ rawData }) => rawData?.length)).toEqual([4]);
  });

  it('is a function of the description', () => {
    expect(encodeModel(description()).bytes).toEqual(encodeModel(description()).bytes);
  });
});

describe('decodeModel', () => {
  const bytes = encodeModel(description()).bytes;

  /** The code of the error, or 'fine'. Anything but a typed error is thrown on. */
  function outcome(nonsense: Uint8Array): string {
    try {
      decodeModel(nonsense, 'model.onnx');
      return 'fine';
    } catch (error) {
      if (error instanceof GenonnxError) return error.code;
      throw error;
    }
  }

  it.each([
    ['nothing', new Uint8Array(0)],
    ['text', new TextEncoder().encode('<!doctype html><title>404</title>')],
    ['half a model', bytes.subarray(0, bytes.length >> 1)],
    ['groups without an end', new Uint8Array(100_000).fill(0x0b)],
  ])('refuses %s', (_, nonsense) => {
    expect(outcome(nonsense)).toBe('model-corrupt');
  });

  it('says where and what to do', () => {
    expect(() => decodeModel(bytes.subarray(0, 20), 'model.onnx')).toThrow(/model\.onnx[\s\S]*Export/);
  });

  it('refuses random bytes or reads a model, and does nothing else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (nonsense) => {
        expect(['fine', 'model-corrupt']).toContain(outcome(nonsense));
      }),
    );
  });

  it('refuses or reads a model of which bytes were changed or lost', () => {
    fc.assert(
      fc.property(
        fc.nat(bytes.length - 1),
        fc.integer({ min: 0, max: 255 }),
        fc.integer({ min: 1, max: bytes.length }),
        (index, value, length) => {
          const broken = Uint8Array.from(bytes);
          broken[index] = value;
          expect(['fine', 'model-corrupt']).toContain(outcome(broken.subarray(0, length)));
        },
      ),
      { numRuns: 2000 },
    );
  });
});
