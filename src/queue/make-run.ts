// What a worker does with a job. Delivery is at least once: a job comes again when its worker was silent for too long, and then
// finds the run published, or goes on with it. A worker that has lost its lock ends the process, and publishes nothing; if two
// publish all the same, the first wins, and they are compared.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { GenonnxError } from '../errors.js';
import { saysFullDisk } from '../runs/file-errors.js';
import { runFiles } from '../runs/run-store.js';
import { isContinuedElsewhere, type Published } from '../store/manifest.js';
import type { Begun, Workplace } from '../store/store.js';
import { type Ended, untilFree } from '../study/child-process.js';
import { readFigures } from './figures.js';
import type { HeldJob } from './held-job.js';
import { hashOf, type JobResult } from './job.js';
import type { WorkerInputs, WorkerTimes } from './worker.js';

export interface MakeInputs extends Pick<WorkerInputs, 'store' | 'startChild' | 'signal' | 'line'> {
  readonly host: string;
  /** Of the worker. */
  readonly name: string;
  readonly times: WorkerTimes;
  /** Whether a worker of that machine is connected to the job's queue. */
  readonly isThere: (host: string) => Promise<boolean>;
}

/** As often a run is left to the machine that has its checkpoint, and may be busy, before another one goes on with it. */
const mostPasses = 20;

/**
 * Makes the run of a job, or what is left of it, and tells the queue; false where it was left to another machine.
 * @throws what the store throws.
 */
export async function makeRun(job: HeldJob, inputs: MakeInputs): Promise<boolean> {
  const { store, host, isThere } = inputs;
  const { id, data } = job;
  if (await finishedAlready(job, inputs)) return true;
  const before = await store.begun(id);
  const owner = before.attempts.at(-1)?.host;
  // Its checkpoint is another machine's, which may come for it.
  const isOthers = before.checkpoint !== null && owner !== undefined && owner !== host;
  if (isOthers && data.passes < mostPasses && (await isThere(owner))) {
    await job.pass();
    return false;
  }
  await makeHere(job, inputs);
  return true;
}

async function makeHere(job: HeldJob, inputs: MakeInputs): Promise<void> {
  const { store, signal, host, line } = inputs;
  const { id, data } = job;
  const place = await store.open(id);
  const stopping = AbortSignal.any([signal, job.lost]);
  await untilFree(place.folder, stopping);
  if (stopping.aborted) return leave(job, inputs);
  if (await finishedAlready(job, inputs)) return;

  const begun = await store.begun(id);
  await place.attempt({ host, from: begun.checkpoint });
  const ended = await run(job, place, begun, inputs, stopping);
  if (job.isHeld() && ended.exitCode === 0) {
    const { published, differing = [] } = await place.publish();
    if (differing.length > 0)
      line(`warning: ${data.title} was made twice, and differs in ${differing.join(', ')} (${id})`);
    line(`done: ${data.title}`);
    return job.complete(resultOf(published, host));
  }
  await place.save();
  if (stopping.aborted) return leave(job, inputs);
  // Somebody whose lock was lost in the middle of publishing may have moved the run away under our process.
  if (await finishedAlready(job, inputs)) return;
  // A full disk is none of the run's faults, and may have room again by now.
  if (saysFullDisk(ended.lastLines)) throw fullDisk(place.folder);
  await store.requireRoom();
  line(`failed: ${data.title}, exit code ${ended.exitCode}`);
  await job.fail({ exitCode: ended.exitCode, lastLines: [...ended.lastLines], host });
}

/** The command, watched. */
async function run(
  job: HeldJob,
  place: Workplace,
  { attempts, checkpoint }: Begun,
  { startChild, host, name, times, line }: MakeInputs,
  signal: AbortSignal,
): Promise<Ended> {
  const { id, data } = job;
  const [kind = ''] = data.args;
  const isBegun = existsSync(join(place.folder, runFiles.config));
  const args = isBegun
    ? [requireJobCommand(kind), '--resume', place.folder]
    : [requireJobCommand(kind), ...data.args.slice(1), '--out', place.folder];
  const continuedElsewhere = isContinuedElsewhere([...attempts, { host, from: checkpoint }]);
  line(`${isBegun ? 'continues' : 'begins'}: ${data.title} (${id})`);
  /** One at a time: what is sent must not cross with what is published. */
  let telling: Promise<void> | undefined;
  const tell = async (): Promise<void> => {
    const figures = await readFigures(place.folder);
    await job.say({ host, worker: name, figures, continuedElsewhere });
    await place.save();
  };
  const tellAgain = (): void => {
    // The next time may be a better one.
    telling ??= tell()
      .catch(() => {})
      .finally(() => {
        telling = undefined;
      });
  };
  const timer = setInterval(tellAgain, times.progressMs);
  tellAgain();
  try {
    return await startChild(args, { log: place.log, signal, graceMs: times.graceMs });
  } finally {
    clearInterval(timer);
    await telling;
  }
}

async function finishedAlready(job: HeldJob, { store, host }: MakeInputs): Promise<boolean> {
  const published = await store.published(job.id);
  if (published === undefined) return false;
  // Somebody may be in there still, who finds out by himself.
  await store.tidy(job.id).catch(() => {});
  await job.complete(resultOf(published, host));
  return true;
}

async function leave(job: HeldJob, { line }: MakeInputs): Promise<void> {
  line(`left: ${job.data.title}${job.isHeld() ? '' : ', whose lock was lost'}`);
  await job.giveBack();
}

function fullDisk(where: string): GenonnxError {
  return new GenonnxError('output-unwritable', 'A run had no room.', {
    where,
    found: 'a full disk',
    cure: 'Free some space; the run goes on then.',
  });
}

function resultOf(published: Published, host: string): JobResult {
  return { exitCode: 0, lastLines: [], host, manifest: hashOf(published) };
}

/** The commands that jobs are of. A queue may hold anything, and nothing else is started. */
const jobCommands: readonly string[] = ['search', 'train', 'tabulate'];

function requireJobCommand(kind: string): string {
  if (jobCommands.includes(kind)) return kind;
  throw new GenonnxError('usage', 'This is no command that a worker starts.', {
    expected: jobCommands.join(', '),
    found: kind.slice(0, 40),
    cure: 'Only genonnx may put jobs into its queues.',
  });
}
