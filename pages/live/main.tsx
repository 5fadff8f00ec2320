// The page of runs: what `genonnx live` serves.
import { showPage } from '../parts/show-page.js';
import { App } from './app.js';
import { connect } from './connect.js';
import '../parts/run.css';
import './live.css';
import { PageState } from './state.js';

const state = new PageState();
const listeners = new Set<() => void>();
let isAsked = false;

/** Many events of one frame are shown at once. */
function changed(): void {
  if (isAsked) return;
  isAsked = true;
  requestAnimationFrame(() => {
    isAsked = false;
    for (const listener of listeners) listener();
  });
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

showPage(<App state={state} subscribe={subscribe} />);
connect(state, changed);
