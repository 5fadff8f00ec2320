// The public surface: what each entry of the package exports, and that each of it says what it does.
import { describe, expect, it } from 'vitest';
import { entries } from '../../support/package.js';
import { publicExports } from '../../support/public-api.js';

const browser = `
  answerEnvelope anyAlphasFromTensors anyZooEntry bindWeights BrowserFiles cellToDot cellToSvg codeCount codeOfGenotype compile compileLanguage compileModel CONVOLUTIONAL_FORM convolutionalSpace
  createOrtEngine createRun DARTS_SPACE decodeSafetensors decodeWeights derive deriveGenotype directChannel
  encodeSafetensors ensembleGumbelSoftmax exactCodeProbability foldBatchNorm freshWeights GenonnxError alphasFromTensors
  inclusionProbability inferenceGraph inspect languageFiles matchWeights MemoryFiles metadataOf METHOD_TABLE onnxToOrtWeb openModel openRun openStream optimizeGraph OrtHost
  ortWebRuntimeFiles
  parseAlphasFile parseAnyAlphas parseAnyGenotype parseGenotype parseGenotypeOf parseRecurrentGenotype printAnyGenotype printGenotype printGenotypeOf
  printRecurrentGenotype RECURRENT_FORM RECURRENT_SPACE recurrentSpace recurrentZooEntry searchedTasks searchInStore searchSpace sections segmentationInference tasks threadChannel toDot toHuggingFace toJson toLanguageWeb toOnnx toOrtWeb toPyTorch toPyTorchLanguage toPyTorchSegmentation toSvg toTfjs
  trainInStore version ZOO zooEntry`;

/** The values of each entry. A change here is a line in CHANGELOG.md. */
const surface: ReadonlyMap<string, string> = new Map([
  [
    'genonnx',
    `${browser} compileFiles EMBEDDED_DATASETS EMBEDDED_TEXTS exportLab exportModel inspectModel kindOfData loadCorpus loadDataset openModelFile quantizeModel readAlphas readConvolutionalGenotype readGenotype readLanguageWebParts readOrtWebParts readVocabulary
     readWeights report
     validatePair`,
  ],
  ['genonnx/browser', browser],
  ['genonnx/search', 'readLatency resumeSearch search'],
  ['genonnx/train', 'resumeTraining train'],
  [
    'genonnx/bench',
    'bench benchCells benchStep benchTrain compareResults measure nodeSubjects parseLatencyTable parseResults predictLatency readResults',
  ],
  ['genonnx/table', 'benchmarkOf parseTable readTable tabulate'],
]);

describe('the entries of the package', () => {
  it('are these', () => {
    expect([...entries.keys()]).toEqual([...surface.keys()]);
  });

  it.each([...entries])('%s exports this and nothing else', async (name, entry) => {
    const api: object = await import(/* @vite-ignore */ `../../../${entry}`);
    expect(Object.keys(api).sort()).toEqual(surface.get(name)?.trim().split(/\s+/).sort());
  });

  it.each([...entries])('%s says what each export is', (_, entry) => {
    const undocumented = publicExports(entry).filter(({ docstring = '' }) => docstring.length < 10);
    expect(undocumented.map(({ name, file }) => `${name} in ${file}`)).toEqual([]);
  });
});
