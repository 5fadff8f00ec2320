// The journal of a training, read back from its folder.
import { join } from 'node:path';
import { readJournal } from '../runs/journal-file.js';
import { runFiles } from '../runs/run-store.js';
import type { TrainEpoch } from './train.js';
import { trainEpochSchema } from './train-epoch.js';

export function readTrainJournal(folder: string): Promise<TrainEpoch[]> {
  return readJournal(join(folder, runFiles.journal), trainEpochSchema);
}
