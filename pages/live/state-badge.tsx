// The state of a run: a sign, a word, a colour.
import type { RunState } from '../../src/live/messages.js';
import { stateWords } from './words.js';

export function StateBadge({ state }: { readonly state: RunState }) {
  const { sign, word } = stateWords[state];
  return (
    <span class={`badge ${state}`}>
      <span aria-hidden="true">{sign}</span> {word}
    </span>
  );
}
