// Segmentation networks from genotypes and weights: what follows from the weights, where a backbone goes, what a model says of
// itself, and what is refused.
import { describe, expect, it } from 'vitest';
import { lowerModel } from '../../../exporters/onnx.js';
import { decodeModel } from '../../../graphs/onnx/model.js';
import { type CompileRequest, compile } from '../../../src/deploy/compile.js';
import type { NamedWeights } from '../../../src/deploy/match-weights.js';
import { reportOf } from '../../../src/deploy/model-report.js';
import { openModel } from '../../../src/deploy/opened-model.js';
import { networkIn } from '../../../src/networks/metadata.js';
import { zooEntry } from '../../../src/spaces/zoo.js';
import { fixtureNetwork, fixtureSizes, fixtureWeights } from '../../support/fixture-networks.js';
import { fixtureSegmentation, readVisionFixture } from '../../support/segmentation-fixtures.js';
import { defined } from '../../support/tensors.js';
import { refusal } from '../runs/helpers.js';

const fixture = readVisionFixture('segmentation-mixed-os8');
const { genotype, batch: _batch, ...sizes } = fixtureSegmentation(fixture);
const prefix = 'weights.';
const weights: NamedWeights = new Map(
  [...fixture.tensors]
    .filter(([name]) => name.startsWith(prefix))
    .map(([name, { shape, data }]) => [name.slice(prefix.length), { shape, data: Float32Array.from(data) }]),
);
const { image, outputStride, rates } = sizes;
const request: CompileRequest = { genotype, weights, image, outputStride, rates };

const imagenet = defined(fixtureSizes.find(({ network }) => network === 'imagenet'));
const backbone = fixtureWeights(imagenet.name);
const ofBackbone = {
  ...fixtureNetwork(imagenet),
  name: 'deeplab',
  batch: 1,
  backbone,
  asppWidth: 4,
} as const;

describe('compile', () => {
  it('makes a segmentation network of a genotype and weights of one', () => {
    const { network, bound, metadata } = compile(request);
    expect(network).toEqual({ name: 'deeplab', genotype, ...sizes, batch: 'batch' });
    expect(new Set([...bound.weights.values()].map(({ data }) => data))).toEqual(
      new Set([...weights.values()].map(({ data }) => data)),
    );
    expect(bound.graph.outputs.map(({ name, value }) => [name, value.shape])).toEqual([
      ['logits', ['batch', 5, 49, 65]],
    ]);
    expect(metadata.weights).toBeUndefined();
    expect(networkIn(new Map(Object.entries(metadata)), 'test')).toEqual(network);
  });

  it('puts the weights of an ImageNet network behind the backbone, and draws the head', () => {
    const { genotype: own, auxiliary: _, ...asked } = ofBackbone;
    const { network, bound, metadata } = compile({ ...asked, genotype: own, classes: 3 });
    expect(network).toMatchObject({ cells: imagenet.cells, initChannels: 4, classes: 3, asppWidth: 4 });
    expect(metadata).toMatchObject({ weights: 'random', seed: '1' });
    const data = new Set([...bound.weights.values()].map((weight) => weight.data));
    for (const [name, tensor] of backbone)
      expect(data.has(tensor.data), name).toBe(!name.startsWith('classifier.'));
    const other = compile({ ...asked, genotype: own, classes: 3, seed: 2 });
    const head = (compiled: typeof other) =>
      [...compiled.bound.weights.values()].find(({ name }) => name === 'classifier/weight')?.data;
    expect(head(other)).not.toEqual(defined(head({ ...other, bound })));
  });

  it('has the sizes of VOC 2012 where nothing is said', () => {
    const { network, parameters } = compile({ name: 'deeplab', genotype: zooEntry('DARTS_V2').genotype });
    expect(parameters).toBe(9_987_533);
    expect(network).toMatchObject({ classes: 21, outputStride: 16, rates: [6, 12, 18], asppWidth: 256 });
    const fine = compile({ name: 'deeplab', genotype: zooEntry('DARTS_V2').genotype, outputStride: 8 });
    expect(fine.network).toMatchObject({ rates: [12, 24, 36] });
  });

  it.each(['none', 'fold', 'cpu'] as const)('writes a model that is read back (%s)', (optimization) => {
    const compiled = compile({ ...request, optimization });
    const { bytes } = lowerModel(compiled.bound, { metadata: compiled.metadata });
    const opened = openModel(bytes, 'test');
    expect(opened.network).toEqual(compiled.network);
    expect(opened.optimization).toBe(optimization);
    const report = reportOf(decodeModel(bytes, 'test'), bytes.length);
    expect(report).toMatchObject({ parameters: compiled.parameters, macs: compiled.macs });
    expect(report.outputs).toEqual([{ name: 'logits', type: 'float', shape: ['batch', 5, 49, 65] }]);
  });
});

describe('what does not fit is refused', () => {
  it('weights of another network', async () => {
    const ofClassifier = fixtureWeights(imagenet.name);
    const classifier = await refusal('weights-mismatch', () =>
      compile({ ...request, name: 'deeplab', weights: ofClassifier }),
    );
    expect(classifier.details.cure).toContain('`backbone`');
    const whole = await refusal('weights-mismatch', () =>
      compile({ name: 'deeplab', genotype, backbone: weights }),
    );
    expect(whole.details.cure).toContain('`weights`');
    await refusal('weights-mismatch', () => compile({ ...request, genotype: zooEntry('DARTS_V2').genotype }));
    await refusal('weights-mismatch', () => compile({ ...request, classes: 7 }));
    await refusal('weights-mismatch', () => compile({ ...request, asppWidth: 7 }));
  });

  it('weights of another head', async () => {
    const withoutHead = new Map([...weights].filter(([name]) => !name.startsWith('aspp.project.')));
    const { details } = await refusal('weights-mismatch', () =>
      compile({ ...request, weights: withoutHead }),
    );
    expect(details.found).toContain('aspp.project.0.weight');
    // Torchvision's has one more convolution.
    const other = new Map([...weights, ['aspp.convs.5.0.weight', defined(weights.get('classifier.weight'))]]);
    await refusal('weights-mismatch', () => compile({ ...request, weights: other }));
  });

  it('options of one network that are given to another', async () => {
    for (const asked of [{ outputStride: 8 }, { rates }, { asppWidth: 8 }, { backbone }] as const) {
      const { details } = await refusal('usage', () => compile({ genotype, ...asked }));
      expect(details.cure).toContain('deeplab');
    }
    await refusal('usage', () => compile({ ...request, name: 'deeplab', auxiliary: true }));
    await refusal('usage', () => compile({ ...request, name: 'deeplab', backbone }));
    await refusal('usage', () => compile({ ...request, rates: [1, 0, 2] }));
    await refusal('usage', () => compile({ name: 'deeplab', genotype, cells: 1, outputStride: 32 }));
  });
});
