// Drawings of cells as the papers draw them, laid out by Graphviz (as WebAssembly).
import { instance } from '@viz-js/viz';
import { cellToDot, type DrawnCell, type DrawnGenotype, drawnCells } from './dot.js';
import type { ExportFile } from './export-file.js';

/** A cell as an `<svg>` element that scales to the width it is given, without identifiers or fixed colours. */
export async function cellToSvg(cell: DrawnCell): Promise<string> {
  const viz = await instance();
  const svg = viz.renderString(cellToDot(cell), { format: 'svg', engine: 'dot' });
  const width = /<svg width="(\d+)/.exec(svg)?.[1] ?? '600';
  return svg
    .slice(svg.indexOf('<svg'))
    .replace(/<!--.*?-->\n?/gs, '')
    .replace(/<title>.*?<\/title>\n?/gs, '')
    .replace(/ id="[^"]*"/g, '')
    .replace(/<svg width="[^"]*" height="[^"]*"/, `<svg role="img" style="max-width:${width}pt"`);
}

/** What a drawing looks like that stands by itself, in light and dark surroundings. */
const style = `
text { fill: #1f2430 }
.node path { stroke: #5b6475 }
.input path { fill: #dbe8fb }
.intermediate path { fill: #e7f2df }
.output path { fill: #fdebd2 }
.edge path { stroke: #6b7486 }
.edge polygon { fill: #6b7486; stroke: #6b7486 }
.concat path { stroke-dasharray: 4 3 }
@media (prefers-color-scheme: dark) {
  .edge text { fill: #dfe3ea }
  .edge path { stroke: #9aa4b5 }
  .edge polygon { fill: #9aa4b5; stroke: #9aa4b5 }
}
`;

/** A cell as an SVG file, with colours of its own. */
export async function cellToSvgFile(cell: DrawnCell): Promise<string> {
  const svg = await cellToSvg(cell);
  const end = svg.indexOf('>') + 1;
  return `<?xml version="1.0" encoding="UTF-8"?>\n${svg.slice(0, end)}\n<style>${style}</style>${svg.slice(end).trimEnd()}\n`;
}

/** A file for each cell: `normal.svg` and `reduce.svg`, or `recurrent.svg`. */
export async function toSvg(genotype: DrawnGenotype): Promise<ExportFile[]> {
  return await Promise.all(
    drawnCells(genotype).map(async ([type, cell]) => ({
      path: `${type}.svg`,
      content: await cellToSvgFile(cell),
    })),
  );
}
