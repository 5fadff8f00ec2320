// What compile, validate, derive and draw make, and what they refuse: exit code 2, the cure, and nothing left behind.
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { encodeSafetensors } from '../../../graphs/safetensors.js';
import { rowsByEdge } from '../../../src/estimators/probabilities.js';
import { codeOfGenotype } from '../../../src/spaces/code.js';
import { SEARCH_PRIMITIVES } from '../../../src/spaces/convolutional.js';
import { printRecurrentGenotype } from '../../../src/spaces/print.js';
import { RECURRENT_SPACE } from '../../../src/spaces/recurrent.js';
import { edgeCount } from '../../../src/spaces/search-space.js';
import { recurrentZooEntry, ZOO } from '../../../src/spaces/zoo.js';
import { freshFolder, genonnx } from '../../e2e/command.js';
import { finishedRun, folderWith, smallModel } from '../../support/small-model.js';

const weights = fileURLToPath(new URL('../../fixtures/darts-v2-cifar.weights.safetensors', import.meta.url));
const small = ['compile', '--genotype', 'DARTS_V2', '--channels', '4', '--cells', '8'];

const pixels = ['compile', '--genotype', 'DARTS_V2', '--network', 'deeplab'];

/** 30,000 operations in a network of 20 cells: a text that no paper has. */
const manyOperations = (() => {
  const node = new Array(1500).fill("('skip_connect', 0)").join();
  return `Genotype(normal=[[${node}]], normal_concat=[2], reduce=[[${node}]], reduce_concat=[2])`;
})();

describe('refusals', () => {
  it.each([
    ['nothing to compile', ['compile'], ['--genotype', '--run']],
    ['more channels than make sense', [...small, '--channels', '5000000'], ['--channels', '4096']],
    ['more weights than make sense', [...small, '--channels', '4096'], ['8 GiB', '--channels']],
    [
      'more operations than make sense',
      ['compile', '--genotype', manyOperations, '--cells', '20'],
      ['20,000'],
    ],
    ['an image beyond reason', [...small, '--image', '65536x65536x3'], ['2^31', '--image']],
    ['a batch beyond reason', [...small, '--batch', '99999999'], ['2^31', '--batch']],
    ['an opset beyond', [...small, '--opset', '22'], ['17 to 21']],
    ['an odd image', [...small, '--image', '30x30x3'], ['halve', '15x15']],
    ['weights of another width', [...small, '--channels', '8', '--weights', weights], ['stem', '--channels']],
    ['weights and a seed', [...small, '--weights', weights, '--seed', '3'], ['--seed', '--weights']],
    ['a run and its settings', ['compile', '--run', '.', '--cells', '3'], ['--run', '--cells']],
    ['a folder that holds no run', ['compile', '--run', '/'], ['no run', 'the folder of a training']],
    ['an input out of range', ['compile', '--genotype', "Genotype(normal=[('skip_connect', 2)])"], ['1:']],
    [
      'a recurrent genotype in a network for images',
      ['compile', '--genotype', 'DARTS_V2_RNN', '--network', 'cifar'],
      ['This is a recurrent genotype', 'such as DARTS_V2;'],
    ],
    [
      'a recurrent genotype in a segmentation network',
      ['compile', '--genotype', 'DARTS_V2_RNN', '--network', 'deeplab'],
      ['This is a recurrent genotype', 'such as DARTS_V2;'],
    ],
    ['an output stride of none', [...pixels, '--output-stride', '12'], ['8, 16, 32', '--output-stride']],
    ['two rates', [...pixels, '--rates', '6,12'], ['three whole numbers', '--rates 6,12,18']],
    ['rates of a classifier', [...small, '--rates', '6,12,18'], ['--network deeplab']],
    ['weights of a classifier for pixels', [...pixels, '--weights', weights], ['--backbone']],
    ['a backbone of another network', [...pixels, '--backbone', weights], ['stem0.0.weight']],
    ['labels that are missing', [...small, '--labels', 'none.txt'], ['none.txt', 'one label a line']],
    ['labels of another number', [...small, '--labels', 'package.json'], ['10 labels']],
    ['a mean without a deviation', [...small, '--mean', '0.5,0.5,0.5'], ['--std']],
    ['a deviation of zero', [...small, '--mean', '1,1,1', '--std', '1,0,1'], ['positive']],
    ['a kind of drawing unknown', ['draw', '--genotype', 'DARTS_V2'], ['.svg or .dot']],
  ])('of %s', async (_, args, says) => {
    const out = join(freshFolder(), 'model.onnx');
    const ended = await genonnx([...args, '--out', out]);
    expect(ended.exitCode, String(ended.stderr)).toBe(2);
    for (const words of says) expect(ended.stderr).toContain(words);
    expect(ended.stderr).not.toMatch(/^\s+at /m);
    expect(ended.stdout).toBe('');
    expect(existsSync(out)).toBe(false);
  });

  it('with a stack trace for who asks, wherever the word stands', async () => {
    for (const args of [
      ['--verbose', 'compile', '--out', 'x'],
      ['compile', '--out', 'x', '--verbose'],
    ]) {
      const ended = await genonnx(args);
      expect(ended.exitCode).toBe(2);
      expect(ended.stderr).toMatch(/^\s+at /m);
    }
  });

  it('of a folder as the file', async () => {
    const folder = freshFolder();
    mkdirSync(join(folder, 'm.onnx'));
    const ended = await genonnx([...small, '--out', join(folder, 'm.onnx'), '--force']);
    expect(ended.exitCode).toBe(2);
    expect(ended.stderr).toContain('a folder');
  });
});

describe('compile', () => {
  it('makes another form of a finished training', async () => {
    const folder = await finishedRun({ dataset: 'shirts' });
    const out = join(folder, 'one.onnx');
    const compiled = await genonnx([
      'compile',
      '--run',
      folder,
      '--batch',
      '1',
      '--opset',
      '21',
      '--out',
      out,
    ]);
    expect(compiled.exitCode, String(compiled.stderr)).toBe(0);
    const { metadata, outputs, inputs, opset } = JSON.parse(
      String((await genonnx(['inspect', out, '--json'])).stdout),
    );
    expect(metadata.dataset).toBe('shirts');
    expect(inputs[0].shape).toEqual([1, 1, 32, 32]);
    expect(outputs.map(({ name }: { name: string }) => name)).toEqual(['logits']);
    expect(opset).toBe(21);
    const validated = await genonnx(['validate', out]);
    expect(validated.exitCode).toBe(0);
    expect(validated.stdout).toContain('top-1 agreement');
  });
});

describe('compile, in every form', () => {
  const imagenet = [
    '--network',
    'imagenet',
    '--channels',
    '4',
    '--cells',
    '3',
    '--image',
    '32x32x3',
    '--classes',
    '7',
  ];

  const segmentation =
    '--network deeplab --cells 3 --image 33x41x3 --aspp-width 8 --output-stride 8 --rates 1,2,3'.split(' ');

  it.each([
    ['folded', ['--fold-batch-norm'], { optimize: 'fold' }],
    ['for processors', ['--optimize', 'cpu'], { optimize: 'cpu' }],
    ['in float16', ['--precision', 'float16'], { precision: 'float16' }],
    ['with its weights in a second file', ['--external-data', 'always'], {}],
    ['for the ImageNet network', imagenet, {}],
    ['for pixels', segmentation, {}],
  ])('makes a model %s that agrees with the interpreter', async (_, args, metadata) => {
    const folder = join(freshFolder(), 'made', 'on', 'the', 'way');
    const out = join(folder, 'model.onnx');
    const compiled = await genonnx([...small, ...args, '--out', out, '--json']);
    expect(compiled.exitCode, String(compiled.stderr)).toBe(0);
    const summary = JSON.parse(String(compiled.stdout));
    const inspected = JSON.parse(String((await genonnx(['inspect', out, '--json'])).stdout));
    expect(inspected).toMatchObject({
      parameters: summary.parameters,
      macs: summary.macs,
      nodes: summary.nodes,
      metadata,
    });
    expect(inspected.inputs[0].type).toBe('float');
    if (args.includes('float16')) {
      expect(summary.departure.largestRelativeDifference).toBeGreaterThan(0);
      expect(summary.departure.largestRelativeDifference).toBeLessThan(2e-2);
    }
    if (args.includes('always')) {
      expect(summary.dataFile).toBe(`${out}.data`);
      expect(statSync(summary.dataFile).size + statSync(out).size).toBe(summary.sizeBytes);
    }
    if (args.includes('--fold-batch-norm')) expect(inspected.operators.BatchNormalization).toBeUndefined();
    const validated = await genonnx(['validate', out, '--batch', '2']);
    expect(validated.exitCode, String(validated.stderr) + String(validated.stdout)).toBe(0);
    const timed = await genonnx(['bench', out, '--rounds', '2', '--runs', '2', '--no-roofline', '--json']);
    expect(timed.exitCode, String(timed.stderr)).toBe(0);
  });

  it('says in words how far float16 departs', async () => {
    const out = join(freshFolder(), 'model.onnx');
    const compiled = await genonnx([...small, '--precision', 'float16', '--out', out]);
    expect(compiled.stdout).toMatch(
      /departure +\d\.\d\de-\d of the largest logit, top-1 agreement \d+\.\d %/,
    );
  });
});

describe('compile of a genotype and its weights', () => {
  it('needs no sizes, makes the folder, and says what the network is', async () => {
    const out = join(freshFolder(), 'some', 'where', 'model.onnx');
    const genotype = fileURLToPath(new URL('../../fixtures/darts-v2-cifar.genotype.txt', import.meta.url));
    const compiled = await genonnx(['compile', '--genotype', genotype, '--weights', weights, '--out', out]);
    expect(compiled.exitCode, String(compiled.stderr)).toBe(0);
    expect(compiled.stdout).toContain('cifar, 8 cells, 4 channels, 10 classes, images 32x32x3');
    expect(compiled.stdout).not.toContain('random');
    const expected = weights.replace('.weights.', '.io.');
    expect((await genonnx(['validate', out, expected])).exitCode).toBe(0);
  });

  it('says of random weights that they are, in the model and in what is made of it too', async () => {
    const folder = freshFolder();
    const out = join(folder, 'model.onnx');
    const compiled = await genonnx([...small, '--out', out]);
    expect(compiled.stdout).toMatch(/weights +random, from seed 1: it has learned nothing/);
    const { metadata } = JSON.parse(String((await genonnx(['inspect', out, '--json'])).stdout));
    expect(metadata).toMatchObject({ weights: 'random', seed: '1' });

    const exported = (target: string) =>
      genonnx(['export', out, '--to', target, '--out', join(folder, target)]);
    expect((await exported('ort-web')).stderr).toContain('weights are random, and the page says so');
    // What the page shows by, as the browser's test sees it.
    const page = JSON.parse(readFileSync(join(folder, 'ort-web', 'model.json'), 'utf8'));
    expect(page.metadata.weights).toBe('random');
    for (const target of ['onnx', 'tfjs', 'pytorch'])
      expect((await exported(target)).stderr).toContain('weights are random: the model has learned nothing');
    expect((await exported('svg')).stderr).toBe('');
  });
});

describe('compile with labels and normalisation', () => {
  it('keeps them in the model', async () => {
    const folder = freshFolder();
    const [labels, out] = [join(folder, 'labels.txt'), join(folder, 'model.onnx')];
    writeFileSync(labels, 'cat\ndog\n');
    const facts = ['--classes', '2', '--labels', labels, '--mean', '0.5,0.4,0.3', '--std', '0.2,0.2,0.1'];
    const compiled = await genonnx([...small, ...facts, '--out', out]);
    expect(compiled.exitCode, String(compiled.stderr)).toBe(0);
    const { metadata } = JSON.parse(String((await genonnx(['inspect', out, '--json'])).stdout));
    expect(JSON.parse(metadata.classes)).toEqual(['cat', 'dog']);
    expect(JSON.parse(metadata.normalisation)).toEqual({
      mean: [0.5, 0.4, 0.3],
      standardDeviation: [0.2, 0.2, 0.1],
    });
  });
});

describe('bench', () => {
  it('refuses a batch beyond reason before it takes the memory', async () => {
    const model = join(folderWith(smallModel()), 'model.onnx');
    const ended = await genonnx(['bench', model, '--batch', '10000000']);
    expect(ended.exitCode).toBe(2);
    expect(ended.stderr).toMatch(/absurdly large[\s\S]*--batch/);
  });
});

describe('advice about the folder of a run', () => {
  const run = (kind: string): string => {
    const folder = freshFolder();
    writeFileSync(join(folder, 'config.json'), JSON.stringify({ kind, settings: { data: 'my-data' } }));
    return folder;
  };

  it.each([
    ['export', (folder: string) => ['export', folder, '--to', 'ort-web', '--out', 'never']],
    ['compile', (folder: string) => ['compile', '--run', folder, '--out', 'never.onnx']],
  ])('is a command that works: %s', async (_, args) => {
    const search = run('search');
    expect((await genonnx(args(search))).stderr).toContain(
      `genonnx train --genotype ${search} --data my-data --out <folder>`,
    );
    const training = run('train');
    expect((await genonnx(args(training))).stderr).toContain(`genonnx train --resume ${training}`);
  });
});

describe('a model that genonnx did not make', () => {
  const theirs = fileURLToPath(new URL('../../fixtures/pytorch-attention.onnx', import.meta.url));

  it('is validated on two runtimes, as the command says', async () => {
    const ended = await genonnx(['validate', theirs]);
    expect(ended.exitCode).toBe(2);
    const [, command = ''] = /genonnx (validate .*)/.exec(String(ended.stderr)) ?? [];
    expect(command).toBe(`validate web:${theirs} node:${theirs}`);
    expect((await genonnx(command.split(' '))).exitCode).toBe(0);
  });

  it('becomes a page, with what it assumes said, and nothing else', async () => {
    const out = join(freshFolder(), 'site');
    const exported = await genonnx(['export', theirs, '--to', 'ort-web', '--no-webgpu', '--out', out]);
    expect(exported.exitCode, String(exported.stderr)).toBe(0);
    expect(exported.stderr).toMatch(/no names[\s\S]*--labels[\s\S]*--mean and --std/);
    const facts = JSON.parse(readFileSync(join(out, 'model.json'), 'utf8'));
    expect(facts.metadata).toEqual({ parameters: '1973', macs: '250992' });
    const refused = await genonnx(['export', theirs, '--to', 'tfjs', '--out', join(out, 'tfjs')]);
    expect(refused.exitCode).toBe(2);
    expect(refused.stderr).toContain(`genonnx export ${theirs} --to ort-web`);
    const folded = await genonnx(['export', theirs, '--to', 'ort-web', '--optimize', 'cpu', '--out', out]);
    expect(folded.stderr).toContain('Leave --optimize out.');
  });

  it('is told its labels and its normalisation', async () => {
    const folder = freshFolder();
    const labels = join(folder, 'labels.txt');
    writeFileSync(labels, 'ant\nbee\ncat\ndog\neel\n');
    const facts = ['--labels', labels, '--mean', '0.5,0.4,0.3', '--std', '0.2,0.2,0.1'];
    const out = join(folder, 'site');
    const exported = await genonnx([
      'export',
      theirs,
      '--to',
      'ort-web',
      '--no-webgpu',
      ...facts,
      '--out',
      out,
    ]);
    expect(exported.exitCode, String(exported.stderr)).toBe(0);
    expect(exported.stderr).not.toContain('note:');
    expect(JSON.parse(readFileSync(join(out, 'model.json'), 'utf8'))).toMatchObject({
      classes: ['ant', 'bee', 'cat', 'dog', 'eel'],
      normalisation: { mean: [0.5, 0.4, 0.3], standardDeviation: [0.2, 0.2, 0.1] },
    });
    const wrong = await genonnx(['export', theirs, '--to', 'tfjs', ...facts, '--out', join(folder, 'x')]);
    expect(wrong.stderr).toContain('--labels means nothing to this target');
  });
});

describe('zoo', () => {
  it('lists every genotype with its source and the cost of its networks', async () => {
    const listed = JSON.parse(String((await genonnx(['zoo', '--json'])).stdout));
    expect(listed.map(({ name }: { name: string }) => name)).toEqual(ZOO.map(({ name }) => name));
    expect(listed[2].networks).toMatchObject([
      { network: 'cifar', parameters: 3_410_038, macs: 516_663_936 },
      { network: 'imagenet', parameters: 5_035_648, macs: 539_310_144 },
    ]);
    expect(listed[5]).toMatchObject({
      kind: 'recurrent',
      networks: [
        { text: 'Penn Treebank', nodes: 11, width: 850, words: 10_000, parameters: 27_295_000 },
        { text: 'WikiText-2', nodes: 11, width: 700, words: 33_278, parameters: 36_067_878 },
      ],
    });
    expect(listed[5].genotype).toMatch(/^Genotype\(recurrent=.*concat=\[2, 5, 6, 9, 10, 11\]\)$/);
    const words = String((await genonnx(['zoo'])).stdout);
    for (const text of ['DATA_M7', '5,035,648', 'Chang et al.', 'DARTS_V1_RNN', '33,127,878', 'Pham et al.'])
      expect(words).toContain(text);
  });
});

describe('validate', () => {
  it('ends with 1 and names the operation when the weights are not those that they should be', async () => {
    const folder = freshFolder();
    const model = join(folder, 'other.onnx');
    await genonnx([...small, '--seed', '2', '--out', model]);
    const ended = await genonnx(['validate', model, '--batch', '1', '--weights', weights, '--json']);
    expect(ended.exitCode, String(ended.stderr)).toBe(1);
    const { ok, firstDeparture } = JSON.parse(String(ended.stdout));
    expect(ok).toBe(false);
    expect(firstDeparture.path).toMatch(/^stem/);
  });
});

describe('draw and derive', () => {
  it('draw both cells in files of their own', async () => {
    const folder = freshFolder();
    const drawn = await genonnx([
      'draw',
      '--genotype',
      'DARTS_V2',
      '--cell',
      'both',
      '--out',
      join(folder, 'c.dot'),
    ]);
    expect(drawn.exitCode, String(drawn.stderr)).toBe(0);
    expect(readFileSync(join(folder, 'c-normal.dot'), 'utf8')).toContain('dil_conv_3x3');
    expect(readFileSync(join(folder, 'c-reduce.dot'), 'utf8')).toContain('max_pool_3x3');
  });

  it('draw a recurrent cell, by its name alone', async () => {
    const [svg, both] = ['cell.svg', 'c.dot'].map((name) => join(freshFolder(), name));
    const drawn = await genonnx(['draw', 'DARTS_V2_RNN', '--out', svg!]);
    expect(drawn.exitCode, String(drawn.stderr)).toBe(0);
    expect(readFileSync(svg!, 'utf8')).toContain('h_{t&#45;1}');
    const files = await genonnx(['draw', 'enas_rnn', '--cell', 'both', '--out', both!, '--json']);
    const [file] = JSON.parse(String(files.stdout));
    expect(file).toBe(both!.replace('c.dot', 'c-recurrent.dot'));
    expect(readFileSync(file, 'utf8')).toContain('s8 -> s11 [label=" relu "');
  });

  it.each([
    ['nothing', [], ['one genotype', 'found:    none']],
    ['two genotypes', ['DATA_M4', '--genotype', 'DATA_M7'], ['DATA_M4 and --genotype DATA_M7']],
    [
      'a cell that the genotype has not',
      ['DARTS_V2_RNN', '--cell', 'reduce'],
      ['A recurrent genotype has no such cell', 'expected: recurrent'],
    ],
  ])('draw no picture of %s', async (_, args, says) => {
    const out = join(freshFolder(), 'cell.svg');
    const ended = await genonnx(['draw', ...args, '--out', out]);
    expect([ended.exitCode, existsSync(out)]).toEqual([2, false]);
    for (const words of says) expect(ended.stderr).toContain(words);
  });

  it('derive recurrent genotypes, of alphas in every form that they come in', async () => {
    const folder = freshFolder();
    const genotype = printRecurrentGenotype(recurrentZooEntry('DARTS_V2_RNN').genotype);
    const planted = codeOfGenotype(recurrentZooEntry('DARTS_V2_RNN').genotype, RECURRENT_SPACE).map(
      (entry) => 3 * entry,
    );
    const { recurrent } = rowsByEdge(planted, RECURRENT_SPACE);
    const tensor = { dtype: 'F64', shape: [36, 5], data: planted } as const;
    const [named, bare, tensors] = ['a.json', 'b.json', 'c.safetensors'].map((name) => join(folder, name));
    writeFileSync(named!, JSON.stringify({ recurrent, method: 'darts' }));
    writeFileSync(bare!, JSON.stringify([recurrent]));
    writeFileSync(tensors!, encodeSafetensors([['alphas_recurrent', tensor]], [['samples', '1']]));
    for (const args of [[named!], [bare!, '--rule', 'darts'], [bare!, '--rule', 'gdas'], [tensors!]]) {
      const derived = await genonnx(['derive', ...args]);
      expect(derived.stdout, String(derived.stderr)).toBe(genotype);
    }
    const several = await genonnx(['derive', named!, '--rule', 'data', '--scope', 'edge', '--json']);
    const { recurrent: nodes, concat } = JSON.parse(String(several.stdout));
    expect(concat).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(Math.max(...nodes.map(({ length }: { length: number }) => length))).toBeGreaterThan(1);
    const wrong = join(folder, 'wrong.json');
    writeFileSync(wrong, JSON.stringify({ cells: recurrent }));
    const refused = await genonnx(['derive', wrong]);
    expect([refused.exitCode, refused.stdout]).toEqual([2, '']);
    expect(refused.stderr).toContain(
      'normal and reduce (convolutional), or recurrent (recurrent), or cell (one-cell)',
    );
  });

  it('derive a genotype that the other commands read', async () => {
    const folder = freshFolder();
    const row = SEARCH_PRIMITIVES.map((primitive) => (primitive === 'sep_conv_3x3' ? 2 : 0));
    const rows = Array.from({ length: edgeCount({ inputs: 2, nodes: 4 }) }, () => row);
    writeFileSync(join(folder, 'alphas.json'), JSON.stringify({ normal: rows, reduce: rows }));
    const derived = await genonnx(['derive', folder, '--samples', '1', '--scope', 'edge', '--json']);
    expect(derived.exitCode, String(derived.stderr)).toBe(0);
    writeFileSync(join(folder, 'genotype.json'), String(derived.stdout));
    expect(JSON.parse(String(derived.stdout)).normal[0]).toEqual([
      ['sep_conv_3x3', 0],
      ['sep_conv_3x3', 1],
    ]);
    const args = ['draw', '--genotype', join(folder, 'genotype.json'), '--out', join(folder, 'c.svg')];
    expect((await genonnx(args)).exitCode).toBe(0);
  });
});
