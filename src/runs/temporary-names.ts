// What a file is called until it is whole: a name beside its final one that nobody takes for a result.

const temporaryName = /^\..+\.[0-9a-f]{12}\.tmp$/;

/** Whether `name` is a temporary file that a killed writer may have left. */
export function isTemporary(name: string): boolean {
  return temporaryName.test(name);
}

/** A fresh temporary name for the file `name`, without its folder. */
export function temporaryNameOf(name: string): string {
  const bytes = crypto.getRandomValues(new Uint8Array(6));
  const digits = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return `.${name}.${digits}.tmp`;
}
