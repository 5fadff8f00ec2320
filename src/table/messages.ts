// What a table and the processes that train its networks say to each other.
import type { Layout } from '../../graphs/onnx/lower.js';
import type { EngineKind } from '../engines/choice.js';
import type { Declaration } from './declaration.js';
import type { Row } from './rows.js';
import type { CellRun } from './train-row.js';

export type ToWorker =
  | {
      readonly kind: 'begin';
      readonly declaration: Declaration;
      readonly engine: EngineKind;
      readonly layout: Layout;
    }
  | { readonly kind: 'run'; readonly run: CellRun };

export type FromWorker =
  | { readonly kind: 'ready' }
  | { readonly kind: 'row'; readonly row: Row }
  /** It cannot work at all. */
  | { readonly kind: 'error'; readonly message: string };
