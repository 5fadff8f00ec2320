// The processor, or the graphics processor? Where a browser offers one, both take the run's first step: it is taken if it comes to
// the same numbers, and sooner. Whatever goes wrong on it, the run is the processor's.
import type { Engine, Fetches } from '../engines/engine.js';
import { readState, writeState } from '../engines/transfer.js';
import { GenonnxError } from '../errors.js';
import type { FirstStep } from './first-step.js';

export type Provider = 'wasm' | 'webgpu';

export interface Choice {
  readonly provider: Provider;
  /** In words, for people. */
  readonly reason: string;
  /** Whether the graphics processor took the step, and came to the same numbers. */
  readonly isUsable: boolean;
}

/** Largest difference between two numbers of a step, beside their size, that rounding explains. */
export const agreement = 1e-3;

/** Seconds that a graphics processor may take to be ready: it is not worth more waiting. */
export const patienceSeconds = 30;

/** What a step came to, and how long it took once it was warm. */
interface Taken {
  readonly numbers: ReadonlyMap<string, ArrayLike<number>>;
  readonly stepMs: number;
}

/**
 * Takes the first step on both engines, which the caller opens and closes.
 * @param open Of the graphics processor; undefined where the browser offers none.
 */
export async function chooseProvider(
  processor: Engine,
  open: (() => Promise<Engine>) | undefined,
  step: FirstStep,
  now: () => number = () => performance.now(),
): Promise<Choice> {
  if (open === undefined) return processors('this browser offers no WebGPU');
  const deadline = deadlineAfter(patienceSeconds);
  let graphics: Engine | undefined;
  let other: Taken;
  try {
    graphics = await Promise.race([open(), deadline.passed]);
    other = await Promise.race([take(graphics, step, now), deadline.passed]);
  } catch (error) {
    return processors(`WebGPU failed: ${firstLineOf(error)}`);
  } finally {
    deadline.clear();
    // What never ends is left to end with the page.
    graphics?.dispose().catch(() => {});
  }
  return judged(await take(processor, step, now), other);
}

function processors(reason: string, isUsable = false): Choice {
  return { provider: 'wasm', reason, isUsable };
}

/** What the runtime said, where it was that. */
function firstLineOf(error: unknown): string {
  const runtimes = error instanceof GenonnxError ? error.details.found : undefined;
  const text = runtimes ?? (error instanceof Error ? error.message : String(error));
  return text.split('\n')[0] ?? '';
}

function judged(own: Taken, other: Taken): Choice {
  const departure = departureOf(own, other);
  if (departure !== undefined) return processors(`WebGPU's first step differs: ${departure}`);
  const times = `${other.stepMs.toFixed(0)} ms a step, the processor ${own.stepMs.toFixed(0)} ms`;
  return other.stepMs < own.stepMs
    ? { provider: 'webgpu', reason: `WebGPU takes ${times}, and its first step agrees`, isUsable: true }
    : processors(`WebGPU takes ${times}`, true);
}

/** The first number that rounding does not explain; undefined where all agree. */
function departureOf({ numbers }: Taken, other: Taken): string | undefined {
  for (const [name, values] of numbers) {
    const found = other.numbers.get(name);
    if (found?.length !== values.length) return `${name} has another size`;
    for (let at = 0; at < values.length; at++) {
      const [a, b] = [values[at] ?? Number.NaN, found[at] ?? Number.NaN];
      if (!(Math.abs(a - b) <= agreement * Math.max(1, Math.abs(a))))
        return `${name} is ${b} instead of ${a}`;
    }
  }
  return undefined;
}

/** A first run warms up and is what is compared; the faster of two more is what is timed. */
export async function take(
  engine: Engine,
  step: FirstStep,
  now: () => number = () => performance.now(),
): Promise<Taken> {
  const { program, layout, initial, feeds } = step;
  const state = await engine.createState(layout);
  await writeState(state, layout, initial);
  const prepared = await engine.prepare(program, state);
  try {
    const fetches = await prepared.run(await feeds());
    const vectors = await readState(state, layout);
    const times: number[] = [];
    for (let run = 0; run < 2; run++) {
      const fed = await feeds();
      const startedMs = now();
      await prepared.run(fed);
      times.push(now() - startedMs);
    }
    return { numbers: numbersOf(fetches, vectors), stepMs: Math.min(...times) };
  } finally {
    await prepared.dispose();
  }
}

function numbersOf(
  fetches: Fetches,
  vectors: Readonly<Record<string, { readonly data: Float32Array | Float64Array }>>,
): Map<string, ArrayLike<number>> {
  const found = new Map<string, ArrayLike<number>>();
  for (const [name, { data }] of Object.entries(fetches))
    if (data instanceof Float32Array) found.set(name, data);
  for (const [name, { data }] of Object.entries(vectors)) found.set(name, data);
  return found;
}

function deadlineAfter(seconds: number): { readonly passed: Promise<never>; clear(): void } {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const passed = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not ready after ${seconds} s`)), seconds * 1000);
  });
  return { passed, clear: () => clearTimeout(timer) };
}
