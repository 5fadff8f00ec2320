import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeSafetensors, encodeSafetensors, type SafeTensor } from '../../../graphs/safetensors.js';
import { GenonnxError } from '../../../src/errors.js';
import { alphasFromTensors, parseAlphasFile, printAlphasFile } from '../../../src/estimators/alphas-file.js';
import { openStream } from '../../../src/random.js';
import { DARTS_SPACE, entryCount } from '../../../src/spaces/search-space.js';

const stream = openStream(1, 'alphas');
const draw = (): Float64Array =>
  Float64Array.from({ length: entryCount(DARTS_SPACE) }, () => stream.normal());
const alphas = { normal: draw(), reduce: draw() };
const rule = { samples: 4, scope: 'node', parameterisation: 'relu' } as const;

/** A valid file with some fields replaced. */
function text(changes: Record<string, unknown>): string {
  const rows = [
    [1, 2],
    [3, 4],
  ];
  return JSON.stringify({ normal: rows, reduce: rows, primitives: ['none', 'skip_connect'], ...changes });
}

describe('alphas file', () => {
  it('keeps every bit of what is written', () => {
    const file = { space: DARTS_SPACE, alphas, rule };
    expect(parseAlphasFile(printAlphasFile(file))).toEqual(file);
    expect(JSON.parse(printAlphasFile(file)).normal).toHaveLength(14);
  });

  it('takes the primitives of DARTS and no rule where a file says neither', () => {
    const rows = Array.from({ length: 5 }, () => new Array<number>(8).fill(0));
    const { space, rule } = parseAlphasFile(JSON.stringify({ normal: rows, reduce: rows }));
    expect(space).toEqual({ nodes: 2, primitives: DARTS_SPACE.primitives });
    expect(rule).toEqual({});
  });

  it.each([
    ['text that is not JSON', '{', /expected: JSON/],
    ['a missing cell', text({ reduce: undefined }), /found\.json: reduce/],
    ['rows that are not one an edge', text({ normal: [[1, 2]] }), /normal\n.*a row an edge/],
    ['cells of different size', text({ reduce: new Array(5).fill([1, 2]) }), /as many in both cells/],
    ['a short row', text({ normal: [[1, 2], [3]] }), /normal\.1\n.*2 numbers/],
    [
      'a text among the numbers',
      text({
        normal: [
          [1, 2],
          [3, 'x'],
        ],
      }),
      /normal\.1\.1/,
    ],
    ['an unknown primitive', text({ primitives: ['none', 'skip'] }), /primitives\.1/],
    ['a primitive twice', text({ primitives: ['none', 'none'] }), /every primitive once/],
    ['an unknown scope', text({ scope: 'cell' }), /scope/],
    ['M = 0', text({ samples: 0 }), /samples/],
    ['an unknown field', text({ temperature: 1 }), /temperature/],
  ])('refuses %s', (_, content, message) => {
    const read = () => parseAlphasFile(content, 'found.json');
    expect(read).toThrow(GenonnxError);
    expect(read).toThrow(message);
  });

  describe('as safetensors', () => {
    const tensor = (values: Float64Array): SafeTensor => ({
      dtype: 'F32',
      shape: [14, 8],
      data: Float32Array.from(values),
    });
    const file = (entries: [string, SafeTensor][], metadata: Record<string, string> = {}) =>
      alphasFromTensors(
        decodeSafetensors(encodeSafetensors(entries, Object.entries(metadata)), 'a'),
        'a.safetensors',
      );

    it.each([
      ['alphas_normal', 'alphas_reduce'],
      ['normal', 'reduce'],
      ['model.alphas_normal', 'model.alphas_reduce'],
    ])('reads %s and %s, and what the metadata says of them', (normal, reduce) => {
      const entries: [string, SafeTensor][] = [
        [normal, tensor(alphas.normal)],
        [reduce, tensor(alphas.reduce)],
        ['stem.0.weight', { dtype: 'F32', shape: [1], data: Float32Array.of(1) }],
      ];
      const metadata = {
        ...rule,
        samples: '4',
        primitives: JSON.stringify(DARTS_SPACE.primitives),
        format: 'pt',
      };
      const read = file(entries, metadata);
      expect(read.rule).toEqual(rule);
      expect(read.space).toEqual(DARTS_SPACE);
      expect(read.alphas.normal).toEqual(alphas.normal.map(Math.fround));
      expect(read.alphas.reduce).toEqual(alphas.reduce.map(Math.fround));
      expect(file(entries).rule).toEqual({});
    });

    it.each([
      ['no alphas', [['weights', tensor(alphas.normal)]], {}, /alphas_normal[\s\S]*weights/],
      [
        'two of a kind',
        [
          ['normal', tensor(alphas.normal)],
          ['b.normal', tensor(alphas.normal)],
        ],
        {},
        /one tensor/,
      ],
      [
        'another shape',
        [['normal', { dtype: 'F32', shape: [4], data: new Float32Array(4) }]],
        {},
        /edges and primitives/,
      ],
      [
        'metadata that is nonsense',
        [
          ['normal', tensor(alphas.normal)],
          ['reduce', tensor(alphas.reduce)],
        ],
        { samples: 'many' },
        /samples[\s\S]*JSON/,
      ],
    ] as [string, [string, SafeTensor][], Record<string, string>, RegExp][])(
      'refuses %s',
      (_, entries, metadata, message) => {
        const read = () => file(entries, metadata);
        expect(read).toThrow(GenonnxError);
        expect(read).toThrow(message);
      },
    );
  });

  it('survives 2,000 random sets of tensors', () => {
    const dimensions = fc.array(fc.integer({ min: 0, max: 15 }), { maxLength: 3 });
    const entry = fc
      .tuple(fc.constantFrom('normal', 'reduce', 'x.alphas_normal', 'alphas_reduce', 'w'), dimensions)
      .map(([name, shape]): [string, SafeTensor] => {
        const length = shape.reduce((a, b) => a * b, 1);
        return [name, { dtype: 'F64', shape, data: new Float64Array(length).fill(Number.NaN) }];
      });
    const metadata = fc.dictionary(
      fc.constantFrom('primitives', 'samples', 'scope', 'parameterisation', 'other'),
      fc.oneof(fc.json(), fc.constantFrom('edge', 'relu', '4'), fc.string()),
    );
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 4 }), metadata, (entries, fields) => {
        try {
          alphasFromTensors({ tensors: new Map(entries), metadata: new Map(Object.entries(fields)) });
        } catch (error) {
          expect(error).toBeInstanceOf(GenonnxError);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('survives 2,000 random and mutated files', () => {
    const file = printAlphasFile({ space: DARTS_SPACE, alphas, rule });
    const mutated = fc
      .tuple(fc.nat(file.length), fc.nat(20), fc.string({ maxLength: 5 }))
      .map(([at, length, insert]) => file.slice(0, at) + insert + file.slice(at + length));
    fc.assert(
      fc.property(fc.oneof(mutated, fc.json(), fc.string()), (content) => {
        try {
          parseAlphasFile(content);
        } catch (error) {
          expect(error).toBeInstanceOf(GenonnxError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
