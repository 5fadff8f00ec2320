// The model card, README.md: lines of YAML that the Hub reads, what was measured, and how the model is used.
import type { HuggingFaceImages, HuggingFaceTexts, ModelCard } from './model.js';

/** @param paths what else is in the folder. */
export function modelCard(card: ModelCard, paths: readonly string[]): string {
  const { name, network, genotype, metadata } = card;
  const random =
    metadata.weights === 'random'
      ? '\n**The weights of this network are random.** It has learned nothing, and its answers mean nothing.\n'
      : '';
  return `${frontMatter(card)}
# ${oneLine(name)}

${network.task === 'image-classification' ? imagesInWords(network) : textsInWords(network)}
${random}
## Figures

${figureTable(card)}

## Use

${network.task === 'image-classification' ? useOfImages(network) : useOfTexts(network)}
## Files

| file | what it is |
|---|---|
${paths.map((path) => `| \`${path}\` | ${fileNote(path)} |`).join('\n')}

## Where it comes from

${provenance(card)}

The cell, as a genotype of DARTS and DATA:

    ${genotype.replace(/\s+/g, ' ')}

This card says what was measured, and nothing of what the model is good for. Its licence is for whoever uploads it to state, in
the first lines (\`license:\`).
`;
}

/** What the Hub lists a model by. Every text is a JSON string, which YAML reads as it is. */
function frontMatter({ name, network, metadata, scores }: ModelCard): string {
  const { dataset } = metadata;
  const metrics = Object.entries(scores).filter(([metric]) => metric !== 'loss');
  const results =
    dataset === undefined || metrics.length === 0
      ? []
      : [
          'model-index:',
          `- name: ${JSON.stringify(name)}`,
          '  results:',
          '  - task:',
          `      type: ${network.task}`,
          '    dataset:',
          `      type: ${JSON.stringify(dataset)}`,
          `      name: ${JSON.stringify(dataset)}`,
          '      split: test',
          '    metrics:',
          ...metrics.flatMap(([metric, value]) => [
            `    - type: ${JSON.stringify(metric)}`,
            `      value: ${value}`,
          ]),
        ];
  const lines = [
    'library_name: onnx',
    `pipeline_tag: ${network.task}`,
    'tags:',
    '- onnx',
    '- neural-architecture-search',
    '- genonnx',
    ...results,
  ];
  return `---\n${lines.join('\n')}\n---\n`;
}

function imagesInWords({ architecture, cells, initChannels, image, classes }: HuggingFaceImages): string {
  const { channels, height, width } = image;
  return `An image classifier: ${channels === 1 ? '1 channel' : `${channels} channels`} of ${height} x ${width} pixels in, ${classes.length} classes out. A network of
${cells} searched cells (\`${architecture}\`, ${initChannels} initial channels), as an ONNX model.`;
}

function textsInWords({ width, vocabulary }: HuggingFaceTexts): string {
  return `A language model of ${vocabulary.length.toLocaleString('en')} words around one searched recurrent cell, ${width} wide, as two ONNX models: one for texts of
any length, one for a word at a time, without a loop.`;
}

function figureTable({ scores, testExamples, figures }: ModelCard): string {
  const on = testExamples === undefined ? 'test' : `${testExamples.toLocaleString('en')} test examples`;
  const rows = [
    ...Object.entries(scores).map(([name, value]) => [`${titled(name)}, ${on}`, measured(name, value)]),
    ...Object.entries(figures).map(([name, value]) => [titled(name), measured(name, value)]),
  ];
  return ['| | |', '|---|---|', ...rows.map(([title, value]) => `| ${title} | ${value} |`)].join('\n');
}

/** `bigramPerplexity` as `Bigram perplexity`. */
function titled(name: string): string {
  if (name === 'macs') return 'Multiply-adds';
  if (name === 'top5Accuracy') return 'Top-5 accuracy';
  const words = name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function measured(name: string, value: number): string {
  if (name === 'accuracy' || name === 'top5Accuracy') return `${(100 * value).toFixed(2)} %`;
  return value.toLocaleString('en', { maximumFractionDigits: name === 'loss' ? 4 : 2 });
}

function useOfImages({ image, normalisation }: HuggingFaceImages): string {
  const { channels, height, width } = image;
  const prepared =
    normalisation === undefined
      ? 'intensities from 0 to 1'
      : `(intensity - mean) / deviation, mean ${list(normalisation.mean)}, deviation ${list(normalisation.standardDeviation)}`;
  return `\`\`\`python
import json
import numpy
import onnxruntime

session = onnxruntime.InferenceSession("onnx/model.onnx")
labels = json.load(open("config.json"))["id2label"]
# ${prepared}
images = numpy.zeros((1, ${channels}, ${height}, ${width}), numpy.float32)
(logits,) = session.run(["logits"], {"images": images})
print(labels[str(logits[0].argmax())])
\`\`\`
`;
}

function useOfTexts({ width, vocabulary }: HuggingFaceTexts): string {
  const beginning = ['<eos>', 'the'].filter((word) => vocabulary.includes(word));
  const words = beginning.length > 0 ? beginning : vocabulary.slice(0, 1);
  return `\`\`\`python
import numpy
import onnxruntime

session = onnxruntime.InferenceSession("onnx/model.onnx")
words = open("vocabulary.txt", encoding="utf-8").read().split("\\n")[:-1]
ids = {word: index for index, word in enumerate(words)}
# A text begins where a line ended, with a hidden state of zeros.
text = [ids[word] for word in ${JSON.stringify(words)}]
hidden = numpy.zeros((1, 1, ${width}), numpy.float32)
for _ in range(10):
    feeds = {"input_ids": numpy.array([text], numpy.int64), "past_recurrent.0": hidden}
    logits, hidden = session.run(["logits", "present_recurrent.0"], feeds)
    text = [int(logits[0, -1].argmax())]
    print(words[text[0]])
\`\`\`

\`onnx/model_step.onnx\` is fed in the same way, with one word each time.
`;
}

const list = (values: readonly number[]): string => values.map((value) => value.toFixed(4)).join(', ');

function fileNote(path: string): string {
  if (path.endsWith('.data')) return 'weights of the model of that name';
  if (path === 'onnx/model_step.onnx') return 'the model that takes a word at a time';
  if (path.endsWith('.onnx')) return 'the model';
  if (path === 'vocabulary.txt') return 'the words, one a line, in the order of their indices';
  if (path === 'preprocessor_config.json') return 'how a picture becomes what the network is fed';
  return 'sizes and names';
}

/** What the configuration says already, and the table of figures. */
const toldElsewhere = [
  ...['genotype', 'network', 'parameters', 'macs', 'classes', 'normalisation', 'vocabulary'],
];

function provenance({ metadata, scores }: ModelCard): string {
  const told = new Set([...toldElsewhere, ...Object.keys(scores)]);
  const rows = Object.entries(metadata).filter(([key]) => !told.has(key));
  return [
    '| | |',
    '|---|---|',
    ...rows.map(([key, value]) => `| ${oneLine(key)} | ${oneLine(value)} |`),
  ].join('\n');
}

/** Text on one line in which nothing is markup. */
function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/[\\`*_{}<>#|]/g, (character) => `\\${character}`);
}
