// State dicts of checkpoints: one that PyTorch 1.13 wrote, many that it writes now where it is installed, and damaged and
// hostile ones.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { decodeWeights } from '../../../../src/deploy/decode-weights.js';
import { readStateDict } from '../../../../src/deploy/pytorch/state-dict.js';
import { openStoredZip } from '../../../../src/deploy/pytorch/stored-zip.js';
import { GenonnxError } from '../../../../src/errors.js';
import { openStream, type RandomStream } from '../../../../src/random.js';
import { freshFolder } from '../../../e2e/command.js';
import { type PythonRun, runPython } from '../../../support/python.js';
import { storedZip } from '../../../support/zip.js';

const script = fileURLToPath(new URL('torch-save.py', import.meta.url));
const fixture = readFileSync(new URL('../../../fixtures/checkpoint.pt', import.meta.url));

/** What `torch-save.py` calls `base`: f32[2,3,4]. */
const base = Float32Array.from({ length: 24 }, (_, i) => i / 8 - 1);
const at = (i: number, j: number, k: number): number => base[12 * i + 4 * j + k] ?? Number.NaN;
const twoOf = [0, 1];

const expected: readonly (readonly [string, readonly number[], readonly number[]])[] = [
  ['plain.weight', [2, 3, 4], [...base]],
  [
    'transposed.weight',
    [4, 3, 2],
    [0, 1, 2, 3].flatMap((k) => [0, 1, 2].flatMap((j) => twoOf.map((i) => at(i, j, k)))),
  ],
  ['sliced.weight', [2, 2, 2], twoOf.flatMap((i) => [1, 2].flatMap((j) => [0, 2].map((k) => at(i, j, k))))],
  ['half.weight', [2, 3, 4], [...base]],
  ['bfloat.weight', [2, 3, 4], [...base]],
  ['double.weight', [2, 3, 4], [...base]],
  ['scalar', [], [2.5]],
  ['empty', [0, 3], []],
  ['parameter', [3, 4], [...base.subarray(0, 12)]],
];

function requireExpected(bytes: Uint8Array, prefix = ''): void {
  const { weights, rounded } = decodeWeights(bytes, 'checkpoint');
  const found = [...weights].map(([name, { shape, data }]) => [name, [...shape], [...data]]);
  expect(found).toEqual(expected.map(([name, ...rest]) => [`${prefix}${name}`, ...rest]));
  expect(rounded).toBe(1);
}

it('reads the state dict of a training’s checkpoint, whatever its types and strides', () => {
  requireExpected(fixture, 'module.');
});

describe('what PyTorch writes', () => {
  const folder = freshFolder();
  let run: PythonRun;
  beforeAll(async () => {
    run = await runPython(script, [folder], 'PyTorch');
  });
  const saved = (name: string): Uint8Array => readFileSync(join(folder, name));

  it.for([
    ['checkpoint.pt', 'module.'],
    ['state.pt', ''],
    ['protocol-4.pt', ''],
    ['nested.pt', ''],
  ] as const)('is read from %s', ([name, prefix], context) => {
    if ('skipped' in run) return context.skip(run.skipped);
    requireExpected(saved(name), prefix);
  });

  it.for([
    ['legacy.pt', /before version 1\.6[\s\S]*save_file/],
    ['namespace.pt', /argparse\.Namespace[\s\S]*model\.state_dict\(\)/],
    ['module.pt', /torch\.nn\.modules\.container\.Sequential/],
    ['script.pt', /TorchScript[\s\S]*torch\.jit\.load/],
    ['empty.pt', /no state dict[\s\S]*a dict of epoch/],
    ['twice.pt', /several state dicts[\s\S]*model, net/],
    ['whole.pt', /int64/],
    ['expanded.pt', /a view of 1 elements[\s\S]*contiguous/],
    ['huge.pt', /too large for float32[\s\S]*1e\+300/],
  ] as const)('is refused from %s, with its cure', ([name, says], context) => {
    if ('skipped' in run) return context.skip(run.skipped);
    expect(() => decodeWeights(saved(name), name)).toThrow(says);
  });
});

/** A checkpoint around a pickle, written by hand; the storage `0` has 4 float32 numbers. */
function around(pickle: string, entries: readonly (readonly [string, Uint8Array])[] = []): Uint8Array {
  const storage = new Uint8Array(Float32Array.of(1, 2, 3, 4).buffer);
  return storedZip([['a/data.pkl', Buffer.from(pickle, 'latin1')], ['a/data/0', storage], ...entries]);
}

const word = (text: string): string => `\x8c${String.fromCharCode(text.length)}${text}`;
const storage = (type = 'torch\nFloatStorage', key = '0', count = 'K\x04'): string =>
  `(${word('storage')}c${type}\n${word(key)}${word('cpu')}${count}tQ`;
const tensor = (of: string, rest = 'K\x00K\x04\x85K\x01\x85\x89N'): string =>
  `ctorch._utils\n_rebuild_tensor_v2\n(${of}${rest}tR`;
const dict = (...items: readonly string[]): string => `}(${items.join('')}u`;

describe('checkpoints from anywhere', () => {
  it('may name the type with each tensor', () => {
    const typed = `ctorch._utils\n_rebuild_tensor_v3\n(${storage('torch.storage\nUntypedStorage', '0', 'K\x10')}K\x00K\x04\x85K\x01\x85\x89Nctorch\nfloat32\nNtR`;
    const { weights } = readStateDict(around(`${dict(word('w'), typed)}.`), 'c');
    expect([...(weights.get('w')?.data ?? [])]).toEqual([1, 2, 3, 4]);
  });

  it('may list the pairs of an ordered dict', () => {
    const ordered = `ccollections\nOrderedDict\n](${word('w')}${tensor(storage())}\x86e\x85R.`;
    expect([...readStateDict(around(ordered), 'c').weights.keys()]).toEqual(['w']);
  });

  it.each<[string, string, RegExp]>([
    ['that run commands', 'cposix\nsystem\n\x8c\x02ls\x85R.', /posix\.system/],
    [
      'of a storage that is not there',
      `${dict(word('w'), tensor(storage('torch\nFloatStorage', '7')))}.`,
      /no such entry/,
    ],
    [
      'of a storage that is longer',
      `${dict(word('w'), tensor(storage('torch\nFloatStorage', '0', 'K\x09')))}.`,
      /36 bytes[\s\S]*16 bytes/,
    ],
    [
      'of a storage without a number',
      `${dict(word('w'), tensor(storage('torch\nFloatStorage', '0', 'N')))}.`,
      /bytes/,
    ],
    [
      'of a storage elsewhere',
      `${dict(word('w'), tensor(storage('torch\nFloatStorage', '../../etc/passwd')))}.`,
      /no such entry/,
    ],
    ['of tensors without a storage', `${dict(word('w'), tensor('N'))}.`, /a storage, an offset and a type/],
    [
      'of tensors without a shape',
      `${dict(word('w'), tensor(storage(), 'K\x00N)\x89N'))}.`,
      /a shape and strides/,
    ],
    [
      'of shapes that are words',
      `${dict(word('w'), tensor(storage(), `K\x00${word('x')}\x85)\x89N`))}.`,
      /a shape and strides/,
    ],
    [
      'of a billion copies',
      `${dict(word('w'), tensor(storage(), 'K\x00J\xff\xff\xff\x7f\x85K\x00\x85\x89N'))}.`,
      /a view of 4 elements/,
    ],
    ['that call a tensor', `${tensor(storage())}\x29R.`, /a call of what makes tensors/],
    ['with pairs that are none', 'ccollections\nOrderedDict\n](NNe\x85R.', /pairs of names/],
    ['with a reference to nothing', 'NQ.', /a reference to a storage/],
    ['that hold no dict', 'K\x07.', /no dict/],
    ['that hold an empty dict', '}.', /an empty dict/],
    ['that contain themselves', `}q\x00${word('model')}h\x00s.`, /no state dict/],
    ['nested without end', `${`}${word('model')}`.repeat(9)}}${'s'.repeat(9)}.`, /no state dict/],
  ])('are refused: those %s', (_, pickle, says) => {
    expect(() => readStateDict(around(pickle), 'c')).toThrow(says);
  });

  it('are refused where a thousand names mean the same numbers', () => {
    const numbers = new Uint8Array(40_000);
    const view = `ctorch._utils\n_rebuild_tensor_v2\n(${storage('torch\nFloatStorage', '1', "M\x10'")}K\x00M\x10'\x85K\x01\x85\x89NtRq\x01`;
    const named = (count: number) => {
      const items = Array.from({ length: count }, (_, i) => `${word(String(i))}h\x01`);
      return around(`${dict(word('w'), view, ...items)}.`, [['a/data/1', numbers]]);
    };
    expect(readStateDict(named(3), 'c').weights.size).toBe(4);
    expect(() => readStateDict(named(1000), 'c')).toThrow('repeat the same numbers');
  });

  it('are refused in another order of bytes, and where they are other zip files', () => {
    const good = `${dict(word('w'), tensor(storage()))}.`;
    const order = (text: string) => around(good, [['a/byteorder', Buffer.from(text)]]);
    expect(readStateDict(order('little'), 'c').weights.size).toBe(1);
    expect(() => readStateDict(order('big'), 'c')).toThrow(/another order[\s\S]*big/);
    expect(() => readStateDict(storedZip([['x.npy', fixture]]), 'c')).toThrow(/no checkpoint[\s\S]*x\.npy/);
    expect(() => readStateDict(storedZip([]), 'c')).toThrow('no checkpoint');
  });
});

describe('damaged checkpoints', () => {
  const files = openStoredZip(fixture, 'fixture');
  const pickle = files.names.find((name) => name.endsWith('data.pkl')) ?? '';

  /** Cut short, or with some bits turned. */
  function damaged(whole: Uint8Array, stream: RandomStream): Uint8Array {
    const cut = stream.integer(3) === 0;
    const bytes = Uint8Array.from(cut ? whole.subarray(0, stream.integer(whole.length)) : whole);
    for (let flips = cut ? 0 : 1 + stream.integer(6); flips > 0; flips--) {
      const place = stream.integer(bytes.length);
      bytes[place] =
        stream.integer(2) === 0 ? stream.integer(256) : (bytes[place] ?? 0) ^ (1 << stream.integer(8));
    }
    return bytes;
  }

  it.each([
    ['anywhere', (stream: RandomStream) => damaged(fixture, stream)],
    [
      'in their pickles, with the right checksums',
      (stream: RandomStream) =>
        storedZip(
          files.names.map((name) => {
            const content = files.read(name) ?? new Uint8Array(0);
            return [name, name === pickle ? damaged(content, stream) : content];
          }),
        ),
    ],
  ])('%s are read or refused with a typed error (3,000 of them)', (_, make) => {
    const outcomes = new Set<string>();
    for (let trial = 0; trial < 3000; trial++) {
      const bytes = make(openStream(trial, 'damage'));
      try {
        decodeWeights(bytes, 'damaged');
        outcomes.add('read');
      } catch (error) {
        expect(error, `trial ${trial}`).toBeInstanceOf(GenonnxError);
        outcomes.add('refused');
      }
    }
    expect([...outcomes].sort()).toEqual(['read', 'refused']);
  });
});
