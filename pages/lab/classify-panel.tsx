// Draw something, or drop a picture: what the trained network takes it for, and what it sees.
import { useRef, useState } from 'preact/hooks';
import type { LabFacts, RankedClass } from '../../src/lab/calls.js';
import { boxOf, fitted, type Grey, greyOf, onBlack } from '../../src/lab/seen-picture.js';
import { percent } from '../../src/report/format.js';
import { DrawingPad } from './drawing-pad.js';
import type { Lab } from './use-lab.js';

export interface ClassifyPanelProps {
  readonly lab: Lab;
  readonly facts: LabFacts;
  readonly run: string;
}

export function ClassifyPanel({ lab, facts, run }: ClassifyPanelProps) {
  const [ranked, setRanked] = useState<readonly RankedClass[]>([]);
  const seen = useRef<HTMLCanvasElement>(null);
  const classify = async (picture: ImageData) => {
    const grey = onBlack(greyOf(picture.data, picture.width, picture.height));
    const pixels = fitted(grey, boxOf(grey), facts.image);
    show(seen.current, pixels);
    const answer = await lab.ask('classify', { run, pixels: pixels.data });
    if (answer !== undefined) setRanked(answer);
  };
  return (
    <section aria-labelledby="classify">
      <h3 id="classify">Try it</h3>
      <div class="try">
        <DrawingPad drawn={classify} />
        <div>
          <ol class="classes" aria-live="polite">
            {ranked.slice(0, 5).map(({ label, probability }) => (
              <li key={label}>
                <span>{label}</span>
                <span>{percent(probability)}</span>
                <meter min={0} max={1} value={probability} aria-hidden="true" />
              </li>
            ))}
          </ol>
          {ranked.length === 0 && (
            <p class="muted">
              Draw a piece of clothing, light on black, or choose a picture of one: {facts.classes.join(', ')}
              .
            </p>
          )}
          <figure class="seen">
            <canvas
              ref={seen}
              role="img"
              aria-label="What the network sees"
              width={facts.image.width}
              height={facts.image.height}
            />
            <figcaption aria-hidden="true">What the network sees</figcaption>
          </figure>
        </div>
      </div>
    </section>
  );
}

function show(canvas: HTMLCanvasElement | null, { data, width, height }: Grey): void {
  const rgba = new Uint8ClampedArray(4 * width * height).fill(255);
  data.forEach((value, at) => {
    rgba.fill(value, 4 * at, 4 * at + 3);
  });
  canvas?.getContext('2d')?.putImageData(new ImageData(rgba, width, height), 0, 0);
}
