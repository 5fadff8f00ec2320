// What a search has decided so far: the cells that would be derived and the probabilities behind them, at the latest epoch or at any
// before it.
import { useEffect, useMemo, useState } from 'preact/hooks';
import { cellWords } from '../../src/report/cell-words.js';
import { parseAnyGenotype } from '../../src/spaces/parse.js';
import { Cells } from '../parts/cells.js';
import { HeatMap } from '../parts/heat-map.js';
import { drawCells, useEpochDetails } from './details.js';
import type { KnownRun } from './state.js';

const frameMs = 250;

export function Architecture({ run }: { readonly run: KnownRun }) {
  const { info } = run;
  const details = useEpochDetails(run);
  /** Undefined for the latest, whichever it is. */
  const [chosen, setChosen] = useState<number | undefined>(undefined);
  const [isPlaying, setPlaying] = useState(false);
  const last = details.length - 1;
  const index = Math.min(chosen ?? last, last);
  const detail = details[index];

  useEffect(() => {
    if (!isPlaying) return;
    const timer = setInterval(() => setChosen((at = 0) => Math.min(at + 1, last)), frameMs);
    return () => clearInterval(timer);
  }, [isPlaying, last]);
  useEffect(() => {
    if (isPlaying && index >= last) setPlaying(false);
  }, [isPlaying, index, last]);

  const derived = useMemo(() => cellsOf(detail?.genotype), [detail?.genotype]);
  if (info.search === undefined || detail === undefined) return null;
  return (
    <section aria-labelledby="architecture">
      <h3 id="architecture">Architecture</h3>
      <div class="slider">
        <button
          type="button"
          onClick={() => {
            if (!isPlaying && index >= last) setChosen(0);
            setPlaying(!isPlaying);
          }}
        >
          {isPlaying ? 'Pause' : 'Play'}
        </button>
        <input
          type="range"
          min={1}
          max={details.length}
          value={index + 1}
          aria-label="epoch"
          aria-valuetext={`epoch ${detail.epoch} of ${details.length}`}
          onInput={({ currentTarget }) => {
            const at = Number(currentTarget.value) - 1;
            setPlaying(false);
            setChosen(at >= last ? undefined : at);
          }}
        />
        <span>
          epoch {detail.epoch}
          {chosen === undefined ? ', the latest' : ''}
        </span>
      </div>
      <p class="muted">{cellWords[info.cellKind].drawing}</p>
      <Cells genotype={detail.genotype} draw={drawCells} />
      <h4>Probabilities of the operations</h4>
      <p class="muted">
        Framed: in the derived cell.
        {detail.code === undefined ? '' : ' With a dot: open in the last code that was sampled.'}
      </p>
      <div class="heats">
        {info.search.cellTypes.map(({ name, title, inputs, primitives }) => {
          const probabilities = detail.probabilities[name];
          return (
            probabilities !== undefined && (
              <HeatMap
                key={name}
                kind={info.cellKind}
                title={title}
                inputs={inputs}
                primitives={primitives}
                probabilities={probabilities}
                derived={derived?.get(name)}
                code={detail.code?.[name]}
              />
            )
          );
        })}
      </div>
    </section>
  );
}

type Nodes = readonly (readonly { readonly primitive: string; readonly input: number }[])[];

function cellsOf(text: string | undefined): ReadonlyMap<string, Nodes> | undefined {
  if (text === undefined) return undefined;
  try {
    return new Map(Object.entries(parseAnyGenotype(text).genotype).map(([name, { nodes }]) => [name, nodes]));
  } catch {
    return undefined;
  }
}
