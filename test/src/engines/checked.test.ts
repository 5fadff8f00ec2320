import { afterEach, describe, expect, it } from 'vitest';
import { Builder } from '../../../graphs/builder.js';
import type { Program } from '../../../graphs/program.js';
import { prepareChecked } from '../../../src/engines/checked.js';
import type { Engine } from '../../../src/engines/engine.js';
import { createNodeOrtEngine } from '../../../src/engines/ort/node.js';
import { refusal } from '../runs/helpers.js';

/** w' = w + x; loss = sqrt(w) + x. */
function program(guard: boolean): Program {
  const g = new Builder();
  const w = g.input('w', [1]);
  const x = g.input('x', [1]);
  const root = g.within('cells.0/node1', () => g.sqrt(w));
  const loss = g.within('loss', () => g.add(root, x));
  return {
    name: 'root',
    graph: g.build([
      { name: 'loss', value: loss },
      { name: 'w.next', value: g.add(w, x) },
    ]),
    stateInputs: { w: 'w' },
    stateOutputs: { 'w.next': 'w' },
    ...(guard ? { guard: 'loss' } : {}),
  };
}

const engines: Engine[] = [];
afterEach(async () => {
  for (const engine of engines.splice(0)) await engine.dispose();
});

async function start(guard: boolean) {
  const engine = createNodeOrtEngine({ layout: { kind: 'portable' }, threads: 1, worker: false });
  engines.push(engine);
  const state = await engine.createState({ w: 1 });
  await state.write('w', Float32Array.of(1));
  const prepared = await prepareChecked(engine, program(guard), state);
  const run = (x: number) => prepared.run({ x: { shape: [1], data: Float32Array.of(x) } });
  return { state, run };
}

describe('prepareChecked', () => {
  it('stops where the loss is no number, names the operation, and keeps the state before it', async () => {
    const { state, run } = await start(true);
    await run(-3);
    expect(await state.read('w')).toEqual(Float32Array.of(-2));
    const error = await refusal('diverged', () => run(1));
    expect(error.details.where).toBe('cells.0/node1');
    expect(error.details.found).toMatch(/NaN; sqrt was the first/);
    expect(await state.read('w')).toEqual(Float32Array.of(-2));
  });

  it('says so where what was fed is the cause', async () => {
    const { run } = await start(true);
    const error = await refusal('diverged', () => run(Number.POSITIVE_INFINITY));
    expect(error.details).toMatchObject({ where: 'loss' });
    expect(error.details.found).toContain('Infinity; add');
  });

  it('leaves programs without a guard alone', async () => {
    const { state, run } = await start(false);
    await run(-3);
    await run(1);
    expect(await state.read('w')).toEqual(Float32Array.of(-1));
  });
});
