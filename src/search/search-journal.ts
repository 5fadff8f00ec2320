// The journal of a search, read back from its folder.
import { join } from 'node:path';
import { readJournal } from '../runs/journal-file.js';
import { runFiles } from '../runs/run-store.js';
import type { SearchEpoch } from './search.js';
import { searchEpochSchema } from './search-epoch.js';

/** The epochs in a search's journal. */
export function readSearchJournal(folder: string): Promise<SearchEpoch[]> {
  return readJournal(join(folder, runFiles.journal), searchEpochSchema);
}
