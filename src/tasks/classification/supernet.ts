// The supernet of an image classifier with its loss: cross entropy, and how many answers are right.
import { Builder } from '../../../graphs/builder.js';
import type { SupernetTracer } from '../../networks/search-programs.js';
import type { StemName } from '../../networks/stems.js';
import { supernet } from '../../networks/supernet.js';
import type { ConvolutionalSpace } from '../../spaces/convolutional.js';
import { entryCount } from '../../spaces/search-space.js';

export interface SearchNetwork {
  readonly space: ConvolutionalSpace;
  /** Of which network the stem is. Default `cifar`. */
  readonly stem?: StemName;
  readonly cells: number;
  readonly initChannels: number;
  readonly classes: number;
  readonly batch: number;
  readonly image: { readonly channels: number; readonly height: number; readonly width: number };
}

/** Inputs beside code and gates: `images` f32[N,C,H,W], `labels` i64[N], `weights` f32[N]. Reports `correct`, `logits`. */
export function imageSupernet(network: SearchNetwork): SupernetTracer {
  const { batch, image, space, stem = 'cifar', cells, initChannels, classes } = network;
  return (training, route) => {
    const g = new Builder();
    const images = g.input('images', [batch, image.channels, image.height, image.width]);
    const labels = g.input('labels', [batch], 'int64');
    const weights = g.input('weights', [batch]);
    const entries = entryCount(space);
    const code = g.input('code', [entries]);
    const forwardGates = g.input('forwardGates', [entries], 'bool');
    const backwardGates = g.input('backwardGates', [entries], 'bool');
    const logits = supernet(
      g,
      { images, code, forwardGates, backwardGates },
      { space, stem, cells, initChannels, classes, training, route: route === 'all' ? 'exact' : 'active' },
    );
    const loss = g.one('softmaxCrossEntropy', [logits, labels, weights], { labelSmoothing: 0 });
    const correct = g.one('correctCount', [logits, labels, weights], { top: 1 });
    const reports = [
      { name: 'correct', value: correct },
      { name: 'logits', value: logits },
    ];
    return { g, loss, reports, code };
  };
}
