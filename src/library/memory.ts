// Whether a run fits into the memory that there is, asked before anything of it is made; and if not, what would.
import os from 'node:os';
import process from 'node:process';
import { GenonnxError } from '../errors.js';
import { extrapolate, type Footprint, residentBytes } from '../loop/footprint.js';
import type { Size, TaskSizes } from '../tasks/task.js';

export interface Memory {
  readonly bytes: number;
  /** Who has it: `this machine`. */
  readonly whose: string;
}

/** All memory of the machine, or what the process's control group may take of it. */
export function memoryHere(): Memory {
  const machine = os.totalmem();
  // 0, or more than there is, where nobody limits the process.
  const limit = process.constrainedMemory();
  return limit > 0 && limit < machine
    ? { bytes: limit, whose: 'this process may take' }
    : { bytes: machine, whose: 'this machine has' };
}

/** How settings become a footprint. */
export interface Sized<Settings, Data, Networks> {
  readonly sizes: TaskSizes<Settings, Data, Networks>;
  readonly footprint: (networks: Networks, settings: Settings) => Footprint;
}

/** The footprint of a run, however deep its networks. @throws GenonnxError for networks that cannot be. */
export function footprintOfRun<Settings, Data, Networks>(
  sized: Sized<Settings, Data, Networks>,
  settings: Settings,
  data: Data,
): Footprint {
  return traced(sized, settings, data).whole;
}

interface TracedRun<Settings> {
  readonly whole: Footprint;
  /** The settings with shallow networks, which are quick to trace again, and their footprint; the same where they are shallow. */
  readonly shallow: { readonly settings: Settings; readonly footprint: Footprint };
}

function traced<Settings, Data, Networks>(
  { sizes: { depth, networks }, footprint }: Sized<Settings, Data, Networks>,
  settings: Settings,
  data: Data,
): TracedRun<Settings> {
  const of = (other: Settings) => ({
    settings: other,
    footprint: footprint(networks(other, data), other),
  });
  if (depth === undefined || depth.of(settings) <= depth.linearFrom[1]) {
    const only = of(settings);
    return { whole: only.footprint, shallow: only };
  }
  const [layers, more] = depth.linearFrom;
  const [shallow, deeper] = [of(depth.with(settings, layers)), of(depth.with(settings, more))];
  const whole = extrapolate(depth.of(settings), [layers, shallow.footprint], [more, deeper.footprint]);
  return { whole, shallow };
}

/**
 * @throws GenonnxError `memory` for a run that would take more than there is, with what would fit; and for networks that cannot be.
 */
export function requireMemory<Settings, Data, Networks>(
  sized: Sized<Settings, Data, Networks>,
  settings: Settings,
  data: Data,
  memory: Memory = memoryHere(),
): void {
  const { whole: needed, shallow } = traced(sized, settings, data);
  const fits = (footprint: Footprint): boolean => residentBytes(footprint) <= memory.bytes;
  if (fits(needed)) return;
  const { batch, width, depth } = sized.sizes;
  /** The largest size that fits: roughly, by how shallow networks grow from half of it, and then from there. */
  const offer = (size: Size<Settings>): string[] => {
    const asked = size.of(settings);
    const whole: Point = [asked, needed];
    const most = (from: Point): number => largest(asked, (value) => fits(between(value, from, whole)));
    const half = Math.ceil(asked / 2);
    if (half === asked) return [];
    const smaller = footprintOfRun(sized, size.with(shallow.settings, half), data);
    const rough = most([half, asGrows(needed, smaller, shallow.footprint)]);
    if (rough < 1) return [];
    const found = most([rough, footprintOfRun(sized, size.with(settings, rough), data)]);
    return found < 1 ? [] : [`\`${size.name}\` ${found}`];
  };
  const { nodes, stateBytes, activationBytes } = needed;
  // The weights are the same for any batch.
  const mayHelp = fits({ nodes, stateBytes, activationBytes: 0 });
  const offers = [...(mayHelp ? offer(batch) : []), ...offer(width)];
  const named = [depth, width, batch].flatMap((size) => size ?? []);
  throw new GenonnxError('memory', 'This run would not fit into memory.', {
    where: named.map((size) => `\`${size.name}\` ${size.of(settings)}`).join(', '),
    expected: `at most the ${inBytes(memory.bytes)} that ${memory.whose}`,
    found: `about ${inBytes(residentBytes(needed))}: ${inBytes(residentBytes({ nodes: 0, stateBytes: 0, activationBytes }))} for what a step calculates, ${inBytes(residentBytes({ nodes: 0, stateBytes, activationBytes: 0 }))} for weights and what their optimizer remembers`,
    cure:
      offers.length === 0
        ? `Choose less of all: ${named.map((size) => `\`${size.name}\``).join(', ')}.`
        : `What should fit: ${offers.join(', or ')}.`,
  });
}

/** A size, and the footprint at it. */
type Point = readonly [number, Footprint];

/** `whole`, less by as much as `part` is less than `all`. */
function asGrows(whole: Footprint, part: Footprint, all: Footprint): Footprint {
  return {
    nodes: whole.nodes,
    stateBytes: (whole.stateBytes * part.stateBytes) / all.stateBytes,
    activationBytes: (whole.activationBytes * part.activationBytes) / all.activationBytes,
  };
}

/**
 * The footprint at `x`, from those at two sizes. In a width weights, their gradients and what a layer gives are a x + b x^2;
 * in a batch, where weights do not change, the rest is a + b x.
 */
function between(x: number, [x0, first]: Point, [x1, second]: Point): Footprint {
  const line = (y0: number, y1: number): number => y0 + ((x - x0) / (x1 - x0)) * (y1 - y0);
  const curve = (y0: number, y1: number): number => x * line(y0 / x0, y1 / x1);
  const isBatch = first.stateBytes === second.stateBytes;
  return {
    nodes: second.nodes,
    stateBytes: isBatch ? second.stateBytes : curve(first.stateBytes, second.stateBytes),
    activationBytes: (isBatch ? line : curve)(first.activationBytes, second.activationBytes),
  };
}

/** The largest whole number below `above` that fits; 0 where none does. */
function largest(above: number, fits: (value: number) => boolean): number {
  let [yes, no] = [0, above];
  while (no - yes > 1) {
    const middle = Math.floor((yes + no) / 2);
    if (fits(middle)) yes = middle;
    else no = middle;
  }
  return yes;
}

/** `23.5 GiB`, `5,400 GiB`. */
function inBytes(bytes: number): string {
  const gibibytes = bytes / 2 ** 30;
  return `${gibibytes.toLocaleString('en', { maximumSignificantDigits: gibibytes < 1000 ? 3 : 2 })} GiB`;
}
