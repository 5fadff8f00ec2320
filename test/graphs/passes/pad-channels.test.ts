import { describe, expect, it } from 'vitest';
import { isOp, type Value } from '../../../graphs/ir.js';
import { convolveReductions } from '../../../graphs/passes/convolve-reductions.js';
import { foldBatchNorm } from '../../../graphs/passes/fold-batch-norm.js';
import { padChannels } from '../../../graphs/passes/pad-channels.js';
import { CONVOLUTIONAL_ZOO } from '../../../src/spaces/zoo-convolutional.js';
import { caseImages, expectedOutputs, exportCase } from '../../exporters/export-case.js';
import { defined, expectClose } from '../../support/tensors.js';
import { type Bench, bound, expectSame, namesOf } from './bound-case.js';

/** Channels of what nodes yield when maps are padded to multiples of 4; the first one is the stem, of 5 channels. */
function padded(build: (bench: Bench) => Value): string[] {
  const before = bound(build);
  const after = padChannels(before, 4);
  expectSame(before, after);
  const shapes = after.graph.nodes.map(({ op, outputs }) => `${op} ${outputs[0]?.shape[1]}`);
  // The third map is there whether it is used or not.
  return shapes.filter((shape) => shape !== 'neg 3');
}

/** A dense convolution to 2 channels, which are the graph's output. */
function end({ g, weight }: Bench, x: Value): Value {
  return g.conv2d(x, weight('end', [2, Number(x.shape[1]), 1, 1]));
}

describe('padChannels', () => {
  it('fills blocks up between dense convolutions, through all that keeps channels apart', () => {
    const shapes = padded((bench) => {
      const { g, parts, weight } = bench;
      const relu = g.relu(parts[1]);
      const bias = weight('bias', [5]);
      const depthwise = g.conv2d(relu, weight('depthwise', [5, 1, 3, 3]), { groups: 5, padding: 1, bias });
      const pool = { kernel: 2, stride: 1, padding: 0 };
      return end(bench, g.averagePool2d(g.maxPool2d(g.add(depthwise, parts[1]), pool), pool));
    });
    expect(shapes).toEqual([
      'conv2d 8',
      'relu 8',
      'conv2d 8',
      'add 8',
      'maxPool2d 8',
      'averagePool2d 8',
      'conv2d 2',
    ]);
  });

  it('pads each part of a concatenation, and finds its channels again behind it', () => {
    const shapes = padded((bench) => {
      const { g, parts, weight } = bench;
      const bias = weight('bias', [6]);
      const other = g.conv2d(parts[0], weight('other', [6, 3, 1, 1]), { bias });
      return end(bench, g.relu(g.concat([parts[1], other, parts[1]], 1)));
    });
    expect(shapes).toEqual(['conv2d 8', 'conv2d 8', 'concat 24', 'relu 24', 'conv2d 2']);
  });

  it('leaves maps alone whose channels somebody wants as they are', () => {
    const unknown = (bench: Bench) => end(bench, bench.g.add(bench.parts[1], bench.g.neg(bench.parts[1])));
    expect(padded(unknown)).toEqual(['conv2d 5', 'neg 5', 'add 5', 'conv2d 2']);
    expect(padded(({ parts }) => parts[1])).toEqual(['conv2d 5']);
    const fed = (bench: Bench) => end(bench, bench.g.concat([bench.parts[0], bench.parts[1]], 1));
    expect(padded(fed)).toEqual(['conv2d 8', 'concat 11', 'conv2d 2']);
    const both = (bench: Bench) => {
      const { g, parts, weight } = bench;
      const joined = g.concat([parts[1], parts[1]], 1);
      return end(bench, g.add(joined, g.conv2d(parts[0], weight('other', [10, 3, 1, 1]))));
    };
    expect(padded(both)).toEqual(['conv2d 5', 'concat 10', 'conv2d 10', 'add 10', 'conv2d 2']);
    const grouped = (bench: Bench) => {
      const { g, parts, weight } = bench;
      return end(bench, g.conv2d(parts[1], weight('grouped', [10, 1, 1, 1]), { groups: 5 }));
    };
    expect(padded(grouped)).toEqual(['conv2d 5', 'conv2d 10', 'conv2d 2']);
  });

  it('leaves what follows a concatenation of unpadded parts, whole blocks or not', () => {
    const shapes = padded((bench) => {
      const { g, parts, weight } = bench;
      const whole = g.conv2d(parts[0], weight('whole', [4, 3, 1, 1]));
      return end(bench, g.relu(g.concat([parts[0], whole], 1)));
    });
    expect(shapes).toEqual(['conv2d 8', 'conv2d 4', 'concat 7', 'relu 7', 'conv2d 2']);
  });

  it('pads a weight for every layout that it is read with', () => {
    const shapes = padded((bench) => {
      const { g, parts, weight } = bench;
      const shared = weight('shared', [5, 5, 1, 1]);
      const pinned = g.neg(g.conv2d(parts[1], shared));
      return end(bench, g.concat([g.conv2d(parts[1], shared), pinned], 1));
    });
    expect(shapes).toEqual(['conv2d 8', 'conv2d 5', 'neg 5', 'conv2d 8', 'concat 13', 'conv2d 2']);
  });

  it('names a weight apart that is read padded and as it is', () => {
    const source = bound(({ g, parts, weight }) => {
      const shared = weight('shared', [5, 3, 1, 1]);
      const ended = g.conv2d(g.conv2d(parts[0], shared), weight('end', [5, 5, 1, 1]));
      return g.add(ended, g.conv2d(parts[0], shared));
    });
    const after = padChannels(source, 4);
    expectSame(source, after);
    expect(namesOf(after).toSorted()).toEqual(['end', 'shared', 'shared/1', 'stem']);
  });

  it.each(CONVOLUTIONAL_ZOO.map(({ name, genotype }) => [name, genotype] as const))(
    'leaves %s with the same logits, and depthwise convolutions of whole blocks',
    (_, genotype) => {
      const data = exportCase(genotype, { initChannels: 5 });
      const before = convolveReductions(foldBatchNorm(data.bound));
      const after = padChannels(before, 16);
      const images = caseImages(data, 2);
      expectClose(
        defined(expectedOutputs(after, images).logits),
        defined(expectedOutputs(before, images).logits),
        { absolute: 1e-9, relative: 1e-9 },
      );
      const groups = after.graph.nodes.flatMap((node) =>
        isOp(node, 'conv2d') && node.attributes.groups > 1 ? [node.attributes.groups % 16] : [],
      );
      expect(new Set(groups)).toEqual(new Set([0]));
    },
  );
});
