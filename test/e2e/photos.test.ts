// A folder of pictures from the first word that is missing to a model in 8 bits, as it is typed.
import { writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { makePhotos } from '../support/make-photos.mjs';
import { freshFolder, genonnx } from './command.js';
import { expectSameRun } from './tiny-runs.js';

const genotype =
  "Genotype(normal=[('sep_conv_3x3', 0), ('max_pool_3x3', 1)], normal_concat=[2], reduce=[('skip_connect', 0), ('dil_conv_3x3', 1)], reduce_concat=[2])";

it('are searched and trained on, and end in the same bytes with any number of threads that read them', {
  timeout: 240_000,
}, async () => {
  const folder = freshFolder();
  const photos = join(folder, 'photos');
  await makePhotos(photos, { count: 60, classes: 3, width: 50, height: 40, formats: ['jpg', 'png', 'webp'] });
  const cache = { env: { XDG_CACHE_HOME: join(folder, 'cache') } };

  const sizeless = await genonnx(
    ['search', '--data', photos, '--preset', 'small', '--out', join(folder, 's')],
    cache,
  );
  expect(sizeless.exitCode).toBe(2);
  expect(sizeless.stderr).toContain('Say --pad-to 64');

  const picture = join(photos, 'class-001', '00004.png');
  const whole = await readFile(picture);
  writeFileSync(picture, whole.subarray(0, whole.length / 2));
  const command = (workers: number, out: string) => [
    ...['train', '--genotype', genotype, '--data', photos, '--preset', 'small', '--pad-to', '32'],
    ...['--cells', '3', '--channels', '4', '--batch', '8', '--epochs', '3', '--threads', '1', '--seed', '5'],
    ...['--checkpoint-seconds', '0', '--skip-broken', '--workers', String(workers), '--out', out],
  ];
  const [reference, cut] = [join(folder, 'whole'), join(folder, 'cut')];
  const ended = await genonnx(command(0, reference), cache);
  expect(ended.exitCode, String(ended.stderr)).toBe(0);
  expect(ended.stderr).toContain('left out 1 of 60 files: class-001/00004.png');

  const killed = genonnx(command(3, cut), cache);
  killed.stderr?.on('data', (text) => {
    if (String(text).includes('epoch 1/')) killed.kill('SIGKILL');
  });
  await killed;
  const resumed = await genonnx(['train', '--resume', cut, '--workers', '1'], cache);
  expect(resumed.exitCode, String(resumed.stderr)).toBe(0);
  expectSameRun('train', cut, reference);
  expect(JSON.parse(await readFile(join(cut, 'results.json'), 'utf8'))).toMatchObject({
    testExamples: 12,
    figures: { leftOut: 1 },
    notes: { 'left out': '1 picture that cannot be decoded' },
  });

  // The broken picture is named; mended, it is another one than was listed, and then is listed anew.
  const quantized = [
    'quantize',
    join(cut, 'model.onnx'),
    '--data',
    photos,
    '--even-if-slower',
    '--out',
    join(folder, 'q.onnx'),
  ];
  const refused = await genonnx(quantized, cache);
  expect(refused.exitCode).toBe(2);
  expect(refused.stderr).toContain('00004.png');
  writeFileSync(picture, whole);
  expect((await genonnx(quantized, cache)).stderr).toContain('is not the one that was listed');
  const mended = await genonnx(quantized, cache);
  expect(mended.exitCode, String(mended.stderr)).toBe(0);
  expect(mended.stdout).toContain('12 test images');
});
