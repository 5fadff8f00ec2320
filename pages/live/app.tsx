// The page: the runs on one side, what is chosen of them on the other.
import { useCallback, useEffect, useState } from 'preact/hooks';
import { CompareView } from './compare-view.js';
import { Overview } from './overview.js';
import { parseRoute, printRoute } from './routes.js';
import { RunList } from './run-list.js';
import { RunView } from './run-view.js';
import type { Connection, KnownRun, PageState } from './state.js';
import { StudyView } from './study-view.js';
import { TableView } from './table-view.js';

export interface AppProps {
  readonly state: PageState;
  /** Calls back once a frame in which something has changed. */
  readonly subscribe: (listener: () => void) => () => void;
}

/** So often times that are left are counted down. */
const clockMs = 1_000;

const connectionWords: { readonly [C in Connection]: string } = {
  connecting: 'connecting',
  open: 'live',
  lost: 'The server does not answer; trying again. What is shown is the last that is known.',
  refused: 'The server was started again: open the address that it has printed.',
};

export function App({ state, subscribe }: AppProps) {
  const [, setRevision] = useState(0);
  const [route, setRoute] = useState(parseRoute(location.hash));
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [now, setNow] = useState(Date.now());
  useEffect(() => subscribe(() => setRevision((count) => count + 1)), [subscribe]);
  useEffect(() => {
    const go = () => {
      setRoute(parseRoute(location.hash));
      scrollTo(0, 0);
      // Whoever listens, or goes by keys, is where the new content is.
      document.getElementById('content')?.focus({ preventScroll: true });
    };
    addEventListener('hashchange', go);
    const clock = setInterval(() => setNow(Date.now()), clockMs);
    return () => {
      removeEventListener('hashchange', go);
      clearInterval(clock);
    };
  }, []);
  const choose = useCallback(
    (id: string, isChosen: boolean) =>
      setChosen((before) => new Set(isChosen ? [...before, id] : [...before].filter((one) => one !== id))),
    [],
  );
  const runs = [...state.runs.values()].sort(byTime);
  const compared = runs.filter(({ info }) => chosen.has(info.id)).map(({ info }) => info.id);
  const nowMs = now + state.aheadMs;
  return (
    <>
      <button type="button" class="skip" onClick={toContent}>
        To the content
      </button>
      <header class="top">
        <h1>
          <a href={printRoute({ view: 'overview' })}>genonnx live</a>
        </h1>
        <p class="subtitle">{state.folders.join(', ')}</p>
        <p class={`connection ${state.connection}`} role="status">
          {connectionWords[state.connection]}
        </p>
      </header>
      <div class={`columns ${route.view}`}>
        <nav aria-label="Runs">
          {compared.length > 1 && (
            <p>
              <a class="button" href={printRoute({ view: 'compare', ids: compared })}>
                Compare {compared.length} runs
              </a>
            </p>
          )}
          <RunList runs={runs} route={route} chosen={chosen} choose={choose} nowMs={nowMs} />
        </nav>
        <main id="content" tabIndex={-1}>
          {route.view !== 'overview' && (
            <p class="back">
              <a href={printRoute({ view: 'overview' })}>← All runs</a>
            </p>
          )}
          <Content state={state} route={route} runs={runs} nowMs={nowMs} />
        </main>
      </div>
    </>
  );
}

interface ContentProps {
  readonly state: PageState;
  readonly route: ReturnType<typeof parseRoute>;
  readonly runs: readonly KnownRun[];
  readonly nowMs: number;
}

function Content({ state, route, runs, nowMs }: ContentProps) {
  switch (route.view) {
    case 'run': {
      const run = state.runs.get(route.id);
      return run === undefined ? (
        <Missing isKnown={state.isKnown} />
      ) : (
        <RunView key={route.id} run={run} nowMs={nowMs} />
      );
    }
    case 'study': {
      const study = state.studies.get(route.id);
      return study === undefined ? <Missing isKnown={state.isKnown} /> : <StudyView study={study} />;
    }
    case 'table': {
      const table = state.tables.get(route.id);
      return table === undefined ? (
        <Missing isKnown={state.isKnown} />
      ) : (
        <TableView table={table} nowMs={nowMs} />
      );
    }
    case 'compare':
      return <CompareView runs={route.ids.flatMap((id) => state.runs.get(id) ?? [])} />;
    case 'overview':
      return <Overview state={state} runs={runs} />;
  }
}

function Missing({ isKnown }: { readonly isKnown: boolean }) {
  return <p class="muted">{isKnown ? 'This run is not there any more.' : 'Looking for runs.'}</p>;
}

function toContent(): void {
  document.getElementById('content')?.focus();
}

/** What goes on first, then the latest. */
function byTime({ info: a }: KnownRun, { info: b }: KnownRun): number {
  const running = Number(b.state === 'running') - Number(a.state === 'running');
  return running || b.startedAt - a.startedAt || (a.name < b.name ? -1 : 1);
}
