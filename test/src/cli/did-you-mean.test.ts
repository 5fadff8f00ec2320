// A word that no command knows is answered with the one that was probably meant, wherever a word may be chosen.
import { describe, expect, it } from 'vitest';
import { createProgram } from '../../../src/cli/program.js';

/** What the command says of its line; it is never run. */
async function answerTo(line: string): Promise<string> {
  const words = line.split(' ');
  const program = await createProgram(words);
  try {
    await program.parseAsync(words, { from: 'user' });
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  throw new Error('It was taken.');
}

describe('a word that is not known', () => {
  it.each([
    ['search --data fashion-mnist --preset smal', 'small'],
    ['search --method drats', 'darts'],
    ['search --engine otr', 'ort'],
    ['search --layout blockt', 'blocked'],
    ['search --budget-unit mac', 'macs'],
    ['search --network imagnet', 'imagenet'],
    ['train --optimizer adm', 'adam'],
    ['train --schedule cosin', 'cosine'],
    ['train --genotype DARTS_V1 --out nowhere', 'DARTS_V2'],
    ['compile --genotype data-m7 --out nowhere.onnx', 'DATA_M7'],
    ['compile --optimize cup', 'cpu'],
    ['compile --batch symbol', 'symbolic'],
    ['quantize m.onnx --form dinamic', 'dynamic'],
    ['export m.onnx --to tensorflowjs', 'Choose one'],
    ['export m.onnx --to ortweb', 'ort-web'],
    ['export m.onnx --precision flaot16', 'float16'],
    ['draw --cell reduction', 'reduce'],
    ['derive a.json --rule dart', 'darts'],
    ['bench m.onnx --provider cpu,webgp', 'webgpu'],
    ['bench m.onnx --level extend', 'extended'],
    ['bench m.onnx --precision int9', 'int8'],
    ['bench stpe', 'genonnx bench step'],
    ['bench cells --primitives skipconnect', 'skip_connect'],
    ['validate nod:package.json', 'node'],
  ])('%s', async (line, meant) => {
    expect(await answerTo(line)).toContain(meant.startsWith('Choose') ? meant : `Did you mean ${meant}?`);
  });
});
