// The cells of a genotype as drawings, which Graphviz lays out on this side: it is too large for the page. A genotype stays the
// same over many epochs, so the latest drawings are kept.
import { cellToSvg } from '../../exporters/svg.js';
import { GENOTYPE_FORMS } from '../spaces/kinds.js';
import { parseAnyGenotype } from '../spaces/parse.js';
import type { DrawnCells } from './messages.js';

const kept = 200;
/** Far more than any genotype has. */
const mostLetters = 20_000;
const pointPx = 96 / 72;

export class CellDrawings {
  readonly #drawn = new Map<string, Promise<DrawnCells>>();

  /** @throws GenonnxError for what is no genotype. */
  of(text: string): Promise<DrawnCells> {
    const known = this.#drawn.get(text);
    if (known !== undefined) return known;
    const drawing = draw(text.slice(0, mostLetters));
    this.#drawn.set(text, drawing);
    const [oldest] = this.#drawn.keys();
    if (this.#drawn.size > kept && oldest !== undefined) this.#drawn.delete(oldest);
    return drawing;
  }
}

async function draw(text: string): Promise<DrawnCells> {
  const { kind, genotype } = parseAnyGenotype(text);
  const cells: DrawnCells['cells'][number][] = [];
  const byName = new Map(Object.entries(genotype));
  for (const { name, title, inputs } of GENOTYPE_FORMS[kind].cellTypes) {
    const cell = byName.get(name);
    if (cell === undefined) continue;
    const svg = await cellToSvg({ ...cell, inputs, form: kind });
    // The page's policy allows no styles inside of what it is sent.
    const width = / style="max-width:(\d+)pt"/.exec(svg);
    cells.push({
      title,
      svg: svg.replace(width?.[0] ?? '', ''),
      widthPx: Math.round(Number(width?.[1] ?? 450) * pointPx),
    });
  }
  return { cells };
}
