// Long work over many things, stopped between two of them.

/** The items, until the signal is aborted: then its reason is thrown in place of the next one. */
export function* until<T>(signal: AbortSignal | undefined, items: Iterable<T>): Generator<T, void> {
  for (const item of items) {
    signal?.throwIfAborted();
    yield item;
  }
}
