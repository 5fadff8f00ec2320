// How the data of a task is read on a machine with files: the part of a task that does not run anywhere.
import type { ImageDataset } from '../../datasets/dataset.js';
import { loadCorpus, openImages, openMasked } from '../../datasets/index.js';
import type { DataSettings, ReadingSettings } from '../tasks/task.js';
import type { DataOf, TaskName } from '../tasks/tasks.js';
import { readBackbone } from './backbone.js';

/** What data is read by; of trainings on a backbone, also where its weights are. */
type LoadSettings = DataSettings & ReadingSettings & { readonly backbone?: string };

/** `note` is told what takes long, and what is left out. */
type Load<D> = (settings: LoadSettings, note: (text: string) => void) => Promise<D>;

const loadImages: Load<ImageDataset> = ({ data, limit, skipBroken, workers }, note) =>
  openImages(data, { limit, skipBroken, workers, note });

/** @throws GenonnxError `data-missing`, `data-corrupt`, `usage` for an impossible limit. */
export const taskData: { readonly [T in TaskName]: Load<DataOf<T>> } = {
  classification: loadImages,
  'one-cell': loadImages,
  language: ({ data, limit }) => loadCorpus(data, limit === undefined ? {} : { limit }),
  async segmentation({ data, limit, workers, backbone }, note) {
    const begun = backbone === undefined ? undefined : await readBackbone(backbone, note);
    const masked = await openMasked(data, { limit, workers });
    if (begun === undefined) return masked;
    const checksums = { ...masked.checksums, backbone: begun.sha256 };
    return { ...masked, checksums, backbone: begun.weights };
  },
};
