// Runs as stores see them: folders of files.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Workplace } from '../../../src/store/store.js';

export const id = `train-${'0f'.repeat(16)}`;

export function fill(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
}

export const run = {
  'config.json': '{"seed":1}\n',
  'journal.jsonl': '{"epoch":1}\n',
  'results.json': '{"accuracy":0.5}\n',
  'checkpoints/000002.json': '{}',
  'checkpoints/last.json': '{"checkpoint":"000002"}',
  'model.onnx': 'x'.repeat(3000),
  'empty.txt': '',
};

/** Somebody's run, with what commands said. */
export function made(place: Workplace, files: Readonly<Record<string, string>> = run): Workplace {
  fill(place.folder, files);
  writeFileSync(place.log, 'epoch 1\n');
  return place;
}
