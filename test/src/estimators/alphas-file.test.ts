import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeSafetensors, encodeSafetensors, type SafeTensor } from '../../../graphs/safetensors.js';
import { GenonnxError } from '../../../src/errors.js';
import { alphasFromTensors, parseAlphasFile, printAlphasFile } from '../../../src/estimators/alphas-file.js';
import { openStream } from '../../../src/random.js';
import { CONVOLUTIONAL_FORM, DARTS_SPACE, SEARCH_PRIMITIVES } from '../../../src/spaces/convolutional.js';
import { entryCount } from '../../../src/spaces/search-space.js';

const stream = openStream(1, 'alphas');
const alphas = Float64Array.from({ length: entryCount(DARTS_SPACE) }, () => stream.normal());
const [normalAlphas, reduceAlphas] = [alphas.subarray(0, 112), alphas.subarray(112)];
/** As whoever does not know the space reads a file. */
const parse = (content: string, where?: string) =>
  parseAlphasFile(CONVOLUTIONAL_FORM, content, {
    defaults: DARTS_SPACE,
    ...(where === undefined ? {} : { where }),
  });
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
    expect(parseAlphasFile(DARTS_SPACE, printAlphasFile(file))).toEqual(file);
    expect(parse(printAlphasFile(file))).toEqual({
      ...file,
      space: { ...DARTS_SPACE, name: 'convolutional' },
    });
    expect(JSON.parse(printAlphasFile(file)).normal).toHaveLength(14);
  });

  it('takes the primitives of DARTS and no rule where a file says neither', () => {
    const rows = Array.from({ length: 5 }, () => new Array<number>(8).fill(0));
    const { space, rule } = parse(JSON.stringify({ normal: rows, reduce: rows }));
    expect(space.cellTypes).toEqual(DARTS_SPACE.cellTypes.map((type) => ({ ...type, nodes: 2 })));
    expect(rule).toEqual({});
  });

  it.each([
    ['text that is not JSON', '{', /expected: JSON/],
    ['a missing cell', text({ reduce: undefined }), /found\.json: reduce/],
    ['rows that are not one an edge', text({ normal: [[1, 2]] }), /normal\n.*a row an edge/],
    ['too many rows', text({ reduce: new Array(4).fill([1, 2]) }), /reduce\n.*a row an edge: 2, 5, 9, 14/],
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
    const read = () => parse(content, 'found.json');
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
        CONVOLUTIONAL_FORM,
        decodeSafetensors(encodeSafetensors(entries, Object.entries(metadata)), 'a'),
        { where: 'a.safetensors', defaults: DARTS_SPACE },
      );

    it.each([
      ['alphas_normal', 'alphas_reduce'],
      ['normal', 'reduce'],
      ['model.alphas_normal', 'model.alphas_reduce'],
    ])('reads %s and %s, and what the metadata says of them', (normal, reduce) => {
      const entries: [string, SafeTensor][] = [
        [normal, tensor(normalAlphas)],
        [reduce, tensor(reduceAlphas)],
        ['stem.0.weight', { dtype: 'F32', shape: [1], data: Float32Array.of(1) }],
      ];
      const metadata = {
        ...rule,
        samples: '4',
        primitives: JSON.stringify(SEARCH_PRIMITIVES),
        format: 'pt',
      };
      const read = file(entries, metadata);
      expect(read.rule).toEqual(rule);
      expect(read.space.cellTypes).toEqual(DARTS_SPACE.cellTypes);
      expect(read.alphas).toEqual(alphas.map(Math.fround));
      expect(file(entries).rule).toEqual({});
    });

    it.each([
      ['no alphas', [['weights', tensor(normalAlphas)]], {}, /alphas_normal[\s\S]*weights/],
      [
        'two of a kind',
        [
          ['normal', tensor(normalAlphas)],
          ['b.normal', tensor(normalAlphas)],
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
          ['normal', tensor(normalAlphas)],
          ['reduce', tensor(reduceAlphas)],
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
          const tensors = { tensors: new Map(entries), metadata: new Map(Object.entries(fields)) };
          alphasFromTensors(CONVOLUTIONAL_FORM, tensors);
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
          parse(content);
        } catch (error) {
          expect(error).toBeInstanceOf(GenonnxError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
