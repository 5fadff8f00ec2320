// Defaults as they would be typed: commander shows them as JSON.
import type { Command } from 'commander';

/** Has the help of a command and of those below it say its defaults plainly. */
export function showDefaultsPlainly(command: Command): void {
  for (const option of command.options) {
    if (option.defaultValueDescription !== undefined) continue;
    const text = asTyped(option.defaultValue);
    if (text !== undefined) option.defaultValueDescription = text;
  }
  for (const below of command.commands) showDefaultsPlainly(below);
}

/** Undefined for what no one text says: an option of such a value describes its own default. */
function asTyped(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return Array.isArray(value) && value.length > 0 ? value.join(',') : undefined;
}
