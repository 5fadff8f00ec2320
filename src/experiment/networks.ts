// What the networks of published genotypes cost, exactly, at the sizes that papers report them for: counting takes no data.

import { segmentationInference } from '../networks/deeplab/inference.js';
import { paperDeeplab } from '../networks/deeplab/network.js';
import { paperSizes } from '../networks/evaluation.js';
import { inferenceGraph } from '../networks/inference.js';
import { languagePaperSizes, recurrentParameterCount } from '../networks/recurrent/parameter-count.js';
import { anyZooEntry, recurrentZooEntry, zooEntry } from '../spaces/zoo.js';

export const PUBLISHED_NETWORKS = ['cifar', 'imagenet', 'deeplab', 'ptb', 'wt2'] as const;
/** The networks that the paper's tables are of. */
export type PublishedNetwork = (typeof PUBLISHED_NETWORKS)[number];

export interface NetworkCount {
  readonly genotype: string;
  readonly network: PublishedNetwork;
  /** As a heading has it. */
  readonly title: string;
  readonly parameters: number;
  /** Multiply-adds of one image; papers state none of language models. */
  readonly macs?: number;
}

type Counted = Pick<NetworkCount, 'parameters' | 'macs'>;

interface Row {
  readonly title: string;
  readonly count: (genotype: string) => Counted;
}

const rows: { readonly [N in PublishedNetwork]: Row } = {
  cifar: { title: 'CIFAR-10, 20 cells, C = 36', count: (name) => ofImages(name, 'cifar') },
  imagenet: { title: 'ImageNet, 14 cells, C = 48', count: (name) => ofImages(name, 'imagenet') },
  deeplab: {
    title: 'DeepLab v3, 14 cells, C = 48, 513x513, output stride 16',
    count: (name) => {
      const { genotype } = zooEntry(name);
      const { parameters, cost } = segmentationInference({
        name: 'deeplab',
        ...paperDeeplab,
        genotype,
        batch: 1,
      });
      return { parameters, macs: cost.macs };
    },
  },
  ptb: { title: 'Penn Treebank, width 850', count: (name) => ofText(name, 'Penn Treebank') },
  wt2: { title: 'WikiText-2, width 700', count: (name) => ofText(name, 'WikiText-2') },
};

/** @throws GenonnxError `usage` for a name that the zoo does not know, `genotype-kind` for one of the other kind. */
export function countNetwork(genotype: string, network: PublishedNetwork): NetworkCount {
  const { title, count } = rows[network];
  return { genotype: anyZooEntry(genotype).name, network, title, ...count(genotype) };
}

function ofImages(name: string, network: 'cifar' | 'imagenet'): Counted {
  const { genotype } = zooEntry(name);
  const sizes = paperSizes[network];
  const { parameters, cost } = inferenceGraph({
    name: network,
    genotype,
    ...sizes,
    auxiliary: false,
    batch: 1,
  });
  return { parameters, macs: cost.macs };
}

function ofText(name: string, text: keyof typeof languagePaperSizes): Counted {
  const nodes = recurrentZooEntry(name).genotype.recurrent.nodes.length;
  return { parameters: recurrentParameterCount({ ...languagePaperSizes[text], nodes }) };
}
