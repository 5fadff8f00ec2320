// From a code to the gates of the operations that it needs, and from the gates to what is known of dL/dcode.

/** u8[entries]: 1 where an operation (1 in `operations`) has a code entry other than 0. */
export function openOperations(code: Float64Array, operations: Uint8Array): Uint8Array {
  return operations.map((computes, entry) => (code[entry] === 0 ? 0 : computes));
}

/** dL/dcode where the operation ran forward, else 0: nothing is read of an entry that did not. */
export function knownGradient(codeGradient: Float64Array, forwardGates: Uint8Array): Float64Array {
  return codeGradient.map((g, entry) => (forwardGates[entry] === 1 ? g : 0));
}
