// Trains the network of the cells that a search has found.
import { useState } from 'preact/hooks';
import type { LabFacts, TrainChoice } from '../../src/lab/calls.js';
import { NumberFields } from './number-field.js';

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
        <NumberFields
          fields={[
            ['cells', 'Cells', 1, 20],
            ['channels', 'Channels', 1, 64],
            ['epochs', 'Epochs', 1, 600],
            ['limit', 'Images', 2, facts.trainImages],
            ['seed', 'Seed', 0, 1e9],
          ]}
          values={choice}
          set={(name, value) => set({ [name]: value })}
        />
      </div>
      <button type="submit" class="primary" disabled={isBusy}>
        Train
      </button>
    </form>
  );
}
