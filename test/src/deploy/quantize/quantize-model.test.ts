import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lowerModel } from '../../../../exporters/onnx.js';
import { checkModel } from '../../../../graphs/onnx/check.js';
import { decodeModel } from '../../../../graphs/onnx/model.js';
import type * as onnx from '../../../../graphs/onnx/proto.js';
import { compile } from '../../../../src/deploy/compile.js';
import { openModel } from '../../../../src/deploy/opened-model.js';
import { type QuantizeOptions, quantizeModel } from '../../../../src/deploy/quantize/quantize-model.js';
import { metadataIn } from '../../../../src/networks/metadata.js';
import { freshFolder } from '../../../e2e/command.js';
import {
  bytesOf,
  modelOf,
  operators,
  type Step,
  type Weight,
} from '../../../graphs/onnx/quantize/small-models.js';
import { finishedLanguageRun } from '../../../support/language-models.js';
import { folderWith, smallModel, smallNetwork } from '../../../support/small-model.js';
import { smallDataset } from './small-dataset.js';

const model = join(folderWith(smallModel({ seed: '5', accuracy: '0.99', top5Accuracy: '1' })), 'model.onnx');
const dataset = smallDataset();
const quantize = (options: Partial<QuantizeOptions> = {}) =>
  quantizeModel({
    model,
    form: 'static',
    dataset,
    calibrationImages: 8,
    ranges: 'minmax',
    exclude: [],
    sensitivity: false,
    evenIfSlower: true,
    ...options,
  });

describe('quantizeModel', () => {
  it('folds batch norms, quantizes every weight, and says what it costs', async () => {
    const { bytes, report } = await quantize();
    const quantized = decodeModel(bytes);
    expect(checkModel(quantized, { shapes: true })).toEqual([]);
    expect(operators(quantized).BatchNormalization).toBeUndefined();
    const { weighted, measured, sizeBytes } = report;
    expect(weighted.quantized).toBe(weighted.all);
    expect(weighted.all).toBeGreaterThan(20);
    // Four channels became sixteen: the first depthwise convolution has as many groups.
    const depthwise = quantized.graph?.node?.find(({ name }) => name?.endsWith('depthwise/Conv'));
    expect(Number(depthwise?.attribute?.find(({ name }) => name === 'group')?.i)).toBe(16);
    expect(sizeBytes).toEqual({ before: readFileSync(model).length, after: bytes.length });
    expect(measured).toMatchObject({ dataset: 'noise', departure: { images: 7 } });
    expect(measured?.departure.relativeSquaredError).toBeGreaterThan(0);
    expect(measured?.departure.relativeSquaredError).toBeLessThan(0.01);
    expect(report.sensitivity).toBeUndefined();
  });

  it('stops where it is aborted, and throws the reason', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    const notes: string[] = [];
    const onProgress = (text: string): void => {
      notes.push(text);
      controller.abort(reason);
    };
    await expect(quantize({ sensitivity: true, onProgress, signal: controller.signal })).rejects.toBe(reason);
    expect(notes).toHaveLength(1);
  });

  it('refuses where padding multiplies the work of a narrow network, or warns, and nowhere else', async () => {
    const asked = { judged: false, evenIfSlower: false };
    await expect(quantize(asked)).rejects.toMatchObject({ code: 'usage', details: { where: model } });
    const { report } = await quantize({ ...asked, evenIfSlower: true });
    expect(report.warnings).toHaveLength(1);
    expect(report.warnings[0]).toMatch(/multiples of 16 channels.* \d\.\d times the multiply-adds.*slower/);
    expect((await quantize({ ...asked, form: 'dynamic' })).report.warnings).toEqual([]);
    expect((await quantize({ ...asked, model: stranger([convolution, flat]) })).report.warnings).toEqual([]);
  });

  it('keeps what the model said of itself, and adds what was done', async () => {
    const { bytes, report } = await quantize({ exclude: ['stem'] });
    const metadata = metadataIn(decodeModel(bytes));
    expect(metadata.get('seed')).toBe('5');
    expect(metadata.has('genotype')).toBe(true);
    expect(metadata.get('precision')).toBe('int8');
    expect(metadata.get('accuracy')).toBe(String(report.measured?.accuracy?.after));
    expect(() => openModel(bytes, 'int8.onnx')).toThrow(/quantized[\s\S]*float32 model/);
    expect(JSON.parse(metadata.get('quantization') ?? '')).toEqual({
      form: 'static',
      weights: { bits: 8, largest: 64, scales: 'channel' },
      calibration: { dataset: 'noise', images: 8, ranges: 'minmax' },
      exclude: ['stem'],
    });
  });

  it('needs no images for the dynamic form', async () => {
    const { bytes, report } = await quantize({ form: 'dynamic', dataset: undefined });
    expect(operators(decodeModel(bytes)).ConvInteger).toBeGreaterThan(20);
    expect(report.measured).toBeUndefined();
    for (const score of ['accuracy', 'top5Accuracy'])
      expect(metadataIn(decodeModel(bytes)).has(score)).toBe(false);
    await expect(quantize({ dataset: undefined })).rejects.toMatchObject({ code: 'usage' });
  });

  it('compares the answers of a segmentation network pixel by pixel', async () => {
    const { bound, metadata } = compile({
      ...smallNetwork,
      name: 'deeplab',
      auxiliary: undefined,
      outputStride: 8,
      asppWidth: 4,
      rates: [1, 2, 3],
    });
    const pixels = join(freshFolder(), 'pixels.onnx');
    writeFileSync(pixels, lowerModel(bound, { metadata }).bytes);
    const { bytes, report } = await quantize({ model: pixels });
    expect(operators(decodeModel(bytes)).Resize).toBe(1);
    expect(report.weighted.quantized).toBe(report.weighted.all);
    const { accuracy, departure } = report.measured ?? {};
    expect(accuracy).toBeUndefined();
    expect(departure?.images).toBe(7);
    expect(departure?.relativeSquaredError).toBeGreaterThan(0);
    expect(departure?.relativeSquaredError).toBeLessThan(0.01);
    expect(departure?.topOneAgreement).toBeGreaterThan(0.9);
    await expect(quantize({ model: pixels, sensitivity: true })).rejects.toMatchObject({ code: 'usage' });
  });

  it('leaves excluded operations in float', async () => {
    const { bytes, report } = await quantize({ exclude: ['cells.*'] });
    expect(report.weighted.quantized).toBeLessThan(report.weighted.all);
    expect(report.weighted.quantized).toBeGreaterThan(0);
    const weights = (decodeModel(bytes).graph?.initializer ?? []).filter(({ dataType }) => dataType === 3);
    expect(weights.length).toBeGreaterThan(0);
    expect(weights.every(({ name }) => !name?.startsWith('cells.'))).toBe(true);
  });

  it('lists what each operation costs alone, the costliest first', async () => {
    const { report } = await quantize({ sensitivity: true, exclude: ['cells.1'] });
    const costs = report.sensitivity ?? [];
    const errors = costs.map(({ relativeSquaredError }) => relativeSquaredError);
    expect(errors).toEqual(errors.toSorted((a, b) => b - a));
    // The auxiliary head comes after everything that the logits depend on.
    for (const { operation, relativeSquaredError } of costs)
      expect([operation, relativeSquaredError > 0]).toEqual([operation, !operation.startsWith('auxiliary')]);
    const operations = costs.map(({ operation }) => operation);
    expect(operations).toContain('stem/conv');
    expect(operations).toContain('cells.0/node0/0.sep_conv_3x3@0');
    expect(operations.some((name) => name.startsWith('cells.1'))).toBe(false);
    const whole = report.measured?.departure.relativeSquaredError ?? 0;
    expect(Math.max(...errors)).toBeLessThan(2 * whole);
  });

  it('takes a stranger’s model as it is', async () => {
    const path = join(freshFolder(), 'stranger.onnx');
    const stranger = modelOf(
      ['N', 1, 28, 28],
      [
        ['Conv', ['x', 'w'], 'a', { kernel_shape: [3, 3] }],
        ['Relu', ['a'], 'r'],
        ['GlobalAveragePool', ['r'], 'm'],
        ['Flatten', ['m'], 'f'],
        ['Gemm', ['f', 'v'], 'y', { transB: 1 }],
      ],
      {
        w: { shape: [2, 1, 3, 3], data: Array.from({ length: 18 }, (_, i) => (i % 5) / 5 - 0.4) },
        v: { shape: [5, 2], data: [1, -1, 2, 0.5, 0, 1, -2, 1, 0.3, 0.7] },
      },
    );
    writeFileSync(path, bytesOf(stranger));
    const { bytes, report } = await quantize({ model: path });
    expect(report.weighted).toEqual({ all: 2, quantized: 2 });
    expect(operators(decodeModel(bytes))).toMatchObject({ Conv: 1, Gemm: 1, QuantizeLinear: 4 });
    expect(report.measured?.departure.largestRelativeDifference).toBeLessThan(0.05);
  });

  const convolution: Step = ['Conv', ['x', 'w'], 'a', { kernel_shape: [28, 28] }];
  const w: Weight = {
    shape: [5, 1, 28, 28],
    data: Array.from({ length: 3920 }, (_, i) => (i % 7) / 70 - 0.04),
  };

  /** The path of a model as a stranger's exporter writes it. */
  function stranger(steps: readonly Step[], change: (model: onnx.ModelProto) => void = () => {}): string {
    const path = join(freshFolder(), 'stranger.onnx');
    const made = modelOf(['N', 1, 28, 28], steps, { w });
    change(made);
    writeFileSync(path, bytesOf(made));
    return path;
  }

  const flat: Step = ['Flatten', ['a'], 'y'];

  it.each([
    ['static', 12, 13],
    ['dynamic', 10, 11],
  ] as const)('refuses operator sets without the operators of the %s form', async (form, old, least) => {
    const ofOpset = (version: number) =>
      stranger([convolution, flat], (made) => {
        made.opsetImport = [{ domain: 'ai.onnx.ml', version: 3 }, { version }];
      });
    const refused = quantize({ form, model: ofOpset(old) });
    await expect(refused).rejects.toMatchObject({ code: 'usage' });
    await expect(refused).rejects.toThrow(new RegExp(`opset ${least} or later[\\s\\S]*opset ${old}\\n`));
    const { report } = await quantize({ form, model: ofOpset(least) });
    expect(report.weighted).toEqual({ all: 1, quantized: 1 });
  });

  it.each([
    ['static', 3],
    ['dynamic', 3],
    ['static', 7],
    ['dynamic', 7],
  ] as const)('takes weights that are listed as inputs too, %s form, IR %d', async (form, irVersion) => {
    const path = stranger([convolution, flat], (made) => {
      made.irVersion = irVersion;
      const dim = w.shape.map((dimValue) => ({ dimValue }));
      made.graph?.input?.unshift({ name: 'w', type: { tensorType: { elemType: 1, shape: { dim } } } });
    });
    const { bytes, report } = await quantize({ form, model: path });
    const quantized = decodeModel(bytes);
    expect(quantized.graph?.input?.map(({ name }) => name)).toEqual(['x']);
    // Before IR 4 every initializer had to be an input.
    expect(Number(quantized.irVersion)).toBe(Math.max(irVersion, 4));
    const plain = await quantize({ form, model: stranger([convolution, flat]) });
    expect(report.measured).toEqual(plain.report.measured);
    expect(report.measured?.departure.images).toBe(7);
  });

  it('counts what calculates with integers, not what is not excluded', async () => {
    const branch: Step = ['Conv', ['x', 'w'], 'b', { kernel_shape: [28, 28] }];
    const path = stranger([convolution, branch, ['Concat', ['a', 'b'], 'y', { axis: 1 }]], (made) => {
      made.graph?.output?.push({ name: 'b', type: { tensorType: { elemType: 1 } } });
    });
    const count = async (form: 'static' | 'dynamic', model: string) =>
      (await quantize({ form, model, judged: false })).report.weighted;
    expect(await count('static', path)).toEqual({ all: 2, quantized: 1 });
    expect(await count('dynamic', path)).toEqual({ all: 2, quantized: 2 });
  });

  it('claims no calibration images that never were', async () => {
    const said: string[] = [];
    const { bytes } = await quantize({ calibrationImages: 500, onProgress: (text) => said.push(text) });
    const { calibration } = JSON.parse(metadataIn(decodeModel(bytes)).get('quantization') ?? '');
    expect(calibration.images).toBe(12);
    expect(said).toContain('calibration on 12 training images');
  });

  it('refuses a language model, in either form', async () => {
    const model = join(finishedLanguageRun(), 'model.onnx');
    for (const form of ['static', 'dynamic'] as const)
      await expect(quantize({ model, form })).rejects.toThrow(/Language models[\s\S]*`precision` float16/);
  });

  it('refuses a model that has nothing to quantize, or is quantized already', async () => {
    const folder = freshFolder();
    const [quantized, other] = [join(folder, 'int8.onnx'), join(folder, 'other.onnx')];
    writeFileSync(quantized, (await quantize()).bytes);
    writeFileSync(other, bytesOf(modelOf(['N', 1, 28, 28], [['Relu', ['x'], 'y']])));
    await expect(quantize({ model: quantized })).rejects.toThrow(/int8 weights/);
    await expect(quantize({ model: other })).rejects.toThrow(/nothing to quantize/);
  });
});
