// The folder's README.md: how to serve it, how to use the module, which file is what.
import type { MaskFacts } from './mask-facts.js';
import { escapeMarkdown, megabytes, servingNotes } from './readme.js';
import type { OrtWebRuntimeFile } from './runtime.js';

const randomWeights = `
**The weights of this network are random.** It has learned nothing, and its masks mean nothing.
`;

export function maskReadme(
  { name, image, classes, runtimes, metadata }: MaskFacts,
  model: Uint8Array,
  runtime: readonly OrtWebRuntimeFile[],
): string {
  const runtimeRows = runtime.map(
    ({ path, content }) => `| \`${path}\` | onnxruntime-web (${megabytes(content)}) |`,
  );
  const webGpu =
    'webgpu' in runtimes
      ? `
\`load({ provider: 'webgpu' })\` computes on the graphics processor; \`hasWebGpu()\` tells whether the browser offers it.
`
      : '';
  return `# ${escapeMarkdown(name)}

Finds which of ${classes.length} classes each pixel of a picture belongs to, in the browser: ${image.channels === 1 ? 'grey' : 'colour'} pictures of at most
${image.height} x ${image.width} pixels; larger ones are made smaller. Everything it needs lies in this folder.
${metadata.weights === 'random' ? randomWeights : ''}
${servingNotes}
## Use the module

\`\`\`js
import { load } from './segmenter.js';

const segmenter = await load();
const { mask, seen, found, latencyMs } = await segmenter.segment(document.querySelector('img'));
\`\`\`

\`segment\` takes whatever a browser can draw: image and canvas elements, bitmaps, image data, files. \`mask\` has the index of a class for
each pixel of \`seen\`, the picture as the network sees it; \`found\` has the classes with their colours and shares. \`run\` takes normalised
numbers (the model's \`images\`) and gives its \`logits\`. Types and their documentation are in \`segmenter.d.ts\`.
${webGpu}
## Files

| file | what it is |
|---|---|
| \`index.html\`, \`page.js\`, \`style.css\`, \`masks.css\` | the page; the module works without them |
| \`segmenter.js\`, \`segmenter.d.ts\`, \`preprocessing/\` | the module and its types, and how it makes pictures smaller |
| \`model.json\` | image size, normalisation, classes and their colours, where the model comes from |
| \`model.onnx\` | the model (${megabytes(model)}) |
${runtimeRows.join('\n')}
| \`onnxruntime/LICENSE\` | the licence of onnxruntime-web |
`;
}
