// The public API.
export { GenonnxError } from './errors.js';
