// How the data of a task is read on a machine with files: the part of a task that does not run anywhere.
import { loadCorpus, openImages } from '../../datasets/index.js';
import type { DataSettings, ReadingSettings } from '../tasks/task.js';
import type { DataOf, TaskName } from '../tasks/tasks.js';

/** `note` is told what takes long, and what is left out. */
type Load<D> = (settings: DataSettings & ReadingSettings, note: (text: string) => void) => Promise<D>;

/** @throws GenonnxError `data-missing`, `data-corrupt`, `usage` for an impossible limit. */
export const taskData: { readonly [T in TaskName]: Load<DataOf<T>> } = {
  classification: ({ data, limit, skipBroken, workers }, note) =>
    openImages(data, { limit, skipBroken, workers, note }),
  language: ({ data, limit }) => loadCorpus(data, limit === undefined ? {} : { limit }),
};
