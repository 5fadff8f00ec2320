import { describe, expect, it } from 'vitest';
import type { Measurement } from '../../../../src/bench/results.js';
import {
  facetsOf,
  groupName,
  labelsOf,
  modelNames,
  shortened,
  shortenedAll,
} from '../../../../src/bench/show/labels.js';
import { measurementOf } from '../results-case.js';

const base = measurementOf([[1]]);
const { model, execution, runtime } = base;
const ran = (changes: Partial<Measurement['execution']>, further: Partial<Measurement> = {}): Measurement =>
  measurementOf([[1]], { execution: { ...execution, ...changes }, ...further });
const named = (path: string): Partial<Measurement> => ({ model: { ...model, path } });

describe('modelNames', () => {
  it('takes as many folders as tell the files apart', () => {
    expect(modelNames(['a/b/model.onnx', 'c/b/model.onnx', 'c/other.onnx'])).toEqual([
      'a/b/model.onnx',
      'c/b/model.onnx',
      'other.onnx',
    ]);
    expect(modelNames(['model.onnx', 'x/model.onnx'])).toEqual(['model.onnx', 'x/model.onnx']);
    expect(modelNames(['C:\\a\\m.onnx', 'C:\\b\\m.onnx'])).toEqual(['a/m.onnx', 'b/m.onnx']);
  });

  it('gives one file one name, however often it is measured', () => {
    expect(modelNames(['a/m.onnx', 'a/m.onnx'])).toEqual(['m.onnx', 'm.onnx']);
  });
});

describe('labelsOf', () => {
  it('says what varies, with words where a number alone says nothing', () => {
    const measurements = [
      ran({}, named('a.onnx')),
      ran({ batch: 8, threads: 1, optimization: 'basic' }, { ...named('b.onnx'), variant: 'folded' }),
    ];
    expect(labelsOf(measurements)).toEqual([
      'a.onnx, as given, level all, 2 threads, batch 1',
      'b.onnx, folded, level basic, 1 thread, batch 8',
    ]);
    expect(labelsOf(measurements, ['batch', 'threads', 'level', 'variant'])).toEqual(['a.onnx', 'b.onnx']);
  });

  it('falls back on the model, and numbers what is there twice', () => {
    expect(labelsOf([base])).toEqual(['model.onnx']);
    expect(labelsOf([base, base])).toEqual(['model.onnx', 'model.onnx #2']);
    const batches = [ran({}), ran({ batch: 8 }), ran({ batch: 8 })];
    expect(labelsOf(batches, ['batch'])).toEqual(['model.onnx', 'model.onnx', 'model.onnx #2']);
  });

  it('leaves out the runtime behind a provider, and the precision behind a variant', () => {
    const web: Partial<Measurement> = { runtime: { ...runtime, name: 'onnxruntime-web' } };
    const int8: Partial<Measurement> = { variant: 'int8', model: { ...model, precision: 'int8' } };
    expect(labelsOf([base, ran({ asked: 'web-wasm' }, web)])).toEqual(['cpu', 'web-wasm']);
    expect(labelsOf([base, measurementOf([[1]], web)])).toEqual([
      'onnxruntime-node 1.30.0',
      'onnxruntime-web 1.30.0',
    ]);
    expect(labelsOf([base, measurementOf([[1]], int8)])).toEqual(['as given', 'int8']);
    const precision = facetsOf([base, measurementOf([[1]], int8)]).find(({ name }) => name === 'precision');
    expect(precision).toEqual({
      name: 'precision',
      values: ['float32', 'int8'],
      varies: true,
      follows: true,
    });
  });
});

describe('groupName', () => {
  const measurements = ['cpu', 'cuda', 'tensorrt'].flatMap((asked) =>
    [1, 8].map((batch) =>
      ran({ asked: asked === 'cpu' ? 'cpu' : asked === 'cuda' ? 'cuda' : 'tensorrt', batch }),
    ),
  );

  it('names a group by what it alone has in common', () => {
    expect(groupName(measurements, [0, 1, 2, 3, 4, 5])).toBe('all measurements');
    expect(groupName(measurements, [2, 3])).toBe('cuda');
    expect(groupName(measurements, [2, 3, 4, 5])).toBe('cuda and tensorrt');
    expect(groupName(measurements, [1, 3, 5])).toBe('batch 8');
  });

  it('takes the fewest facets that it takes', () => {
    const models = ['a.onnx', 'b.onnx'].flatMap((path) =>
      ['folded', 'int8'].flatMap((variant) =>
        [1, 8].map((batch) => ran({ batch }, { ...named(path), variant })),
      ),
    );
    expect(groupName(models, [0, 1])).toBe('a.onnx, folded');
    expect(groupName(models, [0, 2, 5, 7])).toBe('a.onnx, batch 1; b.onnx, batch 8');
  });

  it('otherwise names each, or the first of many', () => {
    expect(groupName(measurements, [0])).toBe('cpu, batch 1');
    expect(groupName(measurements, [0, 3])).toBe('cpu, batch 1; cuda, batch 8');
    expect(groupName(measurements, [0, 3, 4], 2)).toBe('cpu, batch 1; cuda, batch 8 and 1 more');
  });
});

describe('shortened', () => {
  it('leaves out the middle', () => {
    expect(shortened('abcdefghij', 10)).toBe('abcdefghij');
    expect(shortened('abcdefghijk', 10)).toBe('abcde…hijk');
  });

  it('keeps names whole that would then be the same', () => {
    expect(shortenedAll(['aaaaaXaaaaa', 'aaaaaYaaaaa'], 9)).toEqual(['aaaaaXaaaaa', 'aaaaaYaaaaa']);
    expect(shortenedAll(['Xaaaaaaaaaa', 'Yaaaaaaaaaa'], 9)).toEqual(['Xaaa…aaaa', 'Yaaa…aaaa']);
  });
});
