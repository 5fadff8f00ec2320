// Weights as files: one group, its bytes in the manifest's order, cut into shards that servers and caches like.
import type { ExportFile } from '../export-file.js';
import type { StoredWeight } from './writer.js';

export const shardBytes = 4 * 1024 * 1024;

export interface WeightsGroup {
  readonly paths: readonly string[];
  readonly weights: readonly Pick<StoredWeight, 'name' | 'shape' | 'dtype'>[];
}

/** A shard may end within a weight. */
export function shard(weights: readonly StoredWeight[]): { group: WeightsGroup; files: ExportFile[] } {
  const total = weights.reduce((sum, { bytes }) => sum + bytes.length, 0);
  const count = Math.ceil(total / shardBytes);
  const shards = Array.from(
    { length: count },
    (_, i) => new Uint8Array(Math.min(shardBytes, total - i * shardBytes)),
  );
  let at = 0;
  for (const { bytes } of weights) {
    for (let from = 0; from < bytes.length; ) {
      const target = shards[Math.floor(at / shardBytes)];
      if (target === undefined) throw new RangeError('shard');
      const piece = bytes.subarray(from, from + target.length - (at % shardBytes));
      target.set(piece, at % shardBytes);
      from += piece.length;
      at += piece.length;
    }
  }
  const files = shards.map((content, i) => ({ path: `group1-shard${i + 1}of${count}.bin`, content }));
  const manifest = weights.map(({ name, shape, dtype }) => ({ name, shape, dtype }));
  return { group: { paths: files.map(({ path }) => path), weights: manifest }, files };
}
