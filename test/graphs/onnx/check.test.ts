import { describe, expect, it } from 'vitest';
import { checkModel } from '../../../graphs/onnx/check.js';
import { Emitter, floatType, graph as graphAttribute, ModelParts } from '../../../graphs/onnx/emitter.js';
import { decodeModel, encodeModel } from '../../../graphs/onnx/model.js';
import type * as onnx from '../../../graphs/onnx/proto.js';
import { present } from '../../support/run-onnx.js';

/** y = if open then -(x + 1) else x, as decoded from a file. */
function sound() {
  const parts = new ModelParts('readable');
  const emit = new Emitter(parts);
  const type = floatType([2]);
  const options = { types: [type] };
  parts.reserve('x');
  parts.reserve('open');
  const sum = emit.one('net', 'Add', ['x', emit.float32([1, 1], [2])], {}, options);
  const branchOf = (opType: string, input: string): onnx.IGraphProto => {
    const branch = emit.child();
    const name = branch.one('net', opType, [input], {}, options);
    const tensorType = { elemType: 1, shape: { dim: [{ dimValue: 2 }] } };
    return { name: opType, node: branch.nodes, output: [{ name, type: { tensorType } }] };
  };
  const branches = {
    then_branch: graphAttribute(branchOf('Neg', sum)),
    else_branch: graphAttribute(branchOf('Identity', 'x')),
  };
  const y = emit.one('net', 'If', ['open'], branches, options);
  const model = decodeModel(
    encodeModel({
      parts,
      emitter: emit,
      name: 'sound',
      inputs: [
        { name: 'x', type },
        { name: 'open', type: { shape: [1], dtype: 'bool' } },
      ],
      outputs: [{ name: y, type }],
      opset: 17,
      irVersion: 8,
    }).bytes,
  );
  const graph = present(model.graph);
  const node = (index: number): onnx.INodeProto => present(graph.node?.[index]);
  const thenBranch = (): onnx.IGraphProto => present(node(1).attribute?.[0]?.g);
  return { model, graph, node, thenBranch };
}

type Sound = ReturnType<typeof sound>;

/** What the checker says of the sound model after a change. */
function findingsAfter(change: (parts: Sound) => void, shapes = false): string[] {
  const parts = sound();
  change(parts);
  return checkModel(parts.model, { shapes }).map(({ kind, where }) => `${kind} ${where}`);
}

describe('checkModel', () => {
  it('finds nothing in a sound model', () => {
    expect(checkModel(sound().model)).toEqual([]);
    expect(checkModel(sound().model, { shapes: true })).toEqual([]);
  });

  it('misses a graph, versions and names', () => {
    expect(checkModel({})).toEqual([{ kind: 'header', where: 'model', message: 'there is no graph' }]);
    expect(findingsAfter(({ model }) => (model.irVersion = 0))).toEqual(['header model']);
    expect(findingsAfter(({ graph }) => (graph.name = ''))).toEqual(['header model']);
    expect(findingsAfter(({ node }) => (node(0).opType = ''))).toEqual(['header net/Add']);
  });

  it('finds operator sets that are missing, unknown, doubled or of another version', () => {
    expect(findingsAfter(({ model }) => (model.opsetImport = []))).toEqual([
      'opset net/Add',
      'opset net/If',
      'opset net/Neg',
      'opset net/Identity',
    ]);
    expect(findingsAfter(({ node }) => (node(0).domain = 'com.microsoft'))).toEqual(['opset net/Add']);
    expect(
      findingsAfter(({ model }) => model.opsetImport.push({ domain: 'else.where', version: 1 })),
    ).toEqual(['opset else.where']);
    expect(findingsAfter(({ model }) => model.opsetImport.push({ domain: '', version: 17 }))).toEqual([
      'opset model',
    ]);
    expect(findingsAfter(({ model }) => (present(model.opsetImport[0]).version = 9))).toEqual(['opset ']);
  });

  it('finds inputs that nothing yields, or only something later', () => {
    expect(findingsAfter(({ node }) => (present(node(0).input)[0] = 'z'))).toEqual(['missing-input net/Add']);
    expect(findingsAfter(({ graph }) => graph.node?.reverse())).toContain('missing-input net/Neg');
  });

  it('finds what a branch has inside and others read', () => {
    const later = { opType: 'Neg', name: 'later', input: ['net/Neg'], output: ['late'] };
    expect(findingsAfter(({ graph }) => graph.node?.push(later))).toEqual(['missing-input later']);
  });

  it('accepts absent optional inputs', () => {
    expect(findingsAfter(({ node }) => node(0).input?.push(''))).toEqual([]);
  });

  it('finds values and nodes of one name, in all scopes', () => {
    expect(findingsAfter(({ node }) => (present(node(0).output)[0] = 'x'))).toContain('duplicate-name x');
    expect(
      findingsAfter(({ thenBranch }) => {
        present(present(thenBranch().node)[0]).output = ['x'];
        present(present(thenBranch().output)[0]).name = 'x';
      }),
    ).toEqual(['duplicate-name x']);
    expect(findingsAfter(({ node }) => (node(1).name = 'net/Add'))).toEqual(['duplicate-name net/Add']);
  });

  it('finds outputs that the graph itself does not yield', () => {
    expect(findingsAfter(({ graph }) => (present(graph.output?.[0]).name = 'z'))).toEqual([
      'missing-output z',
    ]);
    // A branch must yield its result itself, and may not hand on what it only sees.
    expect(findingsAfter(({ thenBranch }) => (present(thenBranch().output?.[0]).name = 'x'))).toEqual([
      'missing-output x',
    ]);
  });

  it('finds initializers that nobody reads, or of the wrong size', () => {
    const unused = { name: 'unused', dataType: 1, dims: [1], rawData: new Uint8Array(4) };
    expect(findingsAfter(({ graph }) => graph.initializer?.push(unused))).toEqual([
      'unused-initializer unused',
    ]);
    expect(findingsAfter(({ graph }) => (present(graph.initializer?.[0]).dims = [3]))).toEqual([
      'initializer-size const/float',
    ]);
  });

  it('finds values without a shape when asked to', () => {
    expect(findingsAfter(({ graph }) => (graph.valueInfo = []), true)).toEqual(['missing-shape net/Add']);
    expect(findingsAfter(({ graph }) => (graph.valueInfo = []))).toEqual([]);
  });
});
