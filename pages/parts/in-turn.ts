// Work that may wait for a later frame, so that none takes too long: charts are drawn one after the other, a few milliseconds of
// each frame.
const waiting = new Map<object, () => void>();
let isAsked = false;

/** Of a frame's 16 ms; the last that is begun may take longer. */
const budgetMs = 4;

/** Does `work` in its turn, in the place of what the same owner wanted before. */
export function inTurn(owner: object, work: () => void): void {
  waiting.set(owner, work);
  ask();
}

/** Nothing is to be done for it any more. */
export function outOfTurn(owner: object): void {
  waiting.delete(owner);
}

function ask(): void {
  if (isAsked) return;
  isAsked = true;
  requestAnimationFrame(() => {
    // In a task of its own behind this frame, whose own work is done by then.
    setTimeout(frame);
  });
}

function frame(): void {
  isAsked = false;
  const startedAt = performance.now();
  for (const [owner, work] of waiting) {
    waiting.delete(owner);
    work();
    if (performance.now() - startedAt > budgetMs) break;
  }
  if (waiting.size > 0) ask();
}
