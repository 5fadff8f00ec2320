// What a reader should know before believing the figures: few rounds, wide intervals, a machine that something else kept
// busy, nodes that ran elsewhere. One sentence for each kind of finding, with the measurements that it is about.
import { GenonnxError } from '../../errors.js';
import { quantiles } from '../../quantiles.js';
import { type CandidateRatio, candidateRatios } from '../candidates.js';
import type { BenchResults, Measurement } from '../results.js';
import { type Withheld, withheldReasons } from '../roofline-trust.js';
import { sizeName } from '../sizes.js';
import { groupName, labelsOf, threadsText } from './labels.js';
import { counted, digits, listing } from './numbers.js';

/** From how many rounds on there is an interval: the sign test's takes six. */
export const fewestRounds = 6;
/** A ratio whose interval is wider than this share of it on either side says little. */
const widestInterval = 0.1;
/** Of p99 over the median, and of the slowest round over the fastest. */
const calmTail = 1.5;
const calmRounds = 1.2;

/** How many measurements a sentence names. */
const most = 3;

/** What there is to say of a measurement, in brackets behind its name. */
type Finding = (measurement: Measurement, index: number) => string | undefined;

/** The ratios to the first of each batch; none where the measurements did not run in the same rounds. */
export function ratiosOf(results: BenchResults): CandidateRatio[] {
  try {
    return candidateRatios(results);
  } catch (error) {
    if (error instanceof GenonnxError && error.code === 'usage') return [];
    throw error;
  }
}

export function findingsOf(results: BenchResults): string[] {
  const { measurements, device } = results;
  const ratios = ratiosOf(results);
  /** A sentence about the measurements of which `of` has something to say; what it says of all alike is said once. */
  const about = (begin: string, of: Finding, end: string): string[] => {
    const texts = measurements.map(of);
    const found = texts.flatMap((text, index) => (text === undefined ? [] : [index]));
    if (found.length === 0) return [];
    const distinct = new Set(found.map((index) => texts[index]));
    const labels = labelsOf(measurements);
    const remark = (text: string | undefined): string => (text ? ` (${text})` : '');
    const names =
      distinct.size === 1
        ? `${groupName(measurements, found, most)}${remark([...distinct][0])}`
        : listing(
            found.map((index) => `${labels[index]}${remark(texts[index])}`),
            most,
          );
    return [`${begin} ${names}${end}`];
  };
  const sizes = measurements.map(({ execution }) => sizeName(execution));
  const compared = new Set(sizes).size < sizes.length;
  const { length: failed } = results.failures;
  return [
    ...(failed === 0
      ? []
      : [
          `${counted(failed, 'candidate')} could not be measured; the others were, without ${failed === 1 ? 'it' : 'them'}.`,
        ]),
    ...(compared && ratios.length === 0
      ? ['The measurements of a batch have different numbers of rounds, so that they have no ratios.']
      : []),
    ...fewRounds(measurements),
    ...about(
      'The ratio is not known well for',
      (_, index) => {
        const ratio = ratios.find(({ candidate }) => candidate === index)?.ratio;
        if (ratio?.interval === undefined || ratio.interval === null) return undefined;
        const [low, high] = ratio.interval;
        const width = Math.max(high / ratio.ratio, ratio.ratio / low) - 1;
        return width > widestInterval ? `within ${digits(100 * width)} %` : undefined;
      },
      '; more rounds narrow the interval.',
    ),
    ...about(
      'p99 is far above the median for',
      ({ summary: { p99Ms, medianMs } }) =>
        p99Ms > calmTail * medianMs ? `${digits(p99Ms / medianMs)} times` : undefined,
      ': something else may have kept the machine busy.',
    ),
    ...about(
      'The rounds differ for',
      ({ roundsMs }) => {
        const medians = roundMedians(roundsMs);
        const [fastest, slowest] = [Math.min(...medians), Math.max(...medians)];
        return slowest > calmRounds * fastest
          ? `medians of ${digits(fastest)} to ${digits(slowest)} ms`
          : undefined;
      },
      ': a clock that changed, or a neighbour; ratios suffer less from it than latencies.',
    ),
    ...about(
      `Only ${device.processor.availableCores} of the asked threads have a core to run on for`,
      ({ execution: { threads } }) =>
        threads > device.processor.availableCores ? threadsText(threads) : undefined,
      '.',
    ),
    ...about(
      'Nodes fell back to the CPU for',
      ({ execution: { placement } }) =>
        placement !== null && placement.cpuFallback.nodes > 0
          ? `${placement.cpuFallback.nodes} nodes`
          : undefined,
      ': this is not a measurement of the provider that was asked for alone.',
    ),
    ...about(
      'Tensors are copied between device and host inside of',
      ({ execution: { placement } }) =>
        placement !== null && placement.copyNodes > 0 ? `${placement.copyNodes} copies` : undefined,
      '.',
    ),
    ...about(
      'TF32 was allowed for',
      ({ execution: { tf32 }, model: { precision } }) =>
        tf32 === 'allowed' && precision === 'float32' ? '' : undefined,
      ': float32 may have been multiplied with 10 bits of mantissa (NVIDIA_TF32_OVERRIDE=0 forbids it).',
    ),
    ...about(
      'More than the measured peak was achieved by',
      ({ achieved }) =>
        (achieved?.shareOfPeak ?? 0) > 1 ? `${digits(achieved?.shareOfPeak)} times` : undefined,
      ': the peak is that of float32 matrix products, and there are convolutions that take fewer operations than are counted.',
    ),
    ...withheldReasons.flatMap((reason) =>
      about(
        `No share of the ${reason === 'bandwidth-exceeded' ? 'roofline' : 'peak'} for`,
        ({ withheld }) => (withheld === reason ? '' : undefined),
        `: ${whyWithheld[reason]}.`,
      ),
    ),
  ];
}

const whyWithheld: Readonly<Record<Withheld, string>> = {
  unmeasured:
    'the peaks of this provider could not be measured, because something else kept the machine busy, or it does not take matrix products',
  unsteady:
    'its peaks were measured several times, and no two agree: something else kept the machine busy. Measure again when it is quiet',
  'peak-exceeded':
    'it computed more a second than the peak, measured several times, allows, so that something else kept the machine busy when the peak was measured. Measure again when it is quiet',
  'bandwidth-exceeded':
    'it moved more a second than the memory, measured several times, can: it stays in the caches, or something else kept the machine busy when the memory was measured',
};

function fewRounds(measurements: readonly Measurement[]): string[] {
  const rounds = Math.min(...measurements.map(({ roundsMs }) => roundsMs.length));
  if (rounds >= fewestRounds) return [];
  const intervals = rounds === 1 ? 'one round has' : `${rounds} rounds have`;
  return [`Only ${intervals} no confidence interval: measure at least ${fewestRounds}, better 10.`];
}

/** The median of each round. */
export function roundMedians(roundsMs: readonly (readonly number[])[]): number[] {
  return roundsMs.map((runs) => quantiles(runs)(0.5));
}
