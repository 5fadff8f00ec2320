// Inspection of our own models, of a stranger's, and of damaged files.
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { OnnxOptions } from '../../../exporters/onnx.js';
import { cost } from '../../../graphs/cost.js';
import { decodeModel } from '../../../graphs/onnx/model.js';
import { proto } from '../../../graphs/onnx/proto.js';
import { type CompileRequest, compile } from '../../../src/deploy/compile.js';
import { compileModel } from '../../../src/deploy/compile-model.js';
import { inspectModel } from '../../../src/deploy/inspect.js';
import { reportOf } from '../../../src/deploy/model-report.js';
import { openModel } from '../../../src/deploy/opened-model.js';
import { GenonnxError } from '../../../src/errors.js';
import { openStream } from '../../../src/random.js';
import { parseGenotype } from '../../../src/spaces/parse.js';
import { zooEntry } from '../../../src/spaces/zoo.js';
import { exportCase } from '../../exporters/export-case.js';
import { modelOf, type Step } from '../../graphs/onnx/quantize/small-models.js';
import { folderWith, smallInference, smallModel } from '../../support/small-model.js';

const inspected = (bytes: Uint8Array) => inspectModel(join(folderWith(bytes), 'model.onnx'));

describe('inspectModel', () => {
  it('counts trained numbers, without running statistics, the auxiliary head apart', async () => {
    const report = await inspected(smallModel({ note: 'mine' }));
    const { parameters, auxiliaryParameters, cost, weights } = smallInference;
    expect(report).toMatchObject({
      parameters,
      auxiliaryParameters,
      macs: cost.macs,
      opset: 17,
      irVersion: 8,
    });
    expect(report.metadata.note).toBe('mine');
    const statistics = weights.filter(({ name }) => /running_(mean|var)$/.test(name));
    const sizeOf = (slots: typeof weights) => slots.reduce((sum, { size }) => sum + size, 0);
    expect(parameters + auxiliaryParameters).toBe(sizeOf(weights) - sizeOf(statistics));
    expect(report.inputs).toEqual([{ name: 'images', type: 'float', shape: ['batch', 1, 32, 32] }]);
    expect(report.outputs.map(({ name }) => name)).toEqual(['logits', 'auxiliaryLogits']);
    const operators = Object.values(report.operators).reduce((sum, count) => sum + count, 0);
    expect(operators).toBe(report.nodes);
  });

  it('counts the same in a model that does not say what it is', async () => {
    const model = decodeModel(smallModel());
    model.metadataProps = [];
    const report = await inspected(proto.ModelProto.encode(model).finish());
    const { parameters, auxiliaryParameters, graph } = smallInference;
    // With its auxiliary head, which a stranger cannot tell apart.
    expect(report).toMatchObject({
      parameters: parameters + auxiliaryParameters,
      auxiliaryParameters: null,
      macs: cost(graph).macs,
      metadata: {},
    });
    expect(report.counted.parameters).toContain('as stored');
    expect(report.nodes).toBeGreaterThan(50);
  });

  it.each<[string, Partial<CompileRequest>, Partial<OnnxOptions>]>([
    ['as traced', {}, {}],
    ['folded', { optimization: 'fold' }, {}],
    ['for processors', { optimization: 'cpu' }, {}],
    ['in float16', { precision: 'float16' }, { precision: 'float16' }],
    ['of opset 21', {}, { opset: 21 }],
    ['with a fixed batch', { batch: 6 }, {}],
    ['for ImageNet', { name: 'imagenet', image: { channels: 3, height: 64, width: 64 } }, {}],
  ])('counts the same in a network %s', (_, request, options) => {
    const { genotype } = zooEntry('DATA_M7');
    const sizes = { cells: 3, initChannels: 4, classes: 7, toolVersion: '0' };
    const { bound, parameters, macs } = compile({ genotype, ...sizes, ...request });
    const report = reportOf(decodeModel(compileModel(bound, { metadata: {}, ...options }).bytes), 0);
    const images = typeof request.batch === 'number' ? request.batch : 1;
    expect(report.macs).toBe(cost(bound.graph).macs / images);
    // The form for processors pays for whole blocks of channels.
    if (request.optimization !== 'cpu') expect(report.macs).toBe(macs);
    // What a folded batch norm had cannot be seen any more: what is left are weights and biases.
    const stored = [...bound.weights.values()].reduce((sum, { data }) => sum + data.length, 0);
    expect(report.parameters).toBe(request.optimization === undefined ? parameters : stored);
  });

  it('says why it knows no figures', () => {
    const steps: readonly Step[] = [['Strange', ['x', 'w'], 'y']];
    const report = reportOf(modelOf([1, 4], steps, { w: { shape: [2], data: [0, 0] } }), 0);
    expect(report).toMatchObject({
      parameters: null,
      macs: null,
      counted: {
        parameters: 'it is not known what Strange reads',
        macs: 'there is no rule for Strange (y)',
      },
    });
  });

  it('does not believe metadata of a network that cannot be', async () => {
    const network = { ...JSON.parse((await inspected(smallModel())).metadata.network ?? ''), cells: 1e9 };
    const odd = { ...network, cells: 3, image: { channels: 1, height: 7, width: 7 } };
    for (const lie of [network, odd])
      expect((await inspected(smallModel({ network: JSON.stringify(lie) }))).counted.macs).toContain(
        'inferred',
      );
  });
});

describe('damaged models', () => {
  it('are refused with a typed error, or read, but never crash a reader (2,000 of them)', async () => {
    const genotype = parseGenotype(
      "Genotype(normal=[[('skip_connect', 0), ('dil_conv_3x3', 1)]], normal_concat=[2], reduce=[[('max_pool_3x3', 0)]], reduce_concat=[2])",
    );
    const size = { cells: 1, initChannels: 2, classes: 2, image: { channels: 1, height: 8, width: 8 } };
    const { bound, metadata } = exportCase(genotype, size);
    const whole = compileModel(bound, { metadata }).bytes;
    const path = join(folderWith(whole), 'damaged.onnx');
    const outcomes = new Set<string>();
    for (let trial = 0; trial < 2000; trial++) {
      const stream = openStream(trial, 'damage');
      const bytes = Uint8Array.from(
        trial % 2 === 0 ? whole.subarray(0, stream.integer(whole.length)) : whole,
      );
      for (let flips = 1 + stream.integer(8); flips > 0 && bytes.length > 0; flips--) {
        const at = stream.integer(bytes.length);
        bytes[at] = (bytes[at] ?? 0) ^ (1 << stream.integer(8));
      }
      const readers = [() => openModel(bytes, path), () => reportOf(decodeModel(bytes, path), bytes.length)];
      for (const read of readers) {
        try {
          read();
          outcomes.add('read');
        } catch (error) {
          expect(error, `trial ${trial}`).toBeInstanceOf(GenonnxError);
          outcomes.add('refused');
        }
      }
    }
    expect([...outcomes].sort()).toEqual(['read', 'refused']);
  });
});
