// A store by its name: a folder.
import { FolderStore } from './folder-store.js';

/** @throws GenonnxError `usage` for a place that can be none. */
export async function openStore(place: string): Promise<FolderStore> {
  return new FolderStore(place);
}
