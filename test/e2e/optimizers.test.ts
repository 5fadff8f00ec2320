// Children that another optimizer than SGD trains: the command, its checkpoints, and what a killed one goes on with.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import { decodeSafetensors } from '../../graphs/safetensors.js';
import { freshFolder, genonnx } from './command.js';

const genotype =
  "Genotype(normal=[('sep_conv_3x3', 0), ('max_pool_3x3', 1)], normal_concat=[2], reduce=[('skip_connect', 0), ('dil_conv_3x3', 1)], reduce_concat=[2])";
const settings =
  '--data fashion-mnist --preset small --limit 160 --batch 8 --channels 4 --cells 3 --epochs 3 --threads 1 --checkpoint-seconds 0 --seed 3';
const adam = ['train', '--genotype', genotype, ...settings.split(' '), '--optimizer', 'adam', '--lr', '0.01'];

function lastArrays(folder: string): Buffer {
  const { checkpoint } = JSON.parse(readFileSync(join(folder, 'checkpoints', 'last.json'), 'utf8'));
  return readFileSync(join(folder, 'checkpoints', `${checkpoint}.safetensors`));
}

describe('a child that Adam trains', () => {
  it('is killed, goes on, and ends with the bytes of one that never stopped', {
    timeout: 240_000,
  }, async () => {
    const folder = freshFolder();
    const [whole, cut] = [join(folder, 'whole'), join(folder, 'cut')];
    const reference = await genonnx([...adam, '--out', whole, '--json']);
    expect(reference.exitCode, String(reference.stderr)).toBe(0);
    expect(JSON.parse(String(reference.stdout)).test.accuracy).toBeGreaterThan(0.2);

    const killed = genonnx([...adam, '--out', cut]);
    while (!existsSync(join(cut, 'checkpoints', 'last.json'))) await wait(20);
    killed.kill('SIGKILL');
    await killed;
    const resumed = await genonnx(['train', '--resume', cut, '--optimizer', 'adam']);
    expect(resumed.exitCode, String(resumed.stderr)).toBe(0);
    expect(lastArrays(cut).equals(lastArrays(whole))).toBe(true);
    expect(readFileSync(join(cut, 'weights.safetensors'))).toEqual(
      readFileSync(join(whole, 'weights.safetensors')),
    );

    const { tensors } = decodeSafetensors(lastArrays(whole), whole);
    const names = [
      'parameters',
      'statistics',
      'firstMoment',
      'secondMoment',
      'firstCorrection',
      'secondCorrection',
    ];
    expect([...tensors.keys()].toSorted()).toEqual(names.toSorted());
  });
});

describe('a child that is averaged once SGD stalls', () => {
  it('says which epochs are, and ships what was evaluated', { timeout: 120_000 }, async () => {
    const out = join(freshFolder(), 'averaged');
    const options =
      '--optimizer asgd --lr 1 --schedule constant --patience 0 --validation-share 0.2 --restore 2';
    const child = ['train', '--genotype', genotype, ...settings.split(' '), ...options.split(' ')];
    const { exitCode, stderr, stdout } = await genonnx([...child, '--out', out, '--json']);
    expect(exitCode, String(stderr)).toBe(0);
    expect(String(stderr).match(/epoch \d\/3 with \w+/g)).toEqual([
      'epoch 1/3 with sgd',
      'epoch 2/3 with sgd',
      'epoch 3/3 with asgd',
    ]);
    expect(JSON.parse(String(stdout))).toMatchObject({ restored: 0 });
    // The first weights of the vector are those of the file.
    const { tensors } = decodeSafetensors(lastArrays(out), out);
    const shipped = decodeSafetensors(readFileSync(join(out, 'weights.safetensors')), out).tensors;
    const isShipped = (name: string) =>
      [...shipped.values()].some(({ data }) =>
        isDeepStrictEqual(tensors.get(name)?.data.slice(0, data.length), data),
      );
    expect([isShipped('average'), isShipped('parameters')]).toEqual([true, false]);
  });
});
