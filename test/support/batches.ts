// Batches that are gone through once, all of them.
import type { FedBatch, FedBatches } from '../../src/loop/batch-source.js';

export async function allOf(batches: FedBatches): Promise<FedBatch[]> {
  const all: FedBatch[] = [];
  for await (const batch of batches) all.push(batch);
  return all;
}
