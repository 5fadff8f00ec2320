// The folder's README.md: how to serve it, how to use the module, which file is what.
import type { ModelFacts } from './facts.js';
import { type OrtWebProvider, type OrtWebRuntimeFile, ortWebRuntimeFiles } from './runtime.js';

const providerNotes: Readonly<Record<OrtWebProvider, string>> = {
  wasm: 'for the processor, in every browser',
  webgpu: 'for the graphics processor, fetched where it is asked for',
};

const randomWeights = `
**The weights of this network are random.** It has learned nothing, and its answers mean nothing.
`;

/** How any of the folders is served. */
export const servingNotes = `## Serve

From any web server, for instance

    npx serve .
    python3 -m http.server

and open the address that it prints. From a \`file:\` address browsers load no modules. The server should send \`.wasm\` as
\`application/wasm\`, \`.mjs\` as \`text/javascript\`, and compress both. Pages sent with \`Cross-Origin-Opener-Policy: same-origin\`
and \`Cross-Origin-Embedder-Policy: require-corp\` compute with several threads, others with one.
`;

export function readme(
  { name, input, output, image, classes, normalisation, preprocessing, metadata }: ModelFacts,
  providers: readonly OrtWebProvider[],
  model: Uint8Array,
  runtime: readonly OrtWebRuntimeFile[],
): string {
  const size = (path: string): string =>
    megabytes(runtime.find((file) => file.path.endsWith(`/${path}`))?.content ?? new Uint8Array());
  const runtimeRows = providers.flatMap((provider) =>
    ortWebRuntimeFiles([provider]).map(
      (file) => `| \`onnxruntime/${file}\` | onnxruntime-web ${providerNotes[provider]} (${size(file)}) |`,
    ),
  );
  const webGpu = providers.includes('webgpu')
    ? `
\`load({ provider: 'webgpu' })\` computes on the graphics processor; \`hasWebGpu()\` tells whether the browser offers it.
`
    : '';
  return `# ${escapeMarkdown(name)}

A picture classifier that runs in the browser: ${counted(image.channels, 'channel')} of ${image.height} x ${image.width} pixels in,
${counted(classes.length, 'class', 'es')} out. Everything it needs lies in this folder.
${metadata.weights === 'random' ? randomWeights : ''}
${servingNotes}
## Use the module

\`\`\`js
import { load } from './classifier.js';

const classifier = await load();
const { label, probability, top, latencyMs } = await classifier.classify(document.querySelector('img'));
\`\`\`

\`classify\` takes whatever a browser can draw: image and canvas elements, bitmaps, image data, files. It ${preparedText(preprocessing)}${image.channels === 1 ? ', turns it grey' : ''} and ${normalisation === null ? 'feeds intensities from 0 to 1' : 'normalises it'}. \`run\` takes such numbers (the
model's \`${input}\`) and gives its \`${output.name}\`, which are ${output.holds}.
Types and their documentation are in \`classifier.d.ts\`.
${webGpu}
## Files

| file | what it is |
|---|---|
| \`index.html\`, \`page.js\`, \`style.css\` | the page; the module works without them |
| \`classifier.js\`, \`classifier.d.ts\` | the module and its types |
| \`model.json\` | image size, normalisation, labels, where the model comes from |
| \`model.onnx\` | the model (${megabytes(model)}) |
${runtimeRows.join('\n')}
| \`onnxruntime/LICENSE\` | the licence of onnxruntime-web |
`;
}

function preparedText(preprocessing: ModelFacts['preprocessing']): string {
  if (preprocessing === null) return `cuts the middle out,\nscales it to the network's size`;
  return preprocessing.kind === 'fit'
    ? `scales the whole picture\ninto ${preprocessing.size} x ${preprocessing.size} pixels, as in training,`
    : `makes the shorter side ${preprocessing.resize}\npixels, cuts the central ${preprocessing.crop} x ${preprocessing.crop} out, as in training,`;
}

/** The size of a file. */
export function megabytes({ length }: Uint8Array): string {
  return `${(length / 1e6).toFixed(length < 1e6 ? 2 : 1)} MB`;
}

function counted(count: number, noun: string, plural = 's'): string {
  return `${count} ${noun}${count === 1 ? '' : plural}`;
}

/** Text on one line in which nothing is markup. */
export function escapeMarkdown(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/[\\`*_{}[\]<>()#&|!]/g, (character) => `\\${character}`);
}
