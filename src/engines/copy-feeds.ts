import type { Feeds } from './engine.js';

/** Feeds of their own arrays: an engine takes over what it is fed, and these may be fed again. */
export function copyFeeds(feeds: Feeds): Feeds {
  return Object.fromEntries(
    Object.entries(feeds).map(([name, { shape, data }]) => [name, { shape, data: data.slice() }]),
  );
}
