// A page: the cells of the genotype in the text field are drawn while one types, and its network is compiled in the browser,
// as an ONNX model to be saved.
import {
  cellToSvg,
  compile,
  compileModel,
  GenonnxError,
  parseGenotype,
  printGenotype,
  zooEntry,
} from 'genonnx/browser';

const text = find(HTMLTextAreaElement, 'textarea');
const cells = find(HTMLElement, '#cells');
const words = find(HTMLOutputElement, 'output');
const link = find(HTMLAnchorElement, 'a');

async function show(): Promise<void> {
  try {
    const genotype = parseGenotype(text.value);
    const { bound, metadata, parameters, macs } = compile({ genotype, cells: 8, initChannels: 16 });
    const { bytes } = compileModel(bound, { metadata });
    URL.revokeObjectURL(link.href);
    link.href = URL.createObjectURL(new Blob([Uint8Array.from(bytes)]));
    words.value = `${parameters.toLocaleString('en')} parameters, ${macs.toLocaleString('en')} multiply-adds`;
    cells.innerHTML = `${await cellToSvg(genotype.normal)}${await cellToSvg(genotype.reduce)}`;
  } catch (error) {
    if (!(error instanceof GenonnxError)) throw error;
    words.value = error.message;
  }
}

function find<Kind extends HTMLElement>(kind: new () => Kind, selector: string): Kind {
  const found = document.querySelector(selector);
  if (found instanceof kind) return found;
  throw new Error(`This page has no ${selector}.`);
}

text.value = printGenotype(zooEntry('DARTS_V2').genotype);
text.addEventListener('input', show);
await show();
