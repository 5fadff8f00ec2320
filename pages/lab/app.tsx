// The page as a whole: what browsers lack here, a form for a search, the runs, and the one that is looked at.
import { DamagedRuns } from './damaged-runs.js';
import { RunList } from './run-list.js';
import { RunView } from './run-view.js';
import { SearchForm } from './search-form.js';
import { useLab } from './use-lab.js';

export function App() {
  return (
    <main>
      <header>
        <h1>Search a network in the browser</h1>
        <p class="muted">
          Cells are searched and networks trained on this device, on pictures of clothes that came with the
          page. Nothing is sent anywhere.
        </p>
      </header>
      {isSecureContext ? <Lab /> : <Insecure />}
    </main>
  );
}

/** Without https there is nothing to keep runs in. */
function Insecure() {
  return (
    <p class="warnings" role="alert">
      This address is plain http: browsers give such pages neither storage nor threads, so that no run could
      be kept. Open the page over https, or from localhost.
    </p>
  );
}

function Lab() {
  const lab = useLab();
  const { facts, runs, damaged, shown, going, graphics, error } = lab.state;
  const run = runs.find(({ name }) => name === shown);
  const isBusy = runs.some(({ state }) => state === 'running');
  return (
    <>
      {!crossOriginIsolated && (
        <p class="note" role="note">
          One thread: this host does not send the headers that would allow several. README.md of the site has
          them.
        </p>
      )}
      {error !== undefined && (
        <pre class="failure" role="alert">
          {error}
        </pre>
      )}
      {facts === undefined ? (
        error === undefined && (
          <p class="muted" role="status">
            Fetching the images and starting the runtime…
          </p>
        )
      ) : (
        <SearchForm facts={facts} isBusy={isBusy} start={(choice) => lab.start('search', choice)} />
      )}
      {runs.length > 0 && <RunList runs={runs} shown={shown} going={going} show={(name) => lab.show(name)} />}
      {damaged.length > 0 && <DamagedRuns runs={damaged} lab={lab} />}
      {run !== undefined && facts !== undefined && (
        <RunView key={run.name} lab={lab} facts={facts} run={run} isBusy={isBusy} />
      )}
      <footer class="muted">
        genonnx {facts?.version}, {facts?.threads === 1 ? 'one thread' : `${facts?.threads ?? '…'} threads`}
        {graphics !== undefined &&
          !graphics.isUsable &&
          `. On the processor: ${graphics.reason.slice(0, 160)}`}
      </footer>
    </>
  );
}
