import { describe, expect, it } from 'vitest';
import { parseVocList } from '../../../datasets/masks/voc-lists.js';

describe('a list of VOC', () => {
  it('has ids, whose masks lie in the folder of the list', () => {
    expect(parseVocList('2007_000032\r\n2007_000039\n\n', 'SegmentationClassAug', 'trainaug.txt')).toEqual([
      { picture: 'JPEGImages/2007_000032.jpg', mask: 'SegmentationClassAug/2007_000032.png' },
      { picture: 'JPEGImages/2007_000039.jpg', mask: 'SegmentationClassAug/2007_000039.png' },
    ]);
  });

  it('or the paths of both files', () => {
    const line = '/JPEGImages/2007_000032.jpg /SegmentationClassAug/2007_000032.png\n';
    expect(parseVocList(line, 'SegmentationClass', 'trainaug.txt')).toEqual([
      { picture: 'JPEGImages/2007_000032.jpg', mask: 'SegmentationClassAug/2007_000032.png' },
    ]);
  });

  it.each([
    ['', 'train.txt'],
    ['a\n../../etc/passwd /x/y.png', 'train.txt:2'],
    ['a b c', 'train.txt:1'],
    ['/a/../b.jpg /x/y.png', 'train.txt:1'],
    ['a/b', 'train.txt:1'],
  ])('is refused where it is %j', (text, where) => {
    expect(() => parseVocList(text, 'SegmentationClass', 'train.txt')).toThrow(
      expect.objectContaining({ code: 'data-corrupt', details: expect.objectContaining({ where }) }),
    );
  });
});
