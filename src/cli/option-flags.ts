// The library's errors write the name of an option in backticks, as its functions take it: `initChannels`. Whoever typed a
// command reads the flag for it: --channels.

/** By the library's names. */
const flags: Readonly<Record<string, string>> = {
  auxiliary: '--auxiliary',
  batch: '--batch',
  cells: '--cells',
  classes: '--classes',
  genotype: '--genotype',
  image: '--image',
  initChannels: '--channels',
  labels: '--labels',
  mean: '--mean',
  network: '--network',
  standardDeviation: '--std',
};

/** The text of an error with flags where it names options. */
export function withFlags(text: string): string {
  return text.replace(
    /`(\w+)`/g,
    (quoted, name: string) => (Object.hasOwn(flags, name) ? flags[name] : undefined) ?? quoted,
  );
}
