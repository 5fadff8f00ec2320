// Where a run says that it was made, and where it went on.
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { continuedOn, manifestSchema, placeText, type Surroundings } from '../../../src/runs/manifest.js';

const versions = { genonnx: '0.1.0', onnxruntime: '1.30.0' };
const inNode: Surroundings = { engine: 'ort', tools: { ...versions, node: 'v20.19.0' } };
const newer: Surroundings = { engine: 'ort', tools: { ...versions, node: 'v22.0.0' } };
const onGpu: Surroundings = { engine: 'tfjs', tools: { ...versions, node: 'v20.19.0' } };
const inBrowser: Surroundings = { engine: 'ort', tools: { ...versions, browser: 'Chromium 140' } };

describe('where a run goes on', () => {
  it('is written down once for each time that it is elsewhere', () => {
    expect(continuedOn(inNode, newer)).toEqual([]);
    const first = continuedOn(inBrowser, inNode);
    expect(first).toEqual([inNode]);
    expect(continuedOn({ ...inBrowser, continued: first }, newer)).toBe(first);
    const second = continuedOn({ ...inBrowser, continued: first }, onGpu);
    expect(second).toEqual([inNode, onGpu]);
    expect(continuedOn({ ...inBrowser, continued: second }, inBrowser)).toEqual([inNode, onGpu, inBrowser]);
  });

  it('is read back from a manifest of a browser, and of Node', () => {
    const schema = manifestSchema('search', 'classification', z.object({}));
    const manifest = {
      kind: 'search',
      task: 'classification',
      settings: {},
      layout: { kind: 'portable' },
      data: { name: 'fashion-mnist', checksums: {} },
    };
    const browsers = { ...manifest, ...inBrowser, continued: [inNode] };
    expect(schema.parse(browsers)).toEqual(browsers);
    expect(schema.parse({ ...manifest, ...inNode })).toEqual({ ...manifest, ...inNode });
    expect(schema.safeParse({ ...manifest, engine: 'ort', tools: versions }).success).toBe(false);
    expect([inNode, onGpu, inBrowser].map(placeText)).toEqual([
      'ort in Node',
      'tfjs in Node',
      'ort in a browser',
    ]);
  });
});
