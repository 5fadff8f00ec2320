// How the cells come about: probabilities and the derived cells at the epoch that the slider is at, the last one until it is moved.
import { useMemo, useState } from 'preact/hooks';
import type { EpochView, SearchEpochView } from '../../src/lab/calls.js';
import type { DrawnCells } from '../../src/live/messages.js';
import { DARTS_SPACE } from '../../src/spaces/convolutional.js';
import { parseGenotype } from '../../src/spaces/parse.js';
import { Cells } from '../parts/cells.js';
import { HeatMap } from '../parts/heat-map.js';

export interface ArchitectureProps {
  readonly epochs: readonly EpochView[];
  readonly draw: (genotype: string) => Promise<DrawnCells>;
}

export function Architecture({ epochs, draw }: ArchitectureProps) {
  const [chosen, setChosen] = useState<number | undefined>(undefined);
  const known = epochs.filter((epoch): epoch is SearchEpochView => epoch.kind === 'search');
  const shown = known[chosen ?? known.length - 1] ?? known.at(-1);
  const derived = useMemo(
    () => (shown === undefined ? undefined : parseGenotype(shown.genotype)),
    [shown?.genotype],
  );
  if (shown === undefined) return null;
  return (
    <section aria-labelledby="architecture">
      <h3 id="architecture">Architecture</h3>
      <label class="slider">
        Epoch
        <input
          type="range"
          min={0}
          max={known.length - 1}
          value={chosen ?? known.length - 1}
          aria-valuetext={`epoch ${shown.epoch}`}
          onInput={({ currentTarget }) => {
            const at = currentTarget.valueAsNumber;
            setChosen(at === known.length - 1 ? undefined : at);
          }}
        />
        <output>
          {shown.epoch} of {known.length}
        </output>
      </label>
      {shown.warnings.map((warning) => (
        <p key={warning} class="note">
          {warning}
        </p>
      ))}
      <div class="heats">
        {DARTS_SPACE.cellTypes.map(({ name, title, inputs, primitives }) => (
          <HeatMap
            key={name}
            kind="convolutional"
            title={title}
            inputs={inputs}
            primitives={primitives}
            probabilities={shown.probabilities[name] ?? []}
            derived={derived?.[name].nodes}
          />
        ))}
      </div>
      <Cells genotype={shown.genotype} draw={draw} />
    </section>
  );
}
