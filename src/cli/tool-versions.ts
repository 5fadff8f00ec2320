// What a run is made with, as its folder records it.
import process from 'node:process';
import { ortVersion } from '../engines/ort/node.js';
import type { Manifest } from '../runs/manifest.js';
import { version } from '../version.js';

export const toolVersions: Manifest<unknown>['tools'] = {
  genonnx: version,
  onnxruntime: ortVersion,
  node: process.version,
};
