// Where runs are kept that are done once, whoever asks for them: a folder that all machines share, or a process that keeps one
// and is reached over HTTP.
//
//   store.json            which store it is: that a share is mounted, and the right one, must not be taken for granted
//   runs/<id>/            published runs, which nothing changes any more, each with its manifest
//   unfinished/<id>/      runs that are being made: run/, attempts.jsonl, command.log
//   studies/<name>/       folders of studies
import type { Attempt, Published } from './manifest.js';

export interface Store {
  /** As messages call it. */
  readonly shown: string;
  /** Undefined where there is no store yet. @throws GenonnxError `store` where it cannot be read. */
  id(): Promise<string | undefined>;
  /** Undefined before the run is published. */
  published(id: string): Promise<Published | undefined>;
  /** Those who have worked on the run and the checkpoint that there is, as far as it is known. */
  begun(id: string): Promise<Begun>;
  /** A place to make the run, with whatever there is of it. */
  open(id: string): Promise<Workplace>;
  /** Removes what is left of the making of a run that is published: whoever published it may have died before. */
  tidy(id: string): Promise<void>;
  /** Brings the files of a published run into a folder, which is made whole or not at all, and its log beside it. */
  fetch(id: string, folder: string, log: string): Promise<void>;
  /** @throws GenonnxError `output-unwritable` or `store` while nothing can be written. */
  requireRoom(): Promise<void>;
}

export interface Begun {
  readonly attempts: readonly Attempt[];
  /** The newest checkpoint; null where there is none. */
  readonly checkpoint: string | null;
}

/** What publishing a run came to. */
export interface Publication {
  readonly published: Published;
  /** Where somebody else was first: the files in which theirs, which stays, differs from this one. */
  readonly differing?: readonly string[];
}

/** A run that is being made. */
export interface Workplace {
  readonly begun: Begun;
  /** A run folder, or where one is to be made. */
  readonly folder: string;
  /** Where the standard error of its commands goes. */
  readonly log: string;
  /** Notes that this machine works on it. */
  attempt(attempt: Attempt): Promise<void>;
  /** Brings what there is to where others can go on from. */
  save(): Promise<void>;
  /** Whoever is first publishes; nothing of the workplace remains. */
  publish(): Promise<Publication>;
}
