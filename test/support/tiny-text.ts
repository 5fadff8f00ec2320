// A folder of text that is made in no time: sentences over two dozen words, in which a word says much of the next one.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openStream } from '../../src/random.js';

const words = 'we the people of a more perfect union do ordain and establish this for our states'.split(' ');

/** So many sentences of 4 to 9 words. */
export function sentences(count: number, name: string): string {
  const stream = openStream(5, name);
  const lines = Array.from({ length: count }, () => {
    let at = stream.integer(words.length);
    return Array.from({ length: 4 + stream.integer(6) }, () => {
      // Two words may follow each, one of them more often.
      at = (3 * at + (stream.uniform() < 0.7 ? 1 : 5)) % words.length;
      return words[at];
    }).join(' ');
  });
  return `${lines.join('\n')}\n`;
}

/** Writes train.txt, valid.txt and test.txt, some 400, 150 and 100 words; gives the folder. */
export function writeTinyText(folder: string): string {
  mkdirSync(folder, { recursive: true });
  const counts = { train: 55, valid: 20, test: 14 };
  for (const [split, count] of Object.entries(counts))
    writeFileSync(join(folder, `${split}.txt`), sentences(count, split));
  return folder;
}
