// Anybody's classifier as a page: what is read off the model, and what is refused.
import { describe, expect, it } from 'vitest';
import { onnxFacts, onnxToOrtWeb } from '../../exporters/ort-web.js';
import type * as onnx from '../../graphs/onnx/proto.js';
import { zooEntry } from '../../src/spaces/zoo.js';
import { modelOf, operators, type Step } from '../graphs/onnx/quantize/small-models.js';
import { present } from '../support/run-onnx.js';
import { bytesOf } from '../support/static-server.js';
import { exportCase } from './export-case.js';
import { encoded, foreignModel, inIntegerOperators, quantized, withSoftmax } from './foreign-models.js';
import { pageParts } from './runners/ort-web.js';

const plain = foreignModel(exportCase(zooEntry('DARTS_V2').genotype));
const page = { name: 'theirs', metadata: {} };
const factsOf = (model: onnx.ModelProto, options = {}) => onnxFacts(encoded(model), { ...page, ...options });

describe('the facts of a stranger’s model', () => {
  it('are read off its input and its output', () => {
    expect(factsOf(plain)).toMatchObject({
      input: 'pixels',
      output: { name: 'scores', holds: 'logits' },
      image: { channels: 3, height: 16, width: 16 },
      batch: null,
      classes: ['class 0', 'class 1', 'class 2', 'class 3', 'class 4'],
      normalisation: null,
      preprocessing: null,
    });
  });

  it('say that outputs are probabilities, behind conversions too', () => {
    expect(factsOf(withSoftmax(plain)).output).toEqual({ name: 'probabilities', holds: 'probabilities' });
    const converted = withSoftmax(plain);
    const graph = present(converted.graph);
    graph.node?.push({ opType: 'Identity', input: ['probabilities'], output: ['p'] });
    graph.output = [{ ...graph.output?.[0], name: 'p' }];
    expect(factsOf(converted).output).toEqual({ name: 'p', holds: 'probabilities' });
  });

  it('are the same where it calculates with integers', async () => {
    const qdq = quantized(plain);
    expect(operators(qdq).DequantizeLinear).toBeGreaterThan(10);
    expect(factsOf(qdq)).toEqual(factsOf(plain));
    const integers = await inIntegerOperators(qdq);
    expect(operators(integers).QLinearConv).toBeGreaterThan(10);
    expect(factsOf(integers)).toEqual(factsOf(plain));
  });

  it('infer how many classes there are where the model does not say it', () => {
    const silent = foreignModel(exportCase(zooEntry('DARTS_V2').genotype));
    present(silent.graph?.output?.[0]).type = null;
    expect(factsOf(silent).classes).toHaveLength(5);
  });

  it('take the output that is called logits, or else the first of its shape', () => {
    const heads: readonly Step[] = [
      ['GlobalAveragePool', ['x'], 'maps'],
      ['Flatten', ['maps'], 'first'],
      ['Flatten', ['maps'], 'logits'],
    ];
    const model = modelOf(['N', 3, 4, 4], heads);
    const graph = present(model.graph);
    const output = (...names: readonly string[]): string => {
      graph.output = names.map((name) => ({ name }));
      return factsOf(model).output.name;
    };
    expect(output('x', 'first', 'logits')).toBe('logits');
    // [N, classes, 1, 1] is an answer too.
    expect(output('maps', 'first')).toBe('maps');
  });

  it('take the size of the images from whoever exports, where the model leaves it open', () => {
    const open = modelOf(['N', 3, 'h', 'w'], [['GlobalAveragePool', ['x'], 'y']]);
    const image = { channels: 3, height: 20, width: 30 };
    expect(factsOf(open, { image }).image).toEqual(image);
    expect(() => factsOf(open)).toThrow(/how large its images are[\s\S]*\[N, 3, h, w\]/);
    expect(() => factsOf(open, { image: { ...image, channels: 1 } })).toThrow(
      /20x30x3\n {2}found: {4}20x30x1/,
    );
  });

  const answer: readonly Step[] = [['GlobalAveragePool', ['x'], 'y']];
  it.each<[string, onnx.ModelProto, RegExp]>([
    ['channels last', modelOf([1, 224, 224, 3], answer), /channels last[\s\S]*\[N, 224, 224, 3\]/],
    ['two channels', modelOf([1, 2, 8, 8], answer), /2 channels/],
    ['a fixed batch', modelOf([8, 3, 8, 8], answer), /a batch of 8/],
    [
      'no pictures',
      modelOf([1, 128], [['Relu', ['x'], 'y']]),
      /does not take images[\s\S]*x float \[1, 128\]/,
    ],
    ['no classes', modelOf([1, 3, 8, 8], [['Relu', ['x'], 'y']]), /does not classify[\s\S]*y \[1, 3, 8, 8\]/],
    ['an output of unknown shape', modelOf([1, 3, 8, 8], [['Strange', ['x'], 'y']]), /no rule for Strange/],
  ])('are not those of a picture classifier: %s', (_, model, says) => {
    expect(() => factsOf(model)).toThrow(says);
  });

  it('are not those of a picture classifier: integers, or two inputs', () => {
    const integer = modelOf([1, 3, 8, 8], answer);
    present(integer.graph?.input?.[0]?.type?.tensorType).elemType = 2;
    expect(() => factsOf(integer)).toThrow(/x uint8 \[1, 3, 8, 8\]/);
    const two = modelOf([1, 3, 8, 8], answer);
    two.graph?.input?.push({ name: 'z', type: { tensorType: { elemType: 1 } } });
    expect(() => factsOf(two)).toThrow(/x float \[1, 3, 8, 8\]; z float \[\]/);
  });
});

describe('onnxToOrtWeb', () => {
  it('puts the model into the folder as it is', () => {
    const bytes = encoded(quantized(plain));
    const files = onnxToOrtWeb(bytes, { ...page, ...pageParts });
    const model = files.find(({ path }) => path === 'model.onnx');
    expect(Buffer.compare(bytesOf(present(model).content), bytes)).toBe(0);
    expect(() => onnxToOrtWeb(bytes, { ...page, ...pageParts, classes: ['one'] })).toThrow('5 labels');
    expect(() => onnxToOrtWeb(Uint8Array.of(1, 2, 3), { ...page, ...pageParts })).toThrow(
      /theirs[\s\S]*ModelProto/,
    );
  });
});
