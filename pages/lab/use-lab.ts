// The page's state beside its worker, as one hook.
import { useEffect, useMemo, useReducer, useRef } from 'preact/hooks';
import type { LabCallName, LabCalls } from '../../src/lab/calls.js';
import type { DrawnCells } from '../../src/live/messages.js';
import { type LabEvent, startWorker } from './ask.js';
import { emptyState, heard, type LabState } from './lab-state.js';
import { offerFile } from './offer-file.js';

export interface Lab {
  readonly state: LabState;
  /** Asks the worker; what goes wrong stands in the state. */
  ask<K extends LabCallName>(
    call: K,
    asked: LabCalls[K]['asked'],
  ): Promise<LabCalls[K]['answer'] | undefined>;
  /** Begins or goes on with a run, and shows it. */
  start<K extends 'search' | 'train' | 'resume'>(call: K, asked: LabCalls[K]['asked']): Promise<void>;
  show(run: string | undefined): Promise<void>;
  /** The cells of a genotype; always the same function. */
  readonly draw: (genotype: string) => Promise<DrawnCells>;
  refresh(): Promise<void>;
  /** Offers a run's folder as one ZIP file. */
  download(run: string): Promise<void>;
  /** Removes a run from the storage, once that is confirmed. @returns whether it was. */
  remove(run: string): Promise<boolean>;
}

type Change = (state: LabState) => LabState;

export function useLab(): Lab {
  const [state, change] = useReducer((before: LabState, next: Change) => next(before), emptyState);
  const after = useRef<(event: LabEvent) => void>(() => {});
  const worker = useMemo(
    () =>
      startWorker((event) => {
        change((before) => heard(before, event));
        after.current(event);
      }),
    [],
  );

  const draw = useMemo(() => (genotype: string) => worker.ask('draw', genotype), [worker]);

  const lab: Lab = {
    state,
    draw,
    async ask(call, asked) {
      try {
        const answer = await worker.ask(call, asked);
        change((before) => (before.error === undefined ? before : { ...before, error: undefined }));
        return answer;
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        change((before) => ({ ...before, error: message }));
        return undefined;
      }
    },
    async start(call, asked) {
      const run = await lab.ask(call, asked);
      await lab.refresh();
      if (run !== undefined) await lab.show(run);
    },
    async show(run) {
      change((before) => ({ ...before, shown: run, epochs: [] }));
      if (run === undefined) return;
      const epochs = await lab.ask('epochs', run);
      if (epochs !== undefined)
        change((before) =>
          before.shown === run && before.epochs.length <= epochs.length ? { ...before, epochs } : before,
        );
    },
    async refresh() {
      const stored = await lab.ask('runs', null);
      if (stored !== undefined) change((before) => ({ ...before, ...stored }));
    },
    async download(run) {
      const bytes = await lab.ask('pack', run);
      if (bytes !== undefined) offerFile(`${run}.zip`, bytes);
    },
    async remove(run) {
      if (!confirm(`Remove ${run} from this browser?`)) return false;
      const isGone = (await lab.ask('remove', run)) !== undefined;
      if (isGone) await lab.refresh();
      return isGone;
    },
  };

  // What a run has found, and whether it is done, stands in its files.
  after.current = ({ event }) => {
    if (event === 'ended' || event === 'failed') lab.refresh();
  };
  useEffect(() => {
    lab.ask('begin', null).then((facts) => change((before) => ({ ...before, facts })));
    lab.refresh();
  }, []);
  return lab;
}
