// From run folders to the data of a report. Everything is read from what the runs wrote down.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { openModelFile, readModelFile } from '../deploy/model-file.js';
import { vocabularyOf } from '../deploy/model-vocabulary.js';
import { writtenText } from '../deploy/written-text.js';
import { GenonnxError } from '../errors.js';
import { isLanguageModel } from '../networks/deployed.js';
import { metadataIn } from '../networks/metadata.js';
import type {
  BaselineData,
  ConfusionData,
  GenotypeData,
  ReportData,
  ResultData,
  SearchData,
  TextData,
  TrainingData,
} from '../report/data.js';
import type { SegmentationData } from '../report/segmentation.js';
import { jsonObjectSchema } from '../runs/json.js';
import { readJson } from '../runs/json-file.js';
import { runFiles } from '../runs/run-store.js';
import { readSearchJournal } from '../search/search-journal.js';
import type { GenotypeKind } from '../spaces/kinds.js';
import { parseGenotypeOf } from '../spaces/parse.js';
import { printGenotypeOf } from '../spaces/print.js';
import type { SpaceForm } from '../spaces/search-space.js';
import { confusionFile, confusionSchema } from '../tasks/confusion.js';
import { taskField } from '../tasks/names.js';
import { parseSamples, type Sample, samplesFile } from '../tasks/segmentation/samples.js';
import { TASK_NAMES, type TaskName, tasks } from '../tasks/tasks.js';
import { readTrainJournal } from '../train/train-journal.js';
import { type Results, resultsFile, resultsSchema } from '../train/train-run.js';
import { cellKindOf } from './choose-task.js';

const kindSchema = z.object({
  kind: z.enum(['search', 'train']),
  task: taskField,
  settings: z.looseObject({
    scope: z.enum(['edge', 'node']).optional(),
    genotype: z.string().optional(),
    data: z.string(),
  }),
});

/** Measured figures that are in no run folder. */
export type Measured = Partial<Pick<ResultData, 'latency' | 'examplesPerSecond' | 'sizeBytes'>>;

/** The report of any number of run folders: of a search, of a training, or of both. */
export async function reportData(folders: readonly string[], measured: Measured = {}): Promise<ReportData> {
  let search: SearchData | undefined;
  let training: TrainingData | undefined;
  let genotype: GenotypeData | undefined;
  let result: ResultData | undefined;
  let confusion: ConfusionData | undefined;
  let segmentation: SegmentationData | undefined;
  let notes: Results['notes'];
  let baselines: readonly BaselineData[] = [];
  let texts: readonly TextData[] = [];
  const warnings: string[] = [];
  const configuration: Record<string, unknown> = {};
  let data = '';
  let task: TaskName | undefined;
  for (const folder of folders) {
    const { kind, settings, ...of } = await readJson(
      join(folder, runFiles.config),
      kindSchema,
      'the configuration of a search or a training',
    );
    configuration[kind] = await readJson(join(folder, runFiles.config), jsonObjectSchema);
    if (task !== undefined && task !== of.task) throw severalTasks(folder, task, of.task);
    task = of.task;
    const { space, form, measures } = tasks[task];
    const cells = cellKindOf[task];
    data = settings.data;
    if (kind === 'search') {
      const epochs = await readSearchJournal(folder);
      search = { kind: cells, scope: settings.scope ?? 'node', cellTypes: space.cellTypes, epochs };
      const last = epochs.at(-1);
      warnings.push(...(last?.warnings ?? []));
      if (last !== undefined) genotype = genotypeData(cells, last.genotype, form);
    } else {
      const epochs = await readTrainJournal(folder);
      training = {
        heldOut: 'validation',
        epochs,
      };
      if (settings.genotype !== undefined) genotype = genotypeData(cells, settings.genotype, form);
      const results = await resultsIn(folder);
      if (results === undefined) continue;
      const { test, figures } = results;
      notes = results.notes;
      const { parameters, macs } = figures;
      const counted = await optionalJson(join(folder, confusionFile), confusionSchema);
      if (task === 'segmentation' && counted !== undefined) {
        const { segmentationReport } = await import('./mask-pictures.js');
        segmentation = segmentationReport(await samplesIn(folder), counted);
      } else confusion = counted;
      result = { name: 'derived network', test, parameters, macs, ...measured };
      if (task === 'language') texts = await writtenBy(folder);
      baselines = (measures.baselines ?? []).flatMap(({ name, figure }) => {
        const value = figures[figure];
        return value === undefined ? [] : [{ name, value }];
      });
    }
  }
  return {
    title:
      search !== undefined && training !== undefined
        ? 'Search to ONNX'
        : search !== undefined
          ? 'Search'
          : 'Training',
    subtitle: data,
    measures: tasks[task ?? TASK_NAMES[0]].measures,
    warnings,
    ...(result === undefined ? {} : { results: [result], baselines }),
    texts,
    ...(confusion === undefined ? {} : { confusion }),
    ...(segmentation === undefined ? {} : { segmentation }),
    ...(notes === undefined ? {} : { notes }),
    genotype,
    search,
    training,
    configuration,
  };
}

function severalTasks(where: string, expected: TaskName, found: TaskName): GenonnxError {
  return new GenonnxError('usage', 'A report is of runs of one task.', {
    where,
    expected: `a run of ${expected}, as the one before`,
    found: `one of ${found}`,
    cure: 'Make a report of each.',
  });
}

function genotypeData(kind: GenotypeKind, text: string, form: SpaceForm): GenotypeData {
  const genotype = parseGenotypeOf(form, text);
  return {
    kind,
    text: printGenotypeOf(form, genotype),
    cells: form.cellTypes.flatMap(({ name, title, inputs }) => {
      const cell = genotype[name];
      return cell === undefined ? [] : [{ title, inputs, cell }];
    }),
  };
}

/** What the model of a finished training writes: little chance first, then as much as it learned from. */
async function writtenBy(folder: string): Promise<TextData[]> {
  const path = join(folder, runFiles.step);
  if (!existsSync(path)) return [];
  const { proto, network } = await openModelFile(path);
  if (!isLanguageModel(network)) return [];
  const { words, width } = network;
  const vocabulary = await vocabularyOf({ model: path, metadata: metadataIn(proto), rows: words });
  if (vocabulary === undefined) return [];
  const model = await readModelFile(path);
  const texts: TextData[] = [];
  for (const temperature of [0.5, 0.8, 1]) {
    const options = { vocabulary, width, seed: 1, temperature, count: 60 };
    texts.push({ text: await writtenText(model, options), seed: 1, temperature });
  }
  return texts;
}

/** What a segmentation makes of a few pictures; runs may have been put together without. */
async function samplesIn(folder: string): Promise<Sample[]> {
  const file = join(folder, samplesFile);
  const bytes = await readFile(file).catch(() => undefined);
  return bytes === undefined ? [] : parseSamples(bytes, file);
}

/** A run that is not finished has no results yet. */
function resultsIn(folder: string): Promise<Results | undefined> {
  return optionalJson(join(folder, resultsFile), resultsSchema);
}

async function optionalJson<T>(path: string, schema: z.ZodType<T>): Promise<T | undefined> {
  try {
    return await readJson(path, schema);
  } catch {
    return undefined;
  }
}
