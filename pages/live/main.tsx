// The page of runs: what `genonnx live` serves.
import { showPage } from '../parts/show-page.js';

showPage(
  <main>
    <h1>Runs</h1>
    <p class="muted">No runs yet.</p>
  </main>,
);
