// The targets of an export. Each turns an opened model into files; a target's code is only loaded by whoever asks
// for it.
import type { ExportFile } from '../../exporters/export-file.js';
import type { ModelFacts, OrtWebOptions, OrtWebProviders } from '../../exporters/ort-web.js';
import type { Precision } from '../../graphs/onnx/emitter.js';
import { type GraphChanges, type ImageSource, prepared } from '../deploy/export-source.js';
import type { ForeignModel } from '../deploy/foreign-model.js';
import type { DataFacts } from '../deploy/labels.js';
import type { Optimization } from '../deploy/optimize.js';
import { GenonnxError } from '../errors.js';
import { type ConvolutionalNetwork, isOneCell, isSegmentation } from '../networks/deployed.js';
import { version } from '../version.js';

export const TARGETS = ['onnx', 'ort-web', 'tfjs', 'pytorch', 'hugging-face', 'dot', 'svg'] as const;
export type Target = (typeof TARGETS)[number];

/** What takes no model: sites that make their own. */
export const SITES = ['lab'] as const;
export type Site = (typeof SITES)[number];

/** What is made of a model. Each target knows some of it, and refuses the rest. */
export interface TargetOptions {
  /** Of the model, for `onnx`. Default: `model.onnx`. */
  readonly fileName?: string | undefined;
  readonly opset?: number | undefined;
  /** The same as `optimization: 'fold'`. */
  readonly foldBatchNorm?: boolean | undefined;
  readonly optimization?: Optimization | undefined;
  readonly precision?: Precision | undefined;
  readonly externalData?: 'auto' | 'always' | undefined;
  /** What the page shows and does, instead of the model's own: names of the classes, and how pictures are normalised. */
  readonly labels?: readonly string[] | undefined;
  readonly mean?: readonly number[] | undefined;
  readonly standardDeviation?: readonly number[] | undefined;
  /** Where the model leaves it open. */
  readonly image?: ModelFacts['image'] | undefined;
  /** The file of a language model's words, where it is not the one beside the model. */
  readonly vocabulary?: string | undefined;
  /** Whether a page brings the files for WebGPU, which are larger than those for WASM. Default: true. */
  readonly webgpu?: boolean | undefined;
}

/** A model as files, which are not yet written. */
export interface Exported {
  /** One without a path of its own is the model; paths are relative to it, or to the folder. */
  readonly files: readonly ExportFile[];
  /** What a person should know of them. */
  readonly notes: readonly string[];
}

export type Writer<Source> = (source: Source, options: TargetOptions) => Promise<Exported>;

/** Image networks of ours. */
export const targets: { readonly [T in Target]: Writer<ImageSource> } = {
  onnx: async (source, options) => {
    const { toOnnx } = await import('../../exporters/onnx.js');
    const { bound, metadata, precision } = prepared(source, graphChanges(options));
    const { opset, externalData } = options;
    const { files } = toOnnx(bound, {
      fileName: options.fileName ?? defaultFileName,
      metadata,
      precision,
      ...(opset === undefined ? {} : { opset }),
      ...(externalData === undefined ? {} : { externalData }),
    });
    return { files, notes: notesOnWeights(metadata) };
  },
  'ort-web': async (source, options) => {
    if (isSegmentation(source.network)) return maskPage(source, options);
    const { ortWebFacts, toOrtWeb } = await import('../../exporters/ort-web.js');
    const { bound, metadata } = prepared(source, { ...graphChanges(options), precision: 'float32' });
    const given = pageOptions(source.facts, options);
    const page = { name: source.name, metadata, ...given, ...(await partsFor(options)) };
    return { files: toOrtWeb(bound, page), notes: notesOn(ortWebFacts(bound, page), given) };
  },
  tfjs: async (source, options) => {
    const { toTfjs } = await import('../../exporters/tfjs.js');
    const { bound, metadata } = prepared(source, { ...graphChanges(options), precision: 'float32' });
    const files = toTfjs(bound, { name: source.name, metadata, toolVersion: version });
    return { files, notes: notesOnWeights(metadata) };
  },
  pytorch: async (source) => {
    const { weights, metadata } = source;
    const network = requireConvolutional(source);
    const { toPyTorch, toPyTorchSegmentation } = await import('../../exporters/pytorch.js');
    const tensors = [...weights()].map(([name, { shape, data }]) => ({ name, shape, data }));
    const { genotype } = network;
    const said = { genotype, weights: tensors, metadata };
    const files = isSegmentation(network)
      ? toPyTorchSegmentation({ network, ...said })
      : toPyTorch({ network, ...said });
    return { files, notes: notesOnWeights(metadata) };
  },
  'hugging-face': async (source, options) => {
    requireClassifier(source, 'hugging-face');
    const { classifierFolder } = await import('../deploy/hugging-face.js');
    const ready = prepared(source, graphChanges(options));
    const given = pageOptions(source.facts, options);
    const files = await classifierFolder(source, ready, given, options.opset);
    return { files, notes: notesOnWeights(ready.metadata, ', and the card says so') };
  },
  dot: async ({ network }) => ({
    files: (await import('../../exporters/dot.js')).toDot(network.genotype),
    notes: [],
  }),
  svg: async ({ network }) => ({
    files: await (await import('../../exporters/svg.js')).toSvg(network.genotype),
    notes: [],
  }),
};

/** The page of a model that finds masks. A model that does not say its colours has those of VOC. */
async function maskPage(source: ImageSource, options: TargetOptions): Promise<Exported> {
  const [{ toMaskWeb }, { readMaskWebParts }, { paletteOf }] = [
    await import('../../exporters/ort-web-masks.js'),
    await import('../deploy/ort-web-parts.js'),
    await import('../../datasets/masks/palette.js'),
  ];
  const { bound, metadata } = prepared(source, { ...graphChanges(options), precision: 'float32' });
  const { image: _, ...given } = pageOptions(source.facts, options);
  const palette = source.facts.palette ?? paletteOf(source.network.classes);
  const providers = providersFor(options);
  const page = { name: source.name, metadata, palette, providers, ...given };
  return {
    files: toMaskWeb(bound, { ...page, ...(await readMaskWebParts(providers)) }),
    notes: notesOnData(metadata, given),
  };
}

/** Of the target that is PyTorch code. @throws GenonnxError `usage` for networks that there is none of. */
function requireConvolutional({ name, network }: ImageSource): ConvolutionalNetwork {
  if (!isOneCell(network)) return network;
  throw new GenonnxError('usage', 'There is no PyTorch code of networks of a single cell.', {
    where: name,
    expected: 'a network of a convolutional genotype',
    found: '`to` pytorch of a network of a single cell',
    cure: 'Choose `to` onnx, ort-web, tfjs or hugging-face.',
  });
}

/** Targets that show or describe a class for the whole picture. @throws GenonnxError `usage`. */
function requireClassifier({ name, network }: ImageSource, target: Target): void {
  if (!isSegmentation(network)) return;
  throw new GenonnxError('usage', 'This target is for classifiers.', {
    where: name,
    expected: 'a network that answers a picture with one class',
    found: `\`to\` ${target} of a segmentation network`,
    cure: 'Choose `to` onnx, ort-web, tfjs or pytorch.',
  });
}

/** Models of anybody, by the targets that take them as they are. */
export const foreignTargets: { readonly [T in Target]?: Writer<ForeignModel> } = {
  'ort-web': async ({ name, bytes, metadata, facts }, options) => {
    const { onnxFacts, onnxToOrtWeb } = await import('../../exporters/ort-web.js');
    const given = pageOptions(facts, options);
    const page = { name, metadata, ...given, ...(await partsFor(options)) };
    return { files: onnxToOrtWeb(bytes, page), notes: notesOn(onnxFacts(bytes, page), given) };
  },
};

/** What a model's file is called where nobody says. */
export const defaultFileName = 'model.onnx';

type PageOptions = Pick<OrtWebOptions, 'classes' | 'normalisation' | 'preprocessing' | 'image'>;

/** What the page is told: by options, or else by the model. */
function pageOptions(own: DataFacts, options: TargetOptions): PageOptions {
  const { labels = own.classes, mean, standardDeviation, image } = options;
  const isNormalised = mean !== undefined || standardDeviation !== undefined;
  const given = { mean: mean ?? [], standardDeviation: standardDeviation ?? [] };
  const normalisation = isNormalised ? given : own.normalisation;
  const { preprocessing } = own;
  return {
    ...(labels === undefined ? {} : { classes: labels }),
    ...(normalisation === undefined ? {} : { normalisation }),
    ...(preprocessing === undefined ? {} : { preprocessing }),
    ...(image === undefined ? {} : { image }),
  };
}

/** What the page assumes because nobody said otherwise. */
function notesOn(
  { input, output, classes, metadata }: ModelFacts,
  { classes: labels, normalisation }: PageOptions,
): string[] {
  return [
    ...(input === 'images' && output.name === 'logits'
      ? []
      : [
          `the page feeds ${input} and takes ${output.name} for ${output.holds} of ${classes.length} classes`,
        ]),
    ...notesOnData(metadata, { classes: labels, normalisation }),
  ];
}

/** What is said of a model's data, where it is. */
interface DataSaid {
  readonly classes?: readonly string[] | undefined;
  readonly normalisation?: PageOptions['normalisation'] | undefined;
}

/** What any page assumes. */
function notesOnData(
  metadata: Readonly<Record<string, string>>,
  { classes: labels, normalisation }: DataSaid,
): string[] {
  return [
    ...(labels === undefined ? ['the classes have no names, and are numbered: `labels` names them'] : []),
    ...(normalisation === undefined
      ? [
          'pictures are fed as intensities from 0 to 1: `mean` and `standardDeviation` say how the model was trained',
        ]
      : []),
    ...notesOnWeights(metadata, ', and the page says so'),
  ];
}

/** What holds of any target of weights that nobody trained. */
export function notesOnWeights({ weights }: Readonly<Record<string, string>>, where = ''): string[] {
  return weights === 'random' ? [`the weights are random${where}: the model has learned nothing`] : [];
}

function providersFor({ webgpu = true }: TargetOptions): OrtWebProviders {
  return webgpu ? ['wasm', 'webgpu'] : ['wasm'];
}

async function partsFor(options: TargetOptions) {
  const providers = providersFor(options);
  const { readOrtWebParts } = await import('../deploy/ort-web-parts.js');
  return { providers, ...(await readOrtWebParts(providers)) };
}

type OptionName = keyof Omit<TargetOptions, 'fileName' | 'webgpu'>;

/** Options that only some targets know. */
const knownBy: { readonly [O in OptionName]-?: readonly Target[] } = {
  opset: ['onnx', 'hugging-face'],
  precision: ['onnx'],
  externalData: ['onnx'],
  foldBatchNorm: ['onnx', 'ort-web', 'tfjs', 'hugging-face'],
  optimization: ['onnx', 'ort-web', 'tfjs', 'hugging-face'],
  labels: ['ort-web', 'hugging-face'],
  mean: ['ort-web', 'hugging-face'],
  standardDeviation: ['ort-web', 'hugging-face'],
  image: ['ort-web'],
  vocabulary: ['onnx', 'ort-web', 'tfjs', 'pytorch', 'hugging-face'],
};

/** What asks for more than the graph that is there. */
const graphOptions: readonly OptionName[] = ['optimization', 'foldBatchNorm', 'vocabulary'];

/** @throws GenonnxError `usage` for an option that the target does not know. */
export function requireKnownOptions(target: Target, options: TargetOptions): void {
  for (const option of Object.keys(knownBy).filter(isOption)) {
    const known = knownBy[option];
    if (options[option] === undefined || known.includes(target)) continue;
    throw new GenonnxError('usage', `\`${option}\` means nothing to this target.`, {
      expected: `\`to\` ${known.join(', ')}`,
      found: `\`to\` ${target}`,
      cure: `Leave \`${option}\` out.`,
    });
  }
}

/** @throws GenonnxError `usage` for what can only be done to models of ours. */
export function requireNoChanges(options: TargetOptions): void {
  const asked = graphOptions.find((option) => options[option] !== undefined);
  if (asked === undefined) return;
  throw new GenonnxError('usage', 'This model is exported as it is: its network cannot be built again.', {
    found: `\`${asked}\``,
    cure: `Leave \`${asked}\` out.`,
  });
}

function isOption(name: string): name is OptionName {
  return Object.hasOwn(knownBy, name);
}

function graphChanges({ foldBatchNorm = false, precision, ...options }: TargetOptions): GraphChanges {
  const optimization = options.optimization ?? (foldBatchNorm ? 'fold' : undefined);
  return {
    ...(optimization === undefined ? {} : { optimization }),
    ...(precision === undefined ? {} : { precision }),
  };
}
