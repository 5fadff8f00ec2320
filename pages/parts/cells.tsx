// The cells of a genotype, drawn: the last drawing stays until the next is there, so that nothing flickers while it changes.
import { useEffect, useRef, useState } from 'preact/hooks';
import type { DrawnCells } from '../../src/live/messages.js';

export interface CellsProps {
  readonly genotype: string;
  /** Draws a genotype; where it cannot, an earlier drawing stays. */
  readonly draw: (genotype: string) => Promise<DrawnCells>;
}

export function Cells({ genotype, draw }: CellsProps) {
  const [drawn, setDrawn] = useState<DrawnCells | undefined>(undefined);
  useEffect(() => {
    let isWanted = true;
    draw(genotype).then(
      (cells) => {
        if (isWanted) setDrawn(cells);
      },
      () => {},
    );
    return () => {
      isWanted = false;
    };
  }, [genotype, draw]);
  return (
    <div class="cells">
      {drawn?.cells.map(({ title, svg, widthPx }) => (
        <figure key={title}>
          <h4>{title}</h4>
          <Drawing svg={svg} widthPx={widthPx} title={title} />
        </figure>
      ))}
    </div>
  );
}

function Drawing({
  svg,
  widthPx,
  title,
}: {
  readonly svg: string;
  readonly widthPx: number;
  readonly title: string;
}) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const drawing = place.current?.querySelector('svg');
    if (drawing === null || drawing === undefined) return;
    drawing.style.maxWidth = `${widthPx}px`;
    drawing.setAttribute(
      'aria-label',
      `${title}: its operations stand in the table of probabilities and in the text`,
    );
  }, [svg, widthPx, title]);
  // Graphviz made it, of names that the parser of genotypes knows.
  return <div ref={place} class="drawing" dangerouslySetInnerHTML={{ __html: svg }} />;
}
