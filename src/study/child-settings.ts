// The settings of the commands `search` and `train` as a study file names them: by option (`alpha-lr`) or by path in the
// configuration (`alphas.learningRate`). In: the commands' own tables, so that whatever they learn a study knows at once.
import type { ChildSettings } from './config.js';

type Value = ChildSettings[string];

/** One option of a command; the shape of the command line's tables. */
export interface ChildOption {
  /** `--alpha-lr <x>`, or `--no-flip`, which can only switch off, or `--stop-on-skips`, which can only switch on. */
  readonly flags: string;
  readonly path: string;
  /** Throws for a value that cannot be. */
  readonly parse?: (text: string) => Value;
}

export interface ChildOptions {
  readonly search: readonly ChildOption[];
  readonly train: readonly ChildOption[];
}

/** `--alpha-lr <x>` -> `--alpha-lr` */
function flagOf({ flags }: ChildOption): string {
  return flags.split(' ')[0] ?? flags;
}

/** The option's name in a study file: `alpha-lr`, and `flip` for `--no-flip`. */
function nameOf(option: ChildOption): string {
  return flagOf(option).replace(/^--(?:no-)?/, '');
}

export function namesOf(options: readonly ChildOption[]): string[] {
  return options.map(nameOf);
}

/** The option that `key` names; undefined where there is none. */
export function findOption(options: readonly ChildOption[], key: string): ChildOption | undefined {
  return options.find((option) => nameOf(option) === key || option.path === key);
}

/** The value as the command would read it. @throws RangeError, or what the command throws, where it cannot. */
export function readValue(option: ChildOption, value: unknown): Value {
  if (option.parse === undefined) {
    const isOff = /^--no-/.test(option.flags);
    if (value === !isOff) return value;
    throw new RangeError(
      `${nameOf(option)} can only be switched ${isOff ? 'off here: false' : 'on here: true'}`,
    );
  }
  if (typeof value === 'string' || typeof value === 'number') return option.parse(String(value));
  throw new RangeError(`${nameOf(option)} takes a number or a word`);
}

/** The command line of settings, in their order. */
export function argumentsOf(options: readonly ChildOption[], settings: ChildSettings): string[] {
  return Object.entries(settings).flatMap(([path, value]) => {
    const option = options.find((candidate) => candidate.path === path);
    if (option === undefined) throw new RangeError(`There is no setting ${path}.`);
    return option.parse === undefined ? [flagOf(option)] : [flagOf(option), String(value)];
  });
}
