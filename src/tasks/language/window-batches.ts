// Windows of a text as the feeds of a step: i64[T,B] `tokens` and `targets`, f32[T,B] `weights`, whose sum is 1, the weights of the
// penalties, and the masks of dropout. The hidden state of a window is where the one before it ended, but for the first of
// an epoch or evaluation.

import { type Columns, type Span, windowTokens } from '../../data/text/columns.js';
import { dropoutMask, MASK_NAMES } from '../../data/text/masks.js';
import { windowSource } from '../../data/text/window-source.js';
import { evaluationWindows } from '../../data/text/windows.js';
import type { Feeds, HostTensor } from '../../engines/engine.js';
import type { BatchSourceState, FedBatch, ReadyBatchSource } from '../../loop/batch-source.js';
import {
  languageInputs,
  type MaskName,
  type Regularisation,
} from '../../networks/recurrent/language-loss.js';
import { openStream, type RandomStream } from '../../random.js';
import type { LanguageSettings } from './language-settings.js';

/** What a window is fed beside its words. */
export type WindowSettings = Pick<LanguageSettings, 'width' | 'dropout' | 'activity' | 'slowness'>;

/** Which masks and penalties a step has. */
export function regularisationOf({ dropout, activity, slowness }: WindowSettings): Regularisation {
  return {
    masks: MASK_NAMES.filter((name) => dropout[name] > 0),
    activity: activity > 0,
    slowness: slowness > 0,
  };
}

/** A window that a source draws, and by what its step's learning rate is multiplied. */
export interface DrawnWindow extends Span {
  readonly rateFactor: number;
}

export interface WindowBatches {
  readonly columns: Columns;
  readonly words: number;
  readonly seed: number;
  /** Names of the streams that windows and masks are drawn from. */
  readonly streams: { readonly windows: string; readonly masks: string };
  /** The windows of an epoch. */
  readonly draw: (stream: RandomStream) => readonly DrawnWindow[];
  readonly settings: WindowSettings;
}

/** Windows epoch after epoch. @throws GenonnxError `resume-mismatch` for a position that does not fit, and what `draw` throws. */
export function windowBatches(
  { columns, words, seed, streams, draw, settings }: WindowBatches,
  saved?: BatchSourceState,
): ReadyBatchSource {
  const windows = openStream(seed, streams.windows, saved?.streams[streams.windows]);
  const masks = openStream(seed, streams.masks, saved?.streams[streams.masks]);
  const source = windowSource(draw, windows, saved?.cursor);
  const { batch } = columns;
  return {
    next() {
      const isFirst = source.cursor() === undefined;
      const total = source.windowsInEpoch();
      const window = source.next();
      const taken = source.cursor()?.next ?? total;
      return {
        examples: window.length * batch,
        done: taken / total,
        rateScale: window.rateFactor,
        feeds: {
          ...wordFeeds(columns, window, isFirst),
          ...penaltyFeeds(window.length, batch, settings),
          ...maskFeeds(masks, { batch, words, ...settings }),
        },
      };
    },
    state() {
      const cursor = source.cursor();
      const states = { [streams.windows]: windows.state(), [streams.masks]: masks.state() };
      return cursor === undefined ? { streams: states } : { streams: states, cursor };
    },
  };
}

/**
 * All targets of a text once, without masks and penalties.
 *
 * Deviation: the released code divides the sum of their losses by all rows. The first has no target, so that the mean is over
 * rows - 1.
 */
export function windowsInOrder(columns: Columns, bptt: number): Iterable<FedBatch> {
  const windows = evaluationWindows(columns.rows, bptt);
  return {
    *[Symbol.iterator]() {
      for (const [i, window] of windows.entries())
        yield { examples: window.length * columns.batch, feeds: wordFeeds(columns, window, i === 0) };
    },
  };
}

function wordFeeds(columns: Columns, window: Span, isFirst: boolean): Feeds {
  const { tokens, targets } = windowTokens(columns, window);
  const shape = [window.length, columns.batch];
  return {
    [languageInputs.tokens]: { shape, data: tokens },
    [languageInputs.targets]: { shape, data: targets },
    [languageInputs.weights]: { shape, data: new Float32Array(tokens.length).fill(1 / tokens.length) },
    [languageInputs.carry]: { shape: [1], data: Float32Array.of(isFirst ? 0 : 1) },
  };
}

/** alpha / (T B H) for the mean of all squares; beta / ((T-1) B H) for each step but the first. */
function penaltyFeeds(steps: number, batch: number, { width, activity, slowness }: WindowSettings): Feeds {
  const slow = new Float32Array(steps).fill(slowness / (Math.max(steps - 1, 1) * batch * width), 1);
  return {
    ...(activity > 0
      ? {
          [languageInputs.activity]: {
            shape: [1],
            data: Float32Array.of(activity / (steps * batch * width)),
          },
        }
      : {}),
    ...(slowness > 0 ? { [languageInputs.slowness]: { shape: [steps, 1, 1], data: slow } } : {}),
  };
}

function maskFeeds(
  stream: RandomStream,
  { batch, words, width, dropout }: WindowSettings & { readonly batch: number; readonly words: number },
): Feeds {
  const mask = (name: MaskName): HostTensor => {
    const shape = name === 'rows' ? [words] : [batch, width];
    return { shape, data: dropoutMask(stream, shape, dropout[name]) };
  };
  const names = MASK_NAMES.filter((name) => dropout[name] > 0);
  return Object.fromEntries(names.map((name) => [languageInputs.masks[name], mask(name)]));
}
