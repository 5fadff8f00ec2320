// What a trained language model leaves, read back.
import { describe, expect, it } from 'vitest';
import { parseVocabulary } from '../../../../datasets/text/vocabulary.js';
import { decodeSafetensors } from '../../../../graphs/safetensors.js';
import { requireRecorded } from '../../../../src/data/text/vocabulary-record.js';
import { openModel, originalWeights } from '../../../../src/deploy/opened-model.js';
import { metadataIn } from '../../../../src/networks/metadata.js';
import { languageInference } from '../../../../src/networks/recurrent/inference.js';
import { shipLanguageModel } from '../../../../src/tasks/language/ship.js';
import { languageModelCases, wordList } from '../../../support/language-models.js';
import { defined } from '../../../support/tensors.js';

const { model, weights } = defined(languageModelCases[2]);
const { weights: slots } = languageInference(model);
const parameters = Float32Array.from(slots.flatMap(({ name }) => [...defined(weights.get(name)).data]));
const origin = {
  vocabulary: wordList(model.words),
  seed: 3,
  dataset: 'sotu',
  toolVersion: '0',
  scores: { loss: 1.5, perplexity: 98.5 },
};
const shipped = (vocabulary = origin.vocabulary) =>
  shipLanguageModel(
    model,
    { parameters: { shape: [parameters.length], data: parameters } },
    { ...origin, vocabulary },
  );

describe('a trained language model', () => {
  const { files, figures } = shipped();
  const bytesOf = (name: string): Uint8Array => {
    const { data } = defined(files.find((file) => file.name === name));
    return typeof data === 'string' ? new TextEncoder().encode(data) : data;
  };

  it('is two models, weights and a vocabulary', () => {
    expect(files.map(({ name }) => name)).toEqual([
      'model.onnx',
      'model.step.onnx',
      'weights.safetensors',
      'vocabulary.txt',
    ]);
    const { cost } = languageInference(model);
    expect(figures).toEqual({ parameters: parameters.length, macs: cost.macs });
  });

  it.each(['sequence', 'step'] as const)('says in its model (%s) which network it is', (form) => {
    const name = form === 'step' ? 'model.step.onnx' : 'model.onnx';
    const opened = openModel(bytesOf(name), name);
    expect(opened.network).toEqual({ ...model, form });
    expect(Object.fromEntries(metadataIn(opened.proto))).toMatchObject({
      seed: '3',
      dataset: 'sotu',
      perplexity: '98.5',
      parameters: String(parameters.length),
      macs: String(figures.macs),
      tool: 'genonnx 0',
    });
    for (const [key, { data }] of originalWeights(opened, name))
      expect(data, key).toEqual(defined(weights.get(key)).data);
  });

  it('has the released names in its weights', () => {
    const { tensors } = decodeSafetensors(bytesOf('weights.safetensors'), 'weights');
    expect([...tensors.keys()].sort()).toEqual(slots.map(({ name }) => name).sort());
    for (const [key, { shape, data }] of tensors) expect({ shape, data }, key).toEqual(weights.get(key));
  });

  it('knows its vocabulary by a checksum', () => {
    const text = new TextDecoder().decode(bytesOf('vocabulary.txt'));
    const words = parseVocabulary(text, 'vocabulary.txt');
    expect(words).toEqual(origin.vocabulary);
    const metadata = metadataIn(openModel(bytesOf('model.onnx'), 'model.onnx').proto);
    const record: { file: string; sha256: string } = JSON.parse(defined(metadata.get('vocabulary')));
    expect(record.file).toBe('vocabulary.txt');
    expect(() => requireRecorded(words, record, 'v.txt')).not.toThrow();
    expect(() => requireRecorded(words.toReversed(), record, 'v.txt')).toThrow(
      /not the vocabulary of the model[\s\S]*v\.txt/,
    );
  });

  it('is refused with a vocabulary of another size', () => {
    expect(() => shipped(wordList(49))).toThrow(/50 words[\s\S]*found: +49/);
  });
});
