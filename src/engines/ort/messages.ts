// What the engine and its worker thread say to each other.
import type { Feeds, Fetches } from '../engine.js';
import type { SessionRequest } from './host.js';

export type Request =
  | { readonly kind: 'createState'; readonly layout: Readonly<Record<string, number>> }
  | { readonly kind: 'readState'; readonly state: number; readonly name: string }
  | {
      readonly kind: 'writeState';
      readonly state: number;
      readonly name: string;
      readonly data: Float32Array;
    }
  | { readonly kind: 'load'; readonly state: number; readonly session: SessionRequest }
  | { readonly kind: 'run'; readonly session: number; readonly feeds: Feeds }
  | { readonly kind: 'unload'; readonly session: number };

export interface Replies {
  readonly createState: number;
  readonly readState: Float32Array;
  readonly writeState: undefined;
  readonly load: number;
  readonly run: Fetches;
  readonly unload: undefined;
}

export type Reply =
  | { readonly id: number; readonly value: Replies[Request['kind']] }
  | { readonly id: number; readonly error: string };

export interface Envelope {
  readonly id: number;
  readonly request: Request;
}
