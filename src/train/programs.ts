// The programs of a training on an engine, sharing one state: the step of the optimizer at work, and the evaluation of the
// parameters that would be shipped, which are that optimizer's average where it keeps one.
import type { Optimizer } from '../../graphs/optimizers/optimizer.js';
import type { Program, StateLayout } from '../../graphs/program.js';
import { prepareChecked } from '../engines/checked.js';
import type { Engine, EngineState, Feeds, Fetches, PreparedProgram } from '../engines/engine.js';
import { readState, vectorIn, writeState } from '../engines/transfer.js';
import type { FedBatches } from '../loop/batch-source.js';
import type { Meter, Scores } from '../loop/meter.js';
import { evaluate, runStep } from '../loop/programs.js';
import { initialState } from '../networks/initial-state.js';
import { type StepState, stateLayout, stateNames, stateWith } from '../networks/step.js';
import type { Phases } from '../optimizers/phases.js';
import { openStream } from '../random.js';
import type { Arrays } from '../runs/snapshot.js';
import type { TrainingProblem } from '../tasks/training-problem.js';

export interface ProgramInputs {
  readonly engine: Engine;
  readonly problem: TrainingProblem;
  readonly phases: Phases;
  /** Of the fresh weights. */
  readonly seed: number;
}

/** A state, and the number of the phase that it is of. */
export interface Standing {
  readonly phase: number;
  readonly arrays: Arrays;
}

/** What is at work in a phase. */
interface Running {
  readonly phase: number;
  readonly optimizer: Optimizer;
  readonly layout: StateLayout;
  readonly training: PreparedProgram;
  readonly evaluating: PreparedProgram;
}

export class TrainingPrograms {
  private constructor(
    private readonly inputs: ProgramInputs,
    private readonly state: EngineState,
    private running: Running,
  ) {}

  /** With fresh weights, or from where a run stands. @throws GenonnxError `engine`, `file-corrupt`. */
  static async open(inputs: ProgramInputs, resumed: Standing | undefined): Promise<TrainingPrograms> {
    const { engine, problem, phases, seed } = inputs;
    const traced = trace(inputs, resumed?.phase ?? 0);
    const everything = phases.reduce((state, { optimizer }) => stateWith(optimizer, state), {
      ...problem.testing?.().state,
      ...traced.state,
    });
    const state = await engine.createState(stateLayout(everything));
    const arrays = resumed?.arrays ?? beginning(problem, traced.state, seed);
    await writeState(state, stateLayout(traced.state), arrays);
    return new TrainingPrograms(inputs, state, await prepare(engine, state, traced));
  }

  get phase(): number {
    return this.running.phase;
  }

  get optimizer(): Optimizer {
    return this.running.optimizer;
  }

  /** Takes a step; `when` says which, for errors. @throws GenonnxError `diverged`, `engine`. */
  step(feeds: Feeds, when: string): Promise<Fetches> {
    return runStep(this.running.training, feeds, when);
  }

  /** What the parameters that would be shipped come to. */
  async evaluate(batches: FedBatches): Promise<Scores> {
    return (await this.#meter(this.running.evaluating, batches)).scores();
  }

  async standing(): Promise<Standing> {
    return { phase: this.phase, arrays: await readState(this.state, this.running.layout) };
  }

  /** The next phase begins: its optimizer takes the parameters over, and remembers nothing. */
  async advance(): Promise<void> {
    const traced = trace(this.inputs, this.phase + 1);
    const layout = stateLayout(traced.state);
    for (const name of Object.keys(traced.optimizer.slots))
      await this.state.write(name, new Float32Array(layout[name] ?? 0));
    await this.#enter(traced);
  }

  /** Goes on from another state, be it of another phase. */
  async restore({ phase, arrays }: Standing): Promise<void> {
    const traced = trace(this.inputs, phase);
    await writeState(this.state, stateLayout(traced.state), arrays);
    await this.#enter(traced);
  }

  /** A state with the parameters that would be shipped. @throws GenonnxError `file-corrupt`. */
  shipped({ phase, arrays }: Standing): Arrays {
    const { evaluates } = optimizerAt(this.inputs, phase);
    if (evaluates === undefined) return arrays;
    const data = vectorIn(arrays, evaluates);
    return { ...arrays, [stateNames.parameters]: { shape: [data.length], data } };
  }

  /** What parameters and statistics come to on the test examples, in the place of those that were trained. */
  async test(arrays: Arrays): Promise<Meter> {
    const { engine, problem } = this.inputs;
    const { evaluating, optimizer } = this.running;
    const parameters = vectorIn(arrays, stateNames.parameters);
    for (const name of [stateNames.parameters, optimizer.evaluates ?? stateNames.parameters])
      await this.state.write(name, parameters);
    await this.state.write(stateNames.statistics, vectorIn(arrays, stateNames.statistics));
    const own = problem.testing?.();
    const testing = own === undefined ? evaluating : await engine.prepare(own.program, this.state);
    return evaluate(testing, problem.test, problem.measures, undefined, problem.watchTest?.bind(problem));
  }

  /** Frees what the engine keeps of the programs. */
  async dispose(): Promise<void> {
    await this.running.training.dispose();
    await this.running.evaluating.dispose();
  }

  #meter(program: PreparedProgram, batches: FedBatches): Promise<Meter> {
    return evaluate(program, batches, this.inputs.problem.measures);
  }

  async #enter(traced: Traced): Promise<void> {
    await this.dispose();
    this.running = await prepare(this.inputs.engine, this.state, traced);
  }
}

/** The programs of a phase as graphs, and the state that they share. */
interface Traced {
  readonly phase: number;
  readonly optimizer: Optimizer;
  readonly state: StepState;
  readonly training: Program;
  readonly evaluating: Program;
}

function beginning(problem: TrainingProblem, state: StepState, seed: number): Arrays {
  const fresh = initialState(state, openStream(seed, 'weights'));
  return problem.begin?.(fresh, state) ?? fresh;
}

function optimizerAt({ phases }: ProgramInputs, phase: number): Optimizer {
  const found = phases[phase];
  if (found === undefined) throw new RangeError(`phase ${phase} of ${phases.length}`);
  return found.optimizer;
}

function trace(inputs: ProgramInputs, phase: number): Traced {
  const { problem } = inputs;
  const optimizer = optimizerAt(inputs, phase);
  const [step, evaluation] = [problem.step(optimizer), problem.evaluation()];
  return {
    phase,
    optimizer,
    state: { ...evaluation.state, ...step.state },
    training: step.program,
    evaluating: reading(evaluation.program, optimizer),
  };
}

/** A program that reads what an optimizer evaluates in the place of the parameters. */
function reading(program: Program, { evaluates = stateNames.parameters }: Optimizer): Program {
  const stateInputs = Object.entries(program.stateInputs).map(([input, name]) => [
    input,
    name === stateNames.parameters ? evaluates : name,
  ]);
  return { ...program, stateInputs: Object.fromEntries(stateInputs) };
}

async function prepare(
  engine: Engine,
  state: EngineState,
  { phase, optimizer, state: slots, training, evaluating }: Traced,
): Promise<Running> {
  return {
    phase,
    optimizer,
    layout: stateLayout(slots),
    training: await prepareChecked(engine, training, state),
    evaluating: await engine.prepare(evaluating, state),
  };
}
