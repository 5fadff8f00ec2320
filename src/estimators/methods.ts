// The search methods: what each is, where it is from, what its authors set, how it samples and what it derives. A search
// asks this table and knows no method by name; a new one is a file of its own and a row here (docs/add-a-relaxation.md).
import { GenonnxError } from '../errors.js';
import { deriveGenotype } from '../estimators/derive.js';
import { deriveByStrongestEdges, deriveByStrongestOperations } from '../estimators/derive-darts.js';
import type { RandomStream } from '../random.js';
import type { Genotype } from '../spaces/genotype.js';
import type { Operation, SearchSpace } from '../spaces/search-space.js';
import { softmaxRelaxation } from './darts.js';
import { ensembleGumbelSoftmax } from './egs.js';
import type { Estimator, Parameterisation, Scope } from './estimator.js';
import { sampledGumbelSoftmax } from './gdas.js';
import { twoPaths } from './proxyless.js';
import { sampleGenotype, uniformGenotypes } from './random.js';
import { softGumbelSoftmax } from './snas.js';
import { RELEASED_TEMPERATURE, type TemperatureSchedule } from './temperature.js';

export const METHODS = ['egs', 'gdas', 'snas', 'darts', 'darts-2nd', 'proxyless', 'random'] as const;

/** What a row of the table is called. */
export type MethodName = (typeof METHODS)[number];

/** The step that a sample is for: of the alphas, of the weights, or of both on the same batch. */
export type Phase = 'architecture' | 'weights' | 'joint';

/**
 * Which form of a step program a sample's gates ask for. `all`: forward gates may be open where backward gates are closed;
 * those operations run for dL/dcode only. `active`: the two are the same.
 */
export type Route = 'all' | 'active';

const OPTION_NAMES = ['samples', 'scope', 'parameterisation', 'normalise', 'route'] as const;

/** What may be set of a method. */
export interface MethodOptions {
  /** M, the number of hard samples a group; 1 for methods of one sample and for the softmax. */
  readonly samples: number;
  /** What one probability vector covers. */
  readonly scope: Scope;
  readonly parameterisation: Parameterisation;
  readonly normalise: 'none' | 'sum';
  /** For the gradient of the alphas: of all operations that can be known, or of those that learn. */
  readonly route: Route;
}

/** Settings of a search that differ from method to method. */
export interface MethodSettings {
  /** tau, over the epochs of the authors' search. */
  readonly temperature: TemperatureSchedule;
  /** Adam of the alphas. */
  readonly alphas: {
    readonly learningRate: number;
    readonly beta1: number;
    readonly beta2: number;
    readonly weightDecay: number;
  };
  /** Alphas on the validation half, or alphas and weights on the same batch. */
  readonly mode: 'alternating' | 'joint';
}

interface MethodRow {
  /** One line, for help and reports. */
  readonly description: string;
  /** The paper. */
  readonly source: string;
  /** Where the numbers of `options` and `settings` are from. */
  readonly settingsSource: string;
  readonly options: MethodOptions;
  /** The options that may differ from `options`: the others are what the method is. */
  readonly takes: readonly (keyof MethodOptions)[];
  /** Its authors' settings. */
  readonly settings: MethodSettings;
  /** Whether tau is read. */
  readonly readsTemperature: boolean;
  /** Whether dL/dalphas takes the second-order term of `unrolled.ts`. */
  readonly secondOrder: boolean;
  /** Whether a node of its genotypes keeps a fixed number of operations, as the stopping rule of DARTS+ takes for granted. */
  readonly keepsFixedNumber: boolean;
  /** The estimator of a phase, of options that `resolveOptions` gave. @throws `usage` for an M out of range. */
  create(space: SearchSpace, phase: Phase, options: MethodOptions): Estimator;
}

/** A method that learns alphas. */
export interface LearningMethod extends MethodRow {
  readonly learns: true;
  /** The genotype that alphas stand for, by the rule of its authors. @throws `shape`, `diverged`, `usage`. */
  derive<Name extends string, Primitive extends string>(
    alphas: Float64Array,
    space: SearchSpace<Name, Primitive>,
    options: MethodOptions,
  ): Genotype<Name, Operation<Primitive>>;
}

/** A method whose alphas never move: a search of it only trains shared weights, under random children. */
export interface DrawingMethod extends MethodRow {
  readonly learns: false;
  /** A genotype of it. @throws `usage`. */
  draw<Name extends string, Primitive extends string>(
    space: SearchSpace<Name, Primitive>,
    stream: RandomStream,
  ): Genotype<Name, Operation<Primitive>>;
}

/** A row of the table: what the method draws, how its genotype is derived, and its authors' settings. */
export type Method = LearningMethod | DrawingMethod;

/** Adam as DARTS sets it for its search on CIFAR-10; the others took it over. */
const DARTS_ADAM = { learningRate: 3e-4, beta1: 0.5, beta2: 0.999, weightDecay: 1e-3 } as const;

/** One vector an edge; what runs also learns. */
const BY_EDGE = {
  samples: 1,
  scope: 'edge',
  parameterisation: 'softmax',
  normalise: 'none',
  route: 'active',
} as const;

const darts: LearningMethod = {
  description: 'softmax over the operations of each edge, all of which run; first order',
  source: 'Liu, Simonyan and Yang, DARTS: Differentiable Architecture Search, ICLR 2019',
  settingsSource: 'the search on CIFAR-10 of the paper and of the released code (quark0/darts)',
  options: BY_EDGE,
  takes: ['parameterisation'],
  settings: { temperature: { from: 1, to: 1, epochs: 0 }, alphas: DARTS_ADAM, mode: 'alternating' },
  readsTemperature: false,
  learns: true,
  secondOrder: false,
  keepsFixedNumber: true,
  create: (space, _, options) => softmaxRelaxation(space, options),
  derive: (alphas, space, { parameterisation }) => deriveByStrongestEdges(alphas, space, parameterisation),
};

/** The search methods by name, each with the settings of its authors. */
export const METHOD_TABLE: { readonly [name in MethodName]: Method } = {
  egs: {
    description: 'ensemble of M hard Gumbel-Softmax samples, straight through (DATA)',
    source: 'Chang et al., DATA: Differentiable ArchiTecture Approximation, NeurIPS 2019',
    settingsSource: 'the released code (XinbangZhang/DATA-NAS); M = 4 and 7 in the paper',
    options: { ...BY_EDGE, samples: 4, scope: 'node', route: 'all' },
    takes: ['samples', 'scope', 'parameterisation', 'normalise', 'route'],
    settings: {
      temperature: RELEASED_TEMPERATURE,
      alphas: { ...DARTS_ADAM, weightDecay: 0 },
      mode: 'alternating',
    },
    readsTemperature: true,
    learns: true,
    secondOrder: false,
    keepsFixedNumber: false,
    create: (space, phase, options) =>
      ensembleGumbelSoftmax(space, { ...options, route: routeOf(phase, options) }),
    derive: deriveGenotype,
  },
  gdas: {
    description: 'one hard Gumbel-Softmax sample an edge, straight through; only it runs',
    source: 'Dong and Yang, Searching for A Robust Neural Architecture in Four GPU Hours, CVPR 2019',
    settingsSource: 'the released code (D-X-Y/AutoDL-Projects, NASNet-space-search-by-GDAS.sh)',
    options: BY_EDGE,
    takes: ['parameterisation'],
    settings: {
      // The last of its 250 epochs is at 0.1.
      temperature: { from: 10, to: 0.1, epochs: 249 },
      alphas: DARTS_ADAM,
      mode: 'alternating',
    },
    readsTemperature: true,
    learns: true,
    secondOrder: false,
    keepsFixedNumber: true,
    create: (space, _, options) => sampledGumbelSoftmax(space, options),
    derive: (alphas, space, { parameterisation }) =>
      deriveByStrongestOperations(alphas, space, parameterisation),
  },
  snas: {
    description: 'soft Gumbel-Softmax sample over the operations of each edge, all of which run',
    source: 'Xie, Zheng, Liu and Lin, SNAS: Stochastic Neural Architecture Search, ICLR 2019',
    settingsSource: 'the released code (SNAS-Series/SNAS-Series, SNAS/README.md and train_search.py)',
    options: BY_EDGE,
    takes: ['parameterisation'],
    settings: { temperature: { from: 1, to: 0.03, epochs: 150 }, alphas: DARTS_ADAM, mode: 'joint' },
    readsTemperature: true,
    learns: true,
    secondOrder: false,
    keepsFixedNumber: false,
    create: (space, _, options) => softGumbelSoftmax(space, options),
    // Every edge keeps its most probable entry, and goes where that is `none`: the mode of one sample an edge.
    derive: deriveGenotype,
  },
  darts,
  'darts-2nd': {
    ...darts,
    description: 'softmax over the operations of each edge, all of which run; second order',
    secondOrder: true,
  },
  proxyless: {
    description: 'two sampled paths an edge, one of them active; the gradient of both (ProxylessNAS)',
    source:
      'Cai, Zhu and Han, ProxylessNAS: Direct Neural Architecture Search on Target Task and Hardware, ICLR 2019',
    settingsSource: 'the released code (mit-han-lab/proxylessnas, search/imagenet_arch_search.py)',
    options: { ...BY_EDGE, route: 'all' },
    takes: [],
    settings: {
      temperature: { from: 1, to: 1, epochs: 0 },
      // Without a first moment, an alpha moves only in a step that has a gradient for it.
      alphas: { learningRate: 1e-3, beta1: 0, beta2: 0.999, weightDecay: 0 },
      mode: 'alternating',
    },
    readsTemperature: false,
    learns: true,
    secondOrder: false,
    keepsFixedNumber: false,
    create: (space, phase, options) =>
      phase === 'weights' ? sampledGumbelSoftmax(space, options) : twoPaths(space),
    derive: deriveGenotype,
  },
  random: {
    description: 'genotypes drawn uniformly; no alphas are learnt',
    source: 'Li and Talwalkar, Random Search and Reproducibility for Neural Architecture Search, UAI 2019',
    settingsSource: 'nothing to set; as many edges a node as DARTS keeps and an operation on each',
    options: BY_EDGE,
    takes: [],
    settings: { ...darts.settings, mode: 'joint' },
    readsTemperature: false,
    learns: false,
    secondOrder: false,
    keepsFixedNumber: true,
    create: (space) => uniformGenotypes(space),
    draw: sampleGenotype,
  },
};

/** Options as far as they are given. */
export type GivenOptions = { readonly [Name in keyof MethodOptions]?: MethodOptions[Name] | undefined };

/** A method's options: what is given of those that it takes, and its own values for all others. */
export function resolveOptions(name: MethodName, given: GivenOptions = {}): MethodOptions {
  const { options, takes } = METHOD_TABLE[name];
  const pick = <Name extends keyof MethodOptions>(option: Name): MethodOptions[Name] =>
    (takes.includes(option) ? given[option] : undefined) ?? options[option];
  return {
    samples: pick('samples'),
    scope: pick('scope'),
    parameterisation: pick('parameterisation'),
    normalise: pick('normalise'),
    route: pick('route'),
  };
}

/** @throws `usage` for an option that is given and that the method does not take. */
export function requireTaken(name: MethodName, given: GivenOptions): void {
  const { takes, options } = METHOD_TABLE[name];
  for (const option of OPTION_NAMES) {
    if (given[option] === undefined || takes.includes(option)) continue;
    throw new GenonnxError('usage', `The method ${name} does not take \`${option}\`.`, {
      expected:
        takes.length > 0
          ? `options of ${name}: ${takes.map((taken) => `\`${taken}\``).join(', ')}`
          : `no options: ${name} has none`,
      found: `\`${option}\` ${given[option]}`,
      cure: `Leave \`${option}\` out (${name} has ${options[option]}), or choose another method.`,
    });
  }
}

/**
 * The form of the step program that a phase's samples run on. In the weight step a closed operation has no gradient, so
 * that running it would tell nothing.
 */
export function routeOf(phase: Phase, { route }: MethodOptions): Route {
  return phase === 'weights' ? 'active' : route;
}
