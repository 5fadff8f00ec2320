// What a search is made of, and the button that begins it.
import { useState } from 'preact/hooks';
import type { LabFacts, SearchChoice } from '../../src/lab/calls.js';
import { NumberField, NumberFields } from './number-field.js';

const beginning: SearchChoice = {
  method: 'egs',
  samples: 4,
  seed: 1,
  cells: 3,
  channels: 4,
  batch: 16,
  epochs: 6,
  limit: 1000,
};

export interface SearchFormProps {
  readonly facts: LabFacts;
  readonly isBusy: boolean;
  readonly start: (choice: SearchChoice) => Promise<void>;
}

export function SearchForm({ facts, isBusy, start }: SearchFormProps) {
  const [choice, setChoice] = useState(beginning);
  const set = (change: Partial<SearchChoice>) => setChoice({ ...choice, ...change });
  const takesSamples = facts.methods.find(({ name }) => name === choice.method)?.takesSamples === true;
  const { samples = 4, ...others } = choice;
  return (
    <form
      aria-label="A new search"
      onSubmit={(event) => {
        event.preventDefault();
        start(takesSamples ? { ...others, samples } : others);
      }}
    >
      <h2>A new search</h2>
      <div class="fields">
        <label>
          Method
          <select
            value={choice.method}
            onChange={({ currentTarget }) => {
              const method = facts.methods.find(({ name }) => name === currentTarget.value);
              if (method !== undefined) set({ method: method.name });
            }}
          >
            {facts.methods.map(({ name }) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
        {takesSamples && (
          <NumberField
            label="Samples M"
            value={samples}
            least={1}
            most={100}
            set={(value) => set({ samples: value })}
          />
        )}
        <NumberFields
          fields={[
            ['seed', 'Seed', 0, 1e9],
            ['cells', 'Cells', 1, 8],
            ['channels', 'Channels', 1, 32],
            ['batch', 'Batch', 1, 128],
            ['epochs', 'Epochs', 1, 500],
            ['limit', 'Images', 2, facts.trainImages],
          ]}
          values={choice}
          set={(name, value) => set({ [name]: value })}
        />
      </div>
      <button type="submit" class="primary" disabled={isBusy}>
        Search
      </button>
      {isBusy && <span class="muted"> One run at a time: pause the one that is under way first.</span>}
    </form>
  );
}
