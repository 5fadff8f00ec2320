// What is said of weights that lost digits.

/** @param tensors how many of them were float64. */
export function roundingNote(tensors: number): string {
  const what = tensors === 1 ? '1 tensor was' : `${tensors} tensors were`;
  return `note: ${what} float64; each number was rounded to the nearest float32`;
}
