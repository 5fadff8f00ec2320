// Which task a run is of, where nobody says: what its data are, or else what its genotype is for.
import { type DataKind, kindOfData } from '../../datasets/index.js';
import {
  type AnyGenotype,
  type GenotypeKind,
  requireConvolutional,
  requireOneCell,
  requireRecurrent,
} from '../spaces/kinds.js';
import { ONE_CELL_FORM } from '../spaces/one-cell.js';
import { printGenotype, printGenotypeOf, printRecurrentGenotype } from '../spaces/print.js';
import type { TaskName } from '../tasks/tasks.js';

const ofData: { readonly [K in DataKind]: TaskName } = {
  images: 'classification',
  masks: 'segmentation',
  text: 'language',
};
const ofGenotype: { readonly [K in GenotypeKind]: TaskName } = {
  convolutional: 'classification',
  recurrent: 'language',
  'one-cell': 'one-cell',
};

/** The kind of cell that a task is about. */
export const cellKindOf: { readonly [T in TaskName]: GenotypeKind } = {
  classification: 'convolutional',
  language: 'recurrent',
  'one-cell': 'one-cell',
  segmentation: 'convolutional',
};

/** What is known of a run. */
export interface TaskHints {
  readonly task?: TaskName | undefined;
  /** A name or a folder. */
  readonly data?: string | undefined;
  readonly genotype?: AnyGenotype | undefined;
}

/** @throws GenonnxError `data-missing` for a folder that is not there, or holds nothing that is known. */
export async function chooseTaskFor({ task, data, genotype }: TaskHints): Promise<TaskName> {
  if (task !== undefined) return task;
  // Of several kinds of genotypes for images, one is of a task by itself.
  if (genotype?.kind === 'one-cell') return ofGenotype[genotype.kind];
  if (data !== undefined) return ofData[await kindOfData(data)];
  return genotype === undefined ? 'classification' : ofGenotype[genotype.kind];
}

const textOf: { readonly [T in TaskName]: (genotype: AnyGenotype) => string } = {
  classification: (found) => printGenotype(requireConvolutional(found, '`genotype`')),
  language: (found) => printRecurrentGenotype(requireRecurrent(found, '`genotype`')),
  'one-cell': (found) => printGenotypeOf(ONE_CELL_FORM, requireOneCell(found, '`genotype`')),
  segmentation: (found) => printGenotype(requireConvolutional(found, '`genotype`')),
};

/** The text of a genotype that a training of the task takes. @throws GenonnxError `genotype-kind` for one of the other kind. */
export function genotypeTextFor(task: TaskName, genotype: AnyGenotype): string {
  return textOf[task](genotype);
}
