// The queues that a worker serves: those of its version whose data and store it has. It looks again and again, since a study may
// begin at any time, and data may be brought to a machine.
import { setTimeout as wait } from 'node:timers/promises';
import { type JobBoard, type JobTaker, reached } from './engine.js';
import { HeldJob } from './held-job.js';
import { jobDataSchema } from './job.js';
import {
  describePlan,
  mostPlans,
  otherData,
  otherTools,
  type Plan,
  planSchema,
  plansQueue,
} from './plans.js';
import type { WorkerInputs, WorkerTimes } from './worker.js';

interface Subscription {
  readonly taker: JobTaker;
  readonly board: JobBoard;
}

/** How long a server may take to say goodbye. */
const goodbyeMs = 3_000;

export class Subscriptions {
  private readonly plans: JobBoard;
  private readonly taken = new Map<string, Subscription>();
  /** Why the others are not served, by their names. */
  private readonly refused = new Map<string, string>();
  private turn = 0;
  private jobs = 0;

  constructor(
    private readonly inputs: WorkerInputs,
    private readonly name: string,
    private readonly times: WorkerTimes,
  ) {
    this.plans = inputs.engine.board(plansQueue);
  }

  /** @throws GenonnxError `queue` where the server does not answer. */
  async open(): Promise<void> {
    await reached(this.plans, this.inputs.engine.address);
  }

  async keepLooking(): Promise<void> {
    const { signal, line } = this.inputs;
    while (!signal.aborted) {
      try {
        await this.look();
      } catch (error) {
        line(`warning: ${error instanceof Error ? error.message : String(error)}`);
      }
      await wait(this.times.plansMs, undefined, { signal }).catch(() => {});
    }
  }

  /** A job of any of the queues, in turn; undefined where there is none. */
  async next(holder: string): Promise<HeldJob | undefined> {
    const queues = [...this.taken.values()];
    this.turn += 1;
    for (let at = 0; at < queues.length; at++) {
      const { taker } = queues[(this.turn + at) % queues.length] ?? {};
      const token = `${holder}:${this.jobs++}`;
      const job = await taker?.getNextJob(token, { block: false });
      if (job === undefined) continue;
      const data = jobDataSchema.safeParse(job.data);
      if (data.success) return new HeldJob(job, data.data, token, this.times.lockMs);
      await job.moveToFailed(new Error('This job is none of this version.'), token, false);
    }
    return undefined;
  }

  /** Whether a worker of that machine is connected. */
  async isThere(host: string): Promise<boolean> {
    for (const { board } of this.taken.values()) {
      const workers = await board.getWorkers();
      if (workers.some(({ rawname = '' }) => rawname.includes(`:w:${host}-`))) return true;
    }
    return false;
  }

  async close(): Promise<void> {
    const open = [this.plans, ...[...this.taken.values()].flatMap(({ taker, board }) => [taker, board])];
    const closing = Promise.allSettled(open.map((connected) => connected.close()));
    await Promise.race([closing, wait(goodbyeMs, undefined, { ref: false })]);
  }

  private async look(): Promise<void> {
    for (const job of await this.plans.list(['waiting'], mostPlans)) {
      const name = job.id;
      const plan = planSchema.safeParse(job.data);
      if (!plan.success || this.taken.has(name)) continue;
      const reason = await this.reasonAgainst(plan.data);
      if (reason === undefined) await this.subscribe(name, plan.data);
      else if (this.refused.get(name) !== reason) {
        this.refused.set(name, reason);
        this.inputs.line(`leaves to others: jobs for ${describePlan(plan.data)}: ${reason}`);
      }
    }
  }

  private async reasonAgainst(plan: Plan): Promise<string | undefined> {
    const { tools, store, checksumsOf } = this.inputs;
    const reason = otherTools(plan, tools);
    if (reason !== undefined) return reason;
    if ((await store.id()) !== plan.store) return `${store.shown} is not the store of the study`;
    if (plan.data === undefined) return undefined;
    try {
      return otherData(plan, await checksumsOf(plan.data));
    } catch (error) {
      return error instanceof Error ? error.message.split('\n').join(' ') : String(error);
    }
  }

  private async subscribe(name: string, plan: Plan): Promise<void> {
    const { engine, line } = this.inputs;
    const { lockMs } = this.times;
    const taker = engine.taker(name, this.name, { lockMs, stalledMs: lockMs / 2 });
    const board = engine.board(name);
    // The engine connects again by itself.
    taker.on('error', () => {});
    board.on('error', () => {});
    await taker.waitUntilReady();
    this.taken.set(name, { taker, board });
    await taker.startStalledCheckTimer();
    line(`serves: jobs for ${describePlan(plan)}`);
  }
}
