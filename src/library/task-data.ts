// How the data of a task is read on a machine with files: the part of a task that does not run anywhere.
import { loadCorpus, loadDataset } from '../../datasets/index.js';
import type { DataSettings } from '../tasks/task.js';
import type { DataOf, TaskName } from '../tasks/tasks.js';

/** @throws GenonnxError `data-missing`, `data-corrupt`, `usage` for an impossible limit. */
export const taskData: { readonly [T in TaskName]: (settings: DataSettings) => Promise<DataOf<T>> } = {
  classification: ({ data, limit }) => loadDataset(data, limit === undefined ? {} : { limit }),
  language: ({ data, limit }) => loadCorpus(data, limit === undefined ? {} : { limit }),
};
