// Models in the layout of the Hugging Face Hub: what the Hub reads, what people read, and that the models are whole.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { ExportFile } from '../../exporters/export-file.js';
import { preprocessorOf } from '../../exporters/hugging-face/config.js';
import { type HuggingFaceModel, toHuggingFace } from '../../exporters/hugging-face.js';
import { openExportSource, prepared, requireImageSource } from '../../src/deploy/export-source.js';
import { classifierFolder, languageFolder } from '../../src/deploy/hugging-face.js';
import { validatePair } from '../../src/deploy/validate.js';
import { freshFolder } from '../e2e/command.js';
import { finishedLanguageRun, wordList } from '../support/language-models.js';
import { finishedRun, folderWith, smallModel, smallNetwork } from '../support/small-model.js';
import { bytesOf } from '../support/static-server.js';
import { defined } from '../support/tensors.js';

const text = (files: readonly ExportFile[], path: string): string =>
  new TextDecoder().decode(bytesOf(defined(files.find((file) => file.path === path)).content));

/** The lines between the first two `---`, as YAML. */
function frontMatter(files: readonly ExportFile[]): unknown {
  return parse(defined(text(files, 'README.md').split(/^---$/m)[1]));
}

const results = (test: object, figures: object) => JSON.stringify({ test, testExamples: 1000, figures });

async function ofImages(folder: string, further: Parameters<typeof classifierFolder>[2] = {}) {
  const source = requireImageSource(await openExportSource(folder, { toolVersion: '0' }));
  return await classifierFolder(source, prepared(source, {}), { ...source.facts, ...further }, undefined);
}

describe('an image classifier', () => {
  const classes = ['shirt', 'coat: "long"', 'bag', 'boot', 'sandal'];

  it('has a configuration, a preprocessor, a model and a card with what the training came to', async () => {
    const folder = await finishedRun({ dataset: 'shirts', classes: JSON.stringify(classes), seed: '7' });
    writeFileSync(
      join(folder, 'results.json'),
      results({ loss: 0.5, accuracy: 0.75 }, { parameters: 12345, macs: 6789 }),
    );
    const files = await ofImages(folder, { normalisation: { mean: [0.25], standardDeviation: [0.5] } });
    expect(files.map(({ path }) => path)).toEqual([
      'README.md',
      'config.json',
      'preprocessor_config.json',
      'onnx/model.onnx',
    ]);
    expect(JSON.parse(text(files, 'config.json'))).toMatchObject({
      architecture: 'cifar',
      num_cells: smallNetwork.cells,
      num_channels: 1,
      image_size: [32, 32],
      id2label: { '0': 'shirt', '1': 'coat: "long"' },
      label2id: { sandal: 4 },
    });
    expect(JSON.parse(text(files, 'preprocessor_config.json'))).toMatchObject({
      size: { height: 32, width: 32 },
      do_normalize: true,
      image_mean: [0.25],
      image_std: [0.5],
    });
    expect(frontMatter(files)).toMatchObject({
      library_name: 'onnx',
      pipeline_tag: 'image-classification',
      'model-index': [
        {
          results: [
            {
              task: { type: 'image-classification' },
              dataset: { type: 'shirts', name: 'shirts', split: 'test' },
              metrics: [{ type: 'accuracy', value: 0.75 }],
            },
          ],
        },
      ],
    });
    const card = text(files, 'README.md');
    for (const said of [
      '| Accuracy, 1,000 test examples | 75.00 % |',
      '| Parameters | 12,345 |',
      '| seed | 7 |',
    ])
      expect(card).toContain(said);
    expect(card).not.toContain('random');
  });

  it('without a run says what the model says of itself, and nothing that nobody measured', async () => {
    const folder = folderWith(smallModel({ weights: 'random' }));
    const files = await ofImages(join(folder, 'model.onnx'));
    expect(frontMatter(files)).not.toHaveProperty('model-index');
    const card = text(files, 'README.md');
    expect(card).toMatch(/weights of this network are random[\s\S]*\| Parameters \| [\d,]+ \|/);
    expect(card).not.toContain('Accuracy');
    expect(JSON.parse(text(files, 'config.json')).id2label['4']).toBe('class 4');
    expect(JSON.parse(text(files, 'preprocessor_config.json')).do_normalize).toBe(false);
  });

  it('says of pictures how they were made ready', () => {
    const network = {
      task: 'image-classification',
      architecture: 'imagenet',
      cells: 14,
      initChannels: 48,
      image: { channels: 3, height: 224, width: 224 },
      classes: ['a'],
    } as const;
    const preprocessing = { kind: 'centre', resize: 256, crop: 224 } as const;
    expect(preprocessorOf({ ...network, preprocessing })).toMatchObject({
      size: { shortest_edge: 256 },
      resample: 2,
      do_center_crop: true,
      crop_size: { height: 224, width: 224 },
    });
    expect(preprocessorOf(network).size).toEqual({ height: 224, width: 224 });
  });
});

describe('a language model', () => {
  async function ofTexts(figures?: object) {
    const folder = finishedLanguageRun();
    if (figures !== undefined)
      writeFileSync(join(folder, 'results.json'), results({ loss: 4.5, perplexity: 90.25 }, figures));
    const source = await openExportSource(folder, { toolVersion: '0' });
    if (source.kind !== 'recurrent') throw new Error(source.kind);
    return await languageFolder(source, defined(source.vocabulary), undefined);
  }

  it('has a configuration, its words, two models, and a card with the baselines beside it', async () => {
    const files = await ofTexts({ parameters: 3530, macs: 4632, bigramPerplexity: 150.5 });
    expect(files.map(({ path }) => path)).toEqual([
      'README.md',
      'config.json',
      'vocabulary.txt',
      'onnx/model.onnx',
      'onnx/model_step.onnx',
    ]);
    expect(JSON.parse(text(files, 'config.json'))).toMatchObject({
      architecture: 'recurrent',
      vocab_size: 50,
      hidden_size: 12,
      eos_token_id: 0,
      unk_token_id: 1,
      tie_word_embeddings: true,
    });
    expect(text(files, 'vocabulary.txt')).toBe(`${wordList(50).join('\n')}\n`);
    expect(frontMatter(files)).toMatchObject({
      pipeline_tag: 'text-generation',
      'model-index': [{ results: [{ metrics: [{ type: 'perplexity', value: 90.25 }] }] }],
    });
    const card = text(files, 'README.md');
    for (const said of [
      '| Perplexity, 1,000 test examples | 90.25 |',
      '| Bigram perplexity | 150.5 |',
      'concat=range(1, 9))',
    ])
      expect(card).toContain(said);
  });

  it('says the perplexity that the model says of itself, where there are no results', async () => {
    expect(text(await ofTexts(), 'README.md')).toContain('| Perplexity, test | 98.5 |');
  });

  it('is opened again from there, with its words above it, and holds', async () => {
    const folder = freshFolder();
    for (const { path, content } of await ofTexts()) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), bytesOf(content));
    }
    for (const name of ['model.onnx', 'model_step.onnx']) {
      const path = join(folder, 'onnx', name);
      const source = await openExportSource(path, { toolVersion: '0' });
      expect(source).toMatchObject({ vocabulary: wordList(50), metadata: { perplexity: '98.5' } });
      expect((await validatePair({ a: { kind: 'node', path } })).ok).toBe(true);
    }
  });
});

describe('the card', () => {
  const model: HuggingFaceModel = {
    name: 'a: "b"\n# c <img>',
    network: { task: 'text-generation', width: 2, combination: 'mean', vocabulary: ['a', 'b'] },
    genotype: 'Genotype(...)',
    metadata: { dataset: 'x: {y}\n---', note: '| <b> |' },
    scores: { perplexity: 1.5 },
    figures: {},
    models: [{ path: 'model.onnx', content: '' }],
  };

  it('is read as it was meant, whatever names contain', () => {
    const files = toHuggingFace(model);
    expect(frontMatter(files)).toMatchObject({
      'model-index': [{ name: 'a: "b"\n# c <img>', results: [{ dataset: { name: 'x: {y}\n---' } }] }],
    });
    const body = text(files, 'README.md').split(/^---$/m)[2];
    expect(body).toContain('# a: "b" \\# c \\<img\\>');
    expect(body).toContain('| note | \\| \\<b\\> \\| |');
    // A vocabulary without these words has no numbers of them, and an example with one that it has.
    expect(body).toContain('for word in ["a"]]');
    expect(JSON.parse(text(files, 'config.json'))).not.toHaveProperty('eos_token_id');
  });

  it('wants a model of the name that the Hub looks for', () => {
    expect(() => toHuggingFace({ ...model, models: [{ path: 'other.onnx', content: '' }] })).toThrow(
      /model\.onnx[\s\S]*other\.onnx/,
    );
  });
});
