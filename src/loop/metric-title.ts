// The title of a metric within a sentence.

/** `Mean IoU` as `mean IoU`: only what begins a sentence is changed. */
export function inSentence(title: string): string {
  return `${title.charAt(0).toLowerCase()}${title.slice(1)}`;
}
