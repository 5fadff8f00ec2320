// ONNX Runtime's profile, read: the text of the JSON file that a session with `enableProfiling` writes comes in, the nodes
// that ran, on which provider and for how long, go out. What the figures come to is in `profile-summary.ts`.
//
// The file is a list of trace events with durations in microseconds. One of category `Node` whose name ends in
// `_kernel_time` is one run of one node; one named `model_run` is one run of the session, and the nodes that began within
// it belong to it. On a GPU a node's duration is what the host spends on it: kernels are started there, not awaited.
import { z } from 'zod';
import { GenonnxError } from '../errors.js';

export interface ProfiledNode {
  /** `cells.3/node2/5.sep_conv_3x3@1/first/depthwise/Conv`; the runtime gives nodes that it inserts names of its own. */
  readonly name: string;
  /** ONNX's operator, `Conv`. */
  readonly operator: string;
  /** `CUDAExecutionProvider`. */
  readonly provider: string;
  /** Over the counted runs, without the time of the nodes inside of it (a branch of `If`), which are listed themselves. */
  readonly timeMs: number;
}

export interface Profile {
  /** Runs that are counted. */
  readonly runs: number;
  /** Each node once, in the order of their first run. */
  readonly nodes: readonly ProfiledNode[];
}

export interface ProfileOptions {
  /** Runs at the beginning that are not counted, because memory is allocated in them; 1 by default. */
  readonly warmUpRuns?: number;
}

const eventSchema = z.object({
  cat: z.string(),
  name: z.string(),
  ts: z.number(),
  dur: z.number(),
  args: z.looseObject({
    op_name: z.string().optional(),
    provider: z.string().optional(),
    node_index: z.union([z.string(), z.number()]).optional(),
  }),
});
type Event = z.infer<typeof eventSchema>;

/** Metadata events of a trace have no duration. */
const fileSchema = z.array(z.union([eventSchema, z.object({ ph: z.string() }).transform(() => undefined)]));

const kernelTime = '_kernel_time';

/** Their duration is that of the nodes in their bodies. */
const controlFlow: ReadonlySet<string> = new Set(['If', 'Loop', 'Scan', 'SequenceMap']);

/**
 * `where` names the profile in errors.
 * @throws GenonnxError `file-corrupt` for what is no profile, one that was cut short, or one without a counted run.
 */
export function readProfile(text: string, where: string, { warmUpRuns = 1 }: ProfileOptions = {}): Profile {
  const events = eventsIn(text, where);
  const runs = events
    .filter(({ cat, name }) => cat === 'Session' && name === 'model_run')
    .sort((a, b) => a.ts - b.ts)
    .slice(warmUpRuns);
  const [first] = runs;
  if (first === undefined) throw corrupt(where, `a run of the model behind ${warmUpRuns} of warm-up`, 'none');
  const nodes = new Map<string, ProfiledNode>();
  for (const { cat, name, ts, dur, args } of events) {
    if (cat !== 'Node' || ts < first.ts || !name.endsWith(kernelTime)) continue;
    const { op_name: operator, provider, node_index: index } = args;
    if (operator === undefined || provider === undefined)
      throw corrupt(where, 'the operator and the provider of every node', `neither at ${name}`);
    // Names may repeat (a model need not have any), indices do so in branches.
    const key = JSON.stringify([name, index, operator]);
    const timeMs = controlFlow.has(operator) ? 0 : dur / 1000;
    nodes.set(key, {
      name: name.slice(0, -kernelTime.length),
      operator,
      provider,
      timeMs: (nodes.get(key)?.timeMs ?? 0) + timeMs,
    });
  }
  if (nodes.size === 0) throw corrupt(where, 'nodes that ran', 'none');
  return { runs: runs.length, nodes: [...nodes.values()] };
}

function eventsIn(text: string, where: string): Event[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw corrupt(where, 'JSON', error instanceof Error ? error.message : String(error), error);
  }
  const parsed = fileSchema.safeParse(value);
  if (parsed.success) return parsed.data.filter((event) => event !== undefined);
  const issue = parsed.error.issues[0];
  const found = `${issue?.message ?? 'something else'} at ${issue?.path.join('.') || 'the top'}`;
  throw corrupt(where, 'a list of trace events', found, parsed.error);
}

function corrupt(where: string, expected: string, found: string, cause?: unknown): GenonnxError {
  const cure = 'End profiling before the session is released, and read the file behind that.';
  return new GenonnxError(
    'file-corrupt',
    "This is no profile of ONNX Runtime's.",
    { where, expected, found, cure },
    { cause },
  );
}
