// The project's error type, for the rooms above the graph.
export { type ErrorCode, type ErrorDetails, GenonnxError } from '../graphs/errors.js';
