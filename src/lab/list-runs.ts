// What the runs of a storage say of themselves, read without opening them: a tab may be at work in one. One that cannot be read keeps
// nobody from the others.
import { z } from 'zod';
import { GenonnxError } from '../errors.js';
import { METHOD_TABLE } from '../estimators/methods.js';
import { parseJournal } from '../runs/journal.js';
import { jsonObjectSchema, parseJson } from '../runs/json.js';
import { manifestSchema, placeText } from '../runs/manifest.js';
import type { NamedFiles } from '../runs/named-files.js';
import { runFiles } from '../runs/run-store.js';
import type { SearchEpoch } from '../search/search.js';
import { searchEpochSchema } from '../search/search-epoch.js';
import { parseGenotype } from '../spaces/parse.js';
import { printGenotype } from '../spaces/print.js';
import { classification } from '../tasks/classification/task.js';
import type { TrainEpoch } from '../train/train.js';
import { trainEpochSchema } from '../train/train-epoch.js';
import { resultsFile, resultsSchema } from '../train/train-run.js';
import type { DamagedRun, EpochView, LabRun } from './calls.js';
import { unknownRun } from './unknown-run.js';

const searchManifest = manifestSchema('search', 'classification', classification.search.schema);
const trainManifest = manifestSchema('train', 'classification', classification.training.schema);

/** What a run says, but for whether somebody is at work in it. */
export interface StoredRun extends Omit<LabRun, 'state'> {
  readonly isFinished: boolean;
}

/** A run of the storage, or what is wrong with it; undefined where there is nothing but a folder. */
export async function listedRun(
  name: string,
  files: NamedFiles,
): Promise<StoredRun | DamagedRun | undefined> {
  try {
    // One that was given up before its first checkpoint leaves its folder.
    if ((await files.list('')).length === 0) return undefined;
    return await readRun(name, files);
  } catch (error) {
    return { name, problem: error instanceof Error ? error.message : String(error) };
  }
}

/** @throws GenonnxError `file-missing`, `file-corrupt`, `resume-mismatch` for a run that this version does not know. */
async function readRun(name: string, files: NamedFiles): Promise<StoredRun> {
  const config = await readText(files, runFiles.config);
  if (config === undefined) {
    throw new GenonnxError('file-missing', 'This run has no configuration.', {
      where: files.where(runFiles.config),
      expected: 'what the run is of',
      found: 'no such file',
      cure: 'Remove it here.',
    });
  }
  const manifest = parseJson(config, files.where(runFiles.config), jsonObjectSchema);
  const epochs = await readEpochs(files);
  const search = searchManifest.safeParse(manifest);
  if (search.success) return ofSearch(name, files, search.data, epochs);
  const train = trainManifest.safeParse(manifest);
  if (train.success) return ofTraining(name, files, train.data, epochs);
  throw unknownRun(files, train.error);
}

async function ofSearch(
  name: string,
  files: NamedFiles,
  manifest: z.infer<typeof searchManifest>,
  epochs: readonly EpochView[],
): Promise<StoredRun> {
  const { settings, continued } = manifest;
  const { method, samples } = settings;
  const found = await readText(files, runFiles.genotype);
  const last = epochs.at(-1);
  const soFar = last?.kind === 'search' ? last.genotype : undefined;
  const takesSamples = METHOD_TABLE[method].takes.includes('samples');
  return {
    name,
    kind: 'search',
    isFinished: found !== undefined,
    epochs: settings.epochs,
    done: last?.epoch ?? 0,
    summary: [method, ...(takesSamples ? [`M ${samples}`] : []), ...sizesOf(settings)].join(', '),
    genotype: found === undefined ? soFar : printGenotype(parseGenotype(found)),
    accuracy: undefined,
    madeIn: placeText(continued?.at(-1) ?? manifest),
  };
}

async function ofTraining(
  name: string,
  files: NamedFiles,
  manifest: z.infer<typeof trainManifest>,
  epochs: readonly EpochView[],
): Promise<StoredRun> {
  const { settings, continued } = manifest;
  const results = await readText(files, resultsFile);
  return {
    name,
    kind: 'train',
    isFinished: results !== undefined,
    epochs: settings.epochs,
    done: epochs.at(-1)?.epoch ?? 0,
    summary: sizesOf(settings).join(', '),
    genotype: settings.genotype,
    accuracy:
      results === undefined
        ? undefined
        : parseJson(results, files.where(resultsFile), resultsSchema).test.accuracy,
    madeIn: placeText(continued?.at(-1) ?? manifest),
  };
}

/** The epochs of a run's journal. */
export async function readEpochs(files: NamedFiles): Promise<EpochView[]> {
  const journal = await files.read(runFiles.journal);
  if (journal === undefined) return [];
  const line = z.union([searchEpochSchema, trainEpochSchema]);
  return parseJournal(journal, files.where(runFiles.journal), line).map(viewOf);
}

/** What a page draws of an epoch. */
export function viewOf(record: SearchEpoch | TrainEpoch): EpochView {
  const { epoch, train, seconds } = record;
  const scores = { epoch, loss: train.loss ?? null, accuracy: train.accuracy ?? null, seconds };
  if (!('entropy' in record))
    return { kind: 'train', ...scores, validationAccuracy: record.validation?.accuracy ?? null };
  const { validation, child, entropy, probabilities, genotype, warnings } = record;
  return {
    kind: 'search',
    ...scores,
    validationAccuracy: validation?.accuracy ?? null,
    childAccuracy: child?.accuracy ?? null,
    entropy,
    probabilities,
    genotype,
    warnings,
  };
}

interface Sizes {
  readonly seed: number;
  readonly cells: number;
  readonly channels: number;
  readonly limit?: number | undefined;
}

function sizesOf({ seed, cells, channels, limit }: Sizes): string[] {
  const images = limit === undefined ? [] : [`${limit} images`];
  return [`seed ${seed}`, `${cells} ${cells === 1 ? 'cell' : 'cells'}`, `${channels} channels`, ...images];
}

async function readText(files: NamedFiles, name: string): Promise<string | undefined> {
  const bytes = await files.read(name);
  return bytes === undefined ? undefined : new TextDecoder().decode(bytes);
}
