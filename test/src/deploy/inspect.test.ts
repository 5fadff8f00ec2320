// Inspection of our own models, of a stranger's, and of damaged files.
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { decodeModel } from '../../../graphs/onnx/model.js';
import { proto } from '../../../graphs/onnx/proto.js';
import { compileModel } from '../../../src/deploy/compile-model.js';
import { inspectModel } from '../../../src/deploy/inspect.js';
import { reportOf } from '../../../src/deploy/model-report.js';
import { openModel } from '../../../src/deploy/opened-model.js';
import { GenonnxError } from '../../../src/errors.js';
import { openStream } from '../../../src/random.js';
import { parseGenotype } from '../../../src/spaces/parse.js';
import { exportCase } from '../../exporters/export-case.js';
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

  it('leaves open what a file does not tell', async () => {
    const model = decodeModel(smallModel());
    model.metadataProps = [];
    const report = await inspected(proto.ModelProto.encode(model).finish());
    expect(report).toMatchObject({ parameters: null, auxiliaryParameters: null, macs: null, metadata: {} });
    expect(report.nodes).toBeGreaterThan(50);
  });

  it('does not believe metadata of a network that cannot be', async () => {
    const network = { ...JSON.parse((await inspected(smallModel())).metadata.network ?? ''), cells: 1e9 };
    const odd = { ...network, cells: 3, image: { channels: 1, height: 7, width: 7 } };
    for (const lie of [network, odd])
      expect((await inspected(smallModel({ network: JSON.stringify(lie) }))).parameters).toBeNull();
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
