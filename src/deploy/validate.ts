// Do two sides compute the same? A model on onnxruntime-node or onnxruntime-web, the float64 interpreter, and expected
// outputs in a file get the same seeded inputs, and their outputs are compared. Where they differ, the first operation whose
// result departs is named.

import type { Tensor } from '../../graphs/interpret/interpret.js';
import type { Precision } from '../../graphs/onnx/emitter.js';
import { sameShape, shapeText } from '../../graphs/shapes.js';
import { GenonnxError } from '../errors.js';
import { languageModelNames } from '../networks/recurrent/inference.js';
import { until } from '../until.js';
import {
  logitRows,
  outputTolerance,
  type Tolerance,
  topOneAgreement,
  type Worst,
  worstElement,
} from './compare.js';
import { type Departure, firstDeparture } from './departure.js';
import type { NamedWeights } from './match-weights.js';
import { fixedBatch, hasOpenLength, randomFeeds, requireModestSize } from './sides/inputs.js';
import { openSides } from './sides/open.js';
import type { InputType, Side, SideKind, SideName, Values } from './sides/side.js';
import { sidePair } from './sides/side-names.js';
import { inWords } from './sides/words.js';

/** Two sides, the inputs that both get, and how far their outputs may be apart. */
export interface ValidatePairRequest {
  readonly a: SideName;
  /** By default the interpreter on the same model; where `a` is that, onnxruntime-node. */
  readonly b?: SideName;
  /** Batch sizes to try, [1, 2] by default; a model with a fixed batch is only run with that. */
  readonly batches?: readonly number[];
  /** Words in each text to try, [1, 5] by default: of a language model whose length is open. */
  readonly lengths?: readonly number[];
  /** Of the inputs, 1 by default. */
  readonly seed?: number;
  readonly tolerance?: Partial<Tolerance>;
  /** What the interpreter's weights should be, under PyTorch's names; those in the file when absent. */
  readonly weights?: NamedWeights;
  /** Once it is aborted, `validatePair` rejects with its reason. */
  readonly signal?: AbortSignal | undefined;
}

export interface SideReport {
  readonly kind: SideKind;
  readonly path: string;
  /** For people: `onnxruntime-node on a.onnx`. */
  readonly label: string;
  /** Whether the side says what is right: expected outputs, before the interpreter, before the second model. */
  readonly isReference: boolean;
}

/** One output for one batch; the worst element is where the sides differ most. */
export interface BatchComparison extends Worst {
  readonly batch: number;
  /** Words in each text; absent where the model takes no texts of any length. */
  readonly length?: number;
  readonly output: string;
  /** The same as `difference`. */
  readonly largestDifference: number;
  /** Share of images, words or pixels whose largest logit is the same; null for outputs that are neither [batch, classes] nor logits. */
  readonly topOneAgreement: number | null;
}

/** What `genonnx validate --json` prints; numbers that are not finite are strings there (`"NaN"`, `"Infinity"`). */
export interface Validation {
  readonly ok: boolean;
  /** As they were named. */
  readonly sides: readonly [SideReport, SideReport];
  /** |found - expected| <= absolute + relative max |expected|. */
  readonly tolerance: Tolerance;
  /** The lower of the two sides' precisions, which the tolerance is for where none was given. */
  readonly precision: Precision;
  readonly comparisons: readonly BatchComparison[];
  /** Outputs of the model that the expected ones leave out. */
  readonly notCompared: readonly string[];
  /** The first in topological order, for the first batch that differs. */
  readonly firstDeparture?: Departure;
  /** In words. */
  readonly summary: string;
}

/**
 * @throws GenonnxError `file-missing`, `file-corrupt`, `model-corrupt`, `weights-mismatch` for what the sides read;
 * `usage` and `shape` for sides that cannot be compared, inputs that noise cannot fill, or batches that are too large.
 */
export async function validatePair(request: ValidatePairRequest): Promise<Validation> {
  const sides = await openSides(sidePair(request.a, request.b), request.weights);
  try {
    return await compareSides(sides, request);
  } finally {
    for (const side of sides) await side.release();
  }
}

export interface ValidateRequest {
  /** Path of the model. */
  readonly model: string;
  readonly batches: readonly number[];
  readonly seed: number;
  readonly weights?: NamedWeights;
}

/** A model of ours on onnxruntime-node against the interpreter. @throws GenonnxError as `validatePair`. */
export function validateModel({ model, ...rest }: ValidateRequest): Promise<Validation> {
  return validatePair({ ...rest, a: { kind: 'node', path: model } });
}

async function compareSides(
  sides: readonly [Side, Side],
  { tolerance: wanted = {}, ...request }: ValidatePairRequest,
): Promise<Validation> {
  const [a, b] = sides;
  const [found, reference] = authority[a.kind] > authority[b.kind] ? [b, a] : [a, b];
  const precision: Precision = sides.some((side) => side.precision === 'float16') ? 'float16' : 'float32';
  const tolerance = { ...outputTolerance[precision], ...wanted };
  const comparisons: BatchComparison[] = [];
  let departure: Departure | undefined;
  let isSearched = false;
  for (const { feeds, size } of until(request.signal, feedsFor(sides, request))) {
    const [actual, expected] = [await found.run(feeds), await reference.run(feeds)];
    const compared = compareOutputs(reference, actual, expected, tolerance).map((each) => ({
      ...size,
      ...each,
    }));
    comparisons.push(...compared);
    if (isSearched || compared.every(agrees)) continue;
    isSearched = true;
    departure = await departureOf(found, reference, feeds, precision, tolerance);
  }
  const ok = comparisons.every(agrees);
  const validation = {
    ok,
    sides: [reportOf(a, reference), reportOf(b, reference)] as const,
    tolerance,
    precision,
    comparisons,
    notCompared: found.outputs.filter((name) => !reference.outputs.includes(name)),
    ...(departure === undefined ? {} : { firstDeparture: departure }),
  };
  const isDefault = wanted.absolute === undefined && wanted.relative === undefined;
  return { ...validation, summary: inWords(validation, isDefault) };
}

/** Whose word counts where two sides differ; of two models, the second's. */
const authority: { readonly [K in SideKind]: number } = { node: 0, web: 0, interpreter: 1, expected: 2 };

function reportOf(side: Side, reference: Side): SideReport {
  const { kind, path, label } = side;
  return { kind, path, label, isReference: side === reference };
}

type ComparedSize = Pick<BatchComparison, 'batch' | 'length'>;

interface SizedFeeds {
  readonly feeds: Values;
  readonly size: ComparedSize;
}

/** The stored inputs where a side has outputs for those alone; else noise for each size that both sides take. */
function* feedsFor(
  sides: readonly [Side, Side],
  { batches = [1, 2], lengths, seed = 1 }: Pick<ValidatePairRequest, 'batches' | 'lengths' | 'seed'>,
): Generator<SizedFeeds, void> {
  const stored = sides.find(({ feeds }) => feeds !== undefined)?.feeds;
  const [{ inputs }] = sides;
  const hasLength = sides.every((side) => hasOpenLength(side.inputs));
  if (lengths !== undefined && !hasLength) throw noLength(sides[0]);
  if (stored !== undefined) {
    yield { feeds: stored, size: sizeOfStored(stored, inputs, hasLength) };
    return;
  }
  const fixed = fixedBatch(sides.flatMap((side) => side.inputs));
  const sizes = (fixed === undefined ? batches : [fixed]).flatMap((batch) =>
    (hasLength ? (lengths ?? [1, 5]) : [1]).map((length) => ({ batch, length })),
  );
  for (const size of sizes) requireModestSize(inputs, size);
  for (const size of sizes)
    yield { feeds: randomFeeds(inputs, size, seed), size: hasLength ? size : { batch: size.batch } };
}

/** The sizes of stored inputs. */
function sizeOfStored(stored: Values, inputs: readonly InputType[], hasLength: boolean): ComparedSize {
  const [input] = inputs;
  const { shape = [] } = stored.get(input?.name ?? '') ?? {};
  const [batch = 1, length = 1] = shape;
  return hasLength ? { batch, length } : { batch };
}

function noLength({ label }: Side): GenonnxError {
  return new GenonnxError('usage', 'The model takes no texts of any length.', {
    where: label,
    expected: 'a language model, with an open length',
    found: '`lengths`',
    cure: 'Leave `lengths` out.',
  });
}

function agrees({ ofTolerance }: BatchComparison): boolean {
  return ofTolerance <= 1;
}

function compareOutputs(
  reference: Side,
  actual: Values,
  expected: Values,
  tolerance: Tolerance,
): Omit<BatchComparison, 'batch' | 'length'>[] {
  return reference.outputs.map((output) => {
    const [right, found] = [expected.get(output), actual.get(output)];
    if (right === undefined || found === undefined) {
      throw new GenonnxError('model-corrupt', 'An output of the model holds no numbers.', {
        where: output,
        expected: 'a tensor of numbers',
        cure: 'Export the model with its logits as an output.',
      });
    }
    if (!sameShape(right.shape, found.shape)) {
      throw new GenonnxError('shape', 'The two sides have outputs of different shapes.', {
        where: output,
        expected: `${shapeText(right.shape)}, as ${reference.label}`,
        found: shapeText(found.shape),
        cure: 'Compare two models of the same network.',
      });
    }
    const worst = worstElement(right, found, tolerance);
    return {
      output,
      ...worst,
      largestDifference: worst.difference,
      topOneAgreement: topOneAgreement(rowsOf(output, right), rowsOf(output, found)),
    };
  });
}

/** Logits of words, or of pixels, as rows of classes; everything else as it is. */
function rowsOf(output: string, values: Tensor): Tensor {
  return output === languageModelNames.logits && values.shape.length > 2 ? logitRows(values) : values;
}

/**
 * That the sides differ is known by now: where a runtime refuses to show what is inside of a model, or a side knows
 * nothing, the answer remains, without a name for the operation.
 */
async function departureOf(
  found: Side,
  reference: Side,
  feeds: Values,
  precision: Precision,
  tolerance: Tolerance,
): Promise<Departure | undefined> {
  if (found.trace === undefined || reference.trace === undefined) return undefined;
  const traces = { found: found.trace, reference: reference.trace };
  try {
    if (reference.kind !== 'expected') return await firstDeparture(traces, feeds, precision);
    // Stored values were rounded all the way from the inputs; small ones are not let through for being small.
    const stored = { absolute: 0, relative: tolerance.relative };
    const among = await firstDeparture(traces, feeds, precision, stored);
    // The outputs alone say nothing of where they went wrong: the interpreter may know it.
    if ((among !== undefined && !found.outputs.includes(among.value)) || found.kind === 'interpreter')
      return among;
    const { openInterpreterSide } = await import('./sides/interpreter-side.js');
    const { trace } = await openInterpreterSide(found.path);
    if (trace === undefined) return undefined;
    return await firstDeparture({ found: found.trace, reference: trace }, feeds, precision);
  } catch (error) {
    if (error instanceof GenonnxError) return undefined;
    throw error;
  }
}
