// What the page knows of runs: lists come from the worker, epochs as they are told.
import type { EpochView, LabFacts, StoredRuns } from '../../src/lab/calls.js';
import type { Choice } from '../../src/lab/choose-provider.js';
import type { LabEvent } from './ask.js';

/** Of the run that is under way, or was last. */
export interface Going {
  readonly run: string;
  readonly done: number;
  /** What is done now, in words. */
  readonly text: string;
  readonly provider?: Choice | undefined;
  /** What it ended with, where that was an error. */
  readonly failure?: string | undefined;
}

export interface LabState extends StoredRuns {
  readonly facts: LabFacts | undefined;
  /** The run that is looked at. */
  readonly shown: string | undefined;
  readonly epochs: readonly EpochView[];
  readonly going: Going | undefined;
  /** What the browser's graphics processor is worth, where it was tried. */
  readonly graphics: Choice | undefined;
  /** The last that was asked for and could not be. */
  readonly error: string | undefined;
}

export const emptyState: LabState = {
  facts: undefined,
  runs: [],
  damaged: [],
  shown: undefined,
  epochs: [],
  going: undefined,
  graphics: undefined,
  error: undefined,
};

/** What the state becomes by an event of the worker's. */
export function heard(state: LabState, event: LabEvent): LabState {
  if (event.event === 'graphics') return { ...state, graphics: event.told };
  const { run } = event.told;
  const going = state.going?.run === run ? state.going : { run, done: 0, text: '' };
  switch (event.event) {
    case 'note':
      return { ...state, going: { ...going, text: event.told.text } };
    case 'provider':
      return { ...state, going: { ...going, provider: event.told } };
    case 'progress':
      return { ...state, going: { ...going, done: event.told.done, text: event.told.where } };
    case 'epoch': {
      const { epoch } = event.told;
      const runs = state.runs.map((one) => (one.name === run ? { ...one, done: epoch.epoch } : one));
      // An epoch of before is told again where a run goes on from inside of it.
      const before = state.epochs.filter((one) => one.epoch < epoch.epoch);
      return { ...state, runs, epochs: state.shown === run ? [...before, epoch] : state.epochs };
    }
    case 'ended':
      return { ...state, going: { ...going, text: event.told.finished ? 'finished' : 'paused' } };
    case 'failed':
      return { ...state, going: { ...going, text: 'failed', failure: event.told.message } };
  }
}
