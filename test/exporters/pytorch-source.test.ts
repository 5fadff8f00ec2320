// The text of exported PyTorch modules, as a reader sees it.
import { describe, expect, it } from 'vitest';
import { pythonString } from '../../exporters/pytorch/python.js';
import type { ConvolutionalGenotype } from '../../src/spaces/convolutional.js';
import { zooEntry } from '../../src/spaces/zoo.js';
import { exportCase } from './export-case.js';
import { exportedFiles } from './runners/pytorch.js';

const small: ConvolutionalGenotype = {
  normal: {
    nodes: [
      [
        { primitive: 'sep_conv_3x3', input: 0 },
        { primitive: 'skip_connect', input: 1 },
      ],
      [{ primitive: 'dil_conv_5x5', input: 2 }],
    ],
    concat: [2, 3],
  },
  reduce: {
    nodes: [
      [
        { primitive: 'max_pool_3x3', input: 0 },
        { primitive: 'skip_connect', input: 1 },
      ],
      [{ primitive: 'avg_pool_3x3', input: 2 }],
    ],
    concat: [2, 3],
  },
};

const pooling: ConvolutionalGenotype = { normal: small.reduce, reduce: small.reduce };

function sourceOf(...args: Parameters<typeof exportCase>): string {
  const file = exportedFiles(exportCase(...args)).find(({ path }) => path === 'model.py');
  if (typeof file?.content !== 'string') throw new Error('no module');
  return file.content;
}

describe('the source of a PyTorch module', () => {
  it('is a readable file', async () => {
    await expect(sourceOf(small)).toMatchFileSnapshot('goldens/pytorch-model.py');
  });

  it('has the stem and the head that the network has', async () => {
    const image = { channels: 3, height: 224, width: 224 };
    const source = sourceOf(pooling, { name: 'imagenet', image, auxiliary: true });
    await expect(source).toMatchFileSnapshot('goldens/pytorch-imagenet-model.py');
  });

  it('defines only what the genotype uses', () => {
    const defined = (source: string) =>
      [...source.matchAll(/^(?:class|def) (\w+)/gm)].map((match) => match[1]);
    const extra = ['depthwise', 'SeparableConv', 'DilatedConv', 'conv_1x7_7x1'];
    const of = (genotype: ConvolutionalGenotype) =>
      defined(sourceOf(genotype)).filter((name) => extra.includes(name!));
    const reduce = (primitive: 'conv_7x1_1x7' | 'sep_conv_7x7' | 'dil_conv_3x3'): ConvolutionalGenotype => ({
      normal: small.reduce,
      reduce: { nodes: [[{ primitive, input: 0 }]], concat: [2] },
    });
    expect(of(pooling)).toEqual([]);
    expect(of(reduce('sep_conv_7x7'))).toEqual(['depthwise', 'SeparableConv']);
    expect(of(reduce('dil_conv_3x3'))).toEqual(['depthwise', 'DilatedConv']);
    expect(of(reduce('conv_7x1_1x7'))).toEqual(['conv_1x7_7x1']);
    expect(sourceOf(pooling)).not.toMatch(/sep_conv|dil_conv|conv_7x1|AuxiliaryHead|AUXILIARY/);
  });

  it('keeps to lines of 100 characters, however long nodes and metadata are', () => {
    const wide: ConvolutionalGenotype = {
      ...small,
      normal: {
        nodes: [
          Array.from({ length: 12 }, (_, i) => ({ primitive: 'sep_conv_5x5' as const, input: i % 2 })),
          ...Array.from({ length: 30 }, () => [{ primitive: 'skip_connect' as const, input: 0 }]),
        ],
        concat: Array.from({ length: 31 }, (_, i) => 2 + i),
      },
    };
    const model = exportCase(wide);
    const metadata = { ...model.metadata, classes: '"模型\\", '.repeat(60) };
    const all = { ...model, metadata };
    const file = exportedFiles(all).find(({ path }) => path === 'model.py');
    const sources = [
      String(file?.content),
      sourceOf(zooEntry('DATA_M7').genotype, {
        name: 'imagenet',
        classes: 1000,
        image: { channels: 3, height: 224, width: 224 },
        auxiliary: true,
      }),
    ];
    for (const source of sources)
      expect(source.split('\n').filter((line) => [...line].length > 100 || /\s$/.test(line))).toEqual([]);
  });
});

describe('Python strings', () => {
  it.each([
    ['plain', '"plain"'],
    ['"quoted"', `'"quoted"'`],
    [`both " and '`, `"both \\" and '"`],
    ['back\\slash', '"back\\\\slash"'],
    ['line\nfeed\r\0', '"line\\nfeed\\x0d\\x00"'],
    ['é 模 🙂', '"é 模 🙂"'],
    ['\u202e\u2028\u00a0\ud800\u{e0001}', '"\\u202e\\u2028\\xa0\\ud800\\U000e0001"'],
  ])('escape what is not plainly visible: %j', (text, literal) => {
    expect(pythonString(text)).toBe(literal);
  });
});
