// From run folders to the data of a report. Everything is read from what the runs wrote down.
import { join } from 'node:path';
import { z } from 'zod';
import type { GenotypeData, ReportData, ResultData, SearchData, TrainingData } from '../report/data.js';
import { jsonObjectSchema } from '../runs/json.js';
import { readJson } from '../runs/json-file.js';
import { runFiles } from '../runs/run-store.js';
import { readSearchJournal } from '../search/search-journal.js';
import { CONVOLUTIONAL_FORM, DARTS_SPACE } from '../spaces/convolutional.js';
import { parseGenotype } from '../spaces/parse.js';
import { printGenotype } from '../spaces/print.js';
import { classificationMeasures } from '../tasks/classification/measures.js';
import { readTrainJournal } from '../train/train-journal.js';
import { resultsFile, resultsSchema } from '../train/train-run.js';

const kindSchema = z.object({
  kind: z.enum(['search', 'train']),
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
  const warnings: string[] = [];
  const configuration: Record<string, unknown> = {};
  let data = '';
  for (const folder of folders) {
    const { kind, settings } = await readJson(join(folder, runFiles.config), kindSchema);
    configuration[kind] = await readJson(join(folder, runFiles.config), jsonObjectSchema);
    data = settings.data;
    if (kind === 'search') {
      const epochs = await readSearchJournal(folder);
      search = { scope: settings.scope ?? 'node', cellTypes: DARTS_SPACE.cellTypes, epochs };
      const last = epochs.at(-1);
      warnings.push(...(last?.warnings ?? []));
      if (last !== undefined) genotype = genotypeData(last.genotype);
    } else {
      const epochs = await readTrainJournal(folder);
      training = {
        heldOut: 'validation',
        epochs,
      };
      if (settings.genotype !== undefined) genotype = genotypeData(settings.genotype);
      result = await resultOf(folder, measured);
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
    measures: classificationMeasures,
    warnings,
    ...(result === undefined ? {} : { results: [result] }),
    genotype,
    search,
    training,
    configuration,
  };
}

function genotypeData(text: string): GenotypeData {
  const genotype = parseGenotype(text);
  return {
    text: printGenotype(genotype),
    cells: CONVOLUTIONAL_FORM.cellTypes.map(({ name, title, inputs }) => ({
      title,
      inputs,
      cell: genotype[name],
    })),
  };
}

/** A run that is not finished has no results yet. */
async function resultOf(folder: string, measured: Measured): Promise<ResultData | undefined> {
  try {
    const { test, figures } = await readJson(join(folder, resultsFile), resultsSchema);
    return { name: 'derived network', test, ...figures, ...measured };
  } catch {
    return undefined;
  }
}
