import { describe, expect, it } from 'vitest';
import { type PickleHost, type PickleValue, unpickle } from '../../../../src/deploy/pytorch/unpickle.js';

/** Names are objects that say what they are; calls and references say what they were given. */
interface Said {
  readonly said: string;
}
const host: PickleHost<Said> = {
  named: (module, name) => (module === 'known' ? { said: name } : undefined),
  call: (_, args) => args[0] ?? null,
  persistent: (id) => ({ said: JSON.stringify(id) }),
};

function read(...parts: readonly (string | readonly number[])[]): PickleValue<Said> {
  const bytes = parts.map((part) =>
    typeof part === 'string' ? Buffer.from(part, 'latin1') : Uint8Array.from(part),
  );
  return unpickle(Buffer.concat(bytes), host, 'p');
}

describe('unpickle', () => {
  it.each<[string, PickleValue<Said>, (string | number[])[]]>([
    ['none and truths', [null, true, false], ['(N\x88\x89t.']],
    ['small numbers', [255, 65535, -2], ['(K\xffM\xff\xff', 'J', [0xfe, 0xff, 0xff, 0xff], 't.']],
    ['a long', 2 ** 40, ['\x8a\x06', [0, 0, 0, 0, 0, 1], '.']],
    ['a negative long', -(2 ** 40), ['\x8a\x06', [0, 0, 0, 0, 0, 0xff], '.']],
    ['a long beyond doubles', 2n ** 63n, ['\x8a\x09', [0, 0, 0, 0, 0, 0, 0, 0x80, 0], '.']],
    ['a long of no bytes', 0, ['\x8a\x00.']],
    ['a float', 0.5, ['G', [0x3f, 0xe0, 0, 0, 0, 0, 0, 0], '.']],
    ['words', ['é', 'b'], ['(X', [2, 0, 0, 0], '\xc3\xa9', '\x8c\x01b', 't.']],
    ['lists', [1, 2, 3], [']K\x01a(K\x02K\x03e.']],
    ['tuples', [[], [1], [1, 2], [1, 2, 3]], ['()K\x01\x85K\x01K\x02\x86K\x01K\x02K\x03\x87t.']],
    [
      'a dict',
      new Map([
        ['a', 1],
        ['b', 2],
      ]),
      ['}\x8c\x01aK\x01s(\x8c\x01bK\x02u.'],
    ],
    ['an ordered dict with attributes', new Map(), ['}}b.']],
    [
      'what was remembered',
      [7, 7, 7, 7],
      ['(K\x07q\x00h\x00r', [9, 0, 0, 0], 'j', [9, 0, 0, 0], '\x94h\x02t.'],
    ],
    ['a name, in both ways', [{ said: 'x' }, { said: 'y' }], ['(cknown\nx\n\x8c\x05known\x8c\x01y\x93t.']],
    ['a call', 5, ['cknown\nx\nK\x05\x85R.']],
    ['a reference', { said: '[1]' }, ['K\x01\x85Q.']],
    ['a protocol and a frame', 1, ['\x80\x04\x95', [2, 0, 0, 0, 0, 0, 0, 0], 'K\x01.']],
  ])('reads %s', (_, value, parts) => {
    expect(read(...parts)).toEqual(value);
  });

  it('names the global that it does not know, and calls nothing', () => {
    expect(() => read('cposix\nsystem\n\x8c\x02ls\x85R.')).toThrow('posix.system');
    expect(() => read('\x8c\x08builtins\x8c\x04eval\x93.')).toThrow('builtins.eval');
  });

  it.each([
    ['another protocol', '\x80\x01.', 'protocol 1'],
    ['an opcode of objects', '(cknown\nx\no.', '0x6f at byte 10'],
    ['an end that is missing', 'K\x01', 'cut short'],
    ['text that is cut short', 'X\xff\xff\xff\xff', 'cut short'],
    ['text in another encoding', '\x8c\x01\xff.', 'UTF-8'],
    ['a name without an end', 'cknown\nx', 'cut short'],
    ['an empty stack', '.', 'empty stack'],
    ['a collection that was not begun', 't.', 'none'],
    ['a mark as a value', '(.', 'empty stack'],
    ['an item of no list', 'NNa.', 'a list'],
    ['an entry of no dict', 'NNNs.', 'a dict'],
    ['attributes of no dict', 'N}b.', 'attributes'],
    ['what was never remembered', 'h\x07.', 'number 7'],
    ['a call without arguments', 'cknown\nx\nNR.', 'a tuple of arguments'],
    ['a name that is none', 'NN\x93.', 'the name of a global'],
  ])('refuses %s', (_, pickle, says) => {
    expect(() => read(pickle)).toThrow(says);
  });
});
