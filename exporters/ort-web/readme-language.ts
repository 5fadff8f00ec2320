// The folder's README.md: how to serve it, how to use the module, which file is what.
import type { LanguageFacts } from './language-facts.js';
import { escapeMarkdown, megabytes, servingNotes } from './readme.js';
import type { OrtWebRuntimeFile } from './runtime.js';

const randomWeights = `
**The weights of this network are random.** It has learned nothing, and its words mean nothing.
`;

export function languageReadme(
  { name, words, metadata, vocabulary }: LanguageFacts,
  model: Uint8Array,
  runtime: readonly OrtWebRuntimeFile[],
): string {
  const runtimeRows = runtime.map(
    ({ path, content }) => `| \`${path}\` | onnxruntime-web, for the processor (${megabytes(content)}) |`,
  );
  return `# ${escapeMarkdown(name)}

A language model of ${words.toLocaleString('en')} words that runs in the browser. Everything it needs lies in this folder.
${metadata.weights === 'random' ? randomWeights : ''}
${servingNotes}
## Use the module

\`\`\`js
import { load } from './language-model.js';

const model = await load();
const words = model.wordsOf('The people of the');
const { top } = await model.next(words); // [{ word, probability, index }, ...]
for await (const word of model.write(words, { count: 20, temperature: 0.8, seed: 1 })) words.push(word);
console.log(model.textOf(words));
\`\`\`

\`wordsOf\` and \`textOf\` (\`words.js\`) go from text to the model's words and back; \`run\` takes indices and a hidden state and gives
logits and the next one. Types and their documentation are in \`language-model.d.ts\`.

## Files

| file | what it is |
|---|---|
| \`index.html\`, \`page.js\`, \`style.css\`, \`language.css\` | the page; the module works without them |
| \`language-model.js\`, \`language-model.d.ts\`, \`words.js\`, \`words.d.ts\` | the module and its types |
| \`model.json\` | sizes, and where the model comes from |
| \`${vocabulary}\` | the words, one a line, in the order of their indices |
| \`model.onnx\` | the model (${megabytes(model)}) |
${runtimeRows.join('\n')}
| \`onnxruntime/LICENSE\` | the licence of onnxruntime-web |
`;
}
