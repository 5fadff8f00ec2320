// Trains the network of the cells that a search has found.
import { useState } from 'preact/hooks';
import type { LabFacts, TrainChoice } from '../../src/lab/calls.js';
import { NumberField } from './number-field.js';

const beginning: Omit<TrainChoice, 'genotype'> = {
  seed: 1,
  cells: 3,
  channels: 8,
  batch: 16,
  epochs: 6,
  limit: 2000,
};

export interface TrainFormProps {
  readonly facts: LabFacts;
  readonly genotype: string;
  readonly isBusy: boolean;
  readonly start: (choice: TrainChoice) => Promise<void>;
}

export function TrainForm({ facts, genotype, isBusy, start }: TrainFormProps) {
  const [choice, setChoice] = useState(beginning);
  const set = (change: Partial<typeof beginning>) => setChoice({ ...choice, ...change });
  return (
    <form
      aria-label="Train what was found"
      onSubmit={(event) => {
        event.preventDefault();
        start({ ...choice, genotype });
      }}
    >
      <h3>Train what was found</h3>
      <div class="fields">
        <NumberField label="Cells" value={choice.cells} least={1} most={20} set={(cells) => set({ cells })} />
        <NumberField
          label="Channels"
          value={choice.channels}
          least={1}
          most={64}
          set={(channels) => set({ channels })}
        />
        <NumberField
          label="Epochs"
          value={choice.epochs}
          least={1}
          most={600}
          set={(epochs) => set({ epochs })}
        />
        <NumberField
          label="Images"
          value={choice.limit}
          least={2}
          most={facts.trainImages}
          set={(limit) => set({ limit })}
        />
        <NumberField label="Seed" value={choice.seed} least={0} most={1e9} set={(seed) => set({ seed })} />
      </div>
      <button type="submit" class="primary" disabled={isBusy}>
        Train
      </button>
    </form>
  );
}
