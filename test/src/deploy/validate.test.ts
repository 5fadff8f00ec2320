// Validation finds what is wrong with a model, and names it.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { decodeModel } from '../../../graphs/onnx/model.js';
import type * as onnx from '../../../graphs/onnx/proto.js';
import { proto } from '../../../graphs/onnx/proto.js';
import { compileModel } from '../../../src/deploy/compile-model.js';
import { validateModel, validatePair } from '../../../src/deploy/validate.js';
import { type InferenceNetwork, inferenceGraph } from '../../../src/networks/inference.js';
import { bindWeights } from '../../../src/networks/inference-graph.js';
import { freshWeights } from '../../../src/networks/initial-state.js';
import { metadataOf } from '../../../src/networks/metadata.js';
import { openStream } from '../../../src/random.js';
import { parseGenotype } from '../../../src/spaces/parse.js';
import { freshFolder } from '../../e2e/command.js';

const genotype = parseGenotype(
  "Genotype(normal=[[('sep_conv_3x3', 0), ('max_pool_3x3', 1)], [('dil_conv_3x3', 2), ('skip_connect', 0)]], normal_concat=[2, 3], reduce=[[('avg_pool_3x3', 0), ('skip_connect', 1)], [('sep_conv_3x3', 2)]], reduce_concat=[2, 3])",
);
const network: InferenceNetwork = {
  name: 'cifar',
  genotype,
  cells: 3,
  initChannels: 4,
  classes: 5,
  image: { channels: 1, height: 12, width: 12 },
  auxiliary: false,
  batch: 'batch',
};
const inference = inferenceGraph(network);
// Positive weights keep every ReLU alive: behind a dead one a wrong weight changes nothing.
const weights = freshWeights(inference.weights, openStream(5, 'weights')).map((values) =>
  values.map(Math.abs),
);
const metadata = metadataOf({ network, toolVersion: '0', cost: { parameters: 1, macs: 1 } });
const { bytes } = compileModel(bindWeights(inference, weights), { metadata });
const named = new Map(
  inference.weights.map(({ name, shape }, i) => [name, { shape, data: weights[i] ?? new Float32Array(0) }]),
);

function write(model: Uint8Array): string {
  const path = join(freshFolder(), 'model.onnx');
  writeFileSync(path, model);
  return path;
}

function altered(change: (graph: onnx.IGraphProto) => void): string {
  // A decoded model shares its bytes with what it was decoded from.
  const model = decodeModel(Uint8Array.from(bytes));
  if (!model.graph) throw new Error('no graph');
  change(model.graph);
  return write(proto.ModelProto.encode(model).finish());
}

describe('validatePair', () => {
  it('throws the reason of a signal that is aborted', async () => {
    const reason = new Error('enough');
    const a = { kind: 'node', path: write(bytes) } as const;
    await expect(validatePair({ a, signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect((await validatePair({ a, batches: [1], signal: new AbortController().signal })).ok).toBe(true);
  });
});

describe('validateModel', () => {
  it('agrees with a model as it was compiled, for every batch', async () => {
    const validation = await validateModel({ model: write(bytes), batches: [1, 3], seed: 2, weights: named });
    expect(validation.ok).toBe(true);
    expect(validation.firstDeparture).toBeUndefined();
    expect(validation.comparisons.map(({ batch }) => batch)).toEqual([1, 3]);
    expect(validation.comparisons.every(({ topOneAgreement }) => topOneAgreement === 1)).toBe(true);
  });

  it('takes models of genotypes that leave an input of the cell unused', async () => {
    const narrow = parseGenotype(
      "Genotype(normal=[[('sep_conv_3x3', 0)]], normal_concat=[2], reduce=[[('skip_connect', 0)]], reduce_concat=[2])",
    );
    const other = { ...network, genotype: narrow };
    const unused = inferenceGraph(other);
    const fresh = freshWeights(unused.weights, openStream(5, 'weights'));
    const about = metadataOf({ network: other, toolVersion: '0', cost: { parameters: 1, macs: 1 } });
    const model = write(compileModel(bindWeights(unused, fresh), { metadata: about }).bytes);
    expect((await validateModel({ model, batches: [1], seed: 2 })).ok).toBe(true);
  });

  it('names the operation whose weight was changed', { timeout: 120_000 }, async () => {
    const stream = openStream(9, 'corruptions');
    // Weights that act on the output: those of operations in front of it, not of cells whose output a later mean hides.
    const candidates = inference.weights.filter(
      ({ trainable, name }) => trainable && !name.startsWith('classifier'),
    );
    for (let trial = 0; trial < 20; trial++) {
      const target = candidates[stream.integer(candidates.length)];
      if (target === undefined) throw new Error('no weight');
      const element = stream.integer(target.size);
      const model = altered((graph) => {
        const raw = graph.initializer?.find(({ name }) => name === target.path)?.rawData;
        if (!raw) throw new Error(`no initializer ${target.path}`);
        const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
        view.setFloat32(4 * element, view.getFloat32(4 * element, true) + 50, true);
      });
      const validation = await validateModel({ model, batches: [2], seed: 2, weights: named });
      expect(validation.ok, target.path).toBe(false);
      const operation = validation.firstDeparture?.path ?? 'none';
      expect(target.path.startsWith(`${operation}/`), `${operation} for ${target.path}`).toBe(true);
      expect(validation.summary).toContain(operation);
    }
  });

  it('names the operation whose attribute was changed', async () => {
    const model = altered((graph) => {
      const node = graph.node?.find(
        ({ opType, name }) => opType === 'Conv' && name?.includes('dil_conv_3x3'),
      );
      const pads = node?.attribute?.find(({ name }) => name === 'pads');
      if (!pads) throw new Error('no pads');
      pads.ints = [1, 3, 3, 1];
    });
    const validation = await validateModel({ model, batches: [1], seed: 2 });
    expect(validation.ok).toBe(false);
    expect(validation.firstDeparture?.path).toContain('dil_conv_3x3');
    expect(validation.firstDeparture?.operation).toBe('conv2d');
  });
});
