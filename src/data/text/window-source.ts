// Windows epoch after epoch, without end, from a stream whose position is plain data. How many an epoch has is drawn with
// it. A run that continues takes the very windows that it would have taken: between epochs the stream's state is enough,
// within one the cursor says from which state the epoch was drawn and how many of its windows are used.
import { GenonnxError } from '../../errors.js';
import { openStream, type RandomStream, type StreamState } from '../../random.js';
import type { BatchCursor } from '../epoch-order.js';

export interface WindowSource<Window> {
  /** How many windows the current epoch has in all; between epochs, the next one. Moves nothing. */
  windowsInEpoch(): number;
  next(): Window;
  /** What is left of the current epoch; between epochs, the whole next one. */
  epoch(): Generator<Window, void, undefined>;
  /** Undefined between epochs. */
  cursor(): BatchCursor | undefined;
}

/**
 * `draw` makes an epoch's windows, at least one, and draws from `stream`, which must serve nothing else. To resume, open the
 * stream at its saved state and pass the cursor saved with it. @throws GenonnxError `resume-mismatch` for a cursor that does
 * not belong to the stream or to these windows, and what `draw` throws.
 */
export function windowSource<Window>(
  draw: (stream: RandomStream) => readonly Window[],
  stream: RandomStream,
  cursor?: BatchCursor,
): WindowSource<Window> {
  const drawnFrom = (state: StreamState) => {
    const copy = openStream(0, 'windows', state);
    return { windows: draw(copy), after: copy.state() };
  };
  let current = cursor && { ...resumed(cursor), began: cursor.order };

  function resumed({ order, next }: BatchCursor) {
    const { windows, after } = drawnFrom(order);
    const isInside = Number.isInteger(next) && next > 0 && next < windows.length;
    const state = stream.state();
    if (isInside && after.count === state.count && after.words.every((word, at) => word === state.words[at]))
      return { windows, taken: next };
    throw new GenonnxError('resume-mismatch', 'The saved position in the training text does not fit.', {
      expected: isInside
        ? `a stream that drew the ${windows.length} windows of the epoch and nothing else`
        : `between 1 and ${windows.length - 1} windows taken of the ${windows.length} in the epoch`,
      found: isInside ? `another state, after ${state.count} numbers` : String(next),
      cure: 'Resume with the text, batch size, window length and stream state that were saved together.',
    });
  }
  function next(): Window {
    if (current === undefined) {
      const began = stream.state();
      current = { began, windows: draw(stream), taken: 0 };
    }
    const window = current.windows[current.taken]!;
    current.taken += 1;
    if (current.taken === current.windows.length) current = undefined;
    return window;
  }
  return {
    windowsInEpoch: () => (current?.windows ?? drawnFrom(stream.state()).windows).length,
    next,
    *epoch() {
      do yield next();
      while (current !== undefined);
    },
    cursor: () => current && { order: current.began, next: current.taken },
  };
}
