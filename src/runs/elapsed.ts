// Time that has passed, for whoever must not believe that less has than really did: a process may be suspended, a machine
// sleep, a clock be set.

export interface Moment {
  readonly wallMs: number;
  readonly steadyMs: number;
}

export function moment(): Moment {
  return { wallMs: Date.now(), steadyMs: performance.now() };
}

/** By the clock that went further: one stands still while the machine sleeps, the other may be set back. */
export function elapsedMs({ wallMs, steadyMs }: Moment): number {
  const now = moment();
  return Math.max(now.wallMs - wallMs, now.steadyMs - steadyMs);
}
