import { describe, expect, it } from 'vitest';
import { decodeSafetensors, encodeSafetensors, type SafeTensor } from '../../../graphs/safetensors.js';
import { GenonnxError } from '../../../src/errors.js';
import { alphasFromTensors, parseAlphasFile, printAlphasFile } from '../../../src/estimators/alphas-file.js';
import { anyAlphasFromTensors, parseAnyAlphas } from '../../../src/estimators/alphas-kinds.js';
import { rowsByEdge } from '../../../src/estimators/probabilities.js';
import { DARTS_SPACE } from '../../../src/spaces/convolutional.js';
import { RECURRENT_FORM, RECURRENT_SPACE } from '../../../src/spaces/recurrent.js';
import { entryCount } from '../../../src/spaces/search-space.js';
import { randomValues } from './values.js';

const recurrent = randomValues(1, entryCount(RECURRENT_SPACE), 0, 1);
const { recurrent: rows } = rowsByEdge(recurrent, RECURRENT_SPACE);
const images = randomValues(2, entryCount(DARTS_SPACE), 0, 1);
const { normal, reduce } = rowsByEdge(images, DARTS_SPACE);
const rule = { samples: 7, scope: 'node', parameterisation: 'relu' } as const;

const words = (text: unknown) => parseAnyAlphas(JSON.stringify(text), 'found.json');

describe('parseAnyAlphas', () => {
  it('knows recurrent alphas by their cell, with what the file says of them, to the last bit', () => {
    expect(words({ recurrent: rows })).toEqual({
      kind: 'recurrent',
      file: { space: RECURRENT_SPACE, alphas: recurrent, rule: {} },
    });
    const file = { space: RECURRENT_SPACE, alphas: recurrent, rule, method: 'egs' } as const;
    expect(parseAnyAlphas(printAlphasFile(file))).toEqual({ kind: 'recurrent', file });
    const other = words({ recurrent: [[1, 2]], primitives: ['none', 'relu'] });
    expect(other.file.space.cellTypes).toMatchObject([{ nodes: 1, primitives: ['none', 'relu'] }]);
  });

  it('reads the bare lists that DARTS keeps its alphas in', () => {
    for (const list of [rows, [rows]]) {
      expect(words(list)).toEqual(words({ recurrent: rows }));
      expect(parseAlphasFile(RECURRENT_FORM, JSON.stringify(list)).alphas).toEqual(recurrent);
    }
    expect(words([normal, reduce])).toEqual(words({ normal, reduce }));
    expect(words([normal, reduce])).toMatchObject({ kind: 'convolutional', file: { alphas: images } });
  });

  it.each<[string, unknown, RegExp]>([
    [
      'cells of neither kind',
      { encoder: rows },
      /normal and reduce \(convolutional\), or recurrent \(recurrent\), or cell \(one-cell\)\n +found: +encoder/,
    ],
    ['cells of both kinds', { recurrent: rows, normal }, /found: +recurrent, normal/],
    ['no cells', {}, /found: +nothing/],
    ['no object', 3, /found: +nothing/],
    ['an empty list', [], /the rows of each cell: normal, reduce\n +found: +a list of 0/],
    ['a list of three', [normal, reduce, rows], /a list of 3/],
    [
      'rows that are not one an edge',
      rows.slice(1),
      /recurrent\n +expected: +a row an edge: 1, 3, 6, 10, \.\.\.\n +found: +35 rows/,
    ],
    ['a row that is too long', [[1, 2, 3, 4, 5, 6]], /recurrent\.0\n +expected: +5 numbers/],
    ['a text among the numbers', { recurrent: [[0, 0, 'x', 0, 0]] }, /recurrent\.0\.2/],
    [
      'a primitive of images',
      { recurrent: rows, primitives: ['none', 'skip_connect'] },
      /tanh, relu, sigmoid, identity/,
    ],
  ])('refuses %s', (_, content, message) => {
    expect(() => words(content)).toThrow(GenonnxError);
    expect(() => words(content)).toThrow(message);
    expect(() => words(content)).toThrow(/found\.json/);
  });

  it('refuses what is no JSON', () => {
    expect(() => parseAnyAlphas('[[')).toThrow(/where: +alphas\n +expected: +JSON/);
  });
});

describe('anyAlphasFromTensors', () => {
  const tensor = (values: Float64Array, width: number): SafeTensor => ({
    dtype: 'F64',
    shape: [values.length / width, width],
    data: values,
  });
  const file = (entries: [string, SafeTensor][], metadata: Record<string, string> = {}) =>
    decodeSafetensors(encodeSafetensors(entries, Object.entries(metadata)), 'a');
  const noise: [string, SafeTensor] = ['encoder.weight', tensor(Float64Array.of(1, 2), 2)];

  it.each(['recurrent', 'alphas_recurrent', 'model.alphas_recurrent', 'alphas', 'weights'])(
    'reads %s, [36, 5], and what the metadata says',
    (name) => {
      const tensors = file([noise, [name, tensor(recurrent, 5)]], { method: 'egs', samples: '7' });
      expect(anyAlphasFromTensors(tensors)).toEqual({
        kind: 'recurrent',
        file: { space: RECURRENT_SPACE, alphas: recurrent, rule: { samples: 7 }, method: 'egs' },
      });
    },
  );

  it('reads the cells of images as before', () => {
    const half = images.length / 2;
    const tensors = file([
      ['alphas_normal', tensor(images.slice(0, half), 8)],
      ['alphas_reduce', tensor(images.slice(half), 8)],
    ]);
    expect(anyAlphasFromTensors(tensors)).toMatchObject({ kind: 'convolutional', file: { alphas: images } });
  });

  it('refuses tensors of neither kind, of both, and two of a kind', () => {
    const read =
      (...names: string[]) =>
      () =>
        anyAlphasFromTensors(
          file([noise, ...names.map((name): [string, SafeTensor] => [name, tensor(recurrent, 5)])]),
          'a.st',
        );
    expect(read()).toThrow(/a\.st\n.*or cell \(one-cell\)\n +found: +encoder\.weight/);
    expect(read('recurrent', 'normal')).toThrow(/found: +encoder\.weight, normal, recurrent/);
    expect(read('recurrent', 'alphas')).toThrow(
      /one tensor named alphas_recurrent or recurrent or weights or alphas/,
    );
    // Names without the cell's are those of an only cell.
    expect(() => alphasFromTensors(DARTS_SPACE, file([['alphas', tensor(images, 8)]]))).toThrow(
      /one tensor named/,
    );
  });
});
