// What queues are doing: how many jobs of each state, who works on them, and the jobs themselves, those at work first.
import type { QueuesInfo } from '../../src/live/messages.js';
import type { JobState, QueuedJob, QueueState } from '../../src/queue/queue-state.js';

const signs: { readonly [S in JobState]: string } = {
  running: '▶',
  stalled: '⊘',
  failed: '✕',
  waiting: '·',
  done: '✓',
};
const order: readonly JobState[] = ['running', 'stalled', 'failed', 'waiting', 'done'];

export function Queues({ queues, failure }: QueuesInfo) {
  return (
    <section aria-labelledby="queues">
      <h3 id="queues">Queue</h3>
      {failure !== undefined && (
        <pre class="failure" role="alert">
          {failure}
        </pre>
      )}
      {failure === undefined && queues.length === 0 && <p class="muted">Nothing is in it.</p>}
      {queues.map((queue) => (
        <Queue key={queue.name} queue={queue} />
      ))}
    </section>
  );
}

function Queue({ queue: { title, counts, workers, jobs } }: { readonly queue: QueueState }) {
  const sorted = [...jobs].sort((a, b) => order.indexOf(a.state) - order.indexOf(b.state));
  return (
    <div>
      <h4>{title}</h4>
      <p class="muted">
        {order.map((state) => `${counts[state]} ${state}`).join(', ')};{' '}
        {workers.length === 0 ? 'no workers' : `workers: ${workers.join(', ')}`}
      </p>
      <div class="scroll">
        <table class="configuration">
          <thead>
            <tr>
              {['State', 'Job', 'Where', 'So far'].map((name) => (
                <th key={name} scope="col" class="text">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {sorted.map((job) => (
              <tr key={job.id}>
                <td>
                  <span aria-hidden="true">{signs[job.state]}</span> {job.state}
                </td>
                <td>{job.title}</td>
                <td>
                  {job.worker ?? job.host ?? '–'}
                  {job.continuedElsewhere === true ? ', from a checkpoint of another machine' : ''}
                </td>
                <td>{job.error ?? figuresText(job)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}

function figuresText({ figures = {} }: QueuedJob): string {
  return Object.entries(figures)
    .slice(0, 3)
    .map(([name, value]) => `${name} ${Number(value.toPrecision(4))}`)
    .join(', ');
}
