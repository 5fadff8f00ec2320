// The page of searches in the browser: what `genonnx export --to lab` ships.
import { showPage } from '../parts/show-page.js';
import { App } from './app.js';
import '../parts/run.css';
import './lab.css';

showPage(<App />);
