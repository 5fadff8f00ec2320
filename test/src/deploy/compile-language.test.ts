// Language models compiled from genotypes, weights and vocabularies, and what does not fit.
import { describe, expect, it } from 'vitest';
import { decodeModel } from '../../../graphs/onnx/model.js';
import { proto } from '../../../graphs/onnx/proto.js';
import { compile } from '../../../src/deploy/compile.js';
import { compileLanguage, type LanguageCompileRequest } from '../../../src/deploy/compile-language.js';
import { languageFiles } from '../../../src/deploy/language-files.js';
import { reportOf } from '../../../src/deploy/model-report.js';
import { vocabularyRecordIn } from '../../../src/deploy/model-vocabulary.js';
import { openModel, originalWeights } from '../../../src/deploy/opened-model.js';
import { GenonnxError } from '../../../src/errors.js';
import { metadataIn } from '../../../src/networks/metadata.js';
import { recurrentParameterCount } from '../../../src/networks/recurrent/parameter-count.js';
import { recurrentZooEntry, zooEntry } from '../../../src/spaces/zoo.js';
import { fixtureWeights } from '../../support/fixture-networks.js';
import { readFixture } from '../../support/fixtures.js';
import { languageModelCases, wordList } from '../../support/language-models.js';
import { bytesOf } from '../../support/static-server.js';
import { defined } from '../../support/tensors.js';

const { model, weights } = defined(languageModelCases[0]);
const { genotype } = model;
const small = { genotype, width: 6, words: 9 };

function refusal(request: LanguageCompileRequest): GenonnxError {
  try {
    compileLanguage(request);
  } catch (error) {
    if (error instanceof GenonnxError) return error;
    throw error;
  }
  throw new Error('accepted');
}

describe('compileLanguage', () => {
  it('takes all sizes from the weights', () => {
    const { network, parameters, models } = compileLanguage({ genotype, weights });
    expect(network).toEqual(model);
    expect(parameters).toBe(recurrentParameterCount({ words: 50, width: 12, nodes: 8 }));
    expect(models.step.network.form).toBe('step');
    expect(models.sequence.metadata.weights).toBeUndefined();
  });

  it('takes the words from a vocabulary, and else the papers’ sizes', () => {
    const { network } = compileLanguage({ genotype, width: 6, vocabulary: wordList(9) });
    expect(network).toMatchObject({ words: 9, width: 6, combination: 'mean', batch: 'batch' });
    expect(compileLanguage({ genotype: recurrentZooEntry('ENAS_RNN').genotype }).parameters).toBe(27_295_000);
  });

  it('reads state dicts of wrapped modules, and ones without the second name of the table', () => {
    const wrapped = new Map([...weights].map(([name, tensor]) => [`module.${name}`, tensor]));
    wrapped.delete('module.decoder.weight');
    const [a, b] = [weights, wrapped].map(
      (given) => compileLanguage({ genotype, weights: given }).models.step,
    );
    const data = ({ bound }: NonNullable<typeof a>) => [...bound.weights.values()].map((each) => each.data);
    expect(data(defined(b))).toEqual(data(defined(a)));
  });

  it('says of random weights that they are', () => {
    const { models } = compileLanguage({ ...small, seed: 4, combination: 'sum', metadata: { note: 'mine' } });
    for (const { metadata } of Object.values(models))
      expect(metadata).toMatchObject({ weights: 'random', seed: '4', note: 'mine' });
    expect(JSON.parse(models.step.metadata.network ?? '')).toEqual({
      name: 'recurrent',
      form: 'step',
      words: 9,
      width: 6,
      combination: 'sum',
      batch: 'batch',
    });
  });

  it.each<[string, LanguageCompileRequest, RegExp]>([
    [
      'a width that the weights deny',
      { genotype, weights, width: 13 },
      /`width`[\s\S]*12, as the weights say/,
    ],
    ['words that the weights deny', { genotype, weights, words: 51 }, /`words`[\s\S]*50, as the weights say/],
    [
      'a genotype of another number of nodes',
      { genotype: recurrentZooEntry('ENAS_RNN').genotype, weights },
      /8 nodes[\s\S]*11 nodes[\s\S]*Give the genotype/,
    ],
    ['a vocabulary of another size', { genotype, weights, vocabulary: wordList(49) }, /50 words[\s\S]*49/],
    [
      'a decoder with a matrix of its own',
      { genotype, weights: new Map([...weights, ['decoder.weight', otherTable()]]) },
      /matrix of its own[\s\S]*instead of [\s\S]*as number 8/,
    ],
    [
      'a decoder of another shape',
      {
        genotype,
        weights: new Map([...weights, ['decoder.weight', { shape: [2, 2], data: new Float32Array(4) }]]),
      },
      /matrix of its own[\s\S]*\[2,2\] instead of \[50,12\]/,
    ],
    [
      'weights of a search',
      { genotype, weights: searchWeights() },
      /weights of a search[\s\S]*rnns\.0\.bn\./,
    ],
    [
      'a second layer',
      { genotype, weights: new Map([...weights, ['rnns.1._W0', otherTable()]]) },
      /rnns\.1\._W0: not a part[\s\S]*of one layer/,
    ],
    [
      'weights of an image network',
      { genotype, weights: fixtureWeights('darts-v2-cifar') },
      /encoder\.weight: missing/,
    ],
  ])('refuses %s', (_, request, says) => {
    const { code, message } = refusal(request);
    expect(code).toBe('weights-mismatch');
    expect(message).toMatch(says);
  });

  it('is what an image network’s weights are not', () => {
    const image = { genotype: zooEntry('DARTS_V2').genotype, cells: 3, initChannels: 4 };
    expect(() => compile({ ...image, weights })).toThrow(/weights of a language model/);
  });
});

function otherTable() {
  const { shape, data } = defined(weights.get('encoder.weight'));
  return { shape, data: data.map((value, i) => (i === 7 ? value + 1 : value)) };
}

function searchWeights(): typeof weights {
  return new Map(
    [...readFixture('recurrent/rnn-search-soft.weights')].map(([name, { shape, data }]) => [
      name,
      { shape, data: Float32Array.from(data) },
    ]),
  );
}

describe('the files of a language model', () => {
  const { models } = compileLanguage({ genotype, weights });
  const files = (name = 'lm.onnx', vocabulary: readonly string[] | undefined = wordList(50)) =>
    languageFiles(models, { fileName: name, vocabulary }).files;

  it('are named after the first', () => {
    expect(files().map(({ path }) => path)).toEqual(['', 'lm.step.onnx', 'lm.vocabulary.txt']);
    const { names } = languageFiles(models, { fileName: 'lm' });
    expect(names).toEqual({ step: 'lm.step.onnx' });
    const beside = languageFiles(models, { fileName: 'a.onnx', externalData: 'always' }).files;
    expect(beside.map(({ path }) => path)).toEqual(['a.onnx.data', '', 'a.step.onnx.data', 'a.step.onnx']);
  });

  it('are models that are read back, and know their vocabulary', () => {
    for (const { content } of files().slice(0, 2)) {
      const opened = openModel(bytesOf(content), 'lm');
      expect(vocabularyRecordIn(metadataIn(opened.proto), 'lm')?.file).toBe('lm.vocabulary.txt');
      for (const [name, { data }] of originalWeights(opened, 'lm'))
        expect(data, name).toEqual(defined(weights.get(name)).data);
    }
  });

  it('hold as many learned numbers as they say, also for who does not believe it', () => {
    for (const { content } of files().slice(0, 2)) {
      const decoded = decodeModel(bytesOf(content));
      const said = reportOf(decoded, 0);
      expect(said.parameters).toBe(recurrentParameterCount({ words: 50, width: 12, nodes: 8 }));
      decoded.metadataProps = [];
      const found = reportOf(decodeModel(proto.ModelProto.encode(decoded).finish()), 0);
      expect(found.parameters).toBe(said.parameters);
      // Without a loop they can be counted; a length that is open cannot.
      const counted = said.operators.Scan === undefined;
      expect(found.macs).toBe(counted ? said.macs : null);
      if (!counted) expect(found.counted.macs).toContain('input_ids has open extents');
    }
  });

  it('refuse metadata that says nonsense of a vocabulary', () => {
    const nonsense = new Map([['vocabulary', '{"file":"../x","sha256":"0"}']]);
    expect(() => vocabularyRecordIn(nonsense, 'm.onnx')).toThrow(
      /nonsense[\s\S]*m\.onnx: metadata vocabulary/,
    );
    expect(() => vocabularyRecordIn(new Map([['vocabulary', 'words']]), 'm')).toThrow(/nonsense/);
  });
});
